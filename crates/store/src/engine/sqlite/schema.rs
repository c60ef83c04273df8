//! The schema of a SQLite file: whose it is, and how it is brought up to date.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, TransactionBehavior};

use crate::error::{OpenError, StoreError};
use crate::migrations::{Applied, SchemaState, missing_after};

/// Marks our files among SQLite databases (`PRAGMA application_id`): "CFOI".
const APPLICATION_ID: i64 = 0x4346_4F49;

/// Refuses a database that this program must not use. Writes nothing.
pub(super) fn inspect(
    connection: &Connection,
    wanted: SchemaState,
    path: &Path,
) -> Result<(), OpenError> {
    let unusable = |error: rusqlite::Error| match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::NotADatabase) => OpenError::Foreign {
            path: path.to_owned(),
        },
        Some(_) | None => OpenError::Unusable {
            path: path.to_owned(),
            reason: error.to_string(),
        },
    };
    // One transaction: another process may be making the database meanwhile, and half of that looks
    // like a stranger's.
    let transaction = connection.unchecked_transaction().map_err(unusable)?;
    if is_foreign(&transaction).map_err(unusable)? {
        return Err(OpenError::Foreign {
            path: path.to_owned(),
        });
    }
    let applied = applied(&transaction).map_err(unusable)?;
    wanted.judge(&applied)
}

/// Applies what is missing, if that was asked for.
pub(super) fn bring_about(
    connection: &mut Connection,
    wanted: SchemaState,
) -> Result<(), OpenError> {
    let applied = applied(connection).map_err(StoreError::from)?;
    if wanted.is_to_migrate(&applied) {
        migrate(connection).map_err(StoreError::from)?;
    }
    Ok(())
}

fn is_foreign(connection: &Connection) -> rusqlite::Result<bool> {
    let id: i64 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    Ok(id != APPLICATION_ID && (id != 0 || tables > 0))
}

fn applied(connection: &Connection) -> rusqlite::Result<Vec<Applied>> {
    let table = connection
        .query_row(
            "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'schema_migrations'",
            [],
            |_| Ok(()),
        )
        .optional()?;
    if table.is_none() {
        return Ok(Vec::new());
    }
    let mut statement = connection
        .prepare("SELECT number, oldest_program FROM schema_migrations ORDER BY number")?;
    let rows = statement.query_map([], |row| {
        Ok(Applied {
            number: row.get(0)?,
            oldest_program: row.get(1)?,
        })
    })?;
    rows.collect()
}

pub(super) fn migrate(connection: &mut Connection) -> rusqlite::Result<()> {
    // One transaction for all, begun at once: a second process that starts together with this one
    // waits, and then finds nothing left to do.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.execute_batch(
        "CREATE TABLE IF NOT EXISTS schema_migrations (
            number INTEGER PRIMARY KEY,
            name TEXT NOT NULL,
            oldest_program TEXT NOT NULL,
            applied_at INTEGER NOT NULL DEFAULT (unixepoch() * 1000000)
        ) STRICT",
    )?;
    let newest: i64 = transaction.query_row(
        "SELECT coalesce(max(number), 0) FROM schema_migrations",
        [],
        |row| row.get(0),
    )?;
    for migration in missing_after(newest) {
        transaction.execute_batch(migration.sqlite)?;
        transaction.execute(
            "INSERT INTO schema_migrations (number, name, oldest_program) VALUES (?1, ?2, ?3)",
            (migration.number, migration.name, migration.oldest_program),
        )?;
        tracing::info!(
            number = migration.number,
            name = migration.name,
            "migration applied"
        );
    }
    transaction.commit()
}
