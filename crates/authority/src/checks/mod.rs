//! The check path: whose a token is and what it may do, from memory where that can be believed.
//!
//! In order: the feed of changes was followed within the last second, or is caught up with first; the digest is looked up in
//! memory, and what is found counts if nothing it leans on has changed and its time is not over; else the store is asked,
//! once for all who ask at the same time, and the answer is remembered unless a change has overtaken it. Nothing is written:
//! uses are noted in memory. An unknown token is never remembered as unknown: another process may issue it in a moment.

pub(crate) mod entry;
mod feed;
mod flights;
mod last_used;
mod recent;
mod shared;
mod surplus;
mod table;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use counterfoil_domain::app::ClientId;
use counterfoil_domain::authorization::{Authorization, Kind};
use counterfoil_domain::change::Change;
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::id::{AccountId, AuthorizationId};
use counterfoil_domain::network::ClientAddress;
use counterfoil_domain::organization::Memberships;
use counterfoil_domain::token::PlainToken;
use counterfoil_store::{FeedPosition, FeedRead, NumberedChange, Store, StoreError};
use futures_util::FutureExt;

use crate::app_tokens::ClientRefused;
use crate::authority::Authority;
use crate::checks::entry::{AccountEntry, EntryKind, KnownMemberships, TokenEntry};
use crate::checks::feed::Feed;
pub use crate::checks::feed::LEASE;
use crate::checks::flights::{Flights, Found};
use crate::checks::last_used::LastUsed;
use crate::checks::recent::{Heard, Moment, Recent};
use crate::checks::shared::{ClientEntry, SharedThings};
pub use crate::checks::surplus::LookUpBounds;
use crate::checks::surplus::Surplus;
use crate::checks::table::{Table, Tabled};
use crate::clock::Clock;
use crate::tokens::{CheckedToken, TokenRefused};

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
    /// Look-ups in the store.
    pub look_ups: u64,
    /// Look-ups refused because there were too many.
    pub surplus: u64,
    /// Readings of the feed of changes that failed.
    pub feed_failures: u64,
    /// Times that everything was forgotten because the feed was lost.
    pub feed_losses: u64,
}

/// Authorizations found by their id, for owners who ask for them with a password, remembered at most.
const BY_ID: usize = 16_384;

/// What is remembered, shared by all who check.
pub(crate) struct Checks {
    tokens: Table<TokenEntry>,
    by_id: Table<OwnedEntry>,
    shared: SharedThings,
    recent: Recent,
    /// Counts changes of organizations.
    organizations: AtomicU64,
    feed: Feed,
    flights: Flights,
    surplus: Surplus,
    last_used: LastUsed,
    look_ups: AtomicU64,
    refused: AtomicU64,
    feed_failures: AtomicU64,
    feed_losses: AtomicU64,
}

impl Tabled for TokenEntry {
    type Key = SecretDigest;

    fn key(&self) -> SecretDigest {
        self.digest
    }

    fn hash(key: SecretDigest) -> u64 {
        // A digest is a hash already, and a change names this part of it.
        key.head().cast_unsigned()
    }

    fn ask(&self) {
        if !self.asked_for.load(Ordering::Relaxed) {
            self.asked_for.store(true, Ordering::Relaxed);
        }
    }

    fn was_asked_for(&self) -> bool {
        self.asked_for.swap(false, Ordering::Relaxed)
    }
}

/// A token as its owner finds it by its id.
struct OwnedEntry(Arc<TokenEntry>, entry::Kept);

impl Tabled for OwnedEntry {
    type Key = AuthorizationId;

    fn key(&self) -> AuthorizationId {
        self.0.id
    }

    fn hash(key: AuthorizationId) -> u64 {
        // Ids ascend: multiplied by the golden ratio they spread over all bits.
        key.0.cast_unsigned().wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }

    fn ask(&self) {
        self.0.ask();
    }

    fn was_asked_for(&self) -> bool {
        self.0.was_asked_for()
    }
}

