//! A transaction that goes through whole tables, on a connection of its own: the writer and the
//! readers go on beside it.

use std::sync::Arc;

use rusqlite::{Connection, OpenFlags};

use crate::engine::Durability;
use crate::engine::sqlite::Sqlite;
use crate::engine::sqlite::connection::{SqliteConnection, set_up_writer, wait_for_others};
use crate::error::StoreError;
use crate::statement::{Row, params, statements};
use crate::table::Table;
use crate::tx::Tx;

statements! {
    COUNTER = "SELECT seq FROM sqlite_sequence WHERE name = $1";
    FORGET_COUNTER = "DELETE FROM sqlite_sequence WHERE name = $1";
    SET_COUNTER = "INSERT INTO sqlite_sequence (name, seq) VALUES ($1, $2)";
}

/// See the module. What it did is undone when it is dropped without a commit.
#[derive(Debug)]
pub(crate) struct SqliteBulk(Tx);

impl Sqlite {
    /// One state of the database, to read.
    pub(crate) fn snapshot(&self) -> Result<SqliteBulk, StoreError> {
        self.bulk(self.open_reader()?, "BEGIN")
    }

    /// A transaction that writes, which nobody else does meanwhile.
    pub(crate) fn transaction(&self) -> Result<SqliteBulk, StoreError> {
        self.check_in_place()?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags)?;
        wait_for_others(&connection)?;
        set_up_writer(&connection, Durability::Full)?;
        self.bulk(connection, "BEGIN IMMEDIATE")
    }

    fn bulk(&self, connection: Connection, begin: &str) -> Result<SqliteBulk, StoreError> {
        let connection = SqliteConnection::new(connection);
        connection.control(begin)?;
        let writer = Arc::clone(&self.id);
        Ok(SqliteBulk(Tx::new(
            connection,
            writer,
            self.context.clone(),
        )))
    }
}

impl SqliteBulk {
    pub(crate) fn tx(&mut self) -> &mut Tx {
        &mut self.0
    }

    pub(crate) async fn insert(
        &mut self,
        table: &'static Table,
        rows: &[Row],
    ) -> Result<(), StoreError> {
        for row in rows {
            self.0.execute(table.insert(), &row.values).await?;
        }
        Ok(())
    }

    /// The last id that a table's counter gave.
    pub(crate) async fn counter(&mut self, table: &'static Table) -> Result<i64, StoreError> {
        let row = self
            .0
            .optional(COUNTER, params![table.name.as_str()])
            .await?;
        row.map_or(Ok(0), |mut row| row.integer(0))
    }

    pub(crate) async fn set_counter(
        &mut self,
        table: &'static Table,
        last: i64,
    ) -> Result<(), StoreError> {
        let name = table.name.as_str();
        self.0.execute(FORGET_COUNTER, params![name]).await?;
        self.0
            .execute(SET_COUNTER, params![name, last])
            .await
            .map(drop)
    }

    pub(crate) fn commit(&mut self) -> Result<(), StoreError> {
        Ok(self.0.sqlite().control("COMMIT")?)
    }
}
