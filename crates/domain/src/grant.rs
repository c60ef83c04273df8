//! Grants: all that one user gave one app, however many tokens the app holds (wire contract,
//! section 14).

use crate::app::AppSummary;
use crate::id::{AccountId, GrantId};
use crate::login::Login;
use crate::network::ClientAddress;
use crate::scope::ScopeSet;
use crate::timestamp::Timestamp;

/// A grant that was not revoked, with or without tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Its id, from a number space of its own. A new grant after a deleted one has a new id.
    pub id: GrantId,
    /// The user who gave the app what the grant holds.
    pub owner: AccountId,
    /// The app that it was given to, as bodies show it.
    pub app: AppSummary,
    /// The union over the app's live tokens, or what was last granted when there are none.
    pub scopes: ScopeSet,
    /// When it was made.
    pub created_at: Timestamp,
    /// When a token came on or its scopes changed; never before `created_at`.
    pub updated_at: Timestamp,
}

impl Grant {
    /// When anything last changed that is shown of it: itself or its app.
    pub fn shown_changed_at(&self) -> Timestamp {
        self.updated_at.max(self.app.updated_at)
    }
}

/// A grant as the user who gave it looks at it on pages: with what hangs on it, and whose app it
/// is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppAccess {
    /// What the user gave, with the app that it was given to.
    pub grant: Grant,
    /// The user or organization that the app belongs to.
    pub app_owner: Login,
    /// When the app was made.
    pub registered_at: Timestamp,
    /// How many live tokens the app holds.
    pub tokens: u64,
    /// When any token under it was last used, as far as that was written down.
    pub last_used_at: Option<Timestamp>,
    /// From where that was; nothing when the token of that use has ended.
    pub last_used_from: Option<ClientAddress>,
}

/// Why a grant was not revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum GrantRefused {
    /// There is no such live grant of this owner.
    #[error("there is no such grant")]
    NotFound,
}

/// The scopes a grant shows: the union over the live tokens in the order they were made,
/// normalised; what was last granted when no token lives.
pub fn shown_scopes(last_granted: &ScopeSet, live_tokens: &[ScopeSet]) -> ScopeSet {
    if live_tokens.is_empty() {
        return last_granted.clone();
    }
    live_tokens
        .iter()
        .fold(ScopeSet::default(), |union, scopes| union.with(scopes))
}
