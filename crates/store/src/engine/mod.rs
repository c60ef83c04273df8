//! The facade and the engine behind it.

pub(crate) mod connection;
mod options;
pub(crate) mod postgres;
pub(crate) mod sqlite;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use counterfoil_domain::audit::WriterId;
use counterfoil_domain::audit::form::AuditKey;
use counterfoil_domain::mail::MailBounds;
use counterfoil_domain::token_life::TokenLife;
use futures_util::future::BoxFuture;

use crate::changes::{ChangeListener, FeedPosition, FeedReading, WakeupListener};
use crate::context::Context;
use crate::error::{OpenError, StoreError, WriteError};
use crate::liveness::StoreClock;
use crate::tx::Tx;
use crate::writing::permit::Permit;

pub use crate::engine::options::{DatabaseLocation, Durability, OpenOptions};

/// Durable state. Cheap to clone; all clones share one engine. When the last one is dropped, what
/// waits is committed and the database closed; that can take as long as copying the log back, so a
/// program that stops in order calls [`Store::close`].
///
/// Whoever has one changes things by its operations alone: there is no transaction to be had that
/// writes, and none that runs work of the caller's.
///
/// ```compile_fail,E0624
/// async fn by_hand(store: counterfoil_store::Store) {
///     store.write((), |tx| unreachable!("{tx:?}")).await;
/// }
/// ```
///
/// ```compile_fail,E0624
/// async fn by_the_system(store: counterfoil_store::Store) {
///     store.change_by_system((), (), |change| unreachable!("{change:?}")).await;
/// }
/// ```
///
/// ```compile_fail,E0624
/// async fn without_an_event(store: counterfoil_store::Store) {
///     store.note((), |tx| unreachable!("{tx:?}")).await;
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Store {
    engine: Engine,
}

#[derive(Clone, Debug)]
pub(crate) enum Engine {
    Sqlite(Arc<sqlite::Sqlite>),
    Postgres(Arc<postgres::Postgres>),
}

/// What the store has done since it was opened, for metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StoreStats {
    /// Transactions that were committed; each carries one or more writes.
    pub commits: u64,
    /// Transactions that failed.
    pub failed_commits: u64,
    /// Pieces of work that were carried by a commit, those refused by a rule among them.
    pub writes: u64,
    /// Pieces of work that wait for the writer now.
    pub queued: u64,
    /// Most pieces of work that one commit carried.
    pub largest_group: u64,
    /// Statements that were run, those that read among them.
    pub statements: u64,
}

/// What connections to a database server do at this moment, and what went wrong with them, for
/// metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PoolStats {
    /// Connections that are open for requests.
    pub connections: usize,
    /// Connections that are in use.
    pub in_use: usize,
    /// Connections that requests may have at a time.
    pub limit: usize,
    /// Requests that wait for a connection.
    pub waiting: usize,
    /// Transactions that lost a race and were run again.
    pub transactions_run_again: u64,
    /// Commits of which nobody knows what became of them.
    pub commits_of_unknown_outcome: u64,
    /// Notifications that were heard from other nodes.
    pub notifications: u64,
    /// Whether notifications are listened for.
    pub is_listening: bool,
}

impl Store {
    /// Opens the database, making or migrating it if [`OpenOptions::schema`] says so.
    pub fn open(options: &OpenOptions) -> Result<Self, OpenError> {
        let engine = match &options.location {
            DatabaseLocation::Sqlite(path) => {
                Engine::Sqlite(Arc::new(sqlite::Sqlite::open(path, options)?))
            }
            DatabaseLocation::Postgres(server) => {
                Engine::Postgres(Arc::new(postgres::Postgres::open(server, options)?))
            }
        };
        Ok(Self { engine })
    }

    /// Has tokens judged by this rule and this clock from now on. Only the first call counts.
    /// Before it, and in a store that nobody told, tokens live until they expire, as of the time
    /// that each caller says.
    pub fn judge_by(&self, life: TokenLife, clock: StoreClock) {
        // One installation has one rule: whoever opens a second set of use cases over a store
        // brings the same.
        self.context().liveness.set(life, clock);
    }

    /// Has events vouched for under this key from now on. A store without one records no event and
    /// so makes no change.
    pub fn vouch_by(&self, key: AuditKey) {
        self.context().vouch_by(key);
    }

    /// Has users told by mail from now on of what happens to their accounts, within these bounds. A
    /// store that nobody told so writes down no such mail.
    pub fn send_mail_within(&self, bounds: MailBounds) {
        self.context().send_mail_within(bounds);
    }

