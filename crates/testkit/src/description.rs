//! The official description of the API, and where we depart from it.
//!
//! Every answer under `/api/v3` is held against it: the operation must exist, it must know the
//! status, and the body must match its schema. Each departure is a row of [`DEVIATIONS`] with the
//! section of the wire contract that it follows; a departure without a row fails the test that met
//! it, and a test fails for a row that nothing needs.

use std::collections::HashMap;
use std::sync::LazyLock;

use counterfoil_wire::documentation::Operation;
use http::Method;
use jsonschema::error::ValidationErrorKind;
use jsonschema::{ValidationError, Validator};
use parking_lot::Mutex;
use serde_json::{Map, Value, json};

use crate::answer::Answer;
use crate::installed;

/// One departure that we made on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deviation {
    /// The id of the operation, or `*` for all.
    pub operation: &'static str,
    /// What departs: `status 400`, or a place in the body with the keyword that it breaks.
    pub what: &'static str,
    /// The section of the wire contract that it follows.
    pub section: u8,
}

const fn row(operation: &'static str, what: &'static str, section: u8) -> Deviation {
    Deviation {
        operation,
        what,
        section,
    }
}

const CHECK: &str = "apps/check-token";
const RESET: &str = "apps/reset-token";
const DELETE_APP_TOKEN: &str = "apps/delete-token";
const DELETE_APP_GRANT: &str = "apps/delete-authorization";
const SCOPE: &str = "apps/scope-token";
const PERSONAL_TOKENS: &str = "enterprise-admin/list-personal-access-tokens";
const DELETE_PERSONAL_TOKEN: &str = "enterprise-admin/delete-personal-access-token";
const IMPERSONATE: &str = "enterprise-admin/create-impersonation-o-auth-token";
const DELETE_IMPERSONATION: &str = "enterprise-admin/delete-impersonation-o-auth-token";
const CREATE_USER: &str = "enterprise-admin/create-user";
const RENAME_USER: &str = "enterprise-admin/update-username-for-user";
const DELETE_USER: &str = "enterprise-admin/delete-user";
const PROMOTE: &str = "enterprise-admin/promote-user-to-be-site-administrator";
const DEMOTE: &str = "enterprise-admin/demote-site-administrator";
const SUSPEND: &str = "enterprise-admin/suspend-user";
const UNSUSPEND: &str = "enterprise-admin/unsuspend-user";
const CREATE: &str = "oauth-authorizations/create-authorization";
const DELETE: &str = "oauth-authorizations/delete-authorization";
const DELETE_GRANT: &str = "oauth-authorizations/delete-grant";
const GET: &str = "oauth-authorizations/get-authorization";
const GET_GRANT: &str = "oauth-authorizations/get-grant";
const LIST: &str = "oauth-authorizations/list-authorizations";
const PUT: &str = "oauth-authorizations/get-or-create-authorization-for-app";
const PUT_FINGERPRINT: &str =
    "oauth-authorizations/get-or-create-authorization-for-app-and-fingerprint";
const UPDATE: &str = "oauth-authorizations/update-authorization";
const MEMBER: &str = "orgs/check-membership-for-user";
const MEMBERS: &str = "orgs/list-members";
const MEMBERSHIP: &str = "orgs/get-membership-for-user";
const META: &str = "meta/get";
const ORGANIZATION: &str = "orgs/get";
const OWN_MEMBERSHIP: &str = "orgs/get-membership-for-authenticated-user";
const OWN_TEAMS: &str = "teams/list-for-authenticated-user";
const RATE_LIMIT: &str = "rate-limit/get";
const ROOT: &str = "meta/root";
const TEAM: &str = "teams/get-by-name";
const TEAMS: &str = "teams/list";
const TEAM_BY_ID: &str = "teams/get-legacy";
const TEAM_MEMBER: &str = "teams/get-member-legacy";
const TEAM_MEMBERS: &str = "teams/list-members-in-org";
const TEAM_MEMBERSHIP: &str = "teams/get-membership-for-user-in-org";
const TEAM_MEMBERS_BY_ID: &str = "teams/list-members-legacy";
const USER: &str = "users/get-by-username";

