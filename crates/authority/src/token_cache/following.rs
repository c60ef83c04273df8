//! Reading the feed of changes: when, at whose asking, and who waits for how long.
//!
//! On a file of this machine whoever finds that the last reading is too old reads, which takes
//! microseconds. On a database that other nodes share a task of the server reads all the time, and
//! at once when it is told of news, so that checks find the lease held and ask nothing. When the
//! database does not answer, the lease runs out: those who check then wait for the reading that is
//! under way, and once that has failed everybody is refused without waiting, until a reading
//! succeeds.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use counterfoil_store::{FeedPosition, FeedRead, FeedReading, Outage, Store, StoreError};
use futures_util::FutureExt;
use tokio::time::{sleep, timeout};

use crate::authority::Authority;
use crate::clock::Clock;
use crate::token_cache::feed::LEASE;
use crate::token_cache::feed_follower::{InFlightGuard, Polling};
use crate::token_cache::remembered::TokenCache;

/// How often the feed is read where nobody tells of news: several times in the life of a lease.
const POLL: Duration = Duration::from_millis(200);
/// The least time between two readings, so that a flood of changes is read in portions.
const BREATH: Duration = Duration::from_millis(5);
/// How long a check waits for a reading before it is refused.
const PATIENCE: Duration = Duration::from_secs(1);

/// The causes that were told since readings began to fail, each once: a pooler that went away is
/// first a connection that ended, and then one that is refused.
#[derive(Default)]
struct ToldCauses(Vec<String>);

impl ToldCauses {
    /// Different causes that one outage may have in the log.
    const MOST: usize = 8;

    fn is_failing(&self) -> bool {
        !self.0.is_empty()
    }

    /// Whether this was not told yet; it counts as told from then on.
    fn is_news(&mut self, error: &StoreError) -> bool {
        let causes = error.causes().to_string();
        let is_news = self.0.len() < Self::MOST && !self.0.contains(&causes);
        if is_news {
            self.0.push(causes);
        }
        is_news
    }
}

impl Authority {
    /// Makes sure that what is remembered may be believed: nobody else's change is older than a
    /// second and unheard of.
    pub(crate) async fn follow_changes(&self) -> Result<(), StoreError> {
        if self.token_cache().feed.is_fresh(self.monotonic()) {
            return Ok(());
        }
        if self.store().is_shared() {
            return self.follow_shared().await;
        }
        self.token_cache().follow(self.store(), self.clock()).await
    }

    /// Reads what other processes have changed. When this returns, nothing that they had committed
    /// before the call is believed any more.
    pub async fn catch_up(&self) -> Result<(), StoreError> {
        self.token_cache()
            .catch_up(self.store(), self.clock())
            .await
    }

    /// Follows what other nodes change, for as long as this is awaited; returns at once where the
    /// database is a file of this machine. A server runs one of these.
    pub async fn keep_up(&self) {
        if !self.store().is_shared() {
            return;
        }
        let cache = Arc::clone(self.token_cache());
        let heard = Arc::clone(&cache);
        let hear = move || heard.follower.news.notify_one();
        self.store().listen_to_others(Arc::new(hear));
        let _polling = Polling::begin(&cache.follower);
        let mut told = ToldCauses::default();
        loop {
            let outcome = self.catch_up().await;
            match &outcome {
                Ok(()) if told.is_failing() => {
                    told = ToldCauses::default();
                    tracing::info!("the feed of changes can be read again");
                }
                Err(error) if told.is_news(error) => {
                    tracing::error!(cause = %error.causes(), "the feed of changes cannot be read; nothing is answered from memory after a second without it");
                }
                Ok(()) | Err(_) => {}
            }
            sleep(BREATH).await;
            // Both ends are reasons to read.
            let _ = timeout(POLL.saturating_sub(BREATH), cache.follower.news.notified()).await;
        }
    }

    /// Fails while the changes of other nodes are not heard of. On a file of this machine each
    /// check looks for them itself, so it never fails there.
    pub async fn demand_following(&self) -> Result<(), StoreError> {
        if self.store().is_shared() {
            self.follow_changes().await
        } else {
            Ok(())
        }
    }

    /// By how many microseconds the database's clock is ahead of this machine's, where nodes go by
    /// it.
    pub(crate) fn database_is_ahead_by(&self) -> Option<i64> {
        let time = self.token_cache().database_time.as_ref()?;
        time.ahead_of_own()
    }

