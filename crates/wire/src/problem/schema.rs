//! The schemas of errors, by the names that the official description has for them.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::FieldError;

/// The body of any error but those of status 422.
pub struct BasicError;

/// The body of an error of status 422, which may say which fields are wrong.
pub struct ValidationError;

impl JsonSchema for BasicError {
    fn schema_name() -> Cow<'static, str> {
        "basic-error".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "required": ["message", "documentation_url", "status"],
            "properties": {
                "message": { "type": "string" },
                "errors": {
                    "type": "string",
                    "description": "Where a version of the API is refused: which there are.",
                },
                "documentation_url": { "type": "string" },
                "status": { "type": "string" },
            },
        })
    }
}

impl JsonSchema for ValidationError {
    fn schema_name() -> Cow<'static, str> {
        "validation-error".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let error = FieldError::json_schema(generator);
        json_schema!({
            "type": "object",
            "required": ["message", "documentation_url", "status"],
            "properties": {
                "message": { "type": "string" },
                "errors": { "type": "array", "items": error },
                "documentation_url": { "type": "string" },
                "status": { "type": "string" },
            },
        })
    }
}
