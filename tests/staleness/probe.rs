//! What a checker asks, and which facts an answer claims.

use std::sync::Arc;

use counterfoil_testkit::process::{Reply, request};
use serde_json::Value;

use super::history::{Fact, Outcome};

/// Which of the ways to check it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    GatewayByQuery,
    GatewayByRule,
    CheckByApp,
    UserByToken,
    AuthorizationByPassword,
    AdministratorsRoute,
    SessionPage,
    LinkPage,
}

impl Kind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::GatewayByQuery => "GET /gateway/verify?scopes=…",
            Self::GatewayByRule => "GET /gateway/verify/{rule}",
            Self::CheckByApp => "POST /applications/{client_id}/token",
            Self::UserByToken => "GET /user with the token",
            Self::AuthorizationByPassword => "GET /authorizations/{id} with the password",
            Self::AdministratorsRoute => "GET /admin/tokens with the token",
            Self::SessionPage => "GET /settings/sessions with the cookie",
            Self::LinkPage => "GET /link with the cookie",
        }
    }
}

/// One request that is sent again and again.
#[derive(Debug)]
pub(super) struct Probe {
    pub(super) kind: Kind,
    /// The whole request, ready to send.
    pub(super) bytes: Vec<u8>,
    /// All of them must hold for a success.
    pub(super) facts: Vec<Arc<Fact>>,
    /// What a success claims beyond that if it shows this text.
    shown: Vec<(String, Arc<Fact>)>,
}

/// What a probe asks.
pub(super) struct Question<'a> {
    pub(super) kind: Kind,
    pub(super) method: &'a str,
    pub(super) target: &'a str,
    /// The header by which it proves who asks, and its value.
    pub(super) credential: (&'a str, &'a str),
    pub(super) body: Option<&'a Value>,
}

impl Probe {
    pub(super) fn new(question: &Question<'_>, facts: &[&Arc<Fact>]) -> Self {
        let headers = [question.credential];
        Self {
            kind: question.kind,
            bytes: request(question.method, question.target, &headers, question.body),
            facts: facts.iter().map(|fact| Arc::clone(fact)).collect(),
            shown: Vec::new(),
        }
    }

    /// A success that shows `text` claims this fact as well.
    #[must_use]
    pub(super) fn claiming(mut self, text: &str, fact: &Arc<Fact>) -> Self {
        assert!(self.shown.len() < 8, "there is a bit for each");
        self.shown.push((text.to_owned(), Arc::clone(fact)));
        self
    }

    /// What the answer says, and which of the texts it shows, a bit for each.
    pub(super) fn read(&self, reply: &Reply) -> (Outcome, u8) {
        let outcome = match reply.status {
            200 => Outcome::Success,
            401 | 403 | 404 => Outcome::Refusal,
            // To where one signs in.
            303 if self.kind == Kind::SessionPage => Outcome::Refusal,
            503 => Outcome::Busy,
            _ => Outcome::Strange,
        };
        let mut bits = 0;
        if outcome == Outcome::Success {
            for (bit, (text, _)) in self.shown.iter().enumerate() {
                bits |= u8::from(self.shows(reply, text)) << bit;
            }
        }
        (outcome, bits)
    }

    fn shows(&self, reply: &Reply, text: &str) -> bool {
        let header = match self.kind {
            Kind::GatewayByQuery | Kind::GatewayByRule => "x-auth-scopes",
            Kind::UserByToken | Kind::AdministratorsRoute => "x-oauth-scopes",
            Kind::CheckByApp
            | Kind::AuthorizationByPassword
            | Kind::SessionPage
            | Kind::LinkPage => {
                let quoted = format!("\"{text}\"");
                return reply.text().contains(&quoted);
            }
        };
        let listed = reply.header(header).unwrap_or_default();
        listed.split(", ").any(|scope| scope == text)
    }

    /// The facts that an answer with these bits claims.
    pub(super) fn claims(&self, bits: u8) -> impl Iterator<Item = &Fact> {
        let shown = self.shown.iter().enumerate();
        let shown = shown.filter(move |(bit, _)| bits & (1 << bit) != 0);
        self.facts
            .iter()
            .map(Arc::as_ref)
            .chain(shown.map(|(_, (_, fact))| fact.as_ref()))
    }
}
