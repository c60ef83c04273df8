//! The PostgreSQL engine: a pool of connections, and transactions that lock what they decide by.
//!
//! Transactions run at READ COMMITTED, the level at which nothing is retried but what lost a race.
//! A statement that decides by rows which nobody may change meanwhile locks them first (see
//! [`crate::statement::Lock`]); a unique index catches what two make at the same time, and the one
//! that lost is run again and finds what the other made.
//!
//! Connections live on a runtime of their own, so that a write that was begun runs to its end
//! whoever goes away.

mod bulk;
mod connection;
mod encryption;
mod failure;
mod listen;
mod options;
mod pool;
mod reason;
mod schema;
mod size;
mod survey;
#[cfg(test)]
mod tests;
mod transaction;
mod value;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use counterfoil_domain::audit::WriterId;
use counterfoil_domain::timestamp::Timestamp;
use deadpool::managed::Object;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout};

pub(crate) use self::bulk::PostgresBulk;
pub(crate) use self::connection::PostgresConnection;
pub use self::encryption::Encryption;
use self::failure::{PostgresFailure, lost_a_race};
pub use self::options::{BadDatabaseUrl, DatabaseClock, PostgresOptions, StatementMode};
use self::pool::{Connected, Connections, Connector, pool, take};
pub(crate) use self::size::size;
pub use self::survey::ServerSurvey;
use crate::changes::{
    self, CommitListeners, CommitOutcome, FeedPosition, FeedReading, WakeupListener,
};
use crate::context::Context;
use crate::engine::{OpenOptions, PoolStats, StoreStats};
use crate::error::{OpenError, StoreError, WriteError};
use crate::statement::statements;
use crate::tx::Tx;

statements! {
    HEAD_AND_TIME = "SELECT f.number, i.generation, floor(extract(epoch FROM clock_timestamp()) * 1000000)::bigint,
        CASE WHEN pg_is_in_recovery() THEN 1 ELSE 0 END,
        floor(extract(epoch FROM pg_postmaster_start_time()) * 1000000)::bigint
        FROM change_feed f LEFT JOIN installation i ON i.id = 1 WHERE f.id = 1";
}

/// How often a transaction that lost a race is run at most.
const ATTEMPTS: u32 = 8;
/// How long it is run again at most.
const RACING: Duration = Duration::from_secs(10);
/// How long a reading of the feed may take, and a connection for it. What is remembered is believed
/// for no longer either.
const FEED_PATIENCE: Duration = Duration::from_secs(1);
const FEED_CONNECTING: Duration = Duration::from_secs(2);
/// How long closing waits for what still runs.
const CLOSING: Duration = Duration::from_secs(10);

/// An open PostgreSQL database.
pub(crate) struct Postgres {
    shared: Arc<Shared>,
    /// Where connections and writes live. Taken out when the store is closed.
    runtime: parking_lot::Mutex<Option<Runtime>>,
    handle: tokio::runtime::Handle,
    clock: DatabaseClock,
    /// How long a connection for a reading of the feed may take, and the reading.
    feed_connecting: Duration,
    feed_patience: Duration,
    connector: Connector,
    heard: Arc<listen::Heard>,
    /// When the server that the feed was last read from had started, by its own clock: which server
    /// it was.
    followed: parking_lot::Mutex<Option<i64>>,
}

struct Shared {
    writers: Connections,
    readers: Connections,
    /// The feed is read over a connection of its own, which no queue of requests can hold up.
    feed: Connections,
    closed: AtomicBool,
    counters: Counters,
    listening: CommitListeners,
}

#[derive(Debug, Default)]
struct Counters {
    commits: AtomicU64,
    failed_commits: AtomicU64,
    writes: AtomicU64,
    queued: AtomicU64,
    lost_races: AtomicU64,
    unknown: AtomicU64,
}

