//! What is remembered of tokens, and how it is forgotten.

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use counterfoil_domain::app::ClientId;
use counterfoil_domain::authorization::{Authorization, Kind};
use counterfoil_domain::change::Change;
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::id::AuthorizationId;
use counterfoil_store::{CommitOutcome, Store};

use crate::clock::DatabaseTime;
use crate::token_cache::clock_cache::{Cached, ClockCache};
use crate::token_cache::entry::{AccountEntry, EntryKind, Slots, TokenEntry};
use crate::token_cache::feed::Feed;
use crate::token_cache::feed_follower::FeedFollower;
use crate::token_cache::invalidation_log::{Epoch, Invalidation, InvalidationLog};
use crate::token_cache::lags::Lags;
use crate::token_cache::last_used::LastUsed;
use crate::token_cache::lookup_limiter::LookupLimiter;
use crate::token_cache::shared::{ClientEntry, SharedThings};
use crate::token_cache::single_flight::SingleFlight;
use crate::token_cache::{CheckSettings, CheckStats};

/// Authorizations found by their id, for owners who ask for them with a password, remembered at
/// most.
const BY_ID: usize = 16_384;

/// What is remembered, shared by all who check.
pub(crate) struct TokenCache {
    pub(super) tokens: ClockCache<TokenEntry>,
    pub(super) by_id: ClockCache<OwnedEntry>,
    pub(super) shared: SharedThings,
    pub(super) invalidations: InvalidationLog,
    /// Counts changes of organizations.
    pub(super) organizations: AtomicU64,
    pub(super) feed: Feed,
    pub(super) token_lookups: SingleFlight<SecretDigest, TokenEntry>,
    pub(super) client_lookups: SingleFlight<ClientId, ClientEntry>,
    pub(super) lookup_limiter: LookupLimiter,
    pub(super) last_used: LastUsed,
    pub(super) look_ups: AtomicU64,
    pub(super) client_look_ups: AtomicU64,
    pub(super) refused: AtomicU64,
    pub(super) feed_failures: AtomicU64,
    pub(super) feed_losses: AtomicU64,
    pub(super) feed_readings: AtomicU64,
    pub(super) stale_refusals: AtomicU64,
    pub(super) follower: FeedFollower,
    pub(super) lags: Lags,
    /// The clock that each reading sets, where nodes share the database.
    pub(super) database_time: Option<Arc<DatabaseTime>>,
}

impl Cached for TokenEntry {
    type Key = SecretDigest;

    fn key(&self) -> SecretDigest {
        self.digest
    }

    fn hash(key: SecretDigest) -> u64 {
        // A digest is a hash already, and a change names this part of it.
        key.head().cast_unsigned()
    }

    fn touch(&self) {
        if !self.touched.load(Ordering::Relaxed) {
            self.touched.store(true, Ordering::Relaxed);
        }
    }

    fn take_touched(&self) -> bool {
        self.touched.swap(false, Ordering::Relaxed)
    }
}

/// A token as its owner finds it by its id.
pub(super) struct OwnedEntry(pub(super) Arc<TokenEntry>, pub(super) Slots);

impl Cached for OwnedEntry {
    type Key = AuthorizationId;

    fn key(&self) -> AuthorizationId {
        self.0.id
    }

    fn hash(key: AuthorizationId) -> u64 {
        // Ids ascend: multiplied by the golden ratio they spread over all bits.
        key.0.cast_unsigned().wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }

    fn touch(&self) {
        self.0.touch();
    }

    fn take_touched(&self) -> bool {
        self.0.take_touched()
    }
}

impl TokenCache {
    pub(crate) fn new(settings: CheckSettings) -> Self {
        Self {
            tokens: ClockCache::new(settings.remembered_tokens),
            by_id: ClockCache::new(settings.remembered_tokens.min(BY_ID)),
            shared: SharedThings::default(),
            invalidations: InvalidationLog::default(),
            organizations: AtomicU64::new(0),
            feed: Feed::default(),
            token_lookups: SingleFlight::default(),
            client_lookups: SingleFlight::default(),
            lookup_limiter: LookupLimiter::new(settings.look_ups),
            last_used: LastUsed::default(),
            look_ups: AtomicU64::new(0),
            client_look_ups: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            feed_failures: AtomicU64::new(0),
            feed_losses: AtomicU64::new(0),
            feed_readings: AtomicU64::new(0),
            stale_refusals: AtomicU64::new(0),
            follower: FeedFollower::default(),
            lags: Lags::default(),
            database_time: None,
        }
    }

    /// This with a clock that each reading of the feed sets, if there is one.
    pub(crate) fn setting(self, database_time: Option<Arc<DatabaseTime>>) -> Self {
        Self {
            database_time,
            ..self
        }
    }

