//! Errors as GraphQL clients of this API know them: a list beside the data, and no data at all
//! where nothing was run.

use async_graphql::parser::Error as ParserError;
use async_graphql::{PathSegment, Pos, Response, ServerError, Value};
use serde::Serialize;
use serde_json::json;

/// What is wrong with a query; at least one.
#[derive(Debug)]
pub(super) struct Errors(Vec<Shown>);

/// One error.
#[derive(Debug, Default, Serialize)]
struct Shown {
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    path: Vec<serde_json::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    extensions: Option<serde_json::Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    locations: Vec<Location>,
    message: String,
}

#[derive(Debug, Serialize)]
struct Location {
    line: usize,
    column: usize,
}

#[derive(Serialize)]
struct Body {
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Shown>,
}

impl Errors {
    /// One error that this sentence tells.
    pub(super) fn sentence(message: impl Into<String>) -> Self {
        let message = message.into();
        Self(vec![Shown {
            message,
            ..Shown::default()
        }])
    }

    /// What the parser does not understand. Its own words repeat the whole query.
    pub(super) fn of_parser(error: &ParserError) -> Self {
        let locations: Vec<_> = error.positions().map(Location::from).collect();
        let message = match locations.first() {
            Some(Location { line, column }) => format!("Parse error at [{line}, {column}]"),
            None => "Parse error".to_owned(),
        };
        Self(vec![Shown {
            locations,
            message,
            ..Shown::default()
        }])
    }

    /// The body of an answer to a query that was not run.
    pub(super) fn alone(self) -> String {
        write(&Body {
            data: None,
            errors: self.0,
        })
    }
}

/// The body of an answer.
pub(super) fn shown(response: Response) -> String {
    // What stopped a query before it was run stands at no place in the answer.
    let ran =
        response.errors.is_empty() || response.errors.iter().any(|error| !error.path.is_empty());
    let data = if has_hole(&response) {
        Value::Null
    } else {
        response.data
    };
    write(&Body {
        data: ran.then_some(data),
        errors: response.errors.into_iter().map(Shown::from).collect(),
    })
}

/// Whether an error left nothing where something must be: then there is no data (GraphQL, section
/// 6.4.4).
fn has_hole(response: &Response) -> bool {
    let Value::Object(data) = &response.data else {
        return false;
    };
    response.errors.iter().any(|error| {
        let Some(PathSegment::Field(field)) = error.path.first() else {
            return false;
        };
        data.get(field.as_str()) == Some(&Value::Null)
    })
}

fn write(body: &Body) -> String {
    serde_json::to_string(body).expect("an answer has text keys and plain values")
}

impl From<ServerError> for Shown {
    fn from(error: ServerError) -> Self {
        let path = error.path.into_iter().map(|segment| match segment {
            PathSegment::Field(name) => json!(name),
            PathSegment::Index(place) => json!(place),
        });
        let kind = error.extensions.and_then(|extensions| {
            let kind = extensions.get("type")?.clone();
            serde_json::from_value(kind.into_json().ok()?).ok()
        });
        let (message, extensions) = match unknown_field(&error.message) {
            Some((field, of)) => (
                format!("Field '{field}' doesn't exist on type '{of}'"),
                Some(json!({"code": "undefinedField", "typeName": of, "fieldName": field})),
            ),
            None => (error.message, None),
        };
        Self {
            kind,
            path: path.collect(),
            extensions,
            locations: error.locations.into_iter().map(Location::from).collect(),
            message,
        }
    }
}

impl From<Pos> for Location {
    fn from(Pos { line, column }: Pos) -> Self {
        Self { line, column }
    }
}

/// The field and the type in the library's sentence about a field that does not exist.
fn unknown_field(message: &str) -> Option<(&str, &str)> {
    let (field, rest) = message
        .strip_prefix("Unknown field \"")?
        .split_once("\" on type \"")?;
    let (of, _) = rest.split_once('"')?;
    Some((field, of))
}
