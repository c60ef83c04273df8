//! What tokens share: accounts, apps and scope sets, each once.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use counterfoil_domain::account::Account;
use counterfoil_domain::app::AppSummary;
use counterfoil_domain::change::Change;
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::id::{AccountId, AppId};
use counterfoil_domain::scope::ScopeSet;
use parking_lot::RwLock;

use crate::checks::entry::{AccountEntry, AppEntry, ScopesEntry};
use crate::checks::recent::{Moment, Recent};

/// Things of one kind that are kept at most. When there are more, those that nobody leans on go; if none do, the memory of
/// this kind starts anew, which costs reads and never correctness.
const MOST: usize = 200_000;

/// Things by what they are known by.
pub(super) struct Shared<K, V>(RwLock<HashMap<K, Arc<V>>>);

impl<K, V> Default for Shared<K, V> {
    fn default() -> Self {
        Self(RwLock::default())
    }
}

impl<K: Eq + Hash, V> Shared<K, V> {
    fn find<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<Arc<V>>
    where
        K: std::borrow::Borrow<Q>,
    {
        self.0.read().get(key).cloned()
    }

    /// The thing that is there, or this one in its place, unless it has been overtaken: then it stands for this request
    /// alone.
    fn join(&self, key: K, new: V, outdated: impl FnOnce() -> bool) -> Arc<V> {
        let mut all = self.0.write();
        if let Some(there) = all.get(&key) {
            return Arc::clone(there);
        }
        let new = Arc::new(new);
        // Asked under the lock under which a change takes things out.
        if !outdated() {
            if all.len() >= MOST {
                all.retain(|_, thing| Arc::strong_count(thing) > 1);
            }
            if all.len() < MOST {
                all.insert(key, Arc::clone(&new));
            }
        }
        new
    }

    fn remove<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<Arc<V>>
    where
        K: std::borrow::Borrow<Q>,
    {
        self.0.write().remove(key)
    }

    fn take_all(&self) -> Vec<Arc<V>> {
        self.0.write().drain().map(|(_, thing)| thing).collect()
    }
}

/// An app with what its secrets are checked against.
#[derive(Debug)]
pub(crate) struct ClientEntry {
    pub(crate) app: Arc<AppEntry>,
    pub(crate) secrets: Box<[SecretDigest]>,
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
        recent: &Recent,
        since: Moment,
    ) -> Arc<AccountEntry> {
        let id = account.id;
        let outdated = || recent.has_touched(since, |change| *change == Change::Account(id));
        self.accounts.join(id, AccountEntry::new(account), outdated)
    }

    pub(super) fn join_app(
        &self,
        summary: AppSummary,
        recent: &Recent,
        since: Moment,
    ) -> Arc<AppEntry> {
        let id = summary.id;
        let outdated = || recent.has_touched(since, |change| *change == Change::App(id));
        self.apps.join(id, AppEntry::new(summary), outdated)
    }

    pub(super) fn client(&self, client_id: &str) -> Option<Arc<ClientEntry>> {
        self.clients
            .find(client_id)
            .filter(|client| client.app.is_believed())
    }

    pub(super) fn join_client(
        &self,
        app: Arc<AppEntry>,
        secrets: Box<[SecretDigest]>,
        recent: &Recent,
        since: Moment,
    ) -> Arc<ClientEntry> {
        let id = app.summary.id;
        let outdated = || recent.has_touched(since, |change| *change == Change::App(id));
        let client_id: Box<str> = app.summary.client_id.as_str().into();
        // One whose app is no longer believed is in the way.
        let stale = self.clients.find(&*client_id);
        if stale.is_some_and(|stale| !stale.app.is_believed()) {
            self.clients.remove(&*client_id);
        }
        self.clients
            .join(client_id, ClientEntry { app, secrets }, outdated)
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
