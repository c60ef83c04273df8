//! Which token a path names.

use axum::extract::FromRequestParts;
use counterfoil_domain::id::AuthorizationId;
use http::request::Parts;

use crate::facts::RequestFacts;
use crate::pages::problems::{self, PageProblem};
use crate::pages::visit::{Turned, Visit};
use crate::state::ServerState;

/// The id in a path. What cannot be one is nobody's.
pub(in crate::pages) struct TokenId(pub(super) AuthorizationId);

impl FromRequestParts<ServerState> for TokenId {
    type Rejection = Turned;

    async fn from_request_parts(parts: &mut Parts, state: &ServerState) -> Result<Self, Turned> {
        let facts = RequestFacts::of(parts);
        let text = facts.and_then(|facts| facts.parameters.texts(parts).next());
        if let Some(id) = text.and_then(id) {
            return Ok(Self(id));
        }
        let visit = Visit::read(parts, state)?;
        Err(problems::show(&visit, PageProblem::NotFound).into())
    }
}

fn id(text: &str) -> Option<AuthorizationId> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    let id = text.parse().ok().filter(|_| is_plain);
    id.map(AuthorizationId)
}
