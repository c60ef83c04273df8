//! What stands in paths, queries and headers of requests.

use counterfoil_wire::header;
use counterfoil_wire::version;
use http::Method;
use serde_json::{Value, json};

use super::operations::Described;
use super::query::Query;
use crate::credential::Credential;
use crate::route::Route;

/// Headers that many operations take, by the names under which operations refer to them.
pub(super) fn shared() -> Value {
    let text = |header: &http::HeaderName, about: &str| {
        json!({
            "name": header.as_str(),
            "in": "header",
            "description": about,
            "required": false,
            "schema": { "type": "string" },
        })
    };
    let mut version = text(
        &header::X_GITHUB_API_VERSION,
        "The version of the API that the client was written for.",
    );
    version["schema"]["enum"] = json!(version::SUPPORTED);
    json!({
        "api-version": version,
        "one-time-code": text(
            &header::X_GITHUB_OTP,
            "A code of the user's authenticator, or a recovery code, beside a password.",
        ),
        "known-tag": text(
            &http::header::IF_NONE_MATCH,
            "The entity tag of what the client has already.",
        ),
        "known-date": text(
            &http::header::IF_MODIFIED_SINCE,
            "When what the client has already was last changed.",
        ),
    })
}

/// The parameters of an operation.
pub(super) fn of(route: &Route, method: &Method, described: &Described) -> Value {
    let names = route.path.split('/').filter_map(|segment| {
        let name = segment.strip_prefix('{')?;
        name.strip_suffix('}')
    });
    let in_path = names.map(in_path);
    let in_query = described.query.iter().map(Query::describe);
    let mut headers = vec!["api-version"];
    if takes_passwords(route.credential) {
        headers.push("one-time-code");
    }
    if *method == Method::GET {
        headers.extend(["known-tag", "known-date"]);
    }
    let headers = headers
        .into_iter()
        .map(|name| json!({ "$ref": format!("#/components/parameters/{name}") }));
    in_path.chain(in_query).chain(headers).collect()
}

fn takes_passwords(credential: Credential) -> bool {
    match credential {
        Credential::Password | Credential::PasswordOrToken | Credential::Optional => true,
        Credential::Nothing
        | Credential::Visitor
        | Credential::Session
        | Credential::FreshSession
        | Credential::AdministratorSession
        | Credential::FreshAdministratorSession
        | Credential::Token
        | Credential::TokenInPlaces
        | Credential::Administrator
        | Credential::App
        | Credential::AppInBody
        | Credential::AppInPath => false,
    }
}

fn in_path(name: &str) -> Value {
    let about = match name {
        "access_token" => "A token of the app.",
        "client_id" => "The client id of the app.",
        "fingerprint" => "Which of the user's tokens for the app is wanted.",
        "org" => "The login of the organization.",
        "team_slug" => "The name of the team as URLs have it.",
        "username" => "The login of the user.",
        _ => "The id.",
    };
    let is_number = name.ends_with("_id") && name != "client_id";
    json!({
        "name": name,
        "in": "path",
        "description": about,
        "required": true,
        "schema": { "type": if is_number { "integer" } else { "string" } },
    })
}
