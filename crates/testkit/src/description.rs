//! The official description of the API, and where we depart from it.
//!
//! Every answer under `/api/v3` is held against it: the operation must exist, it must know the
//! status, and the body must match its schema. A departure without a row of [`DEVIATIONS`] fails
//! the test that met it.

use std::collections::HashMap;
use std::sync::LazyLock;

use counterfoil_wire::documentation::Operation;
use http::Method;
use jsonschema::error::ValidationErrorKind;
use jsonschema::{ValidationError, Validator};
use parking_lot::Mutex;
use serde_json::{Map, Value, json};

use crate::answer::Answer;
use crate::deviations::{DEVIATIONS, Deviation};
use crate::installed;

/// What an answer shows and the description forgets (wire contract, section 13): a schema that
/// allows nothing beyond what it lists, and the member. A row of [`DEVIATIONS`] would allow
/// anything in a body that has one of several schemas.
const FORGOTTEN: [(&str, &str); 1] = [("public-user", "suspended_at")];

/// A departure that an answer showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The id of the operation.
    pub operation: String,
    /// What departs.
    pub what: String,
}

impl Found {
    /// The row that allows it.
    pub fn row(&self) -> Option<&'static Deviation> {
        let matches = |row: &&Deviation| {
            (row.operation == "*" || row.operation == self.operation) && row.what == self.what
        };
        DEVIATIONS.iter().find(matches)
    }

    pub(crate) fn is_listed(&self) -> bool {
        self.row().is_some()
    }
}

pub(crate) struct Description {
    pub(crate) root: Value,
    validators: Mutex<HashMap<(String, u16), &'static Validator>>,
}

pub(crate) static DESCRIPTION: LazyLock<Description> = LazyLock::new(|| {
    let file = installed::official_description();
    let text = std::fs::read(&file).expect("the description can be read");
    let mut root: Value = serde_json::from_slice(&text).expect("the description is JSON");
    for (schema, member) in FORGOTTEN {
        let members = &mut root["components"]["schemas"][schema]["properties"];
        let time = json!({ "type": "string", "format": "date-time", "nullable": true });
        let members = members.as_object_mut().expect("a schema has members");
        let described = members.insert(member.to_owned(), time);
        assert!(described.is_none(), "{schema}/{member} is described by now");
    }
    Description {
        root,
        validators: Mutex::default(),
    }
});

