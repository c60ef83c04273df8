//! The table of routes and the router: neither has what the other lacks, and each row keeps what it
//! promises.

mod apps_and_administrators;
mod other_paths;
mod scopes;

use std::collections::BTreeSet;

use counterfoil_domain::audit::Action;
use counterfoil_domain::organization::Role;
use counterfoil_server::routes::Credential;
use counterfoil_testkit::{
    Answer, AppActor, GivenToken, REST_ROUTES, RequestBuilder, RestRoute, UserActor, World,
};
use counterfoil_wire::documentation::{Documentation, Operation, Page};
use http::Method;
use serde_json::{Value, json};

/// Published to show the checksum, and unknown here.
const UNKNOWN_TOKEN: &str = "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";

/// A user who has what the templates of the table speak of.
struct Installation<'w> {
    world: &'w World,
    user: UserActor<'w>,
    app: AppActor,
    personal: i64,
    grant: i64,
    organization: i64,
    team: i64,
}

impl<'w> Installation<'w> {
    async fn new(world: &'w World) -> Self {
        let user = world.user("mona").await;
        let app = world.app(&user, "Deployer").await;
        let personal = user.personal_token("laptop", &["gist"]).await.id();
        user.app_token(&app, &["repo"]).await;
        let grant = user.ids("/applications/grants").await[0];
        let organization = world.organization("acme").await;
        world.join(&organization, &user, Role::Member).await;
        let team = world
            .team(&organization, "Site Reliability", &[&user])
            .await;
        // The app's token has no fingerprint: asking for one makes another.
        Self {
            world,
            user,
            app,
            personal,
            grant,
            organization: organization.id.0,
            team: team.id.0,
        }
    }

    /// The path of a row with what exists in the place of its parameters.
    fn path(&self, template: &str) -> String {
        template
            .replace("{grant_id}", &self.grant.to_string())
            .replace("{authorization_id}", &self.personal.to_string())
            .replace("{client_id}", &self.app.client_id)
            .replace("{fingerprint}", "desk")
            .replace("{org}", "acme")
            .replace("{org_id}", &self.organization.to_string())
            .replace("{account_id}", &self.user.account.id.to_string())
            .replace("{team_slug}", "site-reliability")
            .replace("{team_id}", &self.team.to_string())
            .replace("{username}", "mona")
    }

    /// A body that the row accepts, and changes something by.
    fn body(&self, route: &RestRoute) -> Value {
        match route.operation {
            Operation::CreateAuthorization => json!({ "note": "desk" }),
            Operation::GetOrCreateForApp => self.app.with_secret(json!({ "fingerprint": "phone" })),
            Operation::GetOrCreateForAppAndFingerprint => self.app.with_secret(json!({})),
            Operation::UpdateAuthorization => json!({ "add_scopes": ["repo"] }),
            _ => Value::Null,
        }
    }

    /// A request that would be served if it proved who sends it.
    fn stranger(&self, route: &RestRoute) -> RequestBuilder<'w> {
        let anonymous = self.world.anonymous();
        let request = anonymous.request(route.method.clone(), &self.path(route.path));
        match self.body(route) {
            Value::Null => request,
            body => request.json(&body),
        }
    }

    async fn ask(&self, route: &RestRoute) -> Answer {
        let request = self
            .user
            .request(route.method.clone(), &self.path(route.path));
        match self.body(route) {
            Value::Null => request.send().await,
            body => request.json(&body).send().await,
        }
    }
}

/// The rows that are for users, with a password or a token, and for everybody.
fn rows_for_users() -> impl Iterator<Item = &'static RestRoute> {
    REST_ROUTES.iter().filter(|route| {
        matches!(
            route.credential,
            Credential::Password | Credential::PasswordOrToken | Credential::Optional
        )
    })
}

/// Whether the answer is what this row says when it serves: limits that are off have no state to
/// tell, and nobody is a public member.
fn is_served(route: &RestRoute, answer: &Answer) -> bool {
    let told = match route.operation {
        Operation::GetRateLimit => "Rate limiting is not enabled.",
        Operation::CheckPublicMember => "Not Found",
        _ => return answer.status.is_success(),
    };
    answer.status == 404 && answer.message() == told
}

#[test]
fn the_table_is_as_it_was_agreed() {
    let rows: Vec<_> = REST_ROUTES
        .iter()
        .map(|route| {
            let audit = route.audit.map_or("-", |action| action.as_str());
            let scopes = if route.scopes.is_empty() {
                "-".to_owned()
            } else {
                route.scopes.join(",")
            };
            format!(
                "{:6} {:46} {:?} · scopes {scopes} · audit {audit} · bucket {:?} · {}",
                route.method.as_str(),
                route.path,
                route.credential,
                route.bucket,
                route.operation.id(),
            )
        })
        .collect();
    insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!(rows.join("\n")) });
}

