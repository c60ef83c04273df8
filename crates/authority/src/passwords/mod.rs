//! Verification of passwords: behind a trait, off the threads that serve requests, and never too
//! many at a time.

pub(crate) mod fair_queue;
pub(crate) mod memory;
pub(crate) mod queue;
pub(crate) mod refusal_time;
pub(crate) mod threads;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use counterfoil_domain::account::Credentials;
use counterfoil_domain::entropy::Entropy;
use counterfoil_domain::password::{HashClass, HashingCost, Password, PasswordHash};
use futures_util::future::BoxFuture;
use tokio::sync::oneshot;

use crate::clock::Clock;
use crate::passwords::queue::{Busy, PasswordQueue, Permit, Requester};
use crate::passwords::refusal_time::RefusalTime;
use crate::passwords::threads::PasswordThreads;
use crate::settings::HashingSettings;

/// Says whether a password is the right one. A directory can take the place of [`LocalPasswords`].
pub trait PasswordVerifier: Send + Sync {
    /// Whether `password` belongs to these credentials. `None` is an unknown login: it costs as
    /// much and is always wrong. The permit is what bounds verifications; it is held until this one
    /// has ended, be its caller there or not.
    fn verify(
        &self,
        credentials: Option<Credentials>,
        password: Password,
        permit: Permit,
    ) -> BoxFuture<'static, Result<bool, Busy>>;
}

/// Passwords whose hashes are in our store: Argon2id on a bounded number of threads.
#[derive(Clone)]
pub struct LocalPasswords {
    clock: Arc<dyn Clock>,
    queue: PasswordQueue,
    threads: Arc<PasswordThreads>,
    computed: Arc<AtomicU64>,
    /// What an unknown login is compared with, so that it costs what a wrong password costs.
    nobody: PasswordHash,
    refusal_time: Arc<RefusalTime>,
}

impl LocalPasswords {
    /// A verifier with these bounds.
    pub fn new(settings: HashingSettings, clock: Arc<dyn Clock>, entropy: &dyn Entropy) -> Self {
        let nobody = PasswordHash::of_nobody(settings.cost, entropy);
        let queue = PasswordQueue::new(settings.threads, settings.queue);
        let threads = Arc::new(PasswordThreads::new(settings.threads));
        Self {
            clock,
            queue,
            threads,
            computed: Arc::default(),
            nobody,
            refusal_time: Arc::new(RefusalTime::new(settings.cost.into())),
        }
    }

    /// How long a refusal takes.
    pub(crate) fn refusal_time(&self) -> &RefusalTime {
        &self.refusal_time
    }

    /// Computations that wait for a thread at present.
    pub fn waiting(&self) -> usize {
        self.queue.waiting()
    }

    /// Who may compute next.
    pub(crate) fn queue(&self) -> &PasswordQueue {
        &self.queue
    }

    /// Computations that were begun so far.
    pub fn computed(&self) -> u64 {
        self.computed.load(Ordering::Relaxed)
    }

    /// The hash of a password at this cost, made as soon as it is this program's turn among those
    /// who sign in.
    pub async fn hash(
        &self,
        password: Password,
        cost: HashingCost,
        entropy: Arc<dyn Entropy>,
    ) -> Result<PasswordHash, Busy> {
        self.hash_in_turn(password, cost, entropy, Requester::here())
            .await
    }

    /// The same, for somebody who waits among those who sign in.
    pub(crate) async fn hash_in_turn(
        &self,
        password: Password,
        cost: HashingCost,
        entropy: Arc<dyn Entropy>,
        requester: Requester,
    ) -> Result<PasswordHash, Busy> {
        let permit = self.queue.admit(requester).await?;
        self.clone()
            .compute(permit, move || {
                PasswordHash::make(&password, cost, entropy.as_ref())
            })
            .await
    }

    /// The processor time that it takes to verify a password by a hash of this class: by one that
    /// is nobody's.
    pub(crate) async fn measure(
        &self,
        class: HashClass,
        entropy: &dyn Entropy,
    ) -> Result<Duration, Busy> {
        let nobody = PasswordHash::of_nobody(class, entropy);
        let permit = self.queue.admit(Requester::here()).await?;
        let (_, took) = self
            .clone()
            .compare(permit, nobody, Password::typed("a password"))
            .await?;
        Ok(took)
    }

    /// Whether this hash is the password's, and the processor time that it took to find out.
    async fn compare(
        self,
        permit: Permit,
        hash: PasswordHash,
        password: Password,
    ) -> Result<(bool, Duration), Busy> {
        let (clock, time) = (Arc::clone(&self.clock), Arc::clone(&self.refusal_time));
        self.compute(permit, move || {
            let (began, used) = (clock.monotonic(), clock.thread_time());
            let is_right = hash.verifies(&password);
            let lasted = clock.monotonic().saturating_sub(began);
            let took = clock.thread_time().saturating_sub(used);
            if let Some(class) = hash.class() {
                time.note(class, took, lasted);
            }
            (is_right, took)
        })
        .await
    }

    async fn compute<T: Send + 'static>(
        self,
        permit: Permit,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Busy> {
        self.computed.fetch_add(1, Ordering::Relaxed);
        let (done, outcome) = oneshot::channel();
        self.threads.run(move || {
            // The permit is held by the computation, not by the caller: a client that goes away
            // frees nothing early.
            let outcome = work();
            drop(permit);
            // The caller may have gone away.
            drop(done.send(outcome));
        });
        outcome.await.map_err(|_| Busy)
    }
}

impl PasswordVerifier for LocalPasswords {
    fn verify(
        &self,
        credentials: Option<Credentials>,
        password: Password,
        permit: Permit,
    ) -> BoxFuture<'static, Result<bool, Busy>> {
        let known = credentials.and_then(|credentials| credentials.password);
        let exists = known.is_some();
        let hash = known.unwrap_or_else(|| self.nobody.clone());
        let compared = self.clone().compare(permit, hash, password);
        Box::pin(async move {
            let (is_right, _) = compared.await?;
            Ok(is_right && exists)
        })
    }
}
