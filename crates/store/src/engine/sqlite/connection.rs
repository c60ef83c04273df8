//! A SQLite connection with the transaction that is open on it.

use std::sync::Arc;
use std::time::Duration;

use counterfoil_domain::audit::WriterId;
use rusqlite::config::DbConfig;
use rusqlite::{CachedStatement, Connection, ErrorCode, types};

use crate::changes::Announcements;
use crate::engine::Durability;
use crate::error::StoreError;
use crate::liveness::Liveness;
use crate::statement::Statement;
use crate::tx::{Row, Value};

/// How long to wait for another process that writes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// SQLite does not wait by itself for a process that opens the same new database when the two switch its journal; so we ask
/// this often, at this distance.
const SWITCHES: u32 = 250;
const SWITCH_AGAIN: Duration = Duration::from_millis(20);
/// Prepared statements that a connection keeps: all there are.
const STATEMENTS_KEPT: usize = 256;
/// Pages after which the log is copied back into the database: 16 MiB, since each copy dirties whole pages.
const CHECKPOINT_PAGES: u32 = 4096;
/// Memory for pages, in KiB, negative as SQLite wants it.
const CACHE_KIB: i32 = -16_384;

/// Makes the connection wait while another process writes. The first thing done to any connection.
pub(crate) fn wait_for_others(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY_TIMEOUT)
}

/// Makes the connection keep its statements as they were prepared. Without the planner's guarantee of stability SQLite looks
/// at parameters to see whether they fit a partial index, and so prepares a statement anew whenever one is bound: ten times
/// the work of a point read.
fn keep_statements(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    connection
        .set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
        .map(drop)
}

pub(crate) fn set_up_writer(
    connection: &Connection,
    durability: Durability,
) -> rusqlite::Result<()> {
    keep_statements(connection)?;
    use_write_ahead_log(connection)?;
    let synchronous = match durability {
        Durability::Full => "FULL",
        Durability::None => "OFF",
    };
    connection.pragma_update(None, "synchronous", synchronous)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cache_size", CACHE_KIB)?;
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)
}

/// Makes the database one with a write-ahead log, which it then stays.
fn use_write_ahead_log(connection: &Connection) -> rusqlite::Result<()> {
    for _ in 0..SWITCHES {
        match connection.pragma_update(None, "journal_mode", "WAL") {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => {
                std::thread::sleep(SWITCH_AGAIN);
            }
            outcome => return outcome,
        }
    }
    connection.pragma_update(None, "journal_mode", "WAL")
}

/// Makes the log, which SQLite puts off until the first read.
pub(crate) fn open_log(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_query_value(None, "schema_version", |_| Ok(()))
}

pub(crate) fn set_up_reader(connection: &Connection) -> rusqlite::Result<()> {
    wait_for_others(connection)?;
    keep_statements(connection)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cache_size", CACHE_KIB)?;
    connection.pragma_update(None, "query_only", true)
}

/// A connection, and the writer under whose id its transactions record events.
#[derive(Debug)]
pub(crate) struct SqliteTx {
    connection: Connection,
    writer: Arc<WriterId>,
    pub(crate) announcements: Announcements,
    pub(crate) liveness: Liveness,
}

impl SqliteTx {
    pub(crate) fn new(connection: Connection, writer: Arc<WriterId>, liveness: Liveness) -> Self {
        Self {
            connection,
            writer,
            announcements: Announcements::default(),
            liveness,
        }
    }

    pub(crate) fn writer(&self) -> Arc<WriterId> {
        Arc::clone(&self.writer)
    }

    /// Runs a statement that begins or ends a transaction or a part of one. Kept prepared: each piece of work needs two.
    pub(crate) fn control(&self, statement: &str) -> rusqlite::Result<()> {
        self.connection
            .prepare_cached(statement)?
            .raw_execute()
            .map(drop)
    }

    pub(crate) fn is_in_transaction(&self) -> bool {
        !self.connection.is_autocommit()
    }

    pub(crate) fn execute(
        &mut self,
        statement: Statement,
        params: &[Value],
    ) -> Result<u64, StoreError> {
        let mut prepared = self.connection.prepare_cached(statement.text)?;
        bind(&mut prepared, statement, params)?;
        Ok(prepared.raw_execute()? as u64)
    }

    pub(crate) fn rows(
        &mut self,
        statement: Statement,
        params: &[Value],
    ) -> Result<Vec<Row>, StoreError> {
        let mut kept = Vec::new();
        let mut prepared = self.connection.prepare_cached(statement.text)?;
        bind(&mut prepared, statement, params)?;
        let columns = prepared.column_count();
        let mut rows = prepared.raw_query();
        while let Some(row) = rows.next()? {
            kept.push(row_from(row, columns)?);
        }
        Ok(kept)
    }

    pub(crate) fn optional(
        &mut self,
        statement: Statement,
        params: &[Value],
    ) -> Result<Option<Row>, StoreError> {
        let mut prepared = self.connection.prepare_cached(statement.text)?;
        bind(&mut prepared, statement, params)?;
        let columns = prepared.column_count();
        let is_query = prepared.readonly();
        let mut rows = prepared.raw_query();
        let Some(row) = rows.next()? else {
            return Ok(None);
        };
        let first = row_from(row, columns)?;
        // A change with RETURNING is done only when it was stepped to its end. A query need not be.
        while !is_query && rows.next()?.is_some() {}
        Ok(Some(first))
    }
}

/// Binds `$n` to the nth parameter. SQLite numbers `$1` by where it first stands, so the number is read from its name.
fn bind(
    prepared: &mut CachedStatement<'_>,
    statement: Statement,
    params: &[Value],
) -> Result<(), StoreError> {
    let mismatch = || {
        StoreError::Unavailable(
            format!("{} was not given the parameters it has", statement.name).into(),
        )
    };
    // PostgreSQL refuses parameters too many as well, so both engines do.
    if prepared.parameter_count() != params.len() {
        return Err(mismatch());
    }
    for index in 1..=params.len() {
        let name = prepared
            .parameter_name(index)
            .and_then(|name| name.strip_prefix('$'));
        let number = name.and_then(|name| name.parse::<usize>().ok());
        match number
            .and_then(|number| params.get(number.wrapping_sub(1)))
            .ok_or_else(mismatch)?
        {
            Value::Null => prepared.raw_bind_parameter(index, types::Null)?,
            Value::Integer(integer) => prepared.raw_bind_parameter(index, integer)?,
            Value::Text(text) => prepared.raw_bind_parameter(index, text)?,
            Value::Blob(blob) => prepared.raw_bind_parameter(index, blob)?,
        }
    }
    Ok(())
}

fn row_from(row: &rusqlite::Row<'_>, columns: usize) -> rusqlite::Result<Row> {
    let values: rusqlite::Result<Vec<Value>> = (0..columns)
        .map(|column| Ok(value_of(row.get_ref(column)?)))
        .collect();
    values.map(Row)
}

fn value_of(value: types::ValueRef<'_>) -> Value {
    match value {
        types::ValueRef::Null => Value::Null,
        types::ValueRef::Integer(integer) => Value::Integer(integer),
        // No column is REAL and tables are STRICT, so this arm is never taken.
        types::ValueRef::Real(real) => Value::Text(real.to_string()),
        types::ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
        types::ValueRef::Blob(blob) => Value::Blob(blob.to_vec()),
    }
}
