//! The document as a whole: from the table of routes to `OpenAPI`.

use counterfoil_wire::base::ApiBase;
use counterfoil_wire::documentation::{Documentation, Page};
use counterfoil_wire::input::Presence;
use counterfoil_wire::version;
use http::Method;
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::operations::{self, Described};
use super::{parameters, responses};
use crate::credential::Credential;
use crate::route::Route;
use crate::state::{LegacyTokenUrls, ServerSettings};

const SCHEMAS: &str = "/components/schemas";

/// The document of these routes, under this base and with these settings.
pub(super) fn describe(routes: &[Route], base: &ApiBase, settings: &ServerSettings) -> Value {
    let mut schemas = schemas();
    let paths = paths(routes, settings, &mut schemas);
    let responses = responses::shared(&mut schemas);
    let schemas: Map<_, _> = schemas
        .take_definitions(true)
        .into_iter()
        .map(|(name, schema)| (name, plain(schema)))
        .collect();
    json!({
        "openapi": "3.1.1",
        "info": {
            "title": "Counterfoil",
            "summary": "The OAuth authorizations API of GitHub Enterprise Server",
            "version": version::SUPPORTED[0],
        },
        "servers": [{ "url": base.rest() }],
        "paths": paths,
        "components": {
            "securitySchemes": security_schemes(),
            "parameters": parameters::shared(),
            "headers": responses::headers(),
            "responses": responses,
            "schemas": schemas,
        },
    })
}

/// Schemas of answers, which are kept by name.
fn schemas() -> SchemaGenerator {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    let settings = settings.with(|settings| {
        settings.definitions_path = SCHEMAS.into();
        settings.meta_schema = None;
    });
    settings.into_generator()
}

fn paths(
    routes: &[Route],
    settings: &ServerSettings,
    schemas: &mut SchemaGenerator,
) -> Map<String, Value> {
    let mut paths = Map::new();
    for route in routes.iter().filter(|route| is_served(route, settings)) {
        // Every row of this table has a method.
        let Some(method) = &route.method else {
            continue;
        };
        let item = paths.entry(route.path).or_insert_with(|| json!({}));
        let described = operations::of(route);
        let operation = operation(route, method, &described, &settings.documentation, schemas);
        item[method.as_str().to_lowercase()] = operation;
    }
    paths
}

fn is_served(route: &Route, settings: &ServerSettings) -> bool {
    route.credential != Credential::AppInPath
        || settings.legacy_token_urls == LegacyTokenUrls::Served
}

fn operation(
    route: &Route,
    method: &Method,
    described: &Described,
    documentation: &Documentation,
    schemas: &mut SchemaGenerator,
) -> Value {
    let id = operations::id(route, method, described);
    let group = id.split('/').next().unwrap_or_default().to_owned();
    let mut operation = json!({
        "tags": [group],
        "summary": described.summary,
        "operationId": id,
    });
    if let Some(known) = route.operation {
        let page = documentation.url(Page::Operation(known));
        operation["externalDocs"] = json!({ "url": page });
    }
    if route.credential == Credential::AppInPath {
        operation["deprecated"] = true.into();
    }
    operation["security"] = security(route);
    operation["parameters"] = parameters::of(route, method, described);
    if let Some(shape) = described.body {
        operation["requestBody"] = json!({
            "required": shape.presence == Presence::Required,
            "content": { "application/json": { "schema": shape.schema() } },
        });
    }
    operation["responses"] = responses::of(route, method, described, schemas);
    operation
}

/// What proves who asks, by the name of each scheme.
fn security(route: &Route) -> Value {
    let (password, token, app) = (
        json!({ "password": [] }),
        json!({ "token": [] }),
        json!({ "app": [] }),
    );
    match route.credential {
        // The API has no routes for browsers.
        Credential::Nothing
        | Credential::Visitor
        | Credential::Session
        | Credential::FreshSession
        | Credential::AdministratorSession
        | Credential::FreshAdministratorSession => json!([]),
        Credential::Password => json!([password]),
        Credential::PasswordOrToken => json!([token, password]),
        Credential::Token | Credential::TokenInPlaces | Credential::Administrator => json!([token]),
        // Nothing is as good.
        Credential::Optional => json!([token, password, app, {}]),
        Credential::App | Credential::AppInBody | Credential::AppInPath => json!([app]),
    }
}

fn security_schemes() -> Value {
    json!({
        "password": {
            "type": "http",
            "scheme": "basic",
            "description": "A login and its password, with a one-time code in X-GitHub-OTP where the user has two factors.",
        },
        "token": {
            "type": "http",
            "scheme": "bearer",
            "description": "A token of a user. What it opens depends on its scopes.",
        },
        "app": {
            "type": "http",
            "scheme": "basic",
            "description": "The client id and the client secret of an OAuth app.",
        },
    })
}

/// A schema as clients need it: without what its type says to those who work on it, and with the
/// words of an enumeration in one list.
fn plain(value: Value) -> Value {
    match value {
        Value::Object(members) => plain_object(members),
        Value::Array(items) => items.into_iter().map(plain).collect(),
        value @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => value,
    }
}

fn plain_object(members: Map<String, Value>) -> Value {
    let words = members.get("oneOf").and_then(Value::as_array);
    let words: Option<Vec<_>> = words.and_then(|words| {
        let words = words.iter().map(|word| word.get("const").cloned());
        words.collect()
    });
    if let Some(words) = words {
        return json!({ "type": "string", "enum": words });
    }
    members
        .into_iter()
        // A member may be called so as well; only the keyword is a text.
        .filter(|(name, value)| name != "description" || !value.is_string())
        .map(|(name, value)| (name, plain(value)))
        .collect()
}
