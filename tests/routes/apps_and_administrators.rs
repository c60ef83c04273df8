//! The rows for apps and for administrators: each is served, refuses strangers, and leaves exactly
//! its event.

use counterfoil_domain::audit::Action;
use counterfoil_server::LegacyTokenUrls;
use counterfoil_server::routes::Credential;
use counterfoil_testkit::{
    Answer, AppActor, GivenToken, REST_ROUTES, RequestBuilder, RestRoute, TokenActor, UserActor,
    World, WorldOptions,
};
use counterfoil_wire::documentation::Operation;
use http::Method;
use serde_json::{Value, json};

/// Everything that the templates of these rows speak of.
struct Installation<'w> {
    world: &'w World,
    mona: UserActor<'w>,
    app: AppActor,
    token: String,
    personal: i64,
    admin: UserActor<'w>,
    acting: TokenActor<'w>,
}

async fn world() -> World {
    World::with(WorldOptions {
        legacy_token_urls: LegacyTokenUrls::Served,
        ..WorldOptions::default()
    })
    .await
}

impl<'w> Installation<'w> {
    async fn new(world: &'w World) -> Self {
        let admin = world.administrator("admin").await;
        let given = GivenToken {
            scopes: &["site_admin"],
            ..GivenToken::default()
        };
        let issued = world.issue_token(&admin, given).await;
        let acting = world.anonymous().with_token(issued.token.expose());
        let mona = world.user("mona").await;
        let app = world.app(&mona, "Deployer").await;
        let token = mona.app_token(&app, &["repo"]).await.token();
        let personal = mona.personal_token("laptop", &["gist"]).await.id();
        Self {
            world,
            mona,
            app,
            token,
            personal,
            admin,
            acting,
        }
    }

    /// Puts in place what the row takes away.
    async fn prepare(&self, route: &RestRoute) {
        match route.operation {
            Operation::DeleteImpersonation => {
                let path = "/admin/users/mona/authorizations";
                let made = self.acting.post(path, json!({ "scopes": [] })).await;
                made.assert_status(201);
            }
            Operation::DemoteUser => {
                let promoted = self.acting.put("/users/mona/site_admin").await;
                promoted.assert_status(204);
            }
            Operation::UnsuspendUser => {
                let suspended = self.acting.put("/users/mona/suspended").await;
                suspended.assert_status(204);
            }
            _ => {}
        }
    }

    fn path(&self, template: &str) -> String {
        template
            .replace("{client_id}", &self.app.client_id)
            .replace("{access_token}", &self.token)
            .replace("{token_id}", &self.personal.to_string())
            .replace("{username}", "mona")
    }

    fn body(&self, route: &RestRoute) -> Value {
        match route.operation {
            Operation::CheckToken
            | Operation::ResetToken
            | Operation::DeleteAppToken
            | Operation::DeleteAppAuthorization => json!({ "access_token": self.token }),
            Operation::ScopeToken => json!({ "access_token": self.token, "target": "mona" }),
            Operation::CreateImpersonation => json!({ "scopes": ["repo"] }),
            Operation::CreateUser => json!({ "login": "hubot" }),
            Operation::RenameUser => json!({ "login": "lisa" }),
            _ => Value::Null,
        }
    }

    /// A request that would be served if it proved who sends it.
    fn stranger(&self, route: &RestRoute) -> RequestBuilder<'w> {
        let path = self.path(route.path);
        let request = self.world.anonymous().request(route.method.clone(), &path);
        self.with_body(route, request)
    }

    fn with_body(&self, route: &RestRoute, request: RequestBuilder<'w>) -> RequestBuilder<'w> {
        match self.body(route) {
            Value::Null => request,
            body => request.json(&body),
        }
    }

    async fn ask(&self, route: &RestRoute) -> Answer {
        let request = if route.credential == Credential::Administrator {
            let path = self.path(route.path);
            let request = self.acting.request(route.method.clone(), &path);
            self.with_body(route, request)
        } else {
            self.stranger(route)
                .basic(&self.app.client_id, &self.app.client_secret)
        };
        request.send().await
    }

    /// How the trail names who asks.
    fn actor(&self, route: &RestRoute) -> String {
        if route.credential == Credential::Administrator {
            format!("account:{}", self.admin.account.id)
        } else {
            format!("app:{}", self.app.app.summary.id)
        }
    }
}

fn rows() -> impl Iterator<Item = &'static RestRoute> {
    REST_ROUTES.iter().filter(|route| {
        matches!(
            route.credential,
            Credential::App | Credential::AppInPath | Credential::Administrator
        )
    })
}

