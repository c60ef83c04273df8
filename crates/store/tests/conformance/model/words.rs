//! Answers in words that are the same for the store and the oracle: things are called by the order
//! in which they were made.

use std::fmt::Display;

use counterfoil_domain::scope::ScopeSet;

/// What is shown of a token. Secrets, notes and fingerprints are numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) number: usize,
    pub(super) secret: usize,
    pub(super) scopes: ScopeSet,
    pub(super) note: Option<usize>,
    pub(super) fingerprint: Option<usize>,
    pub(super) updated: i64,
    pub(super) expires: Option<i64>,
}

/// A refusal.
pub(super) fn refused<T>(reason: impl Display) -> Result<T, String> {
    Err(format!("refused {reason}"))
}
