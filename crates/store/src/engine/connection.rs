//! A connection, whatever engine it is on, which runs statements and counts them.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::context::Shared;
use crate::engine::postgres::PostgresConnection;
use crate::engine::sqlite::SqliteConnection;
use crate::error::StoreError;
use crate::statement::{Batched, Row, Statement, Value};

/// A connection.
#[derive(Debug)]
pub(crate) struct AnyConnection {
    to: To,
    /// Where its statements are counted, together with those of others.
    counted_in: Arc<Shared>,
}

/// The engine is picked at start; this is the one place that branches.
#[derive(Debug)]
enum To {
    /// SQLite. Its futures are always ready at once.
    Sqlite(SqliteConnection),
    Postgres(PostgresConnection),
}

impl From<SqliteConnection> for AnyConnection {
    fn from(connection: SqliteConnection) -> Self {
        Self::new(To::Sqlite(connection))
    }
}

impl From<PostgresConnection> for AnyConnection {
    fn from(connection: PostgresConnection) -> Self {
        Self::new(To::Postgres(connection))
    }
}

impl AnyConnection {
    fn new(to: To) -> Self {
        Self {
            to,
            counted_in: Arc::default(),
        }
    }

    /// Has its statements counted together with those of others from now on.
    pub(crate) fn count_in(&mut self, shared: Arc<Shared>) {
        self.counted_in = shared;
    }

    /// What runs a statement, which is counted.
    fn counted(&mut self) -> &mut To {
        self.counted_in.statements.fetch_add(1, Ordering::Relaxed);
        &mut self.to
    }

    /// The connection that the engine of SQLite made.
    pub(crate) fn sqlite(&mut self) -> &mut SqliteConnection {
        match &mut self.to {
            To::Sqlite(connection) => connection,
            To::Postgres(_) => unreachable!("the engine of SQLite connects to nothing else"),
        }
    }

    /// [`AnyConnection::sqlite`], taken.
    pub(crate) fn into_sqlite(self) -> SqliteConnection {
        match self.to {
            To::Sqlite(connection) => connection,
            To::Postgres(_) => unreachable!("the engine of SQLite connects to nothing else"),
        }
    }

    /// The connection that the engine of PostgreSQL made.
    pub(crate) fn postgres(&mut self) -> &mut PostgresConnection {
        match self.server() {
            Some(connection) => connection,
            None => unreachable!("the engine of PostgreSQL connects to nothing else"),
        }
    }

    /// The connection to a server, where others write at the same time.
    pub(crate) fn server(&mut self) -> Option<&mut PostgresConnection> {
        match &mut self.to {
            To::Postgres(connection) => Some(connection),
            To::Sqlite(_) => None,
        }
    }

    /// Brings the statistics of the tables of tokens up to date, by which statements are planned.
    /// Does nothing on SQLite, which plans without them.
    pub(crate) async fn analyze_tokens(&mut self) -> Result<(), StoreError> {
        match self.server() {
            None => Ok(()),
            Some(postgres) => postgres.analyze_tokens().await,
        }
    }

    /// Holds on to the rows that a statement reads, as its lock says, until the transaction ends.
    /// Does nothing on SQLite, where nobody else writes meanwhile.
    pub(crate) async fn lock(
        &mut self,
        statement: Statement,
        params: &[Value],
    ) -> Result<(), StoreError> {
        match self.counted() {
            To::Sqlite(_) => Ok(()),
            To::Postgres(postgres) => postgres.rows(statement, params).await.map(drop),
        }
    }

    /// Runs a statement that changes rows and says how many it changed.
    pub(crate) async fn execute(
        &mut self,
        statement: Statement,
        params: &[Value],
    ) -> Result<u64, StoreError> {
        match self.counted() {
            To::Sqlite(sqlite) => sqlite.execute(statement, params),
            To::Postgres(postgres) => postgres.execute(statement, params).await,
        }
    }

