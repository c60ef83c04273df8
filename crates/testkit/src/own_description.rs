//! Our own description of the API, against which every answer is held. Nothing departs from it:
//! whatever an answer shows and it does not say is wrong in one of the two.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use counterfoil_domain::network::TrustedProxies;
use counterfoil_server::routes::{REST, api_description};
use counterfoil_server::{
    GatewaySettings, LegacyTokenUrls, LoggedClients, Origins, PageSettings, ServerSettings,
    Strangers,
};
use counterfoil_wire::base::ApiBase;
use counterfoil_wire::documentation::Documentation;
use http::{HeaderValue, Method};
use jsonschema::Validator;
use parking_lot::Mutex;
use serde_json::{Map, Value, json};

use crate::answer::Answer;
use crate::description::{fits, what_departs};

/// The description with all routes that there can be.
pub static OWN_DESCRIPTION: LazyLock<Value> = LazyLock::new(|| {
    let base = ApiBase::parse("http://counterfoil.test").expect("it is an origin");
    let settings = ServerSettings {
        origins: Origins::public(base.clone()),
        documentation: Documentation::default(),
        enterprise_version: HeaderValue::from_static("3.19.0"),
        body_bytes: 0,
        legacy_token_urls: LegacyTokenUrls::Served,
        trusted_proxies: Arc::new(TrustedProxies::default()),
        gateway: GatewaySettings::default(),
        rate_limits: None,
        writes_per_hour: 0,
        strangers: Strangers::default(),
        commit: "unknown",
        pages: PageSettings::default(),
        logged_clients: LoggedClients::default(),
        continue_trace: None,
    };
    api_description(REST.routes, &base, &settings)
});

/// Validators by operation and status, made once for all tests of a process.
static VALIDATORS: LazyLock<Mutex<HashMap<(String, u16), &'static Validator>>> =
    LazyLock::new(Mutex::default);

/// How an answer departs from it: nothing for what no operation is described for.
pub(crate) fn departures(method: &Method, target: &str, answer: &Answer) -> Vec<String> {
    let path = target.split('?').next().unwrap_or_default();
    let Some(operation) = path
        .strip_prefix("/api/v3")
        .and_then(|path| find(method, path))
    else {
        return Vec::new();
    };
    let status = answer.status.as_u16();
    let Some(response) = operation["responses"].get(status.to_string()) else {
        return vec![format!("status {status}")];
    };
    let content = &resolve(response)["content"];
    if content.is_null() && !answer.body.is_empty() {
        return vec!["a body where none is described".to_owned()];
    }
    // What is compressed is looked at by tests that ask for it without.
    if content.is_null() || answer.body.is_empty() || answer.has("content-encoding") {
        return Vec::new();
    }
    let kind = answer.header("content-type");
    let kind = kind.split(';').next().unwrap_or_default();
    let Some(media) = content.get(kind) else {
        return vec![format!("content type {kind}")];
    };
    let id = operation["operationId"].as_str().unwrap_or_default();
    let validator = validator(id, status, &media["schema"]);
    let body = answer.json();
    let errors = validator.iter_errors(&body);
    errors.map(|error| what_departs(&error)).collect()
}

/// The operation of a request: `HEAD` is described as `GET`. Of several templates that fit the one
/// with the fewest parameters does.
fn find(method: &Method, path: &str) -> Option<&'static Value> {
    let path = if path.is_empty() { "/" } else { path };
    let name = if method == Method::HEAD {
        "get".to_owned()
    } else {
        method.as_str().to_lowercase()
    };
    let paths = OWN_DESCRIPTION["paths"].as_object()?;
    let named = paths.iter().filter(|(template, _)| fits(template, path));
    let (_, operations) = named.min_by_key(|(template, _)| template.matches('{').count())?;
    operations.get(&name)
}

fn resolve(value: &'static Value) -> &'static Value {
    match value["$ref"].as_str() {
        Some(reference) => OWN_DESCRIPTION
            .pointer(reference.trim_start_matches('#'))
            .expect("a reference leads somewhere"),
        None => value,
    }
}

fn validator(id: &str, status: u16, schema: &'static Value) -> &'static Validator {
    let key = (id.to_owned(), status);
    if let Some(validator) = VALIDATORS.lock().get(&key) {
        return validator;
    }
    let mut schema = closed(schema);
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    let validator = jsonschema::options()
        .should_validate_formats(true)
        .build(&schema)
        .expect("a schema");
    let validator: &'static Validator = Box::leak(Box::new(validator));
    VALIDATORS.lock().insert(key, validator);
    validator
}

/// A schema with its references replaced by what they mean, and without members that it does not
/// name: clients are to pass those over, here they are forgotten in the description.
fn closed(schema: &'static Value) -> Value {
    match resolve(schema) {
        Value::Object(members) => {
            let mut plain: Map<String, Value> = members
                .iter()
                .map(|(name, value)| (name.clone(), closed(value)))
                .collect();
            if members.get("properties").is_some_and(is_of_members) {
                plain.insert("additionalProperties".to_owned(), false.into());
            }
            Value::Object(plain)
        }
        Value::Array(items) => items.iter().map(closed).collect(),
        plain @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => {
            plain.clone()
        }
    }
}

/// Whether this is what the keyword `properties` has, and not the schema of a member of that name.
fn is_of_members(properties: &Value) -> bool {
    properties
        .as_object()
        .is_some_and(|members| members.values().all(Value::is_object))
}

#[cfg(test)]
mod tests {
    use counterfoil_domain::timestamp::Timestamp;
    use http::StatusCode;
    use http::header::CONTENT_TYPE;

    use super::*;

    fn departures_of(status: u16, body: &Value) -> Vec<String> {
        let json = HeaderValue::from_static("application/json; charset=utf-8");
        let answer = Answer {
            status: StatusCode::from_u16(status).unwrap(),
            headers: [(CONTENT_TYPE, json)].into_iter().collect(),
            body: serde_json::to_vec(body).unwrap(),
            at: Timestamp::from_seconds(0),
        };
        departures(&Method::GET, "/api/v3/meta", &answer)
    }

    #[test]
    fn whatever_is_not_described_is_found() {
        let mut meta = json!({
            "verifiable_password_authentication": true,
            "installed_version": "3.19.0",
        });
        assert_eq!(departures_of(200, &meta), [] as [&str; 0]);
        assert_eq!(departures_of(202, &meta), ["status 202"]);
        let surplus = "a body where none is described";
        assert_eq!(departures_of(304, &meta), [surplus]);
        meta["more"] = true.into();
        assert_eq!(departures_of(200, &meta), [" additionalProperties"]);
        let fewer = json!({ "verifiable_password_authentication": 1 });
        let found = departures_of(200, &fewer).join(", ");
        assert!(found.contains("installed_version"), "{found}");
        assert!(
            found.contains("/verifiable_password_authentication type"),
            "{found}"
        );
    }
}
