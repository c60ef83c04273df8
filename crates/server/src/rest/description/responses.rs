//! What operations answer: what each says of itself, and what is refused for who asks, for what
//! they send or for our own sake.

use counterfoil_wire::problem::{BasicError, ValidationError};
use http::Method;
use schemars::SchemaGenerator;
use serde_json::{Map, Value, json};

use super::operations::Described;
use super::success::{content, one, references};
use crate::credential::Credential;
use crate::route::Route;

/// A refusal that many operations share.
struct Refusal {
    status: u16,
    name: &'static str,
    about: &'static str,
    headers: &'static [&'static str],
}

const REFUSALS: [Refusal; 10] = [
    refusal(
        400,
        "bad-request",
        "The request cannot be understood, or asks for a version of the API that does not exist.",
        &[],
    ),
    refusal(
        401,
        "unauthorized",
        "Nobody is known to ask: credentials are missing or wrong.",
        &["x-github-otp"],
    ),
    refusal(
        403,
        "forbidden",
        "Whoever asks may not do this, or not now.",
        &["retry-after"],
    ),
    refusal(
        404,
        "not-found",
        "There is nothing here, or nothing that the caller may see.",
        &[],
    ),
    refusal(
        408,
        "request-timeout",
        "The body did not arrive in time.",
        &[],
    ),
    refusal(
        413,
        "payload-too-large",
        "The body is larger than the installation reads.",
        &[],
    ),
    refusal(
        415,
        "unsupported-media-type",
        "The request accepts nothing that the API can answer with.",
        &[],
    ),
    refusal(
        422,
        "validation-failed",
        "What was sent breaks a rule; the body says which.",
        &[],
    ),
    refusal(500, "server-error", "Something broke on our side.", &[]),
    refusal(
        503,
        "unavailable",
        "It cannot be done at the moment. Retry-After says when to try again.",
        &["retry-after"],
    ),
];

const fn refusal(
    status: u16,
    name: &'static str,
    about: &'static str,
    headers: &'static [&'static str],
) -> Refusal {
    Refusal {
        status,
        name,
        about,
        headers,
    }
}

/// The statuses of refusals: those of every operation, and those that come with its path, its
/// credential and its body.
fn refused(route: &Route, described: &Described) -> Vec<u16> {
    let mut statuses = vec![400, 401, 403, 415, 500, 503];
    let hidden = match route.credential {
        // Whoever has no business there is told that there is nothing.
        Credential::Administrator
        | Credential::App
        | Credential::AppInBody
        | Credential::AppInPath => true,
        Credential::Nothing
        | Credential::Visitor
        | Credential::Session
        | Credential::FreshSession
        | Credential::AdministratorSession
        | Credential::FreshAdministratorSession
        | Credential::Password
        | Credential::PasswordOrToken
        | Credential::Token
        | Credential::TokenInPlaces
        | Credential::Optional => false,
    };
    if hidden || route.path.contains('{') {
        statuses.push(404);
    }
    if described.body.is_some() {
        statuses.extend([408, 413, 422]);
    }
    statuses.extend(described.refusals);
    statuses
}

/// The responses of an operation, by status.
pub(super) fn of(
    route: &Route,
    method: &Method,
    described: &Described,
    schemas: &mut SchemaGenerator,
) -> Value {
    let is_read = *method == Method::GET;
    let mut responses = Vec::new();
    for success in described.successes {
        let response = success.describe(described.is_list(), is_read, schemas);
        responses.push((success.status, response));
        if is_read && success.status == 200 {
            responses.push((
                304,
                json!({ "description": "What the client has is still so." }),
            ));
        }
    }
    for status in refused(route, described) {
        let name = REFUSALS.iter().find(|refusal| refusal.status == status);
        let name = name.map_or("server-error", |refusal| refusal.name);
        let reference = json!({ "$ref": format!("#/components/responses/{name}") });
        responses.push((status, reference));
    }
    responses.sort_by_key(|(status, _)| *status);
    let by_status: Map<_, _> = responses
        .into_iter()
        .map(|(status, response)| (status.to_string(), response))
        .collect();
    by_status.into()
}

/// The refusals that operations refer to.
pub(super) fn shared(schemas: &mut SchemaGenerator) -> Value {
    let mut responses = Map::new();
    for refusal in &REFUSALS {
        let schema = match refusal.status {
            422 => one::<ValidationError>(schemas),
            _ => one::<BasicError>(schemas),
        };
        let mut response = json!({ "description": refusal.about });
        if !refusal.headers.is_empty() {
            response["headers"] = references(refusal.headers);
        }
        response["content"] = content(&schema);
        responses.insert(refusal.name.to_owned(), response);
    }
    responses.into()
}

/// Headers of answers that operations and refusals refer to.
pub(super) fn headers() -> Value {
    let about = [
        ("etag", "The entity tag of the body."),
        (
            "last-modified",
            "When what the body shows was last changed.",
        ),
        ("link", "Where the other pages of the list are."),
        ("location", "Where it is."),
        (
            "retry-after",
            "After how many seconds trying again makes sense.",
        ),
        ("x-github-otp", "That a one-time code is wanted."),
    ];
    let headers = about.into_iter().map(|(name, about)| {
        let header = json!({ "description": about, "schema": { "type": "string" } });
        (name.to_owned(), header)
    });
    headers.collect::<Map<_, _>>().into()
}