impl Postgres {
    pub(crate) fn open(options: &PostgresOptions, open: &OpenOptions) -> Result<Self, OpenError> {
        let unusable = |reason: String| OpenError::UnusableServer {
            database: options.to_string(),
            reason,
        };
        let tls = encryption::encryption(&options.encryption).map_err(unusable)?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("store-postgres")
            .enable_all()
            .build()
            .map_err(|error| unusable(error.to_string()))?;
        let connector = Connector {
            tls,
            options: Arc::new(options.clone()),
            runtime: runtime.handle().clone(),
            context: Context::default(),
            process: open.writer.clone(),
            made: Arc::new(AtomicU64::new(0)),
        };
        // On a thread of its own: the caller may be inside a runtime, where nothing may wait.
        let prepared = std::thread::scope(|scope| {
            let waiting =
                scope.spawn(|| runtime.block_on(schema::prepare(&connector, open.schema)));
            waiting.join()
        });
        let prepared = prepared.map_err(|_| unusable("the connection panicked".to_owned()));
        if let Err(error) = prepared.and_then(|outcome| outcome) {
            // Nobody waits for what was begun in vain, such as a look for the host's address.
            runtime.shutdown_background();
            return Err(error);
        }
        let readers = (options.connections / 2).max(1);
        let (feed_connecting, feed_patience) = match options.clock {
            DatabaseClock::Followed => (FEED_CONNECTING, FEED_PATIENCE),
            DatabaseClock::Ignored => (options.connect_timeout, options.statement_timeout),
        };
        let shared = Shared {
            writers: pool(&connector, options.connections.saturating_sub(readers)),
            readers: pool(&connector, readers),
            feed: pool(&connector, 1),
            closed: AtomicBool::new(false),
            counters: Counters::default(),
            listening: CommitListeners::default(),
        };
        Ok(Self {
            shared: Arc::new(shared),
            handle: runtime.handle().clone(),
            clock: options.clock,
            feed_connecting,
            feed_patience,
            connector,
            heard: Arc::default(),
            followed: parking_lot::Mutex::default(),
            runtime: parking_lot::Mutex::new(Some(runtime)),
        })
    }

    pub(crate) async fn write<T, R, F>(&self, work: F) -> Result<T, WriteError<R>>
    where
        T: Send + 'static,
        R: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, WriteError<R>>>
            + Clone
            + Send
            + 'static,
    {
        self.shared.refuse_closed()?;
        let (sender, receiver) = oneshot::channel();
        let shared = Arc::clone(&self.shared);
        shared.counters.queued.fetch_add(1, Ordering::Relaxed);
        // A task of its own: it runs to its end even if the caller goes away.
        self.handle.spawn(async move {
            let outcome = shared.write(work).await;
            drop(sender.send(outcome));
        });
        receiver.await.map_err(|_| StoreError::Closed)?
    }

    /// Runs `work` in one transaction, so that several statements see one state.
    pub(crate) async fn read<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, StoreError>>,
    {
        self.shared.refuse_closed()?;
        let mut connected = take(&self.shared.readers).await?;
        connected.postgres().begin_reading().await?;
        let outcome = work(&mut connected).await;
        match &outcome {
            Ok(_) => connected.postgres().end_reading().await?,
            Err(_) => transaction::undo(&mut connected).await,
        }
        outcome
    }

    /// Runs `work`, which is one statement and so a transaction by itself.
    pub(crate) async fn read_one<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, StoreError>>,
    {
        self.shared.refuse_closed()?;
        let mut connected = take(&self.shared.readers).await?;
        work(&mut connected).await
    }

    /// Reads the feed of changes, and what time it is for the database, over the connection that is
    /// kept for that.
    pub(crate) async fn changes_since(
        &self,
        position: FeedPosition,
    ) -> Result<FeedReading, StoreError> {
        self.shared.refuse_closed()?;
        let begun = Instant::now();
        let taken = timeout(self.feed_connecting, Box::pin(take(&self.shared.feed))).await;
        let options = &self.connector.options;
        let mut connected =
            taken.map_err(|_| reason::not_connected(&PostgresFailure::TimedOut, options))??;
        let waited = begun.elapsed();
        let reading = self.read_feed(&mut connected, position, waited);
        let reading = timeout(self.feed_patience, reading).await;
        let reading = reading.unwrap_or_else(|_| {
            self.shared.retire_idle();
            Err(PostgresFailure::TimedOut.into())
        });
        if reading.is_err() {
            // Whatever is wrong with it, the next reading gets another connection.
            connected.postgres().give_up();
            drop(Object::take(connected));
        }
        reading
    }

