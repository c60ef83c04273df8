//! The facade and the engine behind it.

pub(crate) mod postgres;
pub(crate) mod sqlite;

use std::path::PathBuf;
use std::sync::Arc;

use counterfoil_domain::audit::WriterId;
use futures_util::future::BoxFuture;

use crate::changes::Listening;
use crate::context::Context;
use crate::engine::postgres::PostgresOptions;
use crate::error::{OpenError, StoreError, WriteError};
use crate::migrations::SchemaState;
use crate::tx::Tx;
use crate::writing::permit::Permit;

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

/// Which database, and how to open it.
#[derive(Clone, Debug)]
pub struct OpenOptions {
    /// Where it is.
    pub location: DatabaseLocation,
    /// The id under which this process writes audit events; new for each process.
    pub writer: WriterId,
    /// What to do when the schema is behind this program.
    pub schema: SchemaState,
    /// How a commit is made to last.
    pub durability: Durability,
}

/// Where a database is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DatabaseLocation {
    /// A SQLite file.
    Sqlite(PathBuf),
    /// A PostgreSQL database.
    Postgres(Box<PostgresOptions>),
}

/// How a commit is made to last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// An acknowledged commit survives a power cut.
    Full,
    /// It may not. For tests alone, among them the one that shows that its counter of syncs can
    /// fail.
    None,
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
}

/// What connections to a database server do at this moment, and what went wrong with them, for
/// metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PoolStats {
    /// Connections that are open for requests.
    pub connections: usize,
    /// Connections that are in use.
    pub in_use: usize,
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

    /// Counts of what was done so far.
    pub fn stats(&self) -> StoreStats {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.stats(),
            Engine::Postgres(postgres) => postgres.stats(),
        }
    }

    /// What connections to the database server do; none where there is no server.
    pub fn pool_stats(&self) -> Option<PoolStats> {
        match &self.engine {
            Engine::Sqlite(_) => None,
            Engine::Postgres(postgres) => Some(postgres.pool_stats()),
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
            tracing::error!(%error, "the store was not closed in order");
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

    /// Who hears of this process's commits.
    pub(crate) fn listening(&self) -> &Listening {
        match &self.engine {
            Engine::Sqlite(sqlite) => &sqlite.listening,
            Engine::Postgres(postgres) => postgres.listening(),
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