impl Checks {
    pub(crate) fn new(settings: CheckSettings) -> Self {
        Self {
            tokens: Table::new(settings.remembered_tokens),
            by_id: Table::new(settings.remembered_tokens.min(BY_ID)),
            shared: SharedThings::default(),
            recent: Recent::default(),
            organizations: AtomicU64::new(0),
            feed: Feed::default(),
            flights: Flights::default(),
            surplus: Surplus::new(settings.look_ups),
            last_used: LastUsed::default(),
            look_ups: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            feed_failures: AtomicU64::new(0),
            feed_losses: AtomicU64::new(0),
        }
    }

    /// Has the store tell of this process's own commits before anybody is answered. The store's writer holds on to what is
    /// remembered, never to the authority, which holds the store.
    pub(crate) fn listen(self: &Arc<Self>, store: &Store) {
        let checks = Arc::clone(self);
        store.listen(Arc::new(move |changes: &[NumberedChange]| {
            for numbered in changes {
                checks.forget(numbered.change);
            }
            checks.feed.note_own(changes);
        }));
    }

    /// Forgets what a change touches. When this returns, nobody finds it any more and no read from before is remembered.
    fn forget(&self, change: Change) {
        self.recent.note(Heard::Change(change));
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

    fn forget_everything(&self) {
        self.recent.note(Heard::Everything);
        self.organizations.fetch_add(1, Ordering::AcqRel);
        self.shared.forget_everything();
        self.tokens.clear();
        self.by_id.clear();
    }

    fn stats(&self) -> CheckStats {
        CheckStats {
            remembered: self.tokens.len() as u64,
            look_ups: self.look_ups.load(Ordering::Relaxed),
            surplus: self.refused.load(Ordering::Relaxed),
            feed_failures: self.feed_failures.load(Ordering::Relaxed),
            feed_losses: self.feed_losses.load(Ordering::Relaxed),
        }
    }

    /// Reads what others have committed and forgets what that touches.
    async fn catch_up(&self, store: &Store, clock: &dyn Clock) -> Result<(), StoreError> {
        let _reading = self.feed.reading.lock().await;
        let begun = clock.monotonic();
        let read = store.changes_since(self.feed.position()).await;
        match read.inspect_err(|_| {
            self.feed_failures.fetch_add(1, Ordering::Relaxed);
        })? {
            FeedRead::Changes(changes) => {
                let last = changes.last().map(|last| last.number);
                for numbered in self.feed.unheard(changes) {
                    self.forget(numbered.change);
                }
                if let Some(last) = last {
                    self.feed.read_up_to(last);
                }
            }
            FeedRead::Lost(position) => {
                // The first reading has nothing to go on from, and loses nothing.
                if self.feed.position() != FeedPosition::default() {
                    self.feed_losses.fetch_add(1, Ordering::Relaxed);
                }
                self.forget_everything();
                self.feed.restart_at(position);
            }
        }
        self.feed.renew(begun);
        Ok(())
    }

    /// An entry for a record that was read at or after `since`.
    fn entry(
        &self,
        record: &Authorization,
        account: Arc<AccountEntry>,
        since: Moment,
    ) -> Arc<TokenEntry> {
        let kind = match &record.kind {
            Kind::Personal => EntryKind::Personal,
            Kind::Impersonation { maker } => EntryKind::Impersonation { maker: *maker },
            Kind::App(app) => {
                EntryKind::App(self.shared.join_app(app.clone(), &self.recent, since))
            }
        };
        let scopes = self.shared.join_scopes(&record.scopes);
        Arc::new(TokenEntry::new(record, account, kind, scopes))
    }

    /// Whether a change since then touches what this entry was made from.
    fn is_overtaken(&self, entry: &TokenEntry, since: Moment) -> bool {
        let app = entry.app().map(|app| app.summary.id);
        self.recent.has_touched(since, |change| match change {
            Change::Authorization { id, .. } => *id == entry.id,
            Change::Account(id) => *id == entry.account.account.id,
            Change::App(id) => Some(*id) == app,
            Change::Organization(_) => false,
        })
    }
}

impl Authority {
    /// [`Authority::authenticate_digest`] of a token.
    pub async fn authenticate_token(
        &self,
        token: &PlainToken,
        from: ClientAddress,
    ) -> Result<CheckedToken, TokenRefused> {
        self.authenticate_digest(token.digest(), from).await
    }

