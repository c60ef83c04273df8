//! Tokens as credentials.

pub(crate) mod app_access;
pub(crate) mod app_tokens;
pub(crate) mod authorizations;
pub(crate) mod grants;
pub(crate) mod operator_tokens;
pub(crate) mod own_tokens;
pub(crate) mod searched;

use std::any::Any;
use std::sync::Arc;

use counterfoil_domain::access::Viewer;
use counterfoil_domain::account::Account;
use counterfoil_domain::app::AppSummary;
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::id::AuthorizationId;
use counterfoil_domain::scope::{ScopeSet, Standing};
use counterfoil_domain::timestamp::Timestamp;
use counterfoil_store::StoreError;

use crate::token_cache::entry::TokenEntry;

/// Whatever may stop a token from being good for anything.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// Ill formed, unknown or ended.
    #[error("this token is not valid")]
    Unknown,
    /// The token is live and its owner is suspended.
    #[error("the account is suspended")]
    Suspended,
    /// Too many tokens that are not remembered are being looked up: nobody knows whether this one
    /// is valid.
    #[error("too many tokens are being looked up")]
    Busy,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A live token as a check found it, and whose it is. Cheap to clone.
#[derive(Clone, Debug)]
pub struct CheckedToken(Arc<TokenEntry>);

impl CheckedToken {
    pub(crate) fn new(entry: Arc<TokenEntry>) -> Self {
        Self(entry)
    }

    pub(crate) fn entry(&self) -> &Arc<TokenEntry> {
        &self.0
    }

    /// Whose token it is, as the account stands now.
    pub fn account(&self) -> &Account {
        &self.0.account.account
    }

    /// [`CheckedToken::account`], shared.
    pub(crate) fn shared_account(&self) -> Arc<Account> {
        Arc::clone(&self.0.account.account)
    }

    /// The app it belongs to, unless it is a personal one.
    pub fn app(&self) -> Option<&AppSummary> {
        self.0.app().map(|app| &app.summary)
    }

    /// The id of its record.
    pub fn id(&self) -> AuthorizationId {
        self.0.id
    }

    /// The digest by which it was found.
    pub fn digest(&self) -> &SecretDigest {
        &self.0.digest
    }

    /// Its last eight characters.
    pub fn last_eight(&self) -> &str {
        self.0.last_eight()
    }

    /// The scopes as they were given.
    pub fn scopes(&self) -> &ScopeSet {
        &self.0.scopes.scopes
    }

    /// As what it acts: as a site administrator only while its owner is one and was one when its
    /// scopes were given.
    pub fn standing(&self) -> Standing {
        self.0.standing
    }

    /// The scopes that count: those of administrators only for a token that acts as one.
    pub fn effective_scopes(&self) -> &ScopeSet {
        self.0.scopes.effective(self.0.standing)
    }

    /// Its owner, as far as it lets them see.
    pub fn viewer(&self) -> Viewer<'_> {
        Viewer::by_token(self.account().id, self.effective_scopes())
    }

    /// What its owner calls it.
    pub fn note(&self) -> Option<&str> {
        self.0.note()
    }

    /// A URL that goes with the note.
    pub fn note_url(&self) -> Option<&str> {
        self.0.note_url()
    }

    /// What tells several tokens of one user and app apart.
    pub fn fingerprint(&self) -> Option<&str> {
        self.0.fingerprint()
    }

    /// When it was made.
    pub fn created_at(&self) -> Timestamp {
        self.0.created_at
    }

    /// When its record last changed.
    pub fn updated_at(&self) -> Timestamp {
        self.0.updated_at
    }

    /// From when on it is refused.
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.0.expires_at()
    }

    /// What of this type is kept with the account for as long as it stays as it is, shared by all
    /// its tokens; made now if nothing is.
    pub fn keep_with_account<T: Any + Send + Sync>(&self, make: impl FnOnce(&Account) -> T) -> &T {
        let account = &self.0.account;
        account.slots.get_or_make(|| make(&account.account))
    }

    /// What of this type is kept with the app for as long as it stays as it is; `None` for a token
    /// without an app.
    pub fn keep_with_app<T: Any + Send + Sync>(
        &self,
        make: impl FnOnce(&AppSummary) -> T,
    ) -> Option<&T> {
        let app = self.0.app()?;
        Some(app.slots.get_or_make(|| make(&app.summary)))
    }

    /// What of this type is kept with the scope set, whoever's tokens have it.
    pub fn keep_with_scopes<T: Any + Send + Sync>(&self, make: impl FnOnce(&ScopeSet) -> T) -> &T {
        let scopes = &self.0.scopes;
        scopes.slots.get_or_make(|| make(&scopes.scopes))
    }
}