    async fn read_feed(
        &self,
        tx: &mut Tx,
        position: FeedPosition,
        waited: Duration,
    ) -> Result<FeedReading, StoreError> {
        let mut head = tx.one(HEAD_AND_TIME, &[]).await?;
        let time = head.timestamp(2)?;
        if head.flag(3)? {
            // It may be behind by any time, and does not know.
            return Err(PostgresFailure::broken("it leads to a standby now").into());
        }
        let server = head.integer(4)?;
        // Another server, after a failover, may have given numbers of its own that the one before
        // had given to others.
        let is_another = self.followed.lock().is_some_and(|last| last != server);
        let position = if is_another {
            FeedPosition::default()
        } else {
            position
        };
        let read = changes::since(tx, head, position).await?;
        *self.followed.lock() = Some(server);
        let database_time = match self.clock {
            DatabaseClock::Followed => Some(time),
            DatabaseClock::Ignored => None,
        };
        Ok(FeedReading {
            read,
            database_time,
            waited,
        })
    }

    pub(crate) fn listen_to_others(&self, hear: WakeupListener) {
        listen::start(&self.connector, Arc::clone(&self.heard), hear);
    }

    /// Connections in use and those who wait for one.
    pub(crate) fn pool_stats(&self) -> PoolStats {
        let mut stats = PoolStats {
            transactions_run_again: self.shared.counters.lost_races.load(Ordering::Relaxed),
            commits_of_unknown_outcome: self.shared.counters.unknown.load(Ordering::Relaxed),
            notifications: self.heard.notifications.load(Ordering::Relaxed),
            is_listening: self.heard.is_listening.load(Ordering::Relaxed),
            ..PoolStats::default()
        };
        for pool in [&self.shared.writers, &self.shared.readers] {
            let held = pool.status();
            stats.limit += held.max_size;
            stats.connections += held.size;
            stats.in_use += held.size.saturating_sub(held.available);
            stats.waiting += held.waiting;
        }
        stats
    }

    /// What the server says about itself, and how its clock stands to the caller's.
    pub(crate) async fn survey(
        &self,
        now: &(dyn Fn() -> Timestamp + Send + Sync),
    ) -> Result<ServerSurvey, StoreError> {
        self.shared.refuse_closed()?;
        let mut connected = take(&self.shared.readers).await?;
        Ok(survey::survey(connected.postgres(), now).await?)
    }

    pub(crate) fn stats(&self) -> StoreStats {
        let counters = &self.shared.counters;
        StoreStats {
            commits: counters.commits.load(Ordering::Relaxed),
            failed_commits: counters.failed_commits.load(Ordering::Relaxed),
            writes: counters.writes.load(Ordering::Relaxed),
            queued: counters.queued.load(Ordering::Relaxed),
            largest_group: 1,
            ..StoreStats::default()
        }
    }

    pub(crate) fn listening(&self) -> &CommitListeners {
        &self.shared.listening
    }

    pub(crate) fn process(&self) -> &WriterId {
        &self.connector.process
    }

    pub(crate) fn context(&self) -> &Context {
        &self.connector.context
    }

    /// Lets what runs end, and closes the connections.
    pub(crate) fn close(&self) {
        self.shared.closed.store(true, Ordering::Release);
        let Some(runtime) = self.runtime.lock().take() else {
            return;
        };
        let begun = std::time::Instant::now();
        while self.shared.counters.queued.load(Ordering::Acquire) > 0 && begun.elapsed() < CLOSING {
            std::thread::sleep(Duration::from_millis(5));
        }
        for pool in [
            &self.shared.writers,
            &self.shared.readers,
            &self.shared.feed,
        ] {
            pool.close();
        }
        runtime.shutdown_background();
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.close();
    }
}

impl std::fmt::Debug for Postgres {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Postgres(…)")
    }
}

