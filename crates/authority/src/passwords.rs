//! Verification of passwords: behind a trait, off the threads that serve requests, and never too many at a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use counterfoil_domain::account::Credentials;
use counterfoil_domain::entropy::Entropy;
use counterfoil_domain::password::{Password, PasswordHash};
use futures_util::future::BoxFuture;
use tokio::sync::{Semaphore, oneshot};

use crate::password_threads::PasswordThreads;
use crate::settings::HashingSettings;

/// Too many computations wait already: try again in a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many passwords are being verified")]
pub struct Busy;

/// Says whether a password is the right one. A directory can take the place of [`LocalPasswords`].
pub trait PasswordVerifier: Send + Sync {
    /// Whether `password` belongs to these credentials. `None` is an unknown login: it costs as much and is always wrong.
    fn verify(
        &self,
        credentials: Option<Credentials>,
        password: Password,
    ) -> BoxFuture<'static, Result<bool, Busy>>;
}

/// Passwords whose hashes are in our store: Argon2id on a bounded number of threads.
#[derive(Clone, Debug)]
pub struct LocalPasswords {
    settings: HashingSettings,
    slots: Arc<Semaphore>,
    threads: Arc<PasswordThreads>,
    waiting: Arc<AtomicUsize>,
    computed: Arc<AtomicU64>,
    /// What an unknown login is compared with, so that it costs what a wrong password costs.
    nobody: PasswordHash,
}

impl LocalPasswords {
    /// A verifier with these bounds.
    pub fn new(settings: HashingSettings, entropy: &dyn Entropy) -> Self {
        let nobody = PasswordHash::of_nobody(settings.cost, entropy);
        let slots = Arc::new(Semaphore::new(settings.threads.max(1)));
        let threads = Arc::new(PasswordThreads::new(settings.threads));
        Self {
            settings,
            slots,
            threads,
            waiting: Arc::default(),
            computed: Arc::default(),
            nobody,
        }
    }

    /// Computations that wait for a thread at present.
    pub fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// Computations that were begun so far.
    pub fn computed(&self) -> u64 {
        self.computed.load(Ordering::Relaxed)
    }

    /// The hash of a new password.
    pub async fn hash(
        &self,
        password: Password,
        entropy: Arc<dyn Entropy>,
    ) -> Result<PasswordHash, Busy> {
        let cost = self.settings.cost;
        self.clone()
            .compute(move || PasswordHash::make(&password, cost, entropy.as_ref()))
            .await
    }

    async fn compute<T: Send + 'static>(
        self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Busy> {
        let queued = Queued::enter(&self.waiting, self.settings.queue + self.settings.threads)?;
        let slot = Arc::clone(&self.slots)
            .acquire_owned()
            .await
            .map_err(|_| Busy)?;
        self.computed.fetch_add(1, Ordering::Relaxed);
        let (done, outcome) = oneshot::channel();
        self.threads.run(move || {
            // The slot is held by the computation, not by the caller: a client that goes away frees nothing early.
            let outcome = work();
            drop(slot);
            // The caller may have gone away.
            drop(done.send(outcome));
        });
        let outcome = outcome.await.map_err(|_| Busy);
        drop(queued);
        outcome
    }
}

impl PasswordVerifier for LocalPasswords {
    fn verify(
        &self,
        credentials: Option<Credentials>,
        password: Password,
    ) -> BoxFuture<'static, Result<bool, Busy>> {
        let known = credentials.and_then(|credentials| credentials.password);
        let exists = known.is_some();
        let hash = known.unwrap_or_else(|| self.nobody.clone());
        Box::pin(
            self.clone()
                .compute(move || hash.verifies(&password) && exists),
        )
    }
}

/// A place in the queue, given back when dropped.
struct Queued(Arc<AtomicUsize>);

impl Queued {
    fn enter(waiting: &Arc<AtomicUsize>, most: usize) -> Result<Self, Busy> {
        let entered = waiting.fetch_update(Ordering::AcqRel, Ordering::Acquire, |n| {
            (n < most).then_some(n + 1)
        });
        entered.map(|_| Self(Arc::clone(waiting))).map_err(|_| Busy)
    }
}

impl Drop for Queued {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}
