//! What each route needs to be there before, and what is there after.

use counterfoil_domain::audit::Action;
use counterfoil_domain::authorization::Authorization;
use counterfoil_domain::id::AuthorizationId;
use counterfoil_domain::scope::Standing;
use counterfoil_server::LegacyTokenUrls;
use counterfoil_server::routes::Credential;
use counterfoil_testkit::{Answer, AppActor, GivenToken, UserActor, World, WorldOptions};
use serde_json::{Value, json};
use tokio::time::timeout;

use super::PATIENCE;
use super::prepared::Prepared;

/// A world with one user and one app, in which nobody has signed in from where the requests come.
pub(super) struct Scene<'w> {
    pub(super) world: &'w World,
    pub(super) user: UserActor<'w>,
    /// The same user elsewhere, so that to look changes nothing.
    watcher: UserActor<'w>,
    pub(super) app: AppActor,
    /// The user whom administrators change.
    pub(super) other: UserActor<'w>,
    /// A token of an administrator.
    pub(super) administrator: String,
}

/// A world in which every row of the table is served.
pub(super) async fn world() -> World {
    World::with(WorldOptions {
        legacy_token_urls: LegacyTokenUrls::Served,
        ..WorldOptions::default()
    })
    .await
}

/// What the user can see, and what the trail says of it.
#[derive(Debug, PartialEq)]
pub(super) struct Seen {
    authorizations: Vec<Value>,
    grants: Vec<Value>,
    /// All live tokens, and all users with what they may.
    tokens: Vec<Authorization>,
    users: Vec<(String, Standing, bool)>,
    /// What the trail tells of tokens and users.
    events: Vec<Told>,
}

/// Action, authorization and grant of an event.
type Told = (String, Option<i64>, Option<i64>);

impl<'w> Scene<'w> {
    pub(super) async fn set(world: &'w World) -> Self {
        let user = world.user("mona").await;
        let app = world.app(&user, "An app").await;
        let root = world.administrator("root").await;
        let given = GivenToken {
            scopes: &["site_admin"],
            ..GivenToken::default()
        };
        Self {
            world,
            watcher: user.from_address("198.51.100.1"),
            user,
            app,
            other: world.user("hubot").await,
            administrator: world
                .issue_token(&root, given)
                .await
                .token
                .expose()
                .to_owned(),
        }
    }

    /// Asks something with a token.
    pub(super) async fn ask(&self, token: &str) -> Answer {
        self.world.anonymous().get_with_token(token, "/user").await
    }

    /// A token of the app that the user never signed in for: its authorization, its grant and
    /// itself.
    pub(super) async fn app_token(&self) -> (i64, i64, String) {
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

    pub(super) async fn send(&self, prepared: &Prepared) -> Answer {
        let (method, path) = (prepared.method.clone(), &prepared.path);
        let nobody = self.world.anonymous();
        let mut request = match prepared.credential {
            Credential::App | Credential::AppInPath => nobody
                .request(method, path)
                .basic(&self.app.client_id, &self.app.client_secret),
            Credential::Administrator => {
                nobody.with_token(&self.administrator).request(method, path)
            }
            Credential::Password | Credential::PasswordOrToken | Credential::Optional => {
                self.user.request(method, path)
            }
            Credential::Nothing
            | Credential::AppInBody
            | Credential::Visitor
            | Credential::Session
            | Credential::FreshSession
            | Credential::AdministratorSession
            | Credential::FreshAdministratorSession
            | Credential::Token
            | Credential::TokenInPlaces => {
                unreachable!("no row of the REST API asks for this")
            }
        };
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
        let of_tokens = events.filter(|event| {
            let of_user = event.action.starts_with("user.");
            of_user || event.authorization.is_some() || event.grant.is_some()
        });
        let authority = &self.world.authority;
        let tokens = authority.list_tokens(None, AuthorizationId(0), 1000).await;
        let tokens = tokens.expect("the database can be read").into_iter();
        let users = authority.list_accounts().await;
        let users = users.expect("the database can be read").into_iter();
        Seen {
            authorizations: list("/authorizations").await,
            grants: list("/applications/grants").await,
            tokens: tokens.map(|owned| owned.authorization).collect(),
            users: users
                .map(|user| (user.login.to_string(), user.standing, user.is_suspended()))
                .collect(),
            events: of_tokens
                .map(|event| (event.action, event.authorization, event.grant))
                .collect(),
        }
    }

    /// Demands that the change and its event are both there or both not, and says how often the
    /// change happened.
    pub(super) async fn assert_whole(&self, before: &Seen, prepared: &Prepared) -> usize {
        let after = self.look().await;
        let told = &after.events[before.events.len()..];
        let happened = usize::from(!told.is_empty());
        if let Some(((action, authorization, grant), ended)) = told.split_first() {
            assert_eq!(action, prepared.action.as_str());
            // Tokens that end have events of their own after it.
            let is_end = |(action, ..): &Told| action == Action::TokenEnded.as_str();
            assert!(ended.iter().all(is_end), "{ended:?}");
            let state = |seen: &Seen| (seen.tokens.clone(), seen.users.clone());
            assert_ne!(state(&after), state(before), "an event tells of a change");
            match prepared.action {
                Action::AuthorizationCreated => {
                    assert_eq!(after.tokens.len(), before.tokens.len() + 1);
                    assert!(is_live(&after, *authorization));
                }
                Action::AuthorizationChanged => {
                    assert_eq!(ids(&after.authorizations), ids(&before.authorizations));
                    assert_eq!(after.authorizations[0]["scopes"], json!(["gist"]));
                    assert_eq!(after.grants[0]["scopes"], json!(["gist"]));
                }
                Action::AuthorizationRevoked => assert!(!is_live(&after, *authorization)),
                Action::AuthorizationReset => assert!(is_live(&after, *authorization)),
                Action::GrantRevoked => {
                    assert!(!has(&after.grants, *grant));
                    assert!(ids(&after.authorizations).is_empty());
                }
                _ => assert_ne!(after.users, before.users),
            }
        } else {
            assert_eq!(&after, before, "nothing changes without an event");
        }
        if let Some(token) = &prepared.token {
            let refused = match prepared.action {
                Action::UserSuspended => 403,
                _ => 401,
            };
            let status = if happened == 0 { 200 } else { refused };
            self.ask(token).await.assert_status(status);
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

fn is_live(seen: &Seen, id: Option<i64>) -> bool {
    seen.tokens.iter().any(|token| Some(token.id.0) == id)
}

fn has(items: &[Value], id: Option<i64>) -> bool {
    id.is_some_and(|id| ids(items).contains(&id))
}
