//! An open transaction, whatever engine it is on, and the values that go in and out of it.

use std::sync::Arc;

use counterfoil_domain::audit::WriterId;
use counterfoil_domain::timestamp::Timestamp;

use crate::audit::Recorded;
use crate::changes::Announcements;
use crate::context::Context;
use crate::engine::postgres::PostgresTx;
use crate::engine::sqlite::SqliteTx;
use crate::error::StoreError;
use crate::statement::{Batched, Statement};

/// An open transaction, or a connection that reads. The engine is picked at start; this is the one
/// place that branches.
#[derive(Debug)]
pub(crate) enum Tx {
    /// On SQLite. Its futures are always ready at once.
    Sqlite(SqliteTx),
    /// On PostgreSQL.
    Postgres(PostgresTx),
}

impl Tx {
    /// The id under which this transaction records its event.
    pub(crate) fn writer(&self) -> Arc<WriterId> {
        match self {
            Self::Sqlite(tx) => tx.writer(),
            Self::Postgres(tx) => tx.writer(),
        }
    }

    /// What the process that opened the store brought.
    pub(crate) fn context(&self) -> &Context {
        match self {
            Self::Sqlite(tx) => &tx.context,
            Self::Postgres(tx) => &tx.context,
        }
    }

    /// What the transaction says of what it changes.
    pub(crate) fn announcements(&mut self) -> &mut Announcements {
        match self {
            Self::Sqlite(tx) => &mut tx.announcements,
            Self::Postgres(tx) => &mut tx.announcements,
        }
    }

    /// The audit events of the transaction.
    pub(crate) fn recorded(&mut self) -> &mut Recorded {
        match self {
            Self::Sqlite(tx) => &mut tx.recorded,
            Self::Postgres(tx) => &mut tx.recorded,
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
            Self::Postgres(tx) => tx.rows(statement, params).await.map(drop),
        }
    }

    /// Runs a statement that changes rows and says how many it changed.
    pub(crate) async fn execute(
        &mut self,
        statement: Statement,
        params: &[Value],
    ) -> Result<u64, StoreError> {
        match self {
            Self::Sqlite(tx) => tx.execute(statement, params),
            Self::Postgres(tx) => tx.execute(statement, params).await,
        }
    }

    /// Runs a statement that inserts one row and ends with `RETURNING id`, and gives that id.
    pub(crate) async fn insert(
        &mut self,
        statement: Statement,
        params: &[Value],
    ) -> Result<i64, StoreError> {
        match self {
            Self::Sqlite(tx) => tx.insert(statement, params),
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
            Self::Sqlite(tx) => tx.rows(statement, params),
            Self::Postgres(tx) => tx.rows(statement, params).await,
        }
    }

