//! The database that a restore replaces: locked, and asked what it can prove.

use std::fs;
use std::io;
use std::path::Path;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::engine::sqlite::restore::{GLANCE, RestoreError, Unverifiable, carry_over, in_use};
use crate::engine::sqlite::schema;
use crate::error::{OpenError, StoreError};
use crate::migrations::SchemaState;

/// The database that is to be replaced.
pub(super) struct PreviousDatabase {
    /// Whether there is a file.
    pub(super) is_there: bool,
    /// Why it proves nothing, if it does not.
    pub(super) unverifiable: Option<Unverifiable>,
    /// Whether its counters and its audit trail can be told.
    pub(super) is_attached: bool,
    /// Whether the connection has it under its lock.
    pub(super) is_locked: bool,
}

impl PreviousDatabase {
    /// Locks the database for as long as the connection lives, under the name `old`, and finds out
    /// what it can prove.
    pub(super) fn look_at(connection: &Connection, path: &Path) -> Result<Self, RestoreError> {
        let nothing = |is_there, why| Self {
            is_there,
            unverifiable: Some(why),
            is_attached: false,
            is_locked: false,
        };
        match fs::metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(nothing(false, Unverifiable::NothingThere));
            }
            Ok(metadata) if metadata.len() == 0 => {
                return Ok(nothing(true, Unverifiable::NothingThere));
            }
            _ => {}
        }
        match attach(connection, path) {
            Ok(()) => {}
            Err(Attach::InUse) => return Err(in_use(path)),
            Err(Attach::Refused(error)) => return Err(error.into()),
            Err(Attach::Unreadable(reason)) => {
                // What can be neither read nor locked is left alone.
                let _ = connection.execute_batch("DETACH old");
                return Ok(nothing(true, Unverifiable::Unreadable(reason)));
            }
        }
        let asks = |question| connection.query_row(question, [], |row| row.get::<_, bool>(0));
        let is_ours = asks(carry_over::IS_THE_SAME_INSTALLATION).map_err(StoreError::from)?;
        let came_after = asks(carry_over::CAME_AFTER).map_err(StoreError::from)?;
        let unverifiable = match (is_ours, came_after) {
            (true, true) => None,
            (true, false) => Some(Unverifiable::NotAfterTheBackup),
            (false, _) => Some(Unverifiable::AnotherInstallation),
        };
        Ok(Self {
            is_there: true,
            unverifiable,
            is_attached: is_ours,
            is_locked: true,
        })
    }
}

/// Why a database was not attached.
pub(super) enum Attach {
    InUse,
    /// It is sound, and this program must not work on it.
    Refused(OpenError),
    Unreadable(String),
}

pub(super) fn attach(connection: &Connection, path: &Path) -> Result<(), Attach> {
    let path_text = path.to_string_lossy();
    let failed = |error: rusqlite::Error| match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Attach::InUse,
        _ => Attach::Unreadable(error.to_string()),
    };
    refuse_other_schemas(path)?;
    connection
        .execute("ATTACH DATABASE ?1 AS old", [path_text.as_ref()])
        .map_err(failed)?;
    // In this mode the whole file is locked from the first access on, and the lock is kept until
    // the connection ends. Giving up the log needs that nobody else has the database open.
    let modes = "PRAGMA old.locking_mode = EXCLUSIVE; PRAGMA old.synchronous = FULL;";
    connection.execute_batch(modes).map_err(failed)?;
    let mode: String = connection
        .query_row("PRAGMA old.journal_mode = DELETE", [], |row| row.get(0))
        .map_err(failed)?;
    if mode != "delete" {
        return Err(Attach::InUse);
    }
    connection
        .execute_batch("BEGIN EXCLUSIVE; COMMIT")
        .map_err(failed)?;
    let sound: String = connection
        .query_row("PRAGMA old.quick_check(1)", [], |row| row.get(0))
        .map_err(failed)?;
    if sound == "ok" {
        Ok(())
    } else {
        Err(Attach::Unreadable(sound))
    }
}

/// Refuses a database that a newer or an older program worked on, before anything in it is changed.
fn refuse_other_schemas(path: &Path) -> Result<(), Attach> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let unreadable = |error: rusqlite::Error| Attach::Unreadable(error.to_string());
    let connection = Connection::open_with_flags(path, flags).map_err(unreadable)?;
    connection.busy_timeout(GLANCE).map_err(unreadable)?;
    match schema::inspect(&connection, SchemaState::Require, path) {
        Ok(()) => Ok(()),
        Err(refused @ (OpenError::TooNew { .. } | OpenError::TooOld { .. })) => {
            Err(Attach::Refused(refused))
        }
        Err(error) => Err(Attach::Unreadable(error.to_string())),
    }
}
