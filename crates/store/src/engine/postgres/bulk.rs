//! A transaction that goes through whole tables, on a connection of the pool.

use tokio_postgres::types::Type;

use crate::engine::postgres::connection::PostgresConnection;
use crate::engine::postgres::pool::{Connected, take};
use crate::engine::postgres::{Postgres, transaction};
use crate::error::StoreError;
use crate::statement::Row;
use crate::table::{ColumnKind, Table};
use crate::tx::Tx;

/// See the module. What it did is undone when it is dropped without a commit.
pub(crate) struct PostgresBulk(Connected);

impl Postgres {
    /// One state of the database, to read.
    pub(crate) async fn snapshot(&self) -> Result<PostgresBulk, StoreError> {
        self.shared.refuse_closed()?;
        let mut connected = take(&self.shared.readers).await?;
        connected.postgres().begin_reading().await?;
        Ok(PostgresBulk(connected))
    }

    /// A transaction that writes.
    pub(crate) async fn transaction(&self) -> Result<PostgresBulk, StoreError> {
        self.shared.refuse_closed()?;
        let mut connected = take(&self.shared.writers).await?;
        transaction::begin(&mut connected).await?;
        Ok(PostgresBulk(connected))
    }
}

impl PostgresBulk {
    pub(crate) fn tx(&mut self) -> &mut Tx {
        &mut self.0
    }

    fn postgres(&mut self) -> &mut PostgresConnection {
        self.0.postgres()
    }

    pub(crate) async fn insert(&mut self, table: &Table, rows: &[Row]) -> Result<(), StoreError> {
        let statement = format!(
            "COPY {} ({}) FROM STDIN (FORMAT binary)",
            table.name,
            table.names()
        );
        let types: Vec<Type> = table
            .columns
            .iter()
            .map(|column| match column.kind {
                ColumnKind::Integer => Type::INT8,
                ColumnKind::Text => Type::TEXT,
                ColumnKind::Blob => Type::BYTEA,
            })
            .collect();
        Ok(self.postgres().copy_in(&statement, &types, rows).await?)
    }

    /// The last id that a table's counter gave.
    pub(crate) async fn counter(&mut self, table: &Table) -> Result<i64, StoreError> {
        let question = format!(
            "SELECT (CASE WHEN is_called THEN last_value ELSE 0 END)::text FROM {}_id_seq",
            table.name
        );
        let last = self.postgres().look_up(&question).await?;
        Ok(last.and_then(|text| text.parse().ok()).unwrap_or_default())
    }

    pub(crate) async fn set_counter(&mut self, table: &Table, last: i64) -> Result<(), StoreError> {
        let statement = format!("SELECT setval('{}_id_seq', {last}, true)", table.name);
        Ok(self.postgres().run(&statement).await?)
    }

    pub(crate) async fn commit(&mut self) -> Result<(), StoreError> {
        Ok(transaction::commit(&mut self.0).await?)
    }
}
