//! How far the clean-up has come.

use std::sync::atomic::{AtomicI64, AtomicU64};

use counterfoil_domain::id::{AccountId, AuthorizationId};
use counterfoil_domain::timestamp::Timestamp;
use parking_lot::Mutex;

/// Rows that this process has cleaned up since its start, by what was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CleanedRows {
    /// Tokens that ended because they had expired.
    pub expired: u64,
    /// Tokens that ended because nobody used them, and sessions that were over.
    pub idle: u64,
    /// Tokens that ended because their owner has no second factor.
    pub overdue: u64,
    /// Records of tokens that were removed.
    pub authorizations: u64,
    /// Digests of tokens that were removed.
    pub digests: u64,
    /// Entries that were removed from the feed of changes.
    pub changes: u64,
    /// Failed sign-ins and locks that were removed.
    pub failures: u64,
    /// Events that were removed from the audit trail.
    pub events: u64,
    /// Used codes, and codes, refresh tokens and requests of flows, that were removed.
    pub codes: u64,
    /// Addresses that nobody signed in from any more, removed.
    pub addresses: u64,
    /// Sessions that ended long ago, removed.
    pub sessions: u64,
    /// Mails that went or came to nothing long ago, and links, removed.
    pub mails: u64,
}

impl CleanedRows {
    /// How many kinds there are.
    pub const KINDS: usize = 12;

    /// Each count with the word for its kind.
    pub fn by_kind(&self) -> [(&'static str, u64); Self::KINDS] {
        [
            ("expired", self.expired),
            ("idle", self.idle),
            ("overdue", self.overdue),
            ("authorization", self.authorizations),
            ("digest", self.digests),
            ("change", self.changes),
            ("failure", self.failures),
            ("event", self.events),
            ("code", self.codes),
            ("address", self.addresses),
            ("session", self.sessions),
            ("mail", self.mails),
        ]
    }
}

/// Where the clean-up stands.
#[derive(Debug, Default)]
pub(crate) struct CleaningUp {
    pub(super) counts: Counts,
    /// When a piece was last done to its end, in seconds; zero while none was.
    pub(super) last_run: AtomicI64,
    pub(super) sweep: Mutex<Sweep>,
    /// The way through the accounts in search of those that should have a second factor.
    pub(super) overdue: Mutex<OverdueSweep>,
    /// When used codes are looked for again.
    pub(super) traces_rest: Mutex<Option<Timestamp>>,
    /// When old mail is looked for again.
    pub(super) mail_rests: Mutex<Option<Timestamp>>,
}

#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) expired: AtomicU64,
    pub(super) idle: AtomicU64,
    pub(super) overdue: AtomicU64,
    pub(super) authorizations: AtomicU64,
    pub(super) digests: AtomicU64,
    pub(super) changes: AtomicU64,
    pub(super) failures: AtomicU64,
    pub(super) events: AtomicU64,
    pub(super) codes: AtomicU64,
    pub(super) addresses: AtomicU64,
    pub(super) sessions: AtomicU64,
    pub(super) mails: AtomicU64,
}

/// See [`CleaningUp::overdue`].
#[derive(Clone, Copy, Debug)]
pub(super) struct OverdueSweep {
    /// It goes on after this account.
    pub(super) after: AccountId,
    /// Until when it rests.
    pub(super) rests: Option<Timestamp>,
}

impl Default for OverdueSweep {
    fn default() -> Self {
        Self {
            after: AccountId(0),
            rests: None,
        }
    }
}

/// The way through all records in search of idle tokens.
#[derive(Clone, Copy, Debug)]
pub(super) enum Sweep {
    /// Under way, after this record.
    After(AuthorizationId),
    /// Done; the next one begins then.
    Rests { until: Timestamp },
}

impl Default for Sweep {
    fn default() -> Self {
        Self::After(AuthorizationId(0))
    }
}
