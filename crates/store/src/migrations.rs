//! Numbered migrations, forward only.
//!
//! Each records the oldest program that can use the schema it leads to. A program meets three kinds of database: one that
//! is behind, which it migrates or refuses; one that is ahead, which it uses unless that schema needs a newer program; and
//! one of somebody else, which it never touches.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, TransactionBehavior};

use crate::error::{OpenError, StoreError};

/// This program's version, against which a schema's oldest program is held.
const PROGRAM: &str = env!("CARGO_PKG_VERSION");
/// Marks our files among SQLite databases (`PRAGMA application_id`): "CFOI".
const APPLICATION_ID: i64 = 0x4346_4F49;

struct Migration {
    number: i64,
    name: &'static str,
    oldest_program: &'static str,
    sqlite: &'static str,
}

const MIGRATIONS: &[Migration] = &[
    Migration {
        number: 1,
        name: "foundation",
        oldest_program: "0.1.0",
        sqlite: include_str!("../migrations/0001_foundation.sqlite.sql"),
    },
    Migration {
        number: 2,
        name: "tokens_at_work",
        // An older program would change tokens without a word in the feed of changes. There is none: no version before this
        // one was released.
        oldest_program: "0.1.0",
        sqlite: include_str!("../migrations/0002_tokens_at_work.sqlite.sql"),
    },
];

/// What to do about the schema when a database is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SchemaState {
    /// Make it, or bring it up to date.
    Migrate,
    /// Make it where there is none, even if somebody was killed who had begun to; refuse one that is behind.
    Make,
    /// Refuse a database that is behind.
    Require,
}

impl SchemaState {
    /// Refuses a database that this program must not use. Writes nothing.
    pub(crate) fn inspect(self, connection: &Connection, path: &Path) -> Result<(), OpenError> {
        let unusable = |error: rusqlite::Error| match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::NotADatabase) => OpenError::Foreign {
                path: path.to_owned(),
            },
            Some(_) | None => OpenError::Unusable {
                path: path.to_owned(),
                reason: error.to_string(),
            },
        };
        // One transaction: another process may be making the database meanwhile, and half of that looks like a stranger's.
        let transaction = connection.unchecked_transaction().map_err(unusable)?;
        if is_foreign(&transaction).map_err(unusable)? {
            return Err(OpenError::Foreign {
                path: path.to_owned(),
            });
        }
        let applied = applied(&transaction).map_err(unusable)?;
        drop(transaction);
        refuse_newer(&applied)?;
        let newest = newest(&applied);
        match self {
            Self::Make if newest == NOTHING => Ok(()),
            Self::Make | Self::Require if newest < needed() => Err(OpenError::TooOld {
                found: newest,
                needed: needed(),
            }),
            Self::Migrate | Self::Make | Self::Require => Ok(()),
        }
    }

    /// Applies what is missing, if that was asked for.
    pub(crate) fn bring_about(self, connection: &mut Connection) -> Result<(), OpenError> {
        match self {
            Self::Require => Ok(()),
            Self::Migrate | Self::Make
                if newest(&applied(connection).map_err(StoreError::from)?) >= needed() =>
            {
                Ok(())
            }
            // What is to be made only was inspected: there is nothing yet.
            Self::Migrate | Self::Make => {
                migrate(connection).map_err(|error| StoreError::from(error).into())
            }
        }
    }
}

/// The number of the newest migration where none was applied.
const NOTHING: i64 = 0;

fn newest(applied: &[Applied]) -> i64 {
    applied.last().map_or(NOTHING, |last| last.number)
}

/// The newest migration of this program.
fn needed() -> i64 {
    MIGRATIONS.last().map_or(0, |last| last.number)
}

struct Applied {
    number: i64,
    oldest_program: String,
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

/// Only a schema that says so refuses an older program, so that nodes can be upgraded one by one.
fn refuse_newer(applied: &[Applied]) -> Result<(), OpenError> {
    let too_new = applied
        .iter()
        .rev()
        .find(|migration| parse_version(&migration.oldest_program) > parse_version(PROGRAM));
    match too_new {
        Some(migration) => Err(OpenError::TooNew {
            needed: migration.oldest_program.clone(),
            program: PROGRAM,
        }),
        None => Ok(()),
    }
}

fn parse_version(version: &str) -> Vec<u64> {
    version
        .split('.')
        .map(|part| part.parse().unwrap_or(u64::MAX))
        .collect()
}

fn migrate(connection: &mut Connection) -> rusqlite::Result<()> {
    // One transaction for all, begun at once: a second process that starts together with this one waits, and then finds
    // nothing left to do.
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
    for migration in MIGRATIONS
        .iter()
        .filter(|migration| migration.number > newest)
    {
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