    async fn follow_shared(&self) -> Result<(), StoreError> {
        let follower = &self.token_cache().follower;
        let waits = !follower.is_polled.load(Ordering::Acquire)
            || !follower.is_lost.load(Ordering::Acquire);
        if waits {
            match self.within(PATIENCE, self.join_reading()).await {
                Some(Ok(())) => return Ok(()),
                Some(Err(_)) | None => follower.is_lost.store(true, Ordering::Release),
            }
        }
        self.token_cache()
            .stale_refusals
            .fetch_add(1, Ordering::Relaxed);
        let silence = "the database was not heard from for a second";
        Err(match &*follower.failure.lock() {
            Some((outage, causes)) => StoreError::trouble(*outage, format!("{silence}: {causes}")),
            None => StoreError::trouble(Outage::Silent, silence.to_owned()),
        })
    }

    /// Waits for the reading that is under way, or for one that is begun now.
    async fn join_reading(&self) -> Result<(), Arc<StoreError>> {
        let slot = &self.token_cache().follower.flight;
        let flight = {
            let mut under_way = slot.lock();
            let authority = self.clone();
            let begin = || {
                let reading = async move {
                    let cache = authority.token_cache();
                    let followed = cache.follow(authority.store(), authority.clock());
                    followed.await.map_err(Arc::new)
                };
                reading.boxed().shared()
            };
            under_way.get_or_insert_with(begin).clone()
        };
        let guard = InFlightGuard {
            slot,
            flight: &flight,
        };
        let outcome = flight.clone().await;
        drop(guard);
        outcome
    }

    /// What comes of this, unless it takes longer.
    async fn within<T>(&self, time: Duration, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            done = work => Some(done),
            () = self.clock().deadline(time) => None,
        }
    }

    /// Waits for what a check looks up; where the database is on another machine, for no longer
    /// than what is remembered is believed. Whatever comes later was true when it was read, and may
    /// have ended a second ago.
    pub(super) async fn looked_up<T, E: From<StoreError>>(
        &self,
        asked: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        if !self.store().is_shared() {
            return asked.await;
        }
        let begun = self.monotonic();
        let answered = self.within(LEASE, asked).await;
        match answered {
            // A busy machine may look at the answer long after it came.
            Some(answer) if self.monotonic().saturating_sub(begun) < LEASE => answer,
            Some(_) | None => Err(StoreError::Unavailable("the database is slow".into()).into()),
        }
    }
}

impl TokenCache {
    /// Reads what others have committed and forgets what that touches.
    pub(crate) async fn catch_up(
        &self,
        store: &Store,
        clock: &dyn Clock,
    ) -> Result<(), StoreError> {
        let _reading = self.feed.reading.lock().await;
        self.read_on(store, clock).await
    }

    /// [`TokenCache::catch_up`], unless somebody has meanwhile.
    pub(super) async fn follow(&self, store: &Store, clock: &dyn Clock) -> Result<(), StoreError> {
        let _reading = self.feed.reading.lock().await;
        if self.feed.is_fresh(clock.monotonic()) {
            return Ok(());
        }
        self.read_on(store, clock).await
    }

    async fn read_on(&self, store: &Store, clock: &dyn Clock) -> Result<(), StoreError> {
        let begun = clock.monotonic();
        let reading = store.changes_since(self.feed.position()).await;
        let reading = reading.inspect_err(|error| {
            *self.follower.failure.lock() = Some((error.outage(), error.causes().to_string()));
            self.feed_failures.fetch_add(1, Ordering::Relaxed);
            if !self.feed.is_fresh(clock.monotonic()) {
                self.follower.is_lost.store(true, Ordering::Release);
            }
        })?;
        self.feed_readings.fetch_add(1, Ordering::Relaxed);
        // First, so that no token is judged by an earlier time than that of the changes.
        if let (Some(clock), Some(time)) = (&self.database_time, reading.database_time) {
            clock.set(begun + reading.waited, time);
        }
        self.hear(reading);
        self.feed.renew(begun);
        *self.follower.failure.lock() = None;
        self.follower.is_lost.store(false, Ordering::Release);
        Ok(())
    }

    /// Forgets what a reading says to forget.
    fn hear(&self, reading: FeedReading) {
        match reading.read {
            FeedRead::Changes(changes) => {
                let last = changes.last().map(|last| last.number);
                for numbered in self.feed.unheard(changes) {
                    self.forget(numbered.change);
                    if let Some(time) = reading.database_time {
                        self.lags.note(time.since(numbered.at));
                    }
                }
                if let Some(last) = last {
                    self.feed.read_up_to(last);
                }
            }
            FeedRead::Lost(position) => {
                // The first reading has nothing to go on from, and loses nothing.
                if self.feed.position() != FeedPosition::default() {
                    self.feed_losses.fetch_add(1, Ordering::AcqRel);
                }
                self.forget_everything();
                self.feed.restart_at(position);
            }
        }
    }
}
