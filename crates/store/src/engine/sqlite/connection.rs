//! A SQLite connection.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{CachedStatement, Connection, ErrorCode, types};

use crate::engine::Durability;
use crate::error::StoreError;
use crate::statement::{Row, Statement, Value};

/// How long to wait for another process that writes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// SQLite does not wait by itself for a process that opens the same new database when the two
/// switch its journal; so we ask this often, at this distance.
const SWITCHES: u32 = 250;
const SWITCH_AGAIN: Duration = Duration::from_millis(20);
/// Prepared statements that a connection keeps: all there are.
const STATEMENTS_KEPT: usize = 256;
/// Pages after which the log is copied back into the database: 16 MiB, since each copy dirties
/// whole pages.
const CHECKPOINT_PAGES: u32 = 4096;
/// The words by which a statement gives the id of the row that it inserts.
const RETURNING_ID: &str = " RETURNING id";
/// Memory for pages, in KiB, negative as SQLite wants it.
const CACHE_KIB: i32 = -16_384;

/// Makes the connection wait while another process writes. The first thing done to any connection.
pub(crate) fn wait_for_others(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY_TIMEOUT)
}

/// Makes the connection keep its statements as they were prepared. Without the planner's guarantee
/// of stability SQLite looks at parameters to see whether they fit a partial index, and so prepares
/// a statement anew whenever one is bound: ten times the work of a point read.
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
    overwrite_what_is_deleted(connection)?;
    connection.pragma_update(None, "cache_size", CACHE_KIB)?;
    // What a savepoint would put back is kept in memory: in a file it costs two system calls for
    // each page that is touched.
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)
}

/// What is deleted or replaced (a password's hash, a sealed seed) is overwritten with zeros in the
/// file, and so stands in no later backup, which has free pages too.
pub(super) fn overwrite_what_is_deleted(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "secure_delete", true)
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

/// A connection that runs statements.
#[derive(Debug)]
pub(crate) struct SqliteConnection {
    connection: Connection,
    orders: Orders,
}

/// For each statement, by where its text is: which parameter stands at each of its places.
type Orders = HashMap<(usize, usize), Box<[usize]>>;

impl SqliteConnection {
    pub(crate) fn new(connection: Connection) -> Self {
        Self {
            connection,
            orders: Orders::default(),
        }
    }

    /// How many rows were changed over this connection so far; more after each statement that
    /// changed any.
    pub(crate) fn changes(&self) -> u64 {
        self.connection.total_changes()
    }

    /// The driver's connection, for what only this engine does.
    pub(crate) fn into_driver(self) -> Connection {
        self.connection
    }

    /// Runs a statement that begins or ends a transaction or a part of one. Kept prepared: each
    /// piece of work needs two.
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
        bind(&mut self.orders, &mut prepared, statement, params)?;
        Ok(prepared.raw_execute()? as u64)
    }

    /// Runs a statement that inserts one row and ends with `RETURNING id`, and gives that id.
    /// SQLite knows the id of the row without these words, for which it would make and empty a
    /// table in memory each time.
    pub(crate) fn insert(
        &mut self,
        statement: Statement,
        params: &[Value],
    ) -> Result<i64, StoreError> {
        let text = statement.text.strip_suffix(RETURNING_ID);
        let mut prepared = self
            .connection
            .prepare_cached(text.unwrap_or(statement.text))?;
        bind(&mut self.orders, &mut prepared, statement, params)?;
        prepared.raw_execute()?;
        Ok(self.connection.last_insert_rowid())
    }

    pub(crate) fn rows(
        &mut self,
        statement: Statement,
        params: &[Value],
    ) -> Result<Vec<Row>, StoreError> {
        let mut kept = Vec::new();
        let mut prepared = self.connection.prepare_cached(statement.text)?;
        bind(&mut self.orders, &mut prepared, statement, params)?;
        let columns = prepared.column_count();
        let mut rows = prepared.raw_query();
        while let Some(row) = rows.next()? {
            kept.push(row_from(row, columns, statement)?);
        }
        Ok(kept)
    }

    pub(crate) fn optional(
        &mut self,
        statement: Statement,
        params: &[Value],
    ) -> Result<Option<Row>, StoreError> {
        let mut prepared = self.connection.prepare_cached(statement.text)?;
        bind(&mut self.orders, &mut prepared, statement, params)?;
        let columns = prepared.column_count();
        let is_query = prepared.readonly();
        let mut rows = prepared.raw_query();
        let Some(row) = rows.next()? else {
            return Ok(None);
        };
        let first = row_from(row, columns, statement)?;
        // A change with RETURNING is done only when it was stepped to its end. A query need not be.
        while !is_query && rows.next()?.is_some() {}
        Ok(Some(first))
    }
}

/// Binds `$n` to the nth parameter. SQLite numbers `$1` by where it first stands, so the number is
/// read from its name.
fn bind(
    orders: &mut Orders,
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
    let place = (statement.text.as_ptr() as usize, statement.text.len());
    let order = match orders.entry(place) {
        Entry::Occupied(known) => known.into_mut(),
        Entry::Vacant(unknown) => unknown.insert(order_of(prepared).ok_or_else(mismatch)?),
    };
    for (index, number) in (1..).zip(order.iter()) {
        match params.get(*number).ok_or_else(mismatch)? {
            Value::Null => prepared.raw_bind_parameter(index, types::Null)?,
            Value::Integer(integer) => prepared.raw_bind_parameter(index, integer)?,
            Value::Text(text) => prepared.raw_bind_parameter(index, text)?,
            Value::Blob(blob) => prepared.raw_bind_parameter(index, blob)?,
        }
    }
    Ok(())
}

/// For each place of a statement, counted from 0, the parameter that stands there, counted so too.
fn order_of(prepared: &CachedStatement<'_>) -> Option<Box<[usize]>> {
    let number = |index| {
        let name = prepared.parameter_name(index)?.strip_prefix('$')?;
        name.parse::<usize>().ok()?.checked_sub(1)
    };
    (1..=prepared.parameter_count()).map(number).collect()
}

fn row_from(
    row: &rusqlite::Row<'_>,
    columns: usize,
    statement: Statement,
) -> rusqlite::Result<Row> {
    let values: rusqlite::Result<Vec<Value>> = (0..columns)
        .map(|column| Ok(value_of(row.get_ref(column)?)))
        .collect();
    values.map(|values| Row::new(values, statement))
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