#[tokio::test]
async fn every_row_is_served() {
    for route in rows() {
        let world = world().await;
        let installation = Installation::new(&world).await;
        installation.prepare(route).await;
        let answer = installation.ask(route).await;
        // No token can be scoped, and that is the documented answer.
        let told = route.operation == Operation::ScopeToken && answer.status == 404;
        let (method, path) = (&route.method, route.path);
        assert!(
            answer.status.is_success() || told,
            "{method} {path}: {}",
            answer.text()
        );
        assert_eq!(answer.header("x-github-enterprise-version"), "3.19.0");
    }
}

#[tokio::test]
async fn every_row_refuses_strangers_as_documented() {
    let world = world().await;
    let installation = Installation::new(&world).await;
    let events = world.events().await.len();
    for route in rows() {
        let hidden = route.credential == Credential::AppInPath;
        let refusals = [
            (installation.stranger(route), "Requires authentication"),
            (
                installation.stranger(route).header(
                    "authorization",
                    "token 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",
                ),
                "Bad credentials",
            ),
            (
                installation
                    .stranger(route)
                    .basic(&installation.app.client_id, &"0".repeat(40)),
                "Bad credentials",
            ),
        ];
        for (request, message) in refusals {
            // A client id is nobody's login, so as one it fails to sign in.
            let request = request.from_address(&format!("198.51.100.{}", route.path.len()));
            let refused = request.send().await;
            if hidden {
                refused.assert_status(404);
            } else {
                let method = &route.method;
                assert_eq!(
                    refused.assert_status(401).message(),
                    message,
                    "{method} {}",
                    route.path
                );
            }
        }
    }
    let actions = world.audit_actions().await.split_off(events);
    let allowed = |action: &String| action.starts_with("sign_in.");
    assert!(actions.iter().all(allowed), "{actions:?}");
}

#[tokio::test]
async fn users_are_served_by_none_of_these_rows() {
    let world = world().await;
    let installation = Installation::new(&world).await;
    let given = GivenToken {
        scopes: &["site_admin", "admin:enterprise", "repo", "user"],
        ..GivenToken::default()
    };
    let issued = world.issue_token(&installation.mona, given).await;
    let header = format!("token {}", issued.token.expose());
    for route in rows() {
        let with_token = installation
            .stranger(route)
            .header("authorization", &header);
        let with_password = installation
            .stranger(route)
            .basic("mona", &installation.mona.password);
        for request in [with_token, with_password] {
            let expected = if route.credential == Credential::App {
                401
            } else {
                404
            };
            request.send().await.assert_status(expected);
        }
    }
}

#[tokio::test]
async fn every_writing_row_leaves_exactly_its_event_and_the_others_none() {
    for route in rows() {
        let world = world().await;
        let installation = Installation::new(&world).await;
        installation.prepare(route).await;
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
            assert_eq!(event.actor, installation.actor(route), "{}", route.path);
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
    let world = world().await;
    let installation = Installation::new(&world).await;
    let before = world.events().await.len();
    let wrong = json!({ "access_token": 1, "login": 1, "scopes": 1, "reason": 1 });
    for route in rows().filter(|route| route.method != Method::DELETE) {
        // In the older paths the token that is not there is the request's fault.
        let path = installation.path(&route.path.replace("{access_token}", "x"));
        let request = world.anonymous().request(route.method.clone(), &path);
        let request = if route.credential == Credential::Administrator {
            installation.acting.request(route.method.clone(), &path)
        } else {
            request.basic(&installation.app.client_id, &installation.app.client_secret)
        };
        if route.operation == Operation::PromoteUser
            || route.operation == Operation::ListPersonalTokens
        {
            continue;
        }
        let refused = request.json(&wrong).send().await;
        assert!(
            refused.status.is_client_error(),
            "{} {}",
            route.method,
            route.path
        );
    }
    assert_eq!(world.events().await.len(), before);
}

#[tokio::test]
async fn every_other_method_on_a_path_is_not_found_after_authentication() {
    let world = world().await;
    let installation = Installation::new(&world).await;
    for route in rows() {
        for name in ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "get"] {
            let method = Method::from_bytes(name.as_bytes()).expect("a method");
            if rows().any(|other| other.path == route.path && other.method == method) {
                continue;
            }
            let path = installation.path(route.path);
            let stranger = world.anonymous().request(method.clone(), &path);
            let expected = match route.credential {
                Credential::AppInPath => 404,
                _ => 401,
            };
            assert_eq!(
                stranger.send_unchecked().await.status,
                expected,
                "{method} {path}"
            );
            let known = if route.credential == Credential::Administrator {
                installation.acting.request(method.clone(), &path)
            } else {
                let request = world.anonymous().request(method.clone(), &path);
                request.basic(&installation.app.client_id, &installation.app.client_secret)
            };
            assert_eq!(known.send_unchecked().await.status, 404, "{method} {path}");
        }
    }
}