    /// The live token with this digest, and whose it is. Only digests of well-formed tokens come here: the checksum has
    /// refused garbage before anything is asked. Tokens that are not remembered are counted by the address `from`.
    pub async fn authenticate_digest(
        &self,
        digest: SecretDigest,
        from: ClientAddress,
    ) -> Result<CheckedToken, TokenRefused> {
        self.follow_changes().await?;
        let checks = self.checks();
        let remembered = checks
            .tokens
            .find(digest)
            .filter(|entry| entry.is_believed());
        let entry = match remembered {
            Some(entry) => entry,
            None => self.look_up(digest, from).await?,
        };
        let now = self.now();
        if !entry.is_live(&self.settings().token_life, now) {
            return Err(TokenRefused::Unknown);
        }
        if entry.account.account.is_suspended() {
            return Err(TokenRefused::Suspended);
        }
        checks.last_used.note(&entry, from, now);
        Ok(CheckedToken::new(entry))
    }

    /// Makes sure that what is remembered may be believed: nobody else's change is older than a second and unheard of.
    pub(crate) async fn follow_changes(&self) -> Result<(), StoreError> {
        if self.checks().feed.is_fresh(self.monotonic()) {
            return Ok(());
        }
        self.catch_up().await
    }

    /// Reads what other processes have changed. When this returns, nothing that they had committed before the call is
    /// believed any more.
    pub async fn catch_up(&self) -> Result<(), StoreError> {
        self.checks().catch_up(self.store(), self.clock()).await
    }

    /// What the check path has done so far.
    pub fn check_stats(&self) -> CheckStats {
        self.checks().stats()
    }

    async fn look_up(
        &self,
        digest: SecretDigest,
        from: ClientAddress,
    ) -> Result<Arc<TokenEntry>, TokenRefused> {
        let checks = self.checks();
        let now = self.monotonic();
        let Some(_place) = checks.surplus.enter(from, now) else {
            checks.refused.fetch_add(1, Ordering::Relaxed);
            return Err(TokenRefused::Busy);
        };
        let since = checks.recent.now();
        let authority = self.clone();
        let found = checks
            .flights
            .join_or_begin(digest, since, || {
                async move { authority.read_token(digest, since).await }.boxed()
            })
            .await;
        match found {
            Ok(Some(entry)) => Ok(entry),
            Ok(None) => {
                checks.surplus.note_unknown(from, now);
                Err(TokenRefused::Unknown)
            }
            Err(cause) => Err(TokenRefused::Store(StoreError::Unavailable(Box::new(
                cause,
            )))),
        }
    }

    /// Reads a token and remembers it, unless a change has overtaken what was read.
    async fn read_token(&self, digest: SecretDigest, since: Moment) -> Found {
        let checks = self.checks();
        // It may have been remembered while this look-up waited for its turn.
        if let Some(entry) = checks
            .tokens
            .find(digest)
            .filter(|entry| entry.is_believed())
        {
            return Ok(Some(entry));
        }
        checks.look_ups.fetch_add(1, Ordering::Relaxed);
        let record = self
            .store()
            .find_token(digest, self.now())
            .await
            .map_err(Arc::new)?;
        let Some(record) = record else {
            return Ok(None);
        };
        let account = self.account_entry(record.owner, since).await;
        let Some(account) = account.map_err(Arc::new)? else {
            return Ok(None);
        };
        let entry = checks.entry(&record, account, since);
        checks
            .tokens
            .insert_unless(Arc::clone(&entry), || checks.is_overtaken(&entry, since));
        Ok(Some(entry))
    }

    /// A live account as it is remembered, or as it stands in the store.
    async fn account_entry(
        &self,
        id: AccountId,
        since: Moment,
    ) -> Result<Option<Arc<AccountEntry>>, StoreError> {
        let checks = self.checks();
        if let Some(account) = checks.shared.account(id) {
            return Ok(Some(account));
        }
        let account = self.store().account_by_id(id).await?;
        Ok(account.map(|account| checks.shared.join_account(account, &checks.recent, since)))
    }

