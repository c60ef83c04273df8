//! What use cases ask of what is remembered, with the store behind it.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use counterfoil_domain::app::ClientId;
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::id::{AccountId, AuthorizationId};
use counterfoil_domain::network::ClientAddress;
use counterfoil_domain::organization::Memberships;
use counterfoil_domain::token::PlainToken;
use counterfoil_store::StoreError;
use futures_util::FutureExt;

use crate::apps::client::ClientError;
use crate::authority::Authority;
use crate::token_cache::CheckStats;
use crate::token_cache::entry::{AccountEntry, KnownMemberships, Slots, TokenEntry};
use crate::token_cache::invalidation_log::Epoch;
use crate::token_cache::last_used::Waiting;
use crate::token_cache::remembered::{OwnedEntry, OwnedToken};
use crate::token_cache::shared::{ClientEntry, SecretEntry};
use crate::token_cache::single_flight::Found;
use crate::tokens::{CheckedToken, TokenError};

/// Uses written in one transaction.
const USES_AT_A_TIME: usize = 500;

impl Authority {
    /// [`Authority::authenticate_digest`] of a token.
    pub async fn authenticate_token(
        &self,
        token: &PlainToken,
        from: ClientAddress,
    ) -> Result<CheckedToken, TokenError> {
        self.authenticate_digest(token.digest(), from).await
    }

    /// The live token with this digest, and whose it is. Only digests of well-formed tokens come
    /// here: the checksum has refused garbage before anything is asked. Tokens that are not
    /// remembered are counted by the address `from`.
    pub async fn authenticate_digest(
        &self,
        digest: SecretDigest,
        from: ClientAddress,
    ) -> Result<CheckedToken, TokenError> {
        let token = self.find_live_token(digest, from).await?;
        self.note_use(&token, from);
        Ok(token)
    }

    /// Notes that a token was used now, from this address.
    pub(crate) fn note_use(&self, token: &CheckedToken, from: ClientAddress) {
        let last_used = &self.token_cache().last_used;
        last_used.note(token.entry(), from, self.now());
    }

    /// [`Authority::authenticate_digest`], for whoever does not know yet whether the token is used
    /// by being asked about.
    pub(crate) async fn find_live_token(
        &self,
        digest: SecretDigest,
        from: ClientAddress,
    ) -> Result<CheckedToken, TokenError> {
        self.follow_changes().await?;
        let cache = self.token_cache();
        let remembered = cache.tokens.find(digest).filter(|entry| entry.is_valid());
        let (life, now) = (&self.settings().token_life, self.now());
        let entry = match remembered {
            Some(entry) if entry.is_live(life, now) => entry,
            Some(entry) if entry.has_expired(now) => return Err(TokenError::Unknown),
            // It seems idle here. Only the store knows whether it was used elsewhere.
            Some(_) | None => self.look_up(digest, from).await?,
        };
        if !entry.is_live(life, now) {
            return Err(TokenError::Unknown);
        }
        if entry.account.account.is_suspended() {
            return Err(TokenError::Suspended);
        }
        Ok(CheckedToken::new(entry))
    }

    /// What the check path has done so far.
    pub fn check_stats(&self) -> CheckStats {
        self.token_cache().stats(self.monotonic())
    }

    async fn look_up(
        &self,
        digest: SecretDigest,
        from: ClientAddress,
    ) -> Result<Arc<TokenEntry>, TokenError> {
        let cache = self.token_cache();
        let now = self.monotonic();
        let Some(_permit) = cache.lookup_limiter.try_acquire(from, now) else {
            cache.refused.fetch_add(1, Ordering::Relaxed);
            return Err(TokenError::Busy);
        };
        let since = cache.invalidations.now();
        let authority = self.clone();
        // Whoever joins is given what was read before: the time runs from when the look-up was
        // begun.
        let begin = || {
            let reading = async move {
                let reading = authority.read_token(digest, since);
                authority.looked_up(reading).await
            };
            reading.boxed()
        };
        let found = cache
            .token_lookups
            .join_or_begin(&digest, since, begin)
            .await?;
        let Some(entry) = found else {
            cache.lookup_limiter.note_unknown(from, now);
            return Err(TokenError::Unknown);
        };
        Ok(entry)
    }

    /// Reads a token and remembers it, unless a change has overtaken what was read.
    async fn read_token(&self, digest: SecretDigest, since: Epoch) -> Found<TokenEntry> {
        let cache = self.token_cache();
        // It may have been remembered while this look-up waited for its turn.
        if let Some(entry) = cache
            .tokens
            .find(digest)
            .filter(|entry| entry.is_valid())
            .filter(|entry| entry.is_live(&self.settings().token_life, self.now()))
        {
            return Ok(Some(entry));
        }
        cache.look_ups.fetch_add(1, Ordering::Relaxed);
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
        let entry = cache.entry(&record, account, since);
        cache
            .tokens
            .insert_unless(Arc::clone(&entry), || cache.is_stale(&entry, since));
        Ok(Some(entry))
    }

    /// A live account as it is remembered, or as it stands in the store.
    async fn account_entry(
        &self,
        id: AccountId,
        since: Epoch,
    ) -> Result<Option<Arc<AccountEntry>>, StoreError> {
        let cache = self.token_cache();
        if let Some(account) = cache.shared.account(id) {
            return Ok(Some(account));
        }
        let account = self.looked_up(self.store().account_by_id(id)).await?;
        Ok(account.map(|account| {
            cache
                .shared
                .join_account(account, &cache.invalidations, since)
        }))
    }

