//! Whose token a query came with.

use axum::extract::FromRequestParts;
use counterfoil_authority::CheckedToken;
use counterfoil_domain::network::ClientAddress;
use http::request::Parts;

use crate::auth;
use crate::problem::ApiProblem;
use crate::state::ServerState;

/// A user who proved who they are with a token; a password is refused unread.
pub(super) struct TokenCaller {
    /// The token.
    pub(super) token: CheckedToken,
    /// From where they ask.
    pub(super) from: ClientAddress,
}

impl FromRequestParts<ServerState> for TokenCaller {
    type Rejection = ApiProblem;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &ServerState,
    ) -> Result<Self, ApiProblem> {
        let (token, origin) = auth::by_token(parts, state).await?;
        let from = origin.address;
        Ok(Self { token, from })
    }
}
