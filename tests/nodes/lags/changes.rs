//! What is ended: of each kind what is checked before, and how it is ended.

use std::time::{Duration, Instant};

use counterfoil_testkit::process::{Reply, basic};
use serde_json::json;

use super::lane::Lane;
use crate::nodes::stage::issue;

/// How long a token lives that expires: long enough for every node to have seen it, on a busy
/// machine too.
const LIFETIME: Duration = Duration::from_millis(80);

/// The kinds of changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Token,
    Grant,
    Reset,
    Suspension,
    Scopes,
    Expiry,
    Password,
}

impl Kind {
    pub(super) const ALL: [Self; 7] = [
        Self::Token,
        Self::Grant,
        Self::Reset,
        Self::Suspension,
        Self::Scopes,
        Self::Expiry,
        Self::Password,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Token => "delete token",
            Self::Grant => "delete grant",
            Self::Reset => "reset",
            Self::Suspension => "suspend",
            Self::Scopes => "change scopes",
            Self::Expiry => "expiry",
            Self::Password => "password",
        }
    }
}

/// What is asked of each node, and what the answer is in the old state.
#[derive(Clone, Debug)]
pub(super) struct Probe {
    pub(super) path: &'static str,
    pub(super) authorization: String,
    /// The scopes that a node shows in the old state, where they are what changes.
    scopes: Option<&'static str>,
}

impl Probe {
    fn of_token(token: &str) -> Self {
        Self {
            path: "/api/v3/user",
            authorization: format!("token {token}"),
            scopes: None,
        }
    }

    /// Whether this is the answer of the old state.
    pub(super) fn is_old(&self, reply: &Reply) -> bool {
        assert!(reply.status < 500, "{} {}", reply.status, reply.text());
        let shown = |scopes: &str| reply.header("x-oauth-scopes") == Some(scopes);
        reply.status == 200 && self.scopes.is_none_or(shown)
    }
}

/// When a change held, and which node said so; none where it must hold on all of them.
pub(super) struct Acknowledged {
    pub(super) at: Instant,
    pub(super) by: Option<usize>,
}

impl Acknowledged {
    fn by(reply: &Reply, status: u16) -> Self {
        let at = Instant::now();
        reply.assert_status(status);
        let name = reply.header("x-node").expect("HAProxy names the node");
        let place = ["one", "two", "three"]
            .iter()
            .position(|node| *node == name);
        Self {
            at,
            by: Some(place.expect("it is one of the three")),
        }
    }
}

/// Something that is checked, and how it is ended.
pub(super) struct Change {
    pub(super) probe: Probe,
    pub(super) end: End,
}

/// How it is ended.
pub(super) enum End {
    DeleteToken { id: i64 },
    DeleteGrant { token: String },
    Reset { token: String },
    Suspend,
    Scopes { id: i64, to: &'static str },
    Expire { at: Instant },
    Password,
}

impl Lane<'_> {
    /// Makes what is to be ended, and has it ready to be checked.
    pub(super) fn prepare_change(&mut self, kind: Kind) -> Change {
        match kind {
            Kind::Token => {
                let note = self.new_name();
                let token = issue(&mut self.by_password, &note);
                let end = End::DeleteToken { id: token.id };
                ended_by(&token.text, end)
            }
            Kind::Grant => {
                let token = self.app_token();
                ended_by(&token.clone(), End::DeleteGrant { token })
            }
            Kind::Reset => {
                let token = match self.reset.take() {
                    Some(token) => token,
                    None => self.app_token(),
                };
                ended_by(&token.clone(), End::Reset { token })
            }
            Kind::Suspension => ended_by(&self.lasting.text, End::Suspend),
            Kind::Scopes => {
                self.scopes.reverse();
                let [from, to] = self.scopes;
                let id = self.lasting.id;
                let mut change = ended_by(&self.lasting.text, End::Scopes { id, to });
                change.probe.scopes = Some(from);
                change
            }
            Kind::Expiry => self.expiring(),
            Kind::Password => Change {
                probe: Probe {
                    path: "/api/v3/authorizations",
                    authorization: basic(&self.user.login, &self.user.password),
                    scopes: None,
                },
                end: End::Password,
            },
        }
    }

    pub(super) fn end(&mut self, end: &End) -> Acknowledged {
        match end {
            End::DeleteToken { id } => {
                let path = format!("/authorizations/{id}");
                let reply = self.by_password.must("DELETE", &path, None);
                Acknowledged::by(&reply, 204)
            }
            End::DeleteGrant { token } => {
                let path = format!("/applications/{}/grant", self.app.client_id);
                let body = json!({ "access_token": token });
                let reply = self.by_app.must("DELETE", &path, Some(&body));
                Acknowledged::by(&reply, 204)
            }
            End::Reset { token } => {
                let path = format!("/applications/{}/token", self.app.client_id);
                let body = json!({ "access_token": token });
                let reply = self.by_app.must("PATCH", &path, Some(&body));
                let acknowledged = Acknowledged::by(&reply, 200);
                self.reset = Some(reply.token());
                acknowledged
            }
            End::Suspend => {
                let path = format!("/users/{}/suspended", self.user.login);
                let reply = self.by_administrator.must("PUT", &path, None);
                Acknowledged::by(&reply, 204)
            }
            End::Scopes { id, to } => {
                let path = format!("/authorizations/{id}");
                let body = json!({ "scopes": [to] });
                let reply = self.by_password.must("PATCH", &path, Some(&body));
                Acknowledged::by(&reply, 200)
            }
            End::Expire { at } => Acknowledged { at: *at, by: None },
            End::Password => {
                let new = self.new_name();
                let change = ["user", "passwd", &self.user.login, "--password-stdin"];
                self.elsewhere.command(&change, &new).succeeded();
                let at = Instant::now();
                self.use_password(new);
                Acknowledged { at, by: None }
            }
        }
    }

    /// Takes back what would be in the way of the next change.
    pub(super) fn take_back(&mut self, end: &End) {
        if let End::Suspend = end {
            let path = format!("/users/{}/suspended", self.user.login);
            let reply = self.by_administrator.must("DELETE", &path, None);
            reply.assert_status(204);
        }
    }

    fn app_token(&mut self) -> String {
        let path = format!("/authorizations/clients/{}", self.app.client_id);
        let body = json!({
            "client_secret": self.app.client_secret,
            "scopes": ["repo"],
            "fingerprint": self.new_name(),
        });
        let made = self.by_password.must("PUT", &path, Some(&body));
        made.assert_status(201);
        made.token()
    }

    /// A token that expires soon, by the database's clock.
    fn expiring(&mut self) -> Change {
        let note = self.new_name();
        let token = issue(&mut self.by_password, &note);
        // No node has seen it yet, so nobody needs to be told.
        self.stage.database.run(&format!(
            "UPDATE authorizations SET expires_at =
                floor(extract(epoch FROM clock_timestamp()) * 1000000)::bigint + {} WHERE id = {}",
            LIFETIME.as_micros(),
            token.id
        ));
        // The database set the time before this, so it is over then for certain.
        let at = Instant::now() + LIFETIME;
        ended_by(&token.text, End::Expire { at })
    }
}

fn ended_by(token: &str, end: End) -> Change {
    Change {
        probe: Probe::of_token(token),
        end,
    }
}