    /// A live account as it stands now.
    pub(crate) async fn current_account(
        &self,
        id: AccountId,
    ) -> Result<Option<Arc<AccountEntry>>, StoreError> {
        self.follow_changes().await?;
        let since = self.token_cache().invalidations.now();
        self.account_entry(id, since).await
    }

    /// A live app with what its secrets are checked against.
    pub(crate) async fn current_client(
        &self,
        client_id: &ClientId,
        from: ClientAddress,
    ) -> Result<Option<Arc<ClientEntry>>, ClientError> {
        let found = self.client_by_login(client_id, from).await?;
        if found.is_none() {
            let limiter = &self.token_cache().lookup_limiter;
            limiter.note_unknown(from, self.monotonic());
        }
        Ok(found)
    }

    /// [`Authority::current_client`] where somebody may be meant who has the client id as a login:
    /// not to find an app is nothing that counts.
    pub(crate) async fn client_by_login(
        &self,
        client_id: &ClientId,
        from: ClientAddress,
    ) -> Result<Option<Arc<ClientEntry>>, ClientError> {
        self.follow_changes().await?;
        let cache = self.token_cache();
        if let Some(client) = cache.shared.client(client_id.as_str()) {
            return Ok(Some(client));
        }
        let Some(_permit) = cache.lookup_limiter.try_acquire(from, self.monotonic()) else {
            cache.refused.fetch_add(1, Ordering::Relaxed);
            return Err(ClientError::Busy);
        };
        let since = cache.invalidations.now();
        let authority = self.clone();
        let begin = || {
            let client_id = client_id.clone();
            let reading = async move {
                let reading = authority.read_client(&client_id, since);
                authority.looked_up(reading).await.map_err(Arc::new)
            };
            reading.boxed()
        };
        let flights = &cache.client_lookups;
        Ok(flights.join_or_begin(client_id, since, begin).await?)
    }

    /// Reads an app with its secrets and remembers it, unless a change has overtaken what was read.
    async fn read_client(
        &self,
        client_id: &ClientId,
        since: Epoch,
    ) -> Result<Option<Arc<ClientEntry>>, StoreError> {
        let (store, cache) = (self.store(), self.token_cache());
        // It may have been remembered while this look-up waited for its turn.
        if let Some(client) = cache.shared.client(client_id.as_str()) {
            return Ok(Some(client));
        }
        cache.client_look_ups.fetch_add(1, Ordering::Relaxed);
        let Some(client) = store.find_client_secrets(client_id).await? else {
            return Ok(None);
        };
        let app = cache
            .shared
            .join_app(client.app, &cache.invalidations, since);
        let secrets = client.secrets.into_iter();
        let secrets = secrets.map(SecretEntry::new);
        Ok(Some(cache.shared.join_client(
            ClientEntry::new(app, client.switches, client.seen_tokens, secrets.collect()),
            &cache.invalidations,
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
        let cache = self.token_cache();
        let life = &self.settings().token_life;
        let now = self.now();
        // One that seems to have gone unused is looked up: this entry does not hear of uses.
        let remembered = cache
            .by_id
            .find(id)
            .filter(|held| held.0.is_valid() && held.0.is_live(life, now));
        if let Some(held) = remembered {
            let fits = held.0.account.account.id == owner;
            return Ok(fits.then(|| OwnedToken(held)));
        }
        let since = cache.invalidations.now();
        let asked = self.store().find_authorization(owner, id, self.now());
        let Some(record) = self.looked_up(asked).await? else {
            return Ok(None);
        };
        let Some(account) = self.account_entry(owner, since).await? else {
            return Ok(None);
        };
        let entry = cache.entry(&record, account, since);
        let held = Arc::new(OwnedEntry(entry, Slots::default()));
        cache
            .by_id
            .insert_unless(Arc::clone(&held), || cache.is_stale(&held.0, since));
        Ok(Some(OwnedToken(held)))
    }

    /// The organizations and teams of the owner of a token.
    pub async fn memberships_of(
        &self,
        token: &CheckedToken,
    ) -> Result<Arc<Memberships>, StoreError> {
        let account = &token.entry().account;
        let as_of = self.token_cache().organizations.load(Ordering::Acquire);
        let known = account.memberships.lock().clone();
        if let Some(known) = known.filter(|known| known.as_of == as_of) {
            return Ok(known.memberships);
        }
        let asked = self.memberships(account.account.id);
        let memberships = Arc::new(self.looked_up(asked).await?);
        *account.memberships.lock() = Some(KnownMemberships {
            as_of,
            memberships: Arc::clone(&memberships),
        });
        Ok(memberships)
    }

    /// Whether so many uses of tokens wait that they should be written down before their time.
    pub fn last_used_is_due(&self) -> bool {
        self.token_cache().last_used.is_due()
    }

    /// Writes down when and from where tokens were used since the last time, and says how many.
    pub async fn flush_last_used(&self) -> Result<usize, StoreError> {
        let last_used = &self.token_cache().last_used;
        let mut uses = last_used.take();
        let count = uses.len();
        while !uses.is_empty() {
            let rest = uses.split_off(uses.len().min(USES_AT_A_TIME));
            let batch = uses.iter().map(Waiting::token_use).collect();
            if let Err(error) = self.store().note_uses(batch).await {
                last_used.put_back(uses.into_iter().chain(rest));
                return Err(error);
            }
            uses = rest;
        }
        Ok(count)
    }
}
