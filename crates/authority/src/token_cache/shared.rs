//! What tokens share: accounts, apps and scope sets, each once.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;

use counterfoil_domain::account::Account;
use counterfoil_domain::app::{AppSummary, AppSwitches, KnownSecret, SeenTokens};
use counterfoil_domain::change::Change;
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::id::{AccountId, AppId, ClientSecretId};
use counterfoil_domain::scope::ScopeSet;
use parking_lot::RwLock;

use crate::token_cache::entry::{AccountEntry, AppEntry, ScopesEntry};
use crate::token_cache::invalidation_log::{Epoch, InvalidationLog};

/// Things of one kind from which on those that nobody leans on are let go of.
const ENOUGH: usize = 200_000;

/// Things by what they are known by.
///
/// What something remembered leans on is always found here: a change reaches it by no other way. So
/// this grows with what is remembered of tokens, which is bounded, and never refuses anything for
/// want of room.
pub(super) struct Shared<K, V>(RwLock<Things<K, V>>);

struct Things<K, V> {
    all: HashMap<K, Arc<V>>,
    /// How many there are when those that nobody leans on are next let go of: twice as many as were
    /// left the last time, so that few of those who add something look at all of them.
    sweep_at: usize,
}

impl<K, V> Default for Shared<K, V> {
    fn default() -> Self {
        Self(RwLock::new(Things {
            all: HashMap::new(),
            sweep_at: ENOUGH,
        }))
    }
}

impl<K: Eq + Hash, V> Shared<K, V> {
    fn find<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<Arc<V>>
    where
        K: std::borrow::Borrow<Q>,
    {
        self.0.read().all.get(key).cloned()
    }

    /// The thing that is there, or this one in its place, unless it has been overtaken: then it
    /// stands for this request alone.
    fn join(&self, key: K, new: V, outdated: impl FnOnce() -> bool) -> Arc<V> {
        let mut things = self.0.write();
        if let Some(there) = things.all.get(&key) {
            return Arc::clone(there);
        }
        let new = Arc::new(new);
        // Asked under the lock under which a change takes things out.
        if !outdated() {
            things.make_room();
            things.all.insert(key, Arc::clone(&new));
        }
        new
    }

    fn remove<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<Arc<V>>
    where
        K: std::borrow::Borrow<Q>,
    {
        self.0.write().all.remove(key)
    }

    fn take_all(&self) -> Vec<Arc<V>> {
        let mut things = self.0.write();
        things.all.drain().map(|(_, thing)| thing).collect()
    }
}

impl<K, V> Things<K, V> {
    fn make_room(&mut self) {
        if self.all.len() >= self.sweep_at {
            self.all.retain(|_, thing| Arc::strong_count(thing) > 1);
            self.sweep_at = ENOUGH.max(self.all.len() * 2);
        }
    }
}

/// An app with what its secrets are checked against.
#[derive(Debug)]
pub(crate) struct ClientEntry {
    pub(crate) app: Arc<AppEntry>,
    /// What is switched on for it.
    pub(crate) switches: AppSwitches,
    /// Which tokens it is told of.
    pub(crate) seen_tokens: SeenTokens,
    secrets: Box<[SecretEntry]>,
}

/// A secret by which an app may act.
#[derive(Debug)]
pub(crate) struct SecretEntry {
    pub(crate) id: ClientSecretId,
    digest: SecretDigest,
    /// Whether everybody may know it.
    pub(crate) is_published: bool,
    /// For which batch of last uses it was noted last.
    pub(crate) noted_for: AtomicU32,
}

impl ClientEntry {
    pub(super) fn new(
        app: Arc<AppEntry>,
        switches: AppSwitches,
        seen_tokens: SeenTokens,
        secrets: Box<[SecretEntry]>,
    ) -> Self {
        Self {
            app,
            switches,
            seen_tokens,
            secrets,
        }
    }

    /// The app's secret of this digest, if it has one.
    pub(crate) fn secret(&self, digest: SecretDigest) -> Option<&SecretEntry> {
        self.secrets.iter().find(|secret| secret.digest == digest)
    }
}

impl ClientEntry {
    /// Whether the app is a public client (RFC 6749, section 2.1): its secrets are all published. A
    /// suspended app has no live secret, and is not one.
    pub(crate) fn is_public(&self) -> bool {
        !self.secrets.is_empty() && self.secrets.iter().all(|secret| secret.is_published)
    }
}

