//! What form the lines of an import have: which fields, and what may stand in them.
//!
//! It is looked at before anything is read, so that what is wrong can be said by the name of the
//! field and the kind that it must have. A parser's sentence would repeat what stands there.

use serde_json::{Map, Value};

/// What may stand in a field.
#[derive(Clone, Copy)]
enum Kind {
    Text,
    Flag,
    Texts,
}

use Kind::{Flag, Text, Texts};

/// Whether a field may be left out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Need {
    Always,
    Optional,
}

use Need::{Always, Optional};

type Field = (&'static str, Kind, Need);

const USER: &[Field] = &[
    ("login", Text, Always),
    ("name", Text, Optional),
    ("email", Text, Optional),
    ("verified", Flag, Optional),
    ("admin", Flag, Optional),
    ("suspended", Flag, Optional),
    ("password_hash", Text, Optional),
    ("created_at", Text, Optional),
];

const APP: &[Field] = &[
    ("owner", Text, Always),
    ("name", Text, Always),
    ("url", Text, Always),
    ("callback_urls", Texts, Always),
    ("device_flow", Flag, Optional),
    ("expiring_tokens", Flag, Optional),
    ("exact_match", Flag, Optional),
    ("require_pkce", Flag, Optional),
    ("send_iss", Flag, Optional),
    ("standard_errors", Flag, Optional),
    ("client_id", Text, Always),
    ("client_secret", Text, Optional),
    ("client_secret_sha256", Text, Optional),
];

const TOKEN: &[Field] = &[
    ("login", Text, Always),
    ("app", Text, Optional),
    ("hashed_token", Text, Always),
    ("token_last_eight", Text, Optional),
    ("scopes", Texts, Optional),
    ("note", Text, Optional),
    ("fingerprint", Text, Optional),
    ("created_at", Text, Optional),
    ("last_used_at", Text, Optional),
    ("expires_at", Text, Optional),
];

/// The field that says which of them a line is.
const TYPE: &str = "type";

/// Looks at a line, and says what is wrong with it without repeating any of it.
pub(super) fn check(line: &[u8]) -> Result<(), String> {
    let value: Value = serde_json::from_slice(line)
        .map_err(|error| format!("it is no JSON object: column {}", error.column()))?;
    let Value::Object(object) = value else {
        return Err("it is no JSON object".to_owned());
    };
    let fields = match object.get(TYPE).and_then(Value::as_str) {
        Some("user") => USER,
        Some("app") => APP,
        Some("token") => TOKEN,
        Some(_) | None => return Err("`type` must be `user`, `app` or `token`".to_owned()),
    };
    let is_known = |name: &String| name == TYPE || fields.iter().any(|(field, ..)| field == name);
    if !object.keys().all(is_known) {
        return Err(format!(
            "it may have no fields but `type`, {}",
            list(fields)
        ));
    }
    fields
        .iter()
        .try_for_each(|field| check_field(&object, *field))
}

fn check_field(object: &Map<String, Value>, (name, kind, need): Field) -> Result<(), String> {
    let may_be_null = need == Optional && !matches!(kind, Flag | Texts);
    let (fits, wanted) = match (object.get(name), kind) {
        (None, _) if need == Always => return Err(format!("the field `{name}` is missing")),
        (None, _) => return Ok(()),
        (Some(Value::Null), _) if may_be_null => return Ok(()),
        (Some(value), Text) => (value.is_string(), "text"),
        (Some(value), Flag) => (value.is_boolean(), "true or false"),
        (Some(value), Texts) => {
            let texts = value.as_array();
            let fits = texts.is_some_and(|texts| texts.iter().all(Value::is_string));
            (fits, "a list of texts")
        }
    };
    if fits {
        Ok(())
    } else {
        Err(format!("`{name}` must be {wanted}"))
    }
}

fn list(fields: &[Field]) -> String {
    let names: Vec<_> = fields
        .iter()
        .map(|(name, ..)| format!("`{name}`"))
        .collect();
    names.join(", ")
}