/// Every departure.
pub const DEVIATIONS: &[Deviation] = &[
    // Versions that do not exist, and bodies that are not JSON.
    row("*", "status 400", 11),
    // Media types that are not JSON.
    row("*", "status 415", 11),
    // Strangers are refused everywhere, also where the description forgets to say so.
    row(PUT_FINGERPRINT, "status 401", 3),
    row(PUT_FINGERPRINT, "status 403", 3),
    row(UPDATE, "status 401", 3),
    row(UPDATE, "status 403", 3),
    // Filters that are none.
    row(TEAM_MEMBERS, "status 422", 28),
    row(TEAM_MEMBERS_BY_ID, "status 422", 28),
    // What is gone or somebody else's is not found.
    row(GET_GRANT, "status 404", 14),
    row(DELETE_GRANT, "status 404", 14),
    row(GET, "status 404", 15),
    row(UPDATE, "status 404", 15),
    row(DELETE, "status 404", 15),
    // What the client has is not sent again, also where the description forgets to say so.
    row(ROOT, "status 304", 9),
    row(USER, "status 304", 9),
    row(OWN_MEMBERSHIP, "status 304", 9),
    row(ORGANIZATION, "status 304", 9),
    row(MEMBERS, "status 304", 9),
    row(MEMBERSHIP, "status 304", 9),
    row(TEAMS, "status 304", 9),
    row(TEAM, "status 304", 9),
    row(TEAM_MEMBERS, "status 304", 9),
    row(TEAM_MEMBERSHIP, "status 304", 9),
    row(TEAM_BY_ID, "status 304", 9),
    row(TEAM_MEMBERS_BY_ID, "status 304", 9),
    // Credentials that come must be right, also where none are needed.
    row(ROOT, "status 401", 3),
    row(META, "status 401", 3),
    row(RATE_LIMIT, "status 401", 3),
    row(USER, "status 401", 3),
    row(OWN_TEAMS, "status 401", 3),
    row(OWN_MEMBERSHIP, "status 401", 3),
    row(ORGANIZATION, "status 401", 3),
    row(MEMBERS, "status 401", 3),
    row(MEMBER, "status 401", 3),
    row(MEMBERSHIP, "status 401", 3),
    row(TEAMS, "status 401", 3),
    row(TEAM, "status 401", 3),
    row(TEAM_MEMBERS, "status 401", 3),
    row(TEAM_MEMBERSHIP, "status 401", 3),
    row(TEAM_BY_ID, "status 401", 3),
    row(TEAM_MEMBERS_BY_ID, "status 401", 3),
    row(TEAM_MEMBER, "status 401", 3),
    // Who failed too often is refused everywhere.
    row(ROOT, "status 403", 10),
    row(META, "status 403", 10),
    row(RATE_LIMIT, "status 403", 10),
    row(USER, "status 403", 10),
    row(ORGANIZATION, "status 403", 10),
    row(MEMBERS, "status 403", 10),
    row(MEMBER, "status 403", 10),
    row(TEAM, "status 403", 10),
    row(TEAM_MEMBERS, "status 403", 10),
    row(TEAM_MEMBERSHIP, "status 403", 10),
    row(TEAM_BY_ID, "status 403", 10),
    row(TEAM_MEMBERS_BY_ID, "status 403", 10),
    row(TEAM_MEMBER, "status 403", 10),
    // Who asks too much is refused everywhere, where rate limits are on.
    row(CHECK, "status 403", 10),
    // Who changes too much is refused everywhere.
    row(RESET, "status 403", 10),
    row(DELETE_APP_TOKEN, "status 403", 10),
    row(DELETE_APP_GRANT, "status 403", 10),
    // An organization or a team that the caller may not see does not exist.
    row(MEMBERS, "status 404", 5),
    row(TEAMS, "status 404", 5),
    row(TEAM_MEMBERS, "status 404", 5),
    // What an organization does not tell is null: the keys of a body are all there.
    row(ORGANIZATION, "/name type", 1),
    row(ORGANIZATION, "/company type", 1),
    row(ORGANIZATION, "/blog format", 1),
    row(ORGANIZATION, "/location type", 1),
    row(ORGANIZATION, "/email type", 1),
    row(TEAM, "/organization/name type", 1),
    row(TEAM, "/organization/company type", 1),
    row(TEAM, "/organization/blog format", 1),
    row(TEAM, "/organization/location type", 1),
    row(TEAM, "/organization/email type", 1),
    row(TEAM_BY_ID, "/organization/name type", 1),
    row(TEAM_BY_ID, "/organization/company type", 1),
    row(TEAM_BY_ID, "/organization/blog format", 1),
    row(TEAM_BY_ID, "/organization/location type", 1),
    row(TEAM_BY_ID, "/organization/email type", 1),
    row(OWN_TEAMS, "/*/organization/name type", 1),
    row(OWN_TEAMS, "/*/organization/company type", 1),
    row(OWN_TEAMS, "/*/organization/blog format", 1),
    row(OWN_TEAMS, "/*/organization/location type", 1),
    row(OWN_TEAMS, "/*/organization/email type", 1),
    // A refusal says why, also where the description has only its status.
    row(MEMBER, "a body where none is described", 5),
    row(TEAM_MEMBER, "a body where none is described", 5),
    row(TEAM_MEMBERSHIP, "a body where none is described", 5),
    // A path that cannot be decoded, or with an empty segment.
    row(PUT, "status 404", 15),
    row(PUT_FINGERPRINT, "status 404", 15),
    // Bodies are bounded.
    row(CREATE, "status 413", 5),
    row(PUT, "status 413", 5),
    row(PUT_FINGERPRINT, "status 413", 5),
    row(UPDATE, "status 413", 5),
    // The recorded API keeps an empty note URL, and anything else that is not a URL.
    row(CREATE, "/note_url format", 15),
    row(PUT, "/note_url format", 15),
    row(PUT_FINGERPRINT, "/note_url format", 15),
    row(GET, "/note_url format", 15),
    row(UPDATE, "/note_url format", 15),
    row(LIST, "/*/note_url format", 15),
    // Personal tokens show their note URL as that of their app.
    row(CREATE, "/app/url format", 13),
    row(GET, "/app/url format", 13),
    row(UPDATE, "/app/url format", 13),
    row(LIST, "/*/app/url format", 13),
    // Apps that prove nothing, or name a token that is not theirs.
    row(CHECK, "status 401", 16),
    row(RESET, "status 401", 16),
    row(RESET, "status 404", 16),
    row(DELETE_APP_TOKEN, "status 401", 16),
    row(DELETE_APP_TOKEN, "status 404", 16),
    row(DELETE_APP_GRANT, "status 401", 16),
    row(DELETE_APP_GRANT, "status 404", 16),
    row(CHECK, "status 413", 5),
    row(RESET, "status 413", 5),
    row(DELETE_APP_TOKEN, "status 413", 5),
    row(DELETE_APP_GRANT, "status 413", 5),
    row(SCOPE, "status 413", 5),
    row(CHECK, "/note_url format", 15),
    row(RESET, "/note_url format", 15),
    // Whoever is no administrator, or a suspended one, and whatever is not there.
    row(PERSONAL_TOKENS, "status 401", 18),
    row(PERSONAL_TOKENS, "status 403", 18),
    row(PERSONAL_TOKENS, "status 404", 18),
    row(DELETE_PERSONAL_TOKEN, "status 401", 18),
    row(DELETE_PERSONAL_TOKEN, "status 403", 18),
    row(DELETE_PERSONAL_TOKEN, "status 404", 18),
    row(IMPERSONATE, "status 401", 18),
    row(IMPERSONATE, "status 403", 18),
    row(IMPERSONATE, "status 404", 18),
    row(DELETE_IMPERSONATION, "status 401", 18),
    row(DELETE_IMPERSONATION, "status 403", 18),
    row(DELETE_IMPERSONATION, "status 404", 18),
    row(CREATE_USER, "status 401", 18),
    row(CREATE_USER, "status 403", 18),
    row(CREATE_USER, "status 404", 18),
    row(RENAME_USER, "status 401", 18),
    row(RENAME_USER, "status 403", 18),
    row(RENAME_USER, "status 404", 18),
    row(DELETE_USER, "status 401", 18),
    row(DELETE_USER, "status 403", 18),
    row(DELETE_USER, "status 404", 18),
    row(PROMOTE, "status 401", 18),
    row(PROMOTE, "status 403", 18),
    row(PROMOTE, "status 404", 18),
    row(DEMOTE, "status 401", 18),
    row(DEMOTE, "status 403", 18),
    row(DEMOTE, "status 404", 18),
    row(SUSPEND, "status 401", 18),
    row(SUSPEND, "status 403", 18),
    row(SUSPEND, "status 404", 18),
    row(UNSUSPEND, "status 401", 18),
    row(UNSUSPEND, "status 403", 18),
    row(UNSUSPEND, "status 404", 18),
    // What administrators say wrongly.
    row(IMPERSONATE, "status 413", 5),
    row(IMPERSONATE, "status 422", 18),
    row(CREATE_USER, "status 413", 5),
    row(CREATE_USER, "status 422", 18),
    row(RENAME_USER, "status 413", 5),
    row(RENAME_USER, "status 422", 18),
    row(SUSPEND, "status 413", 5),
    row(SUSPEND, "status 422", 18),
    row(UNSUSPEND, "status 413", 5),
    row(UNSUSPEND, "status 422", 18),
    row(PERSONAL_TOKENS, "status 304", 9),
    row(PERSONAL_TOKENS, "/*/note_url format", 15),
    row(PERSONAL_TOKENS, "/*/app/url format", 13),
];

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

struct Description {
    root: Value,
    validators: Mutex<HashMap<(String, u16), &'static Validator>>,
}

static DESCRIPTION: LazyLock<Description> = LazyLock::new(|| {
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
fn what_departs(error: &ValidationError<'_>) -> String {
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

    fn resolve<'v>(&'v self, value: &'v Value) -> &'v Value {
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

fn fits(template: &str, path: &str) -> bool {
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