/// How an answer departs from the description. Nothing for paths and methods without an operation,
/// which the description does not speak of, for operations that are not served, and for failures of
/// ours, which no description allows or forbids.
pub(crate) fn deviations(method: &Method, target: &str, answer: &Answer) -> Vec<Found> {
    let path = target.split('?').next().unwrap_or_default();
    let Some(path) = path.strip_prefix("/api/v3") else {
        return Vec::new();
    };
    let Some(operation) = DESCRIPTION.find(method, path) else {
        return Vec::new();
    };
    let id = operation["operationId"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    if answer.status.is_server_error() || !Operation::ALL.iter().any(|served| served.id() == id) {
        return Vec::new();
    }
    let status = answer.status.as_u16();
    let found = |what: String| Found {
        operation: id.clone(),
        what,
    };
    let Some(response) = operation["responses"].get(status.to_string()) else {
        return vec![found(format!("status {status}"))];
    };
    let response = DESCRIPTION.resolve(response);
    let schema = &response["content"]["application/json"]["schema"];
    if answer.has("content-encoding") {
        // What is compressed is looked at by tests that ask for it without.
        return Vec::new();
    }
    if schema.is_null() || answer.body.is_empty() {
        // HEAD has no body; a response without content must have none either.
        let surplus = schema.is_null() && !answer.body.is_empty();
        return if surplus {
            vec![found("a body where none is described".to_owned())]
        } else {
            Vec::new()
        };
    }
    let validator = DESCRIPTION.validator(&id, status, schema);
    let body = answer.json();
    let mut places: Vec<_> = validator
        .iter_errors(&body)
        .map(|error| found(what_departs(&error)))
        .collect();
    // The items of a list depart together.
    places.dedup();
    places
}

/// The place and the keyword that it breaks, without values: `/note_url format`, `/*/note_url
/// format` in a list.
pub(crate) fn what_departs(error: &ValidationError<'_>) -> String {
    let place = error.instance_path().to_string();
    let segments = place.split('/').map(|segment| {
        if segment.parse::<u32>().is_ok() {
            "*"
        } else {
            segment
        }
    });
    let place = segments.collect::<Vec<_>>().join("/");
    let keyword = error.kind().keyword();
    match error.kind() {
        ValidationErrorKind::Required { property } => format!("{place} {keyword} {property}"),
        _ => format!("{place} {keyword}"),
    }
}

impl Description {
    fn find(&self, method: &Method, path: &str) -> Option<&Value> {
        // HEAD is described as GET, and POST on a path that has PATCH is PATCH under another name.
        let name = if method == Method::HEAD {
            "get".to_owned()
        } else {
            method.as_str().to_lowercase()
        };
        let paths = self.root["paths"]
            .as_object()
            .expect("a description has paths");
        let named = paths.iter().filter(|(template, _)| fits(template, path));
        // A template without parameters is the better match.
        let (_, operations) = named.min_by_key(|(template, _)| template.matches('{').count())?;
        operations
            .get(&name)
            .or_else(|| (name == "post").then(|| operations.get("patch")).flatten())
    }

    /// What a value means that may be a reference.
    pub(crate) fn resolve<'v>(&'v self, value: &'v Value) -> &'v Value {
        match value["$ref"].as_str() {
            Some(reference) => self
                .root
                .pointer(reference.trim_start_matches('#'))
                .expect("a reference leads somewhere"),
            None => value,
        }
    }

    fn validator(&self, id: &str, status: u16, schema: &Value) -> &'static Validator {
        let key = (id.to_owned(), status);
        if let Some(validator) = self.validators.lock().get(&key) {
            return validator;
        }
        let mut schema = self.expanded(schema);
        schema["$schema"] = json!("http://json-schema.org/draft-07/schema#");
        let validator = jsonschema::options()
            .should_validate_formats(true)
            .build(&schema)
            .expect("a schema");
        let validator: &'static Validator = Box::leak(Box::new(validator));
        self.validators.lock().insert(key, validator);
        validator
    }

    /// A schema as JSON Schema writes it: references replaced by what they mean, and `nullable`,
    /// which `OpenAPI` 3.0 has instead of the type `null`, spelled out.
    fn expanded(&self, schema: &Value) -> Value {
        match self.resolve(schema) {
            Value::Object(members) => {
                let mut plain: Map<String, Value> = members
                    .iter()
                    .filter(|(name, _)| {
                        !matches!(name.as_str(), "nullable" | "example" | "examples")
                    })
                    .map(|(name, value)| (name.clone(), self.expanded(value)))
                    .collect();
                // A member may be called `nullable` or have an object of that name; only the
                // keyword is a boolean.
                if members.get("nullable") == Some(&Value::Bool(true)) {
                    if let Some(Value::Array(values)) = plain.get_mut("enum") {
                        values.push(Value::Null);
                    }
                    if let Some(kind @ Value::String(_)) = plain.get_mut("type") {
                        *kind = json!([kind.take(), "null"]);
                        return Value::Object(plain);
                    }
                    return json!({ "anyOf": [{ "type": "null" }, plain] });
                }
                Value::Object(plain)
            }
            Value::Array(items) => items.iter().map(|item| self.expanded(item)).collect(),
            plain @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => {
                plain.clone()
            }
        }
    }
}

/// Whether a path is one of those that a template stands for.
pub(crate) fn fits(template: &str, path: &str) -> bool {
    let (mut wanted, mut given) = (template.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(wanted), Some(given)) if wanted.starts_with('{') && !given.is_empty() => {}
            (Some(wanted), Some(given)) if wanted == given => {}
            (Some(_) | None, Some(_) | None) => return false,
        }
    }
}