    /// The first row of a statement, if there is one.
    pub(crate) async fn optional(
        &mut self,
        statement: Statement,
        params: &[Value],
    ) -> Result<Option<Row>, StoreError> {
        match self {
            Self::Sqlite(tx) => tx.optional(statement, params),
            Self::Postgres(tx) => tx.optional(statement, params).await,
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

/// A value as both engines know it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Null,
    Integer(i64),
    Text(String),
    Blob(Vec<u8>),
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Self::Integer(i64::from(value))
    }
}

impl From<u64> for Value {
    fn from(value: u64) -> Self {
        Self::Integer(i64::try_from(value).unwrap_or(i64::MAX))
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Integer(i64::from(value))
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<&[u8]> for Value {
    fn from(value: &[u8]) -> Self {
        Self::Blob(value.to_vec())
    }
}

impl<const N: usize> From<&[u8; N]> for Value {
    fn from(value: &[u8; N]) -> Self {
        Self::Blob(value.to_vec())
    }
}

impl From<Vec<u8>> for Value {
    fn from(value: Vec<u8>) -> Self {
        Self::Blob(value)
    }
}

impl From<Timestamp> for Value {
    fn from(value: Timestamp) -> Self {
        Self::Integer(value.microseconds())
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

macro_rules! id_values {
    ($($id:ident),+) => {$(
        impl From<counterfoil_domain::id::$id> for Value {
            fn from(id: counterfoil_domain::id::$id) -> Self {
                Self::Integer(id.0)
            }
        }
    )+};
}
id_values!(
    AccountId,
    AppId,
    AuthorizationId,
    TokenDigestId,
    GrantId,
    ClientSecretId,
    EmailId,
    RecoveryCodeId,
    TeamId
);

/// The parameters of a statement, in the order of their numbers.
macro_rules! params {
    ($($value:expr),* $(,)?) => { &[$($crate::tx::Value::from($value)),*] };
}
pub(crate) use params;

/// A row: its values in the order of the statement's columns.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) values: Vec<Value>,
    /// The statement that gave it, which says where its values come from.
    statement: Statement,
}

impl Row {
    pub(crate) fn new(values: Vec<Value>, statement: Statement) -> Self {
        Self { values, statement }
    }

    /// Takes the value of a column out of the row.
    fn take(&mut self, column: usize) -> Value {
        self.values
            .get_mut(column)
            .map_or(Value::Null, |value| std::mem::replace(value, Value::Null))
    }

    pub(crate) fn is_null(&self, column: usize) -> bool {
        matches!(self.values.get(column), None | Some(Value::Null))
    }

    pub(crate) fn integer(&mut self, column: usize) -> Result<i64, StoreError> {
        self.optional_integer(column)?
            .ok_or_else(|| self.inconsistent(column))
    }

    pub(crate) fn optional_integer(&mut self, column: usize) -> Result<Option<i64>, StoreError> {
        match self.take(column) {
            Value::Integer(value) => Ok(Some(value)),
            Value::Null => Ok(None),
            Value::Text(_) | Value::Blob(_) => Err(self.inconsistent(column)),
        }
    }

    pub(crate) fn flag(&mut self, column: usize) -> Result<bool, StoreError> {
        self.integer(column).map(|value| value != 0)
    }

    pub(crate) fn count(&mut self, column: usize) -> Result<u64, StoreError> {
        self.integer(column)
            .map(|value| u64::try_from(value).unwrap_or(0))
    }

    pub(crate) fn small_count(&mut self, column: usize) -> Result<u32, StoreError> {
        self.count(column)
            .map(|count| u32::try_from(count).unwrap_or(u32::MAX))
    }

    pub(crate) fn timestamp(&mut self, column: usize) -> Result<Timestamp, StoreError> {
        self.integer(column).map(Timestamp::from_microseconds)
    }

    pub(crate) fn optional_timestamp(
        &mut self,
        column: usize,
    ) -> Result<Option<Timestamp>, StoreError> {
        Ok(self
            .optional_integer(column)?
            .map(Timestamp::from_microseconds))
    }

    pub(crate) fn text(&mut self, column: usize) -> Result<String, StoreError> {
        self.optional_text(column)?
            .ok_or_else(|| self.inconsistent(column))
    }

    pub(crate) fn optional_text(&mut self, column: usize) -> Result<Option<String>, StoreError> {
        match self.take(column) {
            Value::Text(value) => Ok(Some(value)),
            Value::Null => Ok(None),
            Value::Integer(_) | Value::Blob(_) => Err(self.inconsistent(column)),
        }
    }

    pub(crate) fn optional_blob(&mut self, column: usize) -> Result<Option<Vec<u8>>, StoreError> {
        match self.take(column) {
            Value::Blob(value) => Ok(Some(value)),
            Value::Null => Ok(None),
            Value::Integer(_) | Value::Text(_) => Err(self.inconsistent(column)),
        }
    }

    pub(crate) fn blob(&mut self, column: usize) -> Result<Vec<u8>, StoreError> {
        match self.take(column) {
            Value::Blob(value) => Ok(value),
            Value::Null | Value::Integer(_) | Value::Text(_) => Err(self.inconsistent(column)),
        }
    }

    /// A value is missing, or of another type than its column has.
    fn inconsistent(&self, column: usize) -> StoreError {
        let (table, column) = self.statement.column(column);
        StoreError::Inconsistent { table, column }
    }
}