    /// How often everything had to be forgotten: whatever was remembered before the last time
    /// counts no more.
    pub(crate) fn losses(&self) -> u64 {
        self.feed_losses.load(Ordering::Acquire)
    }

    /// Has the store tell of this process's own commits before anybody is answered. The store's
    /// writer holds on to what is remembered, never to the authority, which holds the store.
    pub(crate) fn listen(self: &Arc<Self>, store: &Store) {
        let cache = Arc::clone(self);
        store.listen(Arc::new(move |outcome: CommitOutcome<'_>| {
            let (CommitOutcome::Committed(changes) | CommitOutcome::Uncertain(changes)) = outcome;
            for numbered in changes {
                cache.forget(numbered.change);
            }
            // A number that was not committed may be given to another process, whose change must be
            // heard of.
            if let CommitOutcome::Committed(changes) = outcome {
                cache.feed.note_own(changes);
            }
        }));
    }

    /// Forgets what a change touches. When this returns, nobody finds it any more and no read from
    /// before is remembered.
    pub(super) fn forget(&self, change: Change) {
        self.invalidations.note(Invalidation::Change(change));
        self.take_out(change);
        // Once more: whoever began to look up between the two may have found what is gone now, and
        // nobody who asks from here on joins them.
        self.invalidations.note(Invalidation::Change(change));
    }

    fn take_out(&self, change: Change) {
        match change {
            Change::Authorization { id, digest_head } => {
                let hash = digest_head.cast_unsigned();
                self.tokens.remove(hash, |entry| entry.id == id);
                self.by_id
                    .remove(OwnedEntry::hash(id), |entry| entry.0.id == id);
            }
            Change::Account(id) => self.shared.forget_account(id),
            Change::App(id) => self.shared.forget_app(id),
            Change::Organization(_) => {
                self.organizations.fetch_add(1, Ordering::AcqRel);
            }
        }
    }

    pub(super) fn forget_everything(&self) {
        self.invalidations.note(Invalidation::Everything);
        self.organizations.fetch_add(1, Ordering::AcqRel);
        self.shared.forget_everything();
        self.tokens.clear();
        self.by_id.clear();
        self.invalidations.note(Invalidation::Everything);
    }

    pub(super) fn stats(&self, now: Duration) -> CheckStats {
        CheckStats {
            remembered: self.tokens.len() as u64,
            look_ups: self.look_ups.load(Ordering::Relaxed),
            client_look_ups: self.client_look_ups.load(Ordering::Relaxed),
            surplus: self.refused.load(Ordering::Relaxed),
            feed_failures: self.feed_failures.load(Ordering::Relaxed),
            feed_losses: self.feed_losses.load(Ordering::Relaxed),
            feed_readings: self.feed_readings.load(Ordering::Relaxed),
            stale_refusals: self.stale_refusals.load(Ordering::Relaxed),
            lease_remaining: self.feed.remaining(now),
            lags: self.lags.counts(),
        }
    }

    /// An entry for a record that was read at or after `since`.
    pub(super) fn entry(
        &self,
        record: &Authorization,
        account: Arc<AccountEntry>,
        since: Epoch,
    ) -> Arc<TokenEntry> {
        let kind = match &record.kind {
            Kind::Personal => EntryKind::Personal,
            Kind::Impersonation { maker } => EntryKind::Impersonation { maker: *maker },
            Kind::App(app) => EntryKind::App(self.shared.join_app(
                app.clone(),
                &self.invalidations,
                since,
            )),
        };
        let scopes = self.shared.join_scopes(&record.scopes);
        Arc::new(TokenEntry::new(record, account, kind, scopes))
    }

    /// Whether a change since then touches what this entry was made from.
    pub(super) fn is_stale(&self, entry: &TokenEntry, since: Epoch) -> bool {
        let app = entry.app().map(|app| app.summary.id);
        self.invalidations
            .has_touched(since, |change| match change {
                Change::Authorization { id, .. } => *id == entry.id,
                Change::Account(id) => *id == entry.account.account.id,
                Change::App(id) => Some(*id) == app,
                Change::Organization(_) => false,
            })
    }
}

/// An authorization as its owner found it by its id.
#[derive(Clone)]
pub struct OwnedToken(pub(super) Arc<OwnedEntry>);

impl OwnedToken {
    /// The whole record.
    pub fn record(&self) -> Authorization {
        self.0.0.record()
    }

    /// What is kept beside it for as long as it is remembered, made from the record if nothing is
    /// yet.
    pub fn keep<T: std::any::Any + Send + Sync>(
        &self,
        make: impl FnOnce(&Authorization) -> T,
    ) -> &T {
        self.0.1.get_or_make(|| make(&self.record()))
    }
}

impl std::fmt::Debug for OwnedToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OwnedToken(…)")
    }
}
