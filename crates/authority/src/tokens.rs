//! Tokens as credentials.

use std::sync::Arc;

use counterfoil_domain::account::Account;
use counterfoil_domain::app::AppSummary;
use counterfoil_domain::authorization::Authorization;
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::id::AuthorizationId;
use counterfoil_domain::scope::{Scope, ScopeSet};
use counterfoil_domain::timestamp::Timestamp;
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

/// A live token as a check found it, and whose it is. Cheap to clone.
#[derive(Clone, Debug)]
pub struct CheckedToken(Arc<TokenOwner>);

impl CheckedToken {
    /// Whose token it is, as the account stands now.
    pub fn account(&self) -> &Account {
        &self.0.account
    }

    /// The app it belongs to, unless it is a personal one.
    pub fn app(&self) -> Option<&AppSummary> {
        self.0.authorization.kind.app()
    }

    /// The id of its record.
    pub fn id(&self) -> AuthorizationId {
        self.0.authorization.id
    }

    /// The scopes as they were given.
    pub fn scopes(&self) -> &ScopeSet {
        &self.0.authorization.scopes
    }

    /// The scopes that count: those of administrators only while the owner is one.
    pub fn effective_scopes(&self) -> ScopeSet {
        self.scopes().effective(self.account().standing)
    }

    /// Whether it may do what this scope opens.
    pub fn may(&self, scope: Scope) -> bool {
        self.effective_scopes().covers(scope)
    }

    /// From when on it is refused.
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.0.authorization.expires_at
    }

    /// Its whole record.
    pub fn authorization(&self) -> Authorization {
        self.0.authorization.clone()
    }
}

impl Authority {
    /// The live record of a token, and whose it is. Only well-formed tokens come here: the checksum has refused garbage
    /// before anything is asked.
    pub async fn authenticate_token(
        &self,
        token: &PlainToken,
    ) -> Result<CheckedToken, TokenRefused> {
        self.authenticate_digest(token.digest()).await
    }

    /// [`Authority::authenticate_token`], for whoever has read the token where it arrived and needs no copy of it.
    #[tracing::instrument(name = "token.authenticate", level = "debug", skip_all)]
    pub async fn authenticate_digest(
        &self,
        digest: SecretDigest,
    ) -> Result<CheckedToken, TokenRefused> {
        let found = self
            .store()
            .find_by_digest(digest, self.now())
            .await?
            .ok_or(TokenRefused::Unknown)?;
        if found.account.is_suspended() {
            Err(TokenRefused::Suspended)
        } else {
            Ok(CheckedToken(Arc::new(found)))
        }
    }
}
