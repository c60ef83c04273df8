//! What each route needs to be there before, and what is there after.

use counterfoil_domain::audit::Action;
use counterfoil_server::routes::Route;
use counterfoil_testkit::{Answer, AppActor, GivenToken, UserActor, World};
use http::Method;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::PATIENCE;

/// A world with one user and one app, in which nobody has signed in from where the requests come.
pub(super) struct Scene<'w> {
    pub(super) world: &'w World,
    pub(super) user: UserActor<'w>,
    /// The same user elsewhere, so that to look changes nothing.
    watcher: UserActor<'w>,
    app: AppActor,
}

/// A request that changes something.
pub(super) struct Prepared {
    action: Action,
    method: Method,
    path: String,
    body: Option<Value>,
    /// The token that the request revokes.
    token: Option<String>,
    /// What the request is answered once it has happened before.
    again: u16,
}

/// What the user can see, and what the trail says of it.
#[derive(Debug, PartialEq)]
pub(super) struct Seen {
    authorizations: Vec<Value>,
    grants: Vec<Value>,
    /// Action, authorization and grant of each event.
    events: Vec<(String, Option<i64>, Option<i64>)>,
}

impl<'w> Scene<'w> {
    pub(super) async fn set(world: &'w World) -> Self {
        let user = world.user("mona").await;
        let app = world.app(&user, "An app").await;
        Self {
            world,
            watcher: user.from_address("198.51.100.1"),
            user,
            app,
        }
    }

    /// Makes what the route changes, and the request that changes it.
    pub(super) async fn prepare(&self, route: &Route) -> Prepared {
        let action = route.audit.expect("the route writes");
        let request = |path: String, body: Option<Value>, again: u16| Prepared {
            action,
            method: route.method.clone(),
            path,
            body,
            token: None,
            again,
        };
        match action {
            Action::AuthorizationCreated if route.method == Method::POST => request(
                route.path.to_owned(),
                Some(json!({ "note": "laptop", "scopes": ["gist"] })),
                422,
            ),
            Action::AuthorizationCreated => {
                let path = route
                    .path
                    .replace("{client_id}", &self.app.client_id)
                    .replace("{fingerprint}", "desk");
                let body = json!({ "client_secret": self.app.client_secret, "scopes": ["repo"] });
                request(path, Some(body), 200)
            }
            Action::AuthorizationChanged => {
                let (id, _, _) = self.app_token().await;
                let path = route.path.replace("{authorization_id}", &id.to_string());
                request(path, Some(json!({ "scopes": ["gist"] })), 200)
            }
            Action::AuthorizationRevoked => {
                let (id, _, token) = self.app_token().await;
                let path = route.path.replace("{authorization_id}", &id.to_string());
                Prepared {
                    token: Some(token),
                    ..request(path, None, 404)
                }
            }
            Action::GrantRevoked => {
                let (_, grant, token) = self.app_token().await;
                let path = route.path.replace("{grant_id}", &grant.to_string());
                Prepared {
                    token: Some(token),
                    ..request(path, None, 404)
                }
            }
            other => panic!(
                "{} is written by a route that this test does not know",
                other.as_str()
            ),
        }
    }

    /// A token of the app that the user never signed in for: its authorization, its grant and itself.
    async fn app_token(&self) -> (i64, i64, String) {
        let given = GivenToken {
            app: Some(&self.app),
            scopes: &["repo"],
            ..GivenToken::default()
        };
        let issued = self.world.issue_token(&self.user, given).await;
        let grants = self.watcher.get("/applications/grants").await.json();
        let grant = grants[0]["id"].as_i64().expect("the token has a grant");
        (
            issued.authorization.id.0,
            grant,
            issued.token.expose().to_owned(),
        )
    }

    /// Sends the request.
    pub(super) async fn send(&self, prepared: &Prepared) -> Answer {
        let mut request = self.user.request(prepared.method.clone(), &prepared.path);
        if let Some(body) = &prepared.body {
            request = request.json(body);
        }
        request.send_unchecked().await
    }

    pub(super) async fn look(&self) -> Seen {
        let list = async |path: &str| {
            let listed = self.watcher.get(path).await;
            listed
                .assert_status(200)
                .json()
                .as_array()
                .expect("a list")
                .clone()
        };
        let events = self.world.events().await.into_iter();
        let of_tokens =
            events.filter(|event| event.authorization.is_some() || event.grant.is_some());
        Seen {
            authorizations: list("/authorizations").await,
            grants: list("/applications/grants").await,
            events: of_tokens
                .map(|event| (event.action, event.authorization, event.grant))
                .collect(),
        }
    }

    /// Demands that the change and its event are both there or both not, and says how often the change happened.
    pub(super) async fn assert_whole(&self, before: &Seen, prepared: &Prepared) -> usize {
        let after = self.look().await;
        let happened = after.events.len() - before.events.len();
        if happened == 0 {
            assert_eq!(&after, before, "nothing changes without an event");
        } else {
            let (action, authorization, grant) = &after.events[before.events.len()];
            assert_eq!((happened, action.as_str()), (1, prepared.action.as_str()));
            match prepared.action {
                Action::AuthorizationCreated => {
                    assert_eq!(after.authorizations.len(), before.authorizations.len() + 1);
                    assert!(has(&after.authorizations, *authorization));
                }
                Action::AuthorizationChanged => {
                    assert_eq!(ids(&after.authorizations), ids(&before.authorizations));
                    assert_eq!(after.authorizations[0]["scopes"], json!(["gist"]));
                    assert_eq!(after.grants[0]["scopes"], json!(["gist"]));
                }
                Action::AuthorizationRevoked => {
                    assert!(!has(&after.authorizations, *authorization));
                }
                _ => {
                    assert!(!has(&after.grants, *grant));
                    assert!(ids(&after.authorizations).is_empty());
                }
            }
        }
        if let Some(token) = &prepared.token {
            let answer = self.world.anonymous().get_with_token(token, "/user").await;
            answer.assert_status(if happened == 0 { 200 } else { 401 });
        }
        happened
    }

    /// Sends the request again, which finds nothing in its way but what it did before.
    pub(super) async fn assert_next_request_works(&self, prepared: &Prepared, happened: usize) {
        let answer = timeout(PATIENCE, self.send(prepared))
            .await
            .expect("the next request is answered");
        if happened == 0 {
            assert!(answer.status.is_success(), "{}", answer.text());
        } else {
            answer.assert_status(prepared.again);
        }
    }
}

fn ids(items: &[Value]) -> Vec<i64> {
    items
        .iter()
        .filter_map(|item| item["id"].as_i64())
        .collect()
}

fn has(items: &[Value], id: Option<i64>) -> bool {
    id.is_some_and(|id| ids(items).contains(&id))
}
