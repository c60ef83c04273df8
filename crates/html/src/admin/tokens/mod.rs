//! All tokens: looked for, and ended one by one.

mod revoke;
#[cfg(test)]
mod samples;
mod search;

use counterfoil_domain::authorization::{Authorization, Provenance};
use counterfoil_domain::language::Language;
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::login::Login;
use counterfoil_domain::timestamp::Timestamp;

pub use revoke::RevokeAnyToken;
#[cfg(test)]
pub(crate) use samples::samples;
pub use search::{FoundTokens, SearchProblem, TokenSearch};

use crate::words;

/// A token as a site administrator finds it, live or not.
#[derive(Clone, Copy, Debug)]
pub struct FoundToken<'a> {
    /// Its record.
    pub authorization: &'a Authorization,
    /// How it was made.
    pub provenance: Provenance,
    /// Whose it is, even if that user was deleted.
    pub owner: &'a Login,
    /// Whether its owner is suspended, so that it is refused for now.
    pub owner_is_suspended: bool,
    /// Since when and why it is over, unless it lives.
    pub over: Option<(Timestamp, EndReason)>,
}

/// That the token of this user that ended so was revoked, as plain text.
pub fn was_revoked(language: Language, last_eight: &str, owner: &Login) -> String {
    let words = words::AdminTokens(language);
    words.was_revoked(last_eight, owner.as_str()).plain()
}

/// The page on which tokens are looked for.
const SEARCH: &str = "/admin/tokens";