    /// A live account as it stands now.
    pub(crate) async fn current_account(
        &self,
        id: AccountId,
    ) -> Result<Option<Arc<AccountEntry>>, StoreError> {
        self.follow_changes().await?;
        let since = self.checks().recent.now();
        self.account_entry(id, since).await
    }

    /// A live app with what its secrets are checked against.
    pub(crate) async fn current_client(
        &self,
        client_id: &ClientId,
        from: ClientAddress,
    ) -> Result<Option<Arc<ClientEntry>>, ClientRefused> {
        self.follow_changes().await?;
        let checks = self.checks();
        if let Some(client) = checks.shared.client(client_id.as_str()) {
            return Ok(Some(client));
        }
        let now = self.monotonic();
        let Some(_place) = checks.surplus.enter(from, now) else {
            checks.refused.fetch_add(1, Ordering::Relaxed);
            return Err(ClientRefused::Busy);
        };
        let since = checks.recent.now();
        let Some((summary, secrets)) = self.store().find_client_secrets(client_id).await? else {
            checks.surplus.note_unknown(from, now);
            return Ok(None);
        };
        let app = checks.shared.join_app(summary, &checks.recent, since);
        let secrets = secrets.into_boxed_slice();
        Ok(Some(checks.shared.join_client(
            app,
            secrets,
            &checks.recent,
            since,
        )))
    }

    /// One of an owner's live authorizations, by its id.
    pub(crate) async fn owned_token(
        &self,
        owner: AccountId,
        id: AuthorizationId,
    ) -> Result<Option<OwnedToken>, StoreError> {
        self.follow_changes().await?;
        let checks = self.checks();
        let life = &self.settings().token_life;
        let now = self.now();
        // One that seems to have gone unused is looked up: this entry does not hear of uses.
        let remembered = checks
            .by_id
            .find(id)
            .filter(|held| held.0.is_believed() && held.0.is_live(life, now));
        if let Some(held) = remembered {
            let fits = held.0.account.account.id == owner;
            return Ok(fits.then(|| OwnedToken(held)));
        }
        let since = checks.recent.now();
        let found = self
            .store()
            .find_authorization(owner, id, self.now())
            .await?;
        let Some(record) = found else { return Ok(None) };
        let Some(account) = self.account_entry(owner, since).await? else {
            return Ok(None);
        };
        let entry = checks.entry(&record, account, since);
        let held = Arc::new(OwnedEntry(entry, entry::Kept::default()));
        checks
            .by_id
            .insert_unless(Arc::clone(&held), || checks.is_overtaken(&held.0, since));
        Ok(Some(OwnedToken(held)))
    }

    /// The organizations and teams of the owner of a token.
    pub async fn memberships_of(
        &self,
        token: &CheckedToken,
    ) -> Result<Arc<Memberships>, StoreError> {
        let account = &token.entry().account;
        let as_of = self.checks().organizations.load(Ordering::Acquire);
        let known = account.memberships.lock().clone();
        if let Some(known) = known.filter(|known| known.as_of == as_of) {
            return Ok(known.memberships);
        }
        let memberships = Arc::new(self.memberships(account.account.id).await?);
        *account.memberships.lock() = Some(KnownMemberships {
            as_of,
            memberships: Arc::clone(&memberships),
        });
        Ok(memberships)
    }

    /// Writes down when and from where tokens were used since the last time, and says how many.
    pub async fn flush_last_used(&self) -> Result<usize, StoreError> {
        let uses = self.checks().last_used.take();
        let count = uses.len();
        for batch in uses.chunks(USES_AT_A_TIME) {
            self.store().note_uses(batch.to_vec()).await?;
        }
        Ok(count)
    }
}

/// Uses written in one transaction.
const USES_AT_A_TIME: usize = 500;

/// An authorization as its owner found it by its id.
#[derive(Clone)]
pub struct OwnedToken(Arc<OwnedEntry>);

impl OwnedToken {
    /// The whole record.
    pub fn record(&self) -> Authorization {
        self.0.0.record()
    }

    /// What is kept beside it for as long as it is remembered, made from the record if nothing is yet.
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
