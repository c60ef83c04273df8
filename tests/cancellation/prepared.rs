//! The request for each row of the table that writes, with what must be there before.

use counterfoil_authority::Issued;
use counterfoil_domain::account::AccountChange;
use counterfoil_domain::audit::Action;
use counterfoil_domain::scope::Standing;
use counterfoil_server::routes::Credential;
use counterfoil_testkit::{GivenToken, RestRoute, World};
use http::Method;
use serde_json::{Value, json};

use super::scene::Scene;

/// A request that changes something.
pub(super) struct Prepared {
    pub(super) action: Action,
    pub(super) credential: Credential,
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) body: Option<Value>,
    /// The token that the request ends, which is remembered.
    pub(super) token: Option<String>,
    /// What the request is answered once it has happened before.
    pub(super) again: u16,
}

impl Scene<'_> {
    /// Makes what the route changes, and the request that changes it. A token that it ends is
    /// remembered.
    pub(super) async fn prepare(&self, route: &RestRoute) -> Prepared {
        let action = route.audit.expect("the route writes");
        let plain = Prepared {
            action,
            credential: route.credential,
            method: route.method.clone(),
            path: route.path.replace("{client_id}", &self.app.client_id),
            body: None,
            token: None,
            again: 404,
        };
        let prepared = match route.credential {
            Credential::App | Credential::AppInPath => self.prepare_for_app(plain).await,
            Credential::Administrator => self.prepare_for_administrator(plain).await,
            Credential::Password | Credential::PasswordOrToken | Credential::Optional => {
                self.prepare_for_user(plain).await
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
        assert!(!prepared.path.contains('{'), "{}", prepared.path);
        if let Some(token) = &prepared.token {
            self.ask(token).await.assert_status(200);
        }
        prepared
    }

    async fn prepare_for_user(&self, plain: Prepared) -> Prepared {
        let with_path = |part: &str, id: i64| plain.path.replace(part, &id.to_string());
        match plain.action {
            Action::AuthorizationCreated if plain.method == Method::POST => Prepared {
                body: Some(json!({ "note": "laptop", "scopes": ["gist"] })),
                again: 422,
                ..plain
            },
            Action::AuthorizationCreated => {
                let secret = &self.app.client_secret;
                Prepared {
                    path: plain.path.replace("{fingerprint}", "desk"),
                    body: Some(json!({ "client_secret": secret, "scopes": ["repo"] })),
                    again: 200,
                    ..plain
                }
            }
            Action::AuthorizationChanged => {
                let (id, _, _) = self.app_token().await;
                Prepared {
                    path: with_path("{authorization_id}", id),
                    body: Some(json!({ "scopes": ["gist"] })),
                    again: 200,
                    ..plain
                }
            }
            Action::AuthorizationRevoked => {
                let (id, _, token) = self.app_token().await;
                Prepared {
                    path: with_path("{authorization_id}", id),
                    token: Some(token),
                    ..plain
                }
            }
            Action::GrantRevoked => {
                let (_, grant, token) = self.app_token().await;
                Prepared {
                    path: with_path("{grant_id}", grant),
                    token: Some(token),
                    ..plain
                }
            }
            other => panic!(
                "{} is written by a route that this test does not know",
                other.as_str()
            ),
        }
    }

    /// All that apps do ends a token.
    async fn prepare_for_app(&self, plain: Prepared) -> Prepared {
        let (_, _, token) = self.app_token().await;
        Prepared {
            path: plain.path.replace("{access_token}", &token),
            body: (plain.credential == Credential::App).then(|| json!({ "access_token": token })),
            token: Some(token),
            ..plain
        }
    }

    async fn prepare_for_administrator(&self, plain: Prepared) -> Prepared {
        let login = &self.other.account.login;
        let plain = Prepared {
            path: plain.path.replace("{username}", login.as_str()),
            ..plain
        };
        match plain.action {
            Action::AuthorizationCreated => Prepared {
                body: Some(json!({ "scopes": ["repo"] })),
                again: 200,
                ..plain
            },
            Action::AuthorizationRevoked if plain.path.contains("{token_id}") => {
                let issued = self.issue_to_other().await;
                let id = issued.authorization.id.to_string();
                Prepared {
                    path: plain.path.replace("{token_id}", &id),
                    token: Some(issued.token.expose().to_owned()),
                    ..plain
                }
            }
            Action::AuthorizationRevoked => {
                let request = self.world.anonymous().with_token(&self.administrator);
                let request = request.request(Method::POST, &plain.path);
                let made = request.json(&json!({ "scopes": [] })).send().await;
                Prepared {
                    token: Some(made.assert_status(201).token()),
                    ..plain
                }
            }
            _ => self.prepare_user(plain).await,
        }
    }

    /// Makes of a user what the route changes.
    async fn prepare_user(&self, plain: Prepared) -> Prepared {
        let (login, operator) = (&self.other.account.login, World::operator());
        let authority = &self.world.authority;
        match plain.action {
            Action::UserCreated => Prepared {
                body: Some(json!({ "login": "new" })),
                again: 422,
                ..plain
            },
            Action::UserRenamed => Prepared {
                body: Some(json!({ "login": "renamed" })),
                ..plain
            },
            Action::UserDeleted => Prepared {
                token: Some(self.issue_to_other().await.token.expose().to_owned()),
                ..plain
            },
            Action::UserSuspended => Prepared {
                token: Some(self.issue_to_other().await.token.expose().to_owned()),
                again: 204,
                ..plain
            },
            Action::UserUnsuspended => {
                let suspended = authority.suspend_account(login, &operator).await;
                suspended.expect("the user lives");
                Prepared {
                    again: 204,
                    ..plain
                }
            }
            Action::UserStandingChanged => {
                let change = AccountChange {
                    standing: Some(if plain.method == Method::PUT {
                        Standing::Ordinary
                    } else {
                        Standing::SiteAdministrator
                    }),
                    ..AccountChange::default()
                };
                let changed = authority.change_account(login, change, &operator).await;
                changed.expect("the user lives");
                Prepared {
                    again: 204,
                    ..plain
                }
            }
            other => panic!(
                "{} is written by a route that this test does not know",
                other.as_str()
            ),
        }
    }

    async fn issue_to_other(&self) -> Issued {
        let given = GivenToken::default();
        self.world.issue_token(&self.other, given).await
    }
}
