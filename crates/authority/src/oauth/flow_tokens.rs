//! What every flow ends with.

use counterfoil_domain::authorization::Authorization;
use counterfoil_domain::oauth::{ExpiringLife, RefreshToken};
use counterfoil_domain::token::PlainToken;
use counterfoil_store::FlowResult;

/// What an app gets at the end of a flow, and at each refresh. The tokens exist nowhere else.
#[derive(Clone, Debug)]
pub struct FlowTokens {
    /// The record of its access token.
    pub authorization: Authorization,
    /// The access token.
    pub token: PlainToken,
    /// The refresh token, and until when both live, of an app whose tokens expire.
    pub refresh: Option<(RefreshToken, ExpiringLife)>,
}

impl FlowTokens {
    /// Of what was made with these two; the refresh token was drawn in vain unless it was kept.
    pub(super) fn of(made: FlowResult, token: PlainToken, refresh: RefreshToken) -> Self {
        Self {
            authorization: made.authorization,
            token,
            refresh: made.life.map(|life| (refresh, life)),
        }
    }
}