#[test]
fn no_row_stands_twice_and_every_operation_has_one() {
    let rows: BTreeSet<_> = REST_ROUTES
        .iter()
        .map(|route| (route.path, route.method.as_str()))
        .collect();
    assert_eq!(rows.len(), REST_ROUTES.len());
    for &operation in Operation::ALL {
        assert!(
            REST_ROUTES.iter().any(|route| route.operation == operation),
            "{operation:?}"
        );
    }
}

#[tokio::test]
async fn every_row_is_served() {
    for route in rows_for_users() {
        let world = World::new().await;
        let answer = Installation::new(&world).await.ask(route).await;
        assert!(
            is_served(route, &answer),
            "{} {}: {}",
            route.method,
            route.path,
            answer.text()
        );
        assert_eq!(answer.header("x-github-enterprise-version"), "3.19.0");
    }
}

#[tokio::test]
async fn every_other_method_on_a_path_is_not_found_after_authentication() {
    let world = World::new().await;
    let installation = Installation::new(&world).await;
    let methods = [
        "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "get",
    ];
    let templates: BTreeSet<_> = rows_for_users().map(|route| route.path).collect();
    for template in templates {
        let served: Vec<_> = REST_ROUTES
            .iter()
            .filter(|route| route.path == template)
            .map(|route| &route.method)
            .collect();
        let path = installation.path(template);
        for name in methods {
            let method = Method::from_bytes(name.as_bytes()).unwrap();
            if served.contains(&&method)
                || (method == Method::HEAD && served.contains(&&Method::GET))
            {
                continue;
            }
            let stranger = world
                .anonymous()
                .request(method.clone(), &path)
                .send_unchecked()
                .await;
            let public = rows_for_users()
                .any(|route| route.path == template && route.credential == Credential::Optional);
            let expected = if public { 404 } else { 401 };
            assert_eq!(stranger.status, expected, "{method} {path}");
            let known = installation
                .user
                .request(method.clone(), &path)
                .send_unchecked()
                .await;
            assert_eq!(known.status, 404, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn every_row_refuses_strangers_as_documented() {
    let world = World::new().await;
    let installation = Installation::new(&world).await;
    let events = world.events().await.len();
    for (number, route) in rows_for_users().enumerate() {
        if route.credential == Credential::Optional {
            let nobody = installation.stranger(route).send().await;
            assert!(is_served(route, &nobody), "{}", route.path);
        } else {
            refuses_who_proves_nothing(&installation, route).await;
        }
        // Each from an address of its own, so that the failures of one do not lock the next.
        let address = format!("198.51.100.{number}");
        refuses_who_proves_it_wrong(&installation, route, &address).await;
    }
    let actions = world.audit_actions().await.split_off(events);
    assert!(
        actions.iter().all(|action| action == "sign_in.failed"),
        "{actions:?}"
    );
}

async fn refuses_who_proves_nothing(installation: &Installation<'_>, route: &RestRoute) {
    let nobody = installation.stranger(route).send().await;
    assert_eq!(
        nobody.assert_status(401).message(),
        "Requires authentication",
        "{}",
        route.path
    );
    let page = Documentation::default().url(Page::Operation(route.operation));
    assert_eq!(
        nobody.json()["documentation_url"],
        page.as_str(),
        "{}",
        route.path
    );
}

async fn refuses_who_proves_it_wrong(
    installation: &Installation<'_>,
    route: &RestRoute,
    address: &str,
) {
    let wrong = installation.stranger(route).basic("mona", "wrong");
    let wrong = wrong.from_address(address);
    let unknown = format!("token {UNKNOWN_TOKEN}");
    let unknown = installation
        .stranger(route)
        .header("authorization", &unknown);
    for request in [wrong, unknown] {
        let refused = request.send().await;
        assert_eq!(
            refused.assert_status(401).message(),
            "Bad credentials",
            "{}",
            route.path
        );
        let page = Documentation::default().url(Page::Root);
        assert_eq!(
            refused.json()["documentation_url"],
            page.as_str(),
            "{}",
            route.path
        );
    }
}

#[tokio::test]
async fn a_row_takes_a_token_only_where_it_says_so() {
    let world = World::new().await;
    let installation = Installation::new(&world).await;
    let given = GivenToken {
        scopes: &["repo", "user", "read:org"],
        ..GivenToken::default()
    };
    let live = world.issue_token(&installation.user, given).await;
    let header = format!("token {}", live.token.expose());
    let events = world.events().await.len();
    for route in rows_for_users() {
        let answer = installation
            .stranger(route)
            .header("authorization", &header)
            .send()
            .await;
        if route.credential == Credential::Password {
            let message = "This API can only be accessed with username and password Basic Auth";
            assert_eq!(
                answer.assert_status(403).message(),
                message,
                "{}",
                route.path
            );
        } else {
            assert!(is_served(route, &answer), "{}", route.path);
            assert_eq!(answer.header("x-oauth-scopes"), "read:org, repo, user");
            assert!(answer.has("x-accepted-oauth-scopes"), "{}", route.path);
        }
    }
    assert_eq!(world.events().await.len(), events);
}

#[tokio::test]
async fn every_row_hides_what_is_somebody_elses() {
    let world = World::new().await;
    let installation = Installation::new(&world).await;
    let stranger = world.administrator("hubot").await;
    let before = installation.user.get("/authorizations").await.text();
    let hidden = ["{authorization_id}", "{grant_id}", "{team_id}"];
    for route in rows_for_users().filter(|route| hidden.iter().any(|id| route.path.contains(id))) {
        let request = stranger.request(route.method.clone(), &installation.path(route.path));
        let answer = request.json(&installation.body(route)).send().await;
        assert_eq!(
            answer.assert_status(404).message(),
            "Not Found",
            "{} {}",
            route.method,
            route.path
        );
    }
    assert_eq!(
        installation.user.get("/authorizations").await.text(),
        before
    );
}

#[tokio::test]
async fn every_writing_row_leaves_exactly_its_event_and_the_others_none() {
    for route in rows_for_users() {
        let world = World::new().await;
        let installation = Installation::new(&world).await;
        let before = world.events().await.len();
        installation.ask(route).await;
        let events = world.events().await.split_off(before);
        let mut actions: Vec<_> = events.iter().map(|event| event.action.as_str()).collect();
        let expected: Vec<_> = route.audit.iter().map(|action| action.as_str()).collect();
        // Tokens that end have events of their own after it.
        while actions.len() > 1 && actions.last() == Some(&Action::TokenEnded.as_str()) {
            actions.pop();
        }
        assert_eq!(actions, expected, "{} {}", route.method, route.path);
        for event in events {
            assert_eq!(
                event.actor,
                format!("account:{}", installation.user.account.id),
                "{}",
                route.path
            );
            assert_eq!(
                event.personal("address"),
                Some("192.0.2.1"),
                "{}",
                route.path
            );
            let agent = event.personal("agent");
            assert_eq!(agent, Some("testkit/1"), "{}", route.path);
        }
    }
}

#[tokio::test]
async fn a_row_that_refuses_leaves_no_event() {
    let world = World::new().await;
    let installation = Installation::new(&world).await;
    let before = world.events().await.len();
    for route in
        rows_for_users().filter(|route| route.audit.is_some() && route.method != Method::DELETE)
    {
        let request = installation
            .user
            .request(route.method.clone(), &installation.path(route.path));
        let refused = request
            .json(&json!({ "note": "laptop", "scopes": ["nope"], "client_secret": "x" }))
            .send()
            .await;
        refused.assert_status(422);
    }
    for path in ["/authorizations/999", "/applications/grants/999"] {
        installation.user.delete(path).await.assert_status(404);
    }
    installation
        .user
        .get_or_create(&installation.app, json!({}))
        .await
        .assert_status(200);
    assert_eq!(world.events().await.len(), before);
}

#[tokio::test]
async fn the_trail_stays_free_of_gaps_after_every_writing_request() {
    let world = World::new().await;
    let installation = Installation::new(&world).await;
    let writing = rows_for_users().filter(|route| route.audit.is_some());
    // What deletes comes last in the table of each path, and grants are asked for last of all.
    let mut writing: Vec<_> = writing.collect();
    writing.sort_by_key(|route| (route.method == Method::DELETE, route.path));
    for route in writing {
        installation.ask(route).await;
        let numbers: Vec<_> = world
            .events()
            .await
            .iter()
            .map(|event| event.writer_number)
            .collect();
        let expected: Vec<_> = (1..=i64::try_from(numbers.len()).unwrap()).collect();
        assert_eq!(numbers, expected, "{} {}", route.method, route.path);
    }
    assert!(
        installation
            .world
            .store
            .check_integrity()
            .await
            .unwrap()
            .is_empty()
    );
}
