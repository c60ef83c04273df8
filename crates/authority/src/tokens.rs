//! Tokens as credentials.

use counterfoil_domain::token::PlainToken;
use counterfoil_store::{StoreError, TokenOwner};

use crate::authority::Authority;

/// Why a token was refused.
#[derive(Debug, thiserror::Error)]
pub enum TokenRefused {
    /// Ill formed, unknown or ended.
    #[error("this token is not valid")]
    Unknown,
    /// The token is live and its owner is suspended.
    #[error("the account is suspended")]
    Suspended,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Authority {
    /// The live record of a token, and whose it is. Only well-formed tokens come here: the checksum has refused garbage
    /// before anything is asked.
    #[tracing::instrument(name = "token.authenticate", level = "debug", skip_all)]
    pub async fn authenticate_token(&self, token: &PlainToken) -> Result<TokenOwner, TokenRefused> {
        let found = self
            .store()
            .find_by_digest(token.digest(), self.now())
            .await?
            .ok_or(TokenRefused::Unknown)?;
        if found.account.is_suspended() {
            Err(TokenRefused::Suspended)
        } else {
            Ok(found)
        }
    }
}
