//! Which site administrator asks, by a token.

use axum::extract::FromRequestParts;
use counterfoil_wire::problem::Problem;
use http::request::Parts;

use crate::auth::{self, Caller};
use crate::problem::ApiProblem;
use crate::state::ServerState;

/// A site administrator with a token that may act as one. Whoever else proves who they are, be it
/// with a token that only says `site_admin` or with an administrator's password, is told that there
/// is nothing (wire contract, section 18).
pub(crate) struct Administrator(pub(crate) counterfoil_authority::Administrator);

impl FromRequestParts<ServerState> for Administrator {
    type Rejection = ApiProblem;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &ServerState,
    ) -> Result<Self, ApiProblem> {
        let caller = auth::caller(parts, state).await?;
        let administrator = match &caller {
            Caller::Password(_) => None,
            Caller::Token(token, origin) => {
                counterfoil_authority::Administrator::of(token, origin.clone())
            }
        };
        administrator.map(Self).ok_or_else(|| {
            let (account, from) = (caller.account().id, caller.address());
            let authority = state.authority();
            authority.note_refused_administration(account, caller.token(), from);
            Problem::NotFound.into()
        })
    }
}
