//! The check path: whose a token is and what it may do, from memory where that can be believed.
//!
//! In order: the feed of changes was followed within the last second, or is caught up with first
//! (on a database that nodes share a task of its own keeps up with it, and checks wait only while
//! that fails); the digest is looked up in memory, and what is found counts if nothing it leans on
//! has changed and its time is not over; else the store is asked, once for all who ask at the same
//! time, and the answer is remembered unless a change has overtaken it. Nothing is written: uses
//! are noted in memory. An unknown token is never remembered as unknown: another process may issue
//! it in a moment.

mod clock_cache;
pub(crate) mod entry;
mod feed;
mod feed_follower;
mod following;
mod invalidation_log;
mod lags;
mod last_used;
mod lookup;
mod lookup_limiter;
mod remembered;
mod shared;
mod single_flight;

pub use crate::token_cache::feed::LEASE;
pub use crate::token_cache::lags::{LAG_BOUNDS, LagCounts};
pub use crate::token_cache::lookup_limiter::LookUpBounds;
pub use crate::token_cache::remembered::OwnedToken;
pub(crate) use crate::token_cache::remembered::TokenCache;
pub(crate) use crate::token_cache::shared::{ClientEntry, SecretEntry};

use std::time::Duration;

/// How much is remembered of tokens, and how much of what is not remembered is looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckSettings {
    /// Tokens that are remembered at most.
    pub remembered_tokens: usize,
    /// What strangers can make this process read.
    pub look_ups: LookUpBounds,
}

impl Default for CheckSettings {
    fn default() -> Self {
        Self {
            remembered_tokens: 1_000_000,
            look_ups: LookUpBounds::default(),
        }
    }
}

/// What the check path has done since the start, for metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CheckStats {
    /// Tokens that are remembered now.
    pub remembered: u64,
    /// Look-ups of tokens in the store.
    pub look_ups: u64,
    /// Look-ups of apps with their secrets in the store.
    pub client_look_ups: u64,
    /// Look-ups refused because there were too many.
    pub surplus: u64,
    /// Readings of the feed of changes that failed.
    pub feed_failures: u64,
    /// Times that everything was forgotten because the feed was lost.
    pub feed_losses: u64,
    /// Readings of the feed of changes that succeeded.
    pub feed_readings: u64,
    /// Checks refused because the database was not heard from for a second.
    pub stale_refusals: u64,
    /// For how long what is remembered may still be believed without another reading.
    pub lease_remaining: Duration,
    /// How long after changes of other nodes this one heard of them.
    pub lags: LagCounts,
}
