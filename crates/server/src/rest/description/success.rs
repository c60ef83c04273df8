//! What operations answer when nothing is wrong, and the schemas of that.

use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

/// What makes a schema.
pub(super) type Schema = fn(&mut SchemaGenerator) -> Value;

/// What an operation answers when nothing is wrong.
#[derive(Debug)]
pub(super) struct Success {
    pub(super) status: u16,
    about: &'static str,
    schema: Option<Schema>,
}

impl Success {
    /// 200 with such a body.
    pub(super) const fn ok(schema: Schema) -> Self {
        Self::with(200, "What was asked for.", schema)
    }

    /// 201 with such a body, and where it is.
    pub(super) const fn created(schema: Schema) -> Self {
        Self::with(201, "It was made.", schema)
    }

    /// 202 with such a body.
    pub(super) const fn accepted(schema: Schema) -> Self {
        Self::with(202, "It will be done.", schema)
    }

    /// 204, without a body.
    pub(super) const DONE: Self = Self {
        status: 204,
        about: "It was done, or is so.",
        schema: None,
    };

    /// 302, to where the question is answered.
    pub(super) const ELSEWHERE: Self = Self {
        status: 302,
        about: "The question is answered elsewhere.",
        schema: None,
    };

    const fn with(status: u16, about: &'static str, schema: Schema) -> Self {
        Self {
            status,
            about,
            schema: Some(schema),
        }
    }

    /// The response as an operation lists it.
    pub(super) fn describe(
        &self,
        is_list: bool,
        is_read: bool,
        schemas: &mut SchemaGenerator,
    ) -> Value {
        let mut headers = Vec::new();
        if matches!(self.status, 201 | 302) {
            headers.push("location");
        }
        if self.schema.is_some() {
            headers.push("etag");
        }
        if is_read && !is_list {
            headers.push("last-modified");
        }
        if is_list {
            headers.push("link");
        }
        let mut response = json!({ "description": self.about });
        if !headers.is_empty() {
            response["headers"] = references(&headers);
        }
        if let Some(schema) = self.schema {
            response["content"] = content(&schema(schemas));
        }
        response
    }
}

/// The schema of one of these.
pub(super) fn one<T: JsonSchema>(schemas: &mut SchemaGenerator) -> Value {
    schemas.subschema_for::<T>().into()
}

/// The schema of a list of these.
pub(super) fn many<T: JsonSchema>(schemas: &mut SchemaGenerator) -> Value {
    json!({ "type": "array", "items": one::<T>(schemas) })
}

/// The schema of one of the first or of the second.
pub(super) fn either<A: JsonSchema, B: JsonSchema>(schemas: &mut SchemaGenerator) -> Value {
    json!({ "anyOf": [one::<A>(schemas), one::<B>(schemas)] })
}

/// References to headers that are described once.
pub(super) fn references(names: &[&str]) -> Value {
    let references = names.iter().map(|name| {
        let reference = json!({ "$ref": format!("#/components/headers/{name}") });
        ((*name).to_owned(), reference)
    });
    references.collect::<Map<_, _>>().into()
}

/// A body of this schema.
pub(super) fn content(schema: &Value) -> Value {
    json!({ "application/json": { "schema": schema } })
}
