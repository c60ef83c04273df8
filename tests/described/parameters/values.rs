//! Two values for every parameter, and what else a request needs.

use counterfoil_testkit::ParameterPlace;
use counterfoil_wire::documentation::Operation;
use serde_json::{Value, json};

use super::scene::Scene;
use Operation as Op;
use ParameterPlace::{Body, Path, Query};

/// A parameter with the values that it is tried with.
pub(super) struct Tried {
    pub(super) place: ParameterPlace,
    pub(super) name: String,
    pub(super) values: [Value; 2],
    /// Members of the body that the parameter means something with.
    pub(super) beside: Value,
    /// The like in the query.
    pub(super) beside_query: Option<&'static str>,
    /// What is read by anybody afterwards, where the answer itself does not show it.
    pub(super) then: Option<&'static str>,
}

/// What the description calls for, with values that get two answers.
pub(super) fn tried(scene: &Scene<'_>, of: Op, place: ParameterPlace, name: &str) -> Tried {
    let [first, second] = match place {
        Path => path(scene, of, name),
        Query => query(scene, of, name),
        Body => member(scene, of, name),
        ParameterPlace::Header => panic!("{name} is a header, and no operation had one"),
    };
    let beside = match (of, name) {
        (Op::CreateAuthorization, "client_id" | "client_secret" | "fingerprint") => {
            scene.apps[0].with_pair(json!({ "fingerprint": "new" }))
        }
        _ => Value::Null,
    };
    let then = match (of, name) {
        (Op::CreateUser, "suspended") => Some("/users/newcomer"),
        (Op::RenameUser, "login") => Some("/users/hubie"),
        _ => None,
    };
    Tried {
        place,
        name: name.to_owned(),
        values: [first, second],
        beside: without(beside, name),
        beside_query: (name == "page").then_some("per_page=1"),
        then,
    }
}

/// What is beside a parameter does not say it a second time.
fn without(mut beside: Value, name: &str) -> Value {
    if let Some(members) = beside.as_object_mut() {
        members.remove(name);
    }
    beside
}

/// What stands in a path that is tried with another parameter.
pub(super) fn usual(scene: &Scene<'_>, of: Op, name: &str) -> Value {
    let [first, _] = path(scene, of, name);
    first
}

fn path(scene: &Scene<'_>, of: Op, name: &str) -> [Value; 2] {
    let app = |number: usize| json!(scene.apps[number].client_id);
    match (of, name) {
        (Op::ListPublicMembers, "org") => ["acme", "nothing"].map(Value::from),
        (Op::ListOrganizationsOfUser, "username") => ["mona", "nobody"].map(Value::from),
        (Op::GetUser | Op::CheckPublicMember, "username") => ["mona", "hubot"].map(Value::from),
        // Who is no member of the second organization.
        (Op::CheckMember, "username") => ["hubot", "stranger"].map(Value::from),
        (
            Op::GetMembership
            | Op::GetTeamMembership
            | Op::GetTeamMembershipById
            | Op::CheckTeamMember,
            "username",
        ) => ["mona", "stranger"].map(Value::from),
        (_, "username") => ["hubot", "nobody"].map(Value::from),
        (_, "org") => ["acme", "beta"].map(Value::from),
        (_, "team_slug") => ["ops", "design"].map(Value::from),
        (_, "team_id") => [0, 1].map(|number| json!(scene.teams[number].id.0)),
        (_, "account_id") => [&scene.mona, &scene.hubot].map(|user| json!(user.account.id.0)),
        (Op::DeleteAuthorization, "authorization_id") => {
            [json!(scene.authorizations[0]), json!(999)]
        }
        // The personal one.
        (_, "token_id") => [json!(scene.authorizations[1]), json!(999)],
        (Op::DeleteGrant, "grant_id") => [json!(scene.grants[0]), json!(999)],
        (_, "authorization_id") => scene.authorizations.map(Value::from),
        (_, "grant_id") => scene.grants.map(Value::from),
        (_, "client_id") => [app(0), app(1)],
        (_, "fingerprint") => ["phone", "tablet"].map(Value::from),
        _ => panic!("nothing is known of {name} in the path of {of:?}"),
    }
}

fn query(scene: &Scene<'_>, of: Op, name: &str) -> [Value; 2] {
    match (of, name) {
        (_, "per_page" | "page") => [1, 2].map(Value::from),
        (_, "client_id") => [0, 1].map(|number| json!(scene.apps[number].client_id)),
        (_, "state") => ["active", "pending"].map(Value::from),
        (Op::ListMembers, "role") => ["admin", "member"].map(Value::from),
        (_, "role") => ["maintainer", "member"].map(Value::from),
        (_, "filter") => ["all", "2fa_disabled"].map(Value::from),
        _ => panic!("nothing is known of {name} in the query of {of:?}"),
    }
}

fn member(scene: &Scene<'_>, of: Op, name: &str) -> [Value; 2] {
    match (of, name) {
        (Op::CheckToken | Op::ScopeToken, "access_token") => {
            scene.tokens.each_ref().map(|token| json!(token))
        }
        (_, "access_token") => [json!(scene.tokens[0]), json!("no token")],
        (_, "client_id") => [0, 1].map(|number| json!(scene.apps[number].client_id)),
        (_, "client_secret") => [json!(scene.apps[0].client_secret), json!("another")],
        (_, "scopes" | "remove_scopes") => [json!([]), json!(["repo"])],
        (_, "add_scopes") => [json!([]), json!(["gist"])],
        (_, "note" | "fingerprint") => ["this", "that"].map(Value::from),
        (_, "note_url") => ["https://a.example.com", "https://b.example.com"].map(Value::from),
        (Op::RenameUser, "login") => ["hubie", "hubert"].map(Value::from),
        (Op::CreateUser, "login") => ["newcomer", "another"].map(Value::from),
        // One that somebody has.
        (_, "email") => ["new@example.com", "mona@example.com"].map(Value::from),
        (_, "suspended") => [false, true].map(Value::from),
        (_, "reason") => ["spam", "illness"].map(Value::from),
        (_, "target") => ["acme", "beta"].map(Value::from),
        (_, "target_id") => [1, 2].map(Value::from),
        (_, "repositories") => [json!([]), json!(["app"])],
        (_, "repository_ids") => [json!([]), json!([1])],
        (_, "permissions") => [json!({}), json!({ "contents": "read" })],
        _ => panic!("nothing is known of {name} in the body of {of:?}"),
    }
}

/// What the body needs to hold for the operation to be carried out.
pub(super) fn body(scene: &Scene<'_>, of: Op) -> Value {
    match of {
        Op::CreateAuthorization => json!({ "note": "new" }),
        Op::GetOrCreateForApp => scene.apps[0].with_secret(json!({ "fingerprint": "new" })),
        Op::GetOrCreateForAppAndFingerprint => scene.apps[0].with_secret(json!({})),
        Op::UpdateAuthorization | Op::SuspendUser | Op::UnsuspendUser => json!({}),
        Op::CheckToken | Op::ResetToken | Op::DeleteAppToken | Op::DeleteAppAuthorization => {
            json!({ "access_token": scene.tokens[0] })
        }
        Op::ScopeToken => json!({ "access_token": scene.tokens[0], "target": "acme" }),
        Op::CreateImpersonation => json!({ "scopes": [] }),
        Op::CreateUser => json!({ "login": "newcomer" }),
        Op::RenameUser => json!({ "login": "hubie" }),
        _ => Value::Null,
    }
}
