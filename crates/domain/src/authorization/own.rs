//! Tokens as their owner looks at them on pages: those that live, and those that ended not long
//! ago.

use std::time::Duration;

use crate::authorization::{Authorization, Kind, Provenance};
use crate::lifecycle::EndReason;
use crate::login::Login;
use crate::network::ClientAddress;
use crate::text::Note;
use crate::timestamp::Timestamp;

/// A token with what only its owner is shown of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnToken {
    /// Whose it is, its scopes, its name, its times.
    pub authorization: Authorization,
    /// How it was made.
    pub provenance: Provenance,
    /// From where it was last used, as far as that was written down.
    pub last_used_from: Option<ClientAddress>,
    /// The administrator who made it to act as its owner, of an impersonation token.
    pub maker: Option<Login>,
}

impl OwnToken {
    /// Whether its owner may change, regenerate and delete it: one that an administrator made is
    /// only shown.
    pub fn is_the_owners(&self) -> bool {
        self.authorization.kind == Kind::Personal
    }
}

/// A token that is over. One that was regenerated is over while its record lives on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndedToken {
    /// As it was when it ended.
    pub token: OwnToken,
    /// From when on it was refused.
    pub ended_at: Timestamp,
    /// By whom or by what it ended, as records have it.
    pub reason: EndReason,
    /// The administrator who revoked it, if one did and the audit trail still says so.
    pub by: Option<Login>,
}

impl EndedToken {
    /// How long an ended token stays listed.
    pub const LISTED_FOR: Duration = Duration::from_hours(24 * 90);
    /// How many ended tokens are listed, the newest.
    pub const MOST_LISTED: u32 = 1_000;
}

/// How many tokens each list of an owner has, and what is about to expire.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnTokenCounts {
    /// Tokens that live, those included that administrators made.
    pub live: u64,
    /// Those of them that the owner may change: personal access tokens.
    pub personal: u64,
    /// Tokens that ended within [`EndedToken::LISTED_FOR`], at most [`EndedToken::MOST_LISTED`].
    pub ended: u64,
    /// Personal tokens that expire within [`Expiring::SOON`].
    pub expiring: u64,
    /// The first of those that expire soon.
    pub expires_first: Option<Expiring>,
    /// When a personal token was last used, as far as that was written down.
    pub last_used_at: Option<Timestamp>,
}

/// A personal token that expires soon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expiring {
    /// By which its page is found.
    pub id: crate::id::AuthorizationId,
    /// What its owner calls it.
    pub note: Note,
    /// From when on it is refused.
    pub expires_at: Timestamp,
}

impl Expiring {
    /// How long before its expiry a token is one that expires soon.
    pub const SOON: Duration = Duration::from_hours(24 * 7);
}
