//! `/gateway/verify`: what gateways ask, and what they are told.

mod answers;
mod clients;
mod credentials;
mod formats;
mod names;
mod properties;
mod rules;
mod scopes;
mod settings;

use counterfoil_domain::gateway::{PeopleNames, Rule, RuleName, ScopeRequirement};
use counterfoil_domain::scope::Scope;
use counterfoil_server::GatewaySettings;
use counterfoil_testkit::{Answer, AppActor, World, WorldOptions};
use http::Method;

/// The identity headers, in the order in which the documentation has them.
const IDENTITY: [&str; 6] = [
    "x-auth-login",
    "x-auth-user-id",
    "x-auth-scopes",
    "x-auth-client-id",
    "x-auth-authorization-id",
    "x-auth-expires",
];

/// A world whose settings have these rules.
async fn world_with(rules: Vec<(&str, Rule)>) -> World {
    World::with(options_with(rules)).await
}

fn options_with(rules: Vec<(&str, Rule)>) -> WorldOptions {
    let rules = rules
        .into_iter()
        .map(|(name, rule)| (RuleName::parse(name).expect("the name of a rule"), rule));
    WorldOptions {
        gateway: GatewaySettings {
            rules: rules.collect(),
            ..GatewaySettings::default()
        },
        ..WorldOptions::default()
    }
}

/// Any live token.
fn any_token() -> Rule {
    Rule {
        scopes: ScopeRequirement::All(Vec::new()),
        apps: None,
        people: None,
    }
}

fn all_of(names: &[&str]) -> ScopeRequirement {
    ScopeRequirement::All(scopes(names))
}

fn any_of(names: &[&str]) -> ScopeRequirement {
    ScopeRequirement::Any(scopes(names))
}

fn scopes(names: &[&str]) -> Vec<Scope> {
    names
        .iter()
        .map(|name| Scope::find(name).expect("a scope"))
        .collect()
}

fn of_apps(apps: &[&AppActor]) -> Rule {
    let ids = apps.iter().map(|app| app.app.summary.client_id.clone());
    Rule {
        apps: Some(ids.collect()),
        ..any_token()
    }
}

/// Users, organizations and teams by name.
fn of_people(users: &[&str], organizations: &[&str], teams: &[&str]) -> Rule {
    fn parsed<T: std::str::FromStr<Err: std::fmt::Debug>>(names: &[&str]) -> Vec<T> {
        names
            .iter()
            .map(|name| name.parse().expect("a name"))
            .collect()
    }
    Rule {
        people: Some(PeopleNames {
            users: parsed(users),
            organizations: parsed(organizations),
            teams: parsed(teams),
        }),
        ..any_token()
    }
}

/// Asks with this token.
async fn verify(world: &World, target: &str, token: &str) -> Answer {
    ask(
        world,
        target,
        &[("authorization", &format!("Bearer {token}"))],
    )
    .await
}

/// Asks with these headers.
async fn ask(world: &World, target: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = world
        .anonymous()
        .request_anywhere(Method::GET, &format!("/gateway/verify{target}"));
    for (name, value) in headers {
        request = request.header_bytes(name, value.as_bytes());
    }
    let answer = request.send().await;
    assert_is_for_a_gateway(&answer);
    answer
}

/// What holds for every answer: nobody keeps it, it is not the REST API's, and it says who is
/// asking exactly if the request may pass.
#[track_caller]
fn assert_is_for_a_gateway(answer: &Answer) {
    let shown = || answer.snapshot();
    assert_eq!(answer.header("cache-control"), "no-store", "{}", shown());
    for name in [
        "etag",
        "vary",
        "access-control-allow-origin",
        "access-control-expose-headers",
        "x-github-media-type",
        "x-github-enterprise-version",
        "x-oauth-scopes",
    ] {
        assert!(!answer.has(name), "{}", shown());
    }
    let admitted = answer.status == 200;
    for name in IDENTITY {
        assert_eq!(answer.has(name), admitted, "{name}: {}", shown());
    }
    assert_eq!(answer.body.is_empty(), admitted, "{}", shown());
    assert_eq!(
        answer.has("www-authenticate"),
        answer.status == 401
            || answer
                .header("www-authenticate")
                .contains("insufficient_scope"),
        "{}",
        shown()
    );
}

/// The challenge of an answer.
fn challenge(answer: &Answer) -> String {
    answer.header("www-authenticate")
}

/// The challenge to a token that does not count.
const INVALID_TOKEN: &str = "Bearer realm=\"Counterfoil\", error=\"invalid_token\"";
/// The challenge to a request without a token.
const NO_TOKEN: &str = "Bearer realm=\"Counterfoil\"";
