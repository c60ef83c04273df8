//! A connection, whatever engine it is on, which runs statements.

use crate::engine::postgres::PostgresConnection;
use crate::engine::sqlite::SqliteConnection;
use crate::error::StoreError;
use crate::statement::{Batched, Row, Statement, Value};

/// A connection. The engine is picked at start; this is the one place that branches.
#[derive(Debug)]
pub(crate) enum AnyConnection {
    /// To SQLite. Its futures are always ready at once.
    Sqlite(SqliteConnection),
    /// To PostgreSQL.
    Postgres(PostgresConnection),
}

impl From<SqliteConnection> for AnyConnection {
    fn from(connection: SqliteConnection) -> Self {
        Self::Sqlite(connection)
    }
}

impl From<PostgresConnection> for AnyConnection {
    fn from(connection: PostgresConnection) -> Self {
        Self::Postgres(connection)
    }
}

impl AnyConnection {
    /// The connection that the engine of SQLite made.
    pub(crate) fn sqlite(&mut self) -> &mut SqliteConnection {
        match self {
            Self::Sqlite(connection) => connection,
            Self::Postgres(_) => unreachable!("the engine of SQLite connects to nothing else"),
        }
    }

    /// [`AnyConnection::sqlite`], taken.
    pub(crate) fn into_sqlite(self) -> SqliteConnection {
        match self {
            Self::Sqlite(connection) => connection,
            Self::Postgres(_) => unreachable!("the engine of SQLite connects to nothing else"),
        }
    }

    /// The connection that the engine of PostgreSQL made.
    pub(crate) fn postgres(&mut self) -> &mut PostgresConnection {
        match self {
            Self::Postgres(connection) => connection,
            Self::Sqlite(_) => unreachable!("the engine of PostgreSQL connects to nothing else"),
        }
    }

    /// Brings the statistics of the tables of tokens up to date, by which statements are planned.
    /// Does nothing on SQLite, which plans without them.
    pub(crate) async fn analyze_tokens(&mut self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(_) => Ok(()),
            Self::Postgres(postgres) => postgres.analyze_tokens().await,
        }
    }

    /// Holds on to the rows that a statement reads, as its lock says, until the transaction ends.
    /// Does nothing on SQLite, where nobody else writes meanwhile.
    pub(crate) async fn lock(
        &mut self,
        statement: Statement,
        params: &[Value],
    ) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(_) => Ok(()),
            Self::Postgres(postgres) => postgres.rows(statement, params).await.map(drop),
        }
    }

    /// Runs a statement that changes rows and says how many it changed.
    pub(crate) async fn execute(
        &mut self,
        statement: Statement,
        params: &[Value],
    ) -> Result<u64, StoreError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.execute(statement, params),
            Self::Postgres(postgres) => postgres.execute(statement, params).await,
        }
    }

    /// Runs a statement that inserts one row and ends with `RETURNING id`, and gives that id.
    pub(crate) async fn insert(
        &mut self,
        statement: Statement,
        params: &[Value],
    ) -> Result<i64, StoreError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.insert(statement, params),
            Self::Postgres(_) => self.one(statement, params).await?.integer(0),
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
        match self {
            Self::Sqlite(sqlite) => sqlite.rows(statement, params),
            Self::Postgres(postgres) => postgres.rows(statement, params).await,
        }
    }

    /// The first row of a statement, if there is one.
    pub(crate) async fn optional(
        &mut self,
        statement: Statement,
        params: &[Value],
    ) -> Result<Option<Row>, StoreError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.optional(statement, params),
            Self::Postgres(postgres) => postgres.optional(statement, params).await,
        }
    }

    /// The one row that a statement always has: a count, or what `RETURNING` gives.
    pub(crate) async fn one(
        &mut self,
        statement: Statement,
        params: &[Value],
    ) -> Result<Row, StoreError> {
        let row = self.optional(statement, params).await?;
        row.ok_or_else(|| {
            let (table, column) = statement.column(0);
            StoreError::Inconsistent { table, column }
        })
    }
}