    /// Has `listener` called with the changes of every commit of this process, after the commit and
    /// before anybody is answered. It must not wait for anything.
    pub fn listen(&self, listener: ChangeListener) {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.listening.add(listener),
            Engine::Postgres(postgres) => postgres.listening().add(listener),
        }
    }

    /// Has `hear` called whenever another process may have changed something, where processes on
    /// several machines share the database. It only saves time: what is not heard here stands in
    /// the feed all the same.
    pub fn listen_to_others(&self, hear: WakeupListener) {
        match &self.engine {
            // What others commit to a file nobody tells.
            Engine::Sqlite(_) => {}
            Engine::Postgres(postgres) => postgres.listen_to_others(hear),
        }
    }

    /// Whether processes of several machines may share the database, so that its clock is
    /// everybody's and its feed is to be followed all the time.
    pub fn is_shared(&self) -> bool {
        match &self.engine {
            Engine::Sqlite(_) => false,
            Engine::Postgres(_) => true,
        }
    }

    /// What was committed since `position`, by whatever process. Fails where the database's file is
    /// not in its place any more: what others commit then goes elsewhere, and silence would be no
    /// news.
    pub async fn changes_since(&self, position: FeedPosition) -> Result<FeedReading, StoreError> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.changes_since(position),
            Engine::Postgres(postgres) => Box::pin(postgres.changes_since(position)).await,
        }
    }

    /// Counts of what was done so far.
    pub fn stats(&self) -> StoreStats {
        let statements = self.context().shared.statements.load(Ordering::Relaxed);
        let stats = match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.stats(),
            Engine::Postgres(postgres) => postgres.stats(),
        };
        StoreStats {
            statements,
            ..stats
        }
    }

    /// What connections to the database server do; none where there is no server.
    pub fn pool_stats(&self) -> Option<PoolStats> {
        match &self.engine {
            Engine::Sqlite(_) => None,
            Engine::Postgres(postgres) => Some(postgres.pool_stats()),
        }
    }

    /// How much room the database takes, in bytes.
    pub async fn size(&self) -> Result<u64, StoreError> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.size(),
            Engine::Postgres(postgres) => {
                let read = postgres.read_one(|tx| Box::pin(postgres::size(tx)));
                Box::pin(read).await
            }
        }
    }

    /// Commits what waits, closes the database and returns when that is done. Later calls fail with
    /// [`StoreError::Closed`].
    pub async fn close(&self) {
        let engine = self.engine.clone();
        let close = move || match engine {
            Engine::Sqlite(sqlite) => sqlite.close(),
            Engine::Postgres(postgres) => postgres.close(),
        };
        if let Err(error) = tokio::task::spawn_blocking(close).await {
            tracing::error!(cause = %error, "closing the database failed");
        }
    }

    /// Runs `work` in a transaction of its own, for [`crate::writing`] alone. When it returns an
    /// error everything it did is undone; when this returns, what it did is durable. Once begun it
    /// runs to its end even if the caller goes away.
    pub(crate) async fn write<T, R, F>(&self, _: Permit, work: F) -> Result<T, WriteError<R>>
    where
        T: Send + 'static,
        R: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, WriteError<R>>>
            + Clone
            + Send
            + 'static,
    {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.write(work).await,
            Engine::Postgres(postgres) => Box::pin(postgres.write(work)).await,
        }
    }

    /// Runs `work`, which only reads, on one consistent state of the database.
    pub(crate) async fn read<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, StoreError>> + Send,
    {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.read(work),
            Engine::Postgres(postgres) => Box::pin(postgres.read(work)).await,
        }
    }

    /// Runs `work`, which is one statement and so sees one state by itself: cheaper than
    /// [`Store::read`].
    pub(crate) async fn read_one<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, StoreError>> + Send,
    {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.read_one(work),
            Engine::Postgres(postgres) => Box::pin(postgres.read_one(work)).await,
        }
    }

    /// The engine that was picked when the store was opened.
    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// What the process brought.
    pub(crate) fn context(&self) -> &Context {
        match &self.engine {
            Engine::Sqlite(sqlite) => &sqlite.context,
            Engine::Postgres(postgres) => postgres.context(),
        }
    }

    /// This process, as whoever opened the store named it.
    pub(crate) fn process(&self) -> &WriterId {
        match &self.engine {
            Engine::Sqlite(sqlite) => &sqlite.id,
            Engine::Postgres(postgres) => postgres.process(),
        }
    }

    /// The SQLite engine, for what only it can do.
    pub(crate) fn sqlite(&self) -> Option<&Arc<sqlite::Sqlite>> {
        match &self.engine {
            Engine::Sqlite(sqlite) => Some(sqlite),
            Engine::Postgres(_) => None,
        }
    }
}
