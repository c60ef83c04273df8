//! Tokens as changers have them, and all the ways in which one can be checked.

use std::sync::Arc;

use counterfoil_testkit::process::basic;
use serde_json::json;

use super::changer::Changer;
use super::history::Fact;
use super::probe::{Kind, Probe, Question};

pub(super) struct Token {
    pub(super) text: String,
    pub(super) id: i64,
    pub(super) is_of_app: bool,
    pub(super) facts: TokenFacts,
}

/// What can be so of a token.
pub(super) struct TokenFacts {
    /// The token itself is live.
    pub(super) text: Arc<Fact>,
    /// Its authorization is live, perhaps with another token.
    pub(super) authorization: Arc<Fact>,
    /// It has [`SCOPE`].
    pub(super) scope: Arc<Fact>,
}

/// The scope that tokens have and lose.
pub(super) const SCOPE: &str = "repo";
/// The scope that they keep.
pub(super) const OTHER_SCOPE: &str = "gist";
/// What the tokens of most scenarios have.
pub(super) const SCOPES: &[&str] = &[SCOPE, OTHER_SCOPE];

impl TokenFacts {
    pub(super) fn new(of: &mut Changer<'_>) -> Self {
        Self {
            text: of.new_fact("token"),
            authorization: of.new_fact("authorization"),
            scope: of.new_fact("scope"),
        }
    }

    pub(super) fn all(&self) -> [&Arc<Fact>; 3] {
        [&self.text, &self.authorization, &self.scope]
    }
}

impl Token {
    pub(super) fn new(text: String, id: i64, facts: TokenFacts) -> Self {
        Self {
            text,
            id,
            is_of_app: false,
            facts,
        }
    }

    /// All ways in which this token can be checked while its owner and app are as they are now.
    pub(super) fn probes(&self, of: &Changer<'_>) -> Vec<Arc<Probe>> {
        let mut probes = self.probes_without_password(of);
        probes.push(self.by_password(of));
        probes.into_iter().map(Arc::new).collect()
    }

    /// All ways in which the token itself is sent.
    pub(super) fn probes_without_password(&self, of: &Changer<'_>) -> Vec<Probe> {
        let facts = &self.facts;
        let bearer = format!("Bearer {}", self.text);
        let get = |kind, target: &str, more: &[&Arc<Fact>]| {
            let question = Question {
                kind,
                method: "GET",
                target,
                credential: ("authorization", &bearer),
                body: None,
            };
            let always = [&facts.text, &of.active];
            Probe::new(&question, &[&always, more].concat()).claiming(SCOPE, &facts.scope)
        };
        let query = format!("/gateway/verify?scopes={SCOPE}");
        let rule = format!("/gateway/verify/{}", of.organization);
        let mut probes = vec![
            get(Kind::GatewayByQuery, &query, &[&facts.scope]),
            get(Kind::GatewayByRule, &rule, &[&of.member]),
            get(Kind::UserByToken, "/api/v3/user", &[]),
        ];
        if self.is_of_app {
            probes.push(self.by_app(of));
        }
        probes
    }

    /// The app asks about it.
    fn by_app(&self, of: &Changer<'_>) -> Probe {
        let question = Question {
            kind: Kind::CheckByApp,
            method: "POST",
            target: &format!("/api/v3/applications/{}/token", of.app.client_id),
            credential: (
                "authorization",
                &basic(&of.app.client_id, &of.app.client_secret),
            ),
            body: Some(&json!({ "access_token": self.text })),
        };
        let facts = &self.facts;
        Probe::new(&question, &[&facts.text, &of.active, &of.secret]).claiming(SCOPE, &facts.scope)
    }

    /// The owner asks about its authorization.
    fn by_password(&self, of: &Changer<'_>) -> Probe {
        let facts = &self.facts;
        let question = Question {
            kind: Kind::AuthorizationByPassword,
            method: "GET",
            target: &format!("/api/v3/authorizations/{}", self.id),
            credential: ("authorization", &basic(&of.user.login, &of.user.password)),
            body: None,
        };
        let last_eight = &self.text[self.text.len() - 8..];
        let leans_on = [
            &facts.authorization,
            &of.active,
            &of.password,
            &of.password_suffices,
        ];
        Probe::new(&question, &leans_on)
            .claiming(SCOPE, &facts.scope)
            .claiming(last_eight, &facts.text)
    }

    /// What only a site administrator's token opens.
    pub(super) fn probes_of_administrator(
        &self,
        of: &Changer<'_>,
        standing: &Arc<Fact>,
    ) -> Vec<Arc<Probe>> {
        let bearer = format!("Bearer {}", self.text);
        let get = |kind, target: &str| {
            let question = Question {
                kind,
                method: "GET",
                target,
                credential: ("authorization", &bearer),
                body: None,
            };
            Arc::new(Probe::new(
                &question,
                &[&self.facts.text, &of.active, standing],
            ))
        };
        vec![
            get(Kind::GatewayByQuery, "/gateway/verify?scopes=site_admin"),
            get(Kind::AdministratorsRoute, "/api/v3/admin/tokens?per_page=1"),
        ]
    }
}