impl SecretEntry {
    pub(crate) fn new(secret: KnownSecret) -> Self {
        Self {
            id: secret.id,
            digest: secret.digest,
            is_published: secret.is_published,
            noted_for: AtomicU32::new(0),
        }
    }
}

/// All that tokens share.
#[derive(Default)]
pub(super) struct SharedThings {
    accounts: Shared<AccountId, AccountEntry>,
    apps: Shared<AppId, AppEntry>,
    clients: Shared<Box<str>, ClientEntry>,
    scopes: Shared<ScopeSet, ScopesEntry>,
}

impl SharedThings {
    pub(super) fn account(&self, id: AccountId) -> Option<Arc<AccountEntry>> {
        self.accounts.find(&id)
    }

    pub(super) fn join_account(
        &self,
        account: Account,
        invalidations: &InvalidationLog,
        since: Epoch,
    ) -> Arc<AccountEntry> {
        let id = account.id;
        let outdated = || invalidations.has_touched(since, |change| *change == Change::Account(id));
        self.accounts.join(id, AccountEntry::new(account), outdated)
    }

    /// One that has been overtaken is not found here, so no change would reach it: nobody believes
    /// it but this request.
    pub(super) fn join_app(
        &self,
        summary: AppSummary,
        invalidations: &InvalidationLog,
        since: Epoch,
    ) -> Arc<AppEntry> {
        let id = summary.id;
        let mut is_stale = false;
        let app = self.apps.join(id, AppEntry::new(summary), || {
            is_stale = invalidations.has_touched(since, |change| *change == Change::App(id));
            is_stale
        });
        if is_stale {
            app.forget();
        }
        app
    }

    pub(super) fn client(&self, client_id: &str) -> Option<Arc<ClientEntry>> {
        self.clients
            .find(client_id)
            .filter(|client| client.app.is_valid())
    }

    pub(super) fn join_client(
        &self,
        client: ClientEntry,
        invalidations: &InvalidationLog,
        since: Epoch,
    ) -> Arc<ClientEntry> {
        let id = client.app.summary.id;
        let outdated = || invalidations.has_touched(since, |change| *change == Change::App(id));
        let client_id: Box<str> = client.app.summary.client_id.as_str().into();
        // One whose app is no longer believed is in the way.
        let stale = self.clients.find(&*client_id);
        if stale.is_some_and(|stale| !stale.app.is_valid()) {
            self.clients.remove(&*client_id);
        }
        self.clients.join(client_id, client, outdated)
    }

    /// A scope set never changes, so there is nothing to overtake it.
    pub(super) fn join_scopes(&self, scopes: &ScopeSet) -> Arc<ScopesEntry> {
        match self.scopes.find(scopes) {
            Some(there) => there,
            None => self
                .scopes
                .join(scopes.clone(), ScopesEntry::new(scopes.clone()), || false),
        }
    }

    pub(super) fn forget_account(&self, id: AccountId) {
        if let Some(account) = self.accounts.remove(&id) {
            account.forget();
        }
    }

    pub(super) fn forget_app(&self, id: AppId) {
        if let Some(app) = self.apps.remove(&id) {
            self.clients.remove(app.summary.client_id.as_str());
            app.forget();
        }
    }

    pub(super) fn forget_everything(&self) {
        for account in self.accounts.take_all() {
            account.forget();
        }
        for app in self.apps.take_all() {
            app.forget();
        }
        self.clients.take_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_leaned_on_is_found_however_much_there_is() {
        let shared = Shared::default();
        let held: Vec<_> = (0..ENOUGH + 10)
            .map(|number| shared.join(number, (), || false))
            .collect();
        for (number, held) in held.iter().enumerate() {
            let found = shared.find(&number).expect("somebody leans on it");
            assert!(Arc::ptr_eq(&found, held), "{number}");
        }
    }

    #[test]
    fn what_nobody_leans_on_is_let_go_of_when_there_is_enough() {
        let shared = Shared::default();
        let held = shared.join(0, (), || false);
        for number in 1..3 * ENOUGH {
            shared.join(number, (), || false);
        }
        assert!(shared.0.read().all.len() <= ENOUGH);
        let found = shared.find(&0).expect("somebody leans on it");
        assert!(Arc::ptr_eq(&found, &held));
    }

    #[test]
    fn what_was_overtaken_is_not_kept() {
        let shared = Shared::default();
        shared.join(1, (), || true);
        assert!(shared.find(&1).is_none());
    }
}