impl Shared {
    /// Closes the connections that nobody uses. When the feed gets no answer the others may get
    /// none either, and say so only to whoever waits for one; those that are made from then on lead
    /// to a database that answers.
    fn retire_idle(&self) {
        for pool in [&self.writers, &self.readers] {
            for mut retired in pool.retain(|_, _| false).removed {
                retired.postgres().give_up();
            }
        }
    }

    fn refuse_closed(&self) -> Result<(), StoreError> {
        if self.closed.load(Ordering::Acquire) {
            Err(StoreError::Closed)
        } else {
            Ok(())
        }
    }

    async fn write<T, R, F>(&self, work: F) -> Result<T, WriteError<R>>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, WriteError<R>>> + Clone,
    {
        // Counted down however this ends.
        let _counted = Queued(&self.counters.queued);
        self.write_until_it_stands(work).await
    }

    async fn write_until_it_stands<T, R, F>(&self, work: F) -> Result<T, WriteError<R>>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, WriteError<R>>> + Clone,
    {
        let begun = Instant::now();
        let mut attempts = 0;
        loop {
            attempts += 1;
            let mut connected = take(&self.writers).await?;
            match transaction::begin(&mut connected).await {
                Ok(()) => {}
                // It was kept from before the server or the network failed. Nothing has been done
                // over it.
                Err(failure) if attempts < ATTEMPTS && failure.is_of_the_connection() => continue,
                Err(failure) => return Err(StoreError::from(failure).into()),
            }
            match self.attempt(&mut connected, work.clone()).await {
                Err(error)
                    if attempts < ATTEMPTS && begun.elapsed() < RACING && lost_a_race(&error) =>
                {
                    self.counters.lost_races.fetch_add(1, Ordering::Relaxed);
                }
                outcome => return outcome,
            }
        }
    }

    /// Runs the work in the transaction that was begun. A race that was lost is told by
    /// [`lost_a_race`].
    async fn attempt<T, R, F>(&self, connected: &mut Connected, work: F) -> Result<T, WriteError<R>>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, WriteError<R>>>,
    {
        // A panic fails this piece of work and no other.
        let ran = AssertUnwindSafe(work_and_announce(connected, work));
        let outcome = ran.catch_unwind().await.unwrap_or_else(|_| {
            tracing::error!("a database operation panicked and was rolled back");
            Err(StoreError::Unavailable("a database operation panicked".into()).into())
        });
        let tx: &mut Tx = connected;
        let done = match outcome {
            Ok(done) => done,
            Err(error) => {
                transaction::undo(tx).await;
                if matches!(error, WriteError::Refused(_)) {
                    self.counters.writes.fetch_add(1, Ordering::Relaxed);
                }
                return Err(error);
            }
        };
        let committed = transaction::commit(tx).await;
        let noted = tx.take_noted();
        match committed {
            Ok(()) => {
                // Told before anybody is answered: what was revoked is forgotten when its
                // revocation is acknowledged.
                self.listening.tell(CommitOutcome::Committed(&noted));
                self.counters.commits.fetch_add(1, Ordering::Relaxed);
                self.counters.writes.fetch_add(1, Ordering::Relaxed);
                Ok(done)
            }
            Err(failure) => {
                self.listening.tell(CommitOutcome::Uncertain(&noted));
                self.counters.failed_commits.fetch_add(1, Ordering::Relaxed);
                Err(self.not_committed(failure).into())
            }
        }
    }

    /// What a commit that failed means. One that the server refused did nothing; one whose answer
    /// never came may have.
    fn not_committed(&self, failure: PostgresFailure) -> StoreError {
        if failure.is_the_servers() {
            return failure.into();
        }
        self.counters.unknown.fetch_add(1, Ordering::Relaxed);
        tracing::error!(cause = %failure, "the outcome of a commit is unknown");
        StoreError::NotCommitted(failure.to_string())
    }
}

/// A write that is counted as one that waits or runs.
struct Queued<'c>(&'c AtomicU64);

impl Drop for Queued<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

async fn work_and_announce<T, R, F>(tx: &mut Tx, work: F) -> Result<T, WriteError<R>>
where
    F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, WriteError<R>>>,
{
    let done = work(tx).await?;
    tx.write_all_recorded().await?;
    tx.write_announced().await?;
    Ok(done)
}