    /// Runs a statement that inserts one row and ends with `RETURNING id`, and gives that id.
    pub(crate) async fn insert(
        &mut self,
        statement: Statement,
        params: &[Value],
    ) -> Result<i64, StoreError> {
        match self.counted() {
            To::Sqlite(sqlite) => sqlite.insert(statement, params),
            To::Postgres(postgres) => {
                let row = postgres.optional(statement, params).await?;
                found(row, statement)?.integer(0)
            }
        }
    }

    /// Inserts rows in their order, as many as possible with each statement.
    pub(crate) async fn insert_all(
        &mut self,
        insert: &Batched,
        rows: Vec<Vec<Value>>,
    ) -> Result<(), StoreError> {
        let mut rows = rows.into_iter();
        while let Some((size, statement)) = insert.for_rows(rows.len()) {
            let together: Vec<Value> = rows.by_ref().take(size).flatten().collect();
            self.execute(statement, &together).await?;
        }
        Ok(())
    }

    /// Inserts rows in their order with a statement that ends with `RETURNING id`, and gives their
    /// ids in the same order.
    pub(crate) async fn insert_all_for_ids(
        &mut self,
        insert: &Batched,
        rows: Vec<Vec<Value>>,
    ) -> Result<Vec<i64>, StoreError> {
        let mut rows = rows.into_iter();
        let mut ids = Vec::with_capacity(rows.len());
        while let Some((size, statement)) = insert.for_rows(rows.len()) {
            let together: Vec<Value> = rows.by_ref().take(size).flatten().collect();
            let returned = self.rows(statement, &together).await?;
            let returned: Result<Vec<_>, _> =
                returned.into_iter().map(|mut row| row.integer(0)).collect();
            let mut returned = returned?;
            if returned.len() != size {
                let (table, column) = statement.column(0);
                return Err(StoreError::Inconsistent { table, column });
            }
            // Both engines give ids out in the order of the values; neither says in which order it
            // returns them.
            returned.sort_unstable();
            ids.extend(returned);
        }
        Ok(ids)
    }

    /// Which of several things are there, each given by the parameters of its lookup.
    pub(crate) async fn look_up_all(
        &mut self,
        look_up: &Batched,
        wanted: Vec<Vec<Value>>,
    ) -> Result<Vec<bool>, StoreError> {
        let mut found = Vec::with_capacity(wanted.len());
        let mut wanted = wanted.into_iter();
        while let Some((size, statement)) = look_up.for_rows(wanted.len()) {
            let together: Vec<Value> = wanted.by_ref().take(size).flatten().collect();
            let mut row = self.one(statement, &together).await?;
            for column in 0..size {
                found.push(row.flag(column)?);
            }
        }
        Ok(found)
    }

    /// All rows of a statement.
    pub(crate) async fn rows(
        &mut self,
        statement: Statement,
        params: &[Value],
    ) -> Result<Vec<Row>, StoreError> {
        match self.counted() {
            To::Sqlite(sqlite) => sqlite.rows(statement, params),
            To::Postgres(postgres) => postgres.rows(statement, params).await,
        }
    }

    /// The first row of a statement, if there is one.
    pub(crate) async fn optional(
        &mut self,
        statement: Statement,
        params: &[Value],
    ) -> Result<Option<Row>, StoreError> {
        match self.counted() {
            To::Sqlite(sqlite) => sqlite.optional(statement, params),
            To::Postgres(postgres) => postgres.optional(statement, params).await,
        }
    }

    /// The one row that a statement always has: a count, or what `RETURNING` gives.
    pub(crate) async fn one(
        &mut self,
        statement: Statement,
        params: &[Value],
    ) -> Result<Row, StoreError> {
        found(self.optional(statement, params).await?, statement)
    }
}

/// The row that a statement always has.
fn found(row: Option<Row>, statement: Statement) -> Result<Row, StoreError> {
    row.ok_or_else(|| {
        let (table, column) = statement.column(0);
        StoreError::Inconsistent { table, column }
    })
}
