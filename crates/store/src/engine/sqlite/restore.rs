//! Restoring a SQLite database: the backup is copied beside the database under another name,
//! brought up to date, given what must not be lost of the database that it replaces, checked and
//! synced, and only then renamed.
//!
//! While that goes on the replaced database is locked as a whole, so nobody works on it; its log is
//! written back first, so that it is one file. It keeps a second name beside the new one. Until the
//! rename it is the database, from then on the new one is; there is no moment in between. The lock
//! is let go of when that is over: whoever committed to the old file just before would have done so
//! for nothing. The folder is locked as well, so that no program of ours opens either file until
//! then.

mod old;

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;

use counterfoil_domain::audit::{Action, Detail, Event, Subject};
use futures_util::FutureExt;
use rusqlite::{Connection, OpenFlags};

use crate::audit;
use crate::context::Context;
use crate::engine::sqlite::backup::problems_of;
use crate::engine::sqlite::connection::{SqliteTx, overwrite_what_is_deleted};
use crate::engine::sqlite::replace::{Moment, Replaced, put_in_place};
use crate::engine::sqlite::restore::old::Old;
use crate::engine::sqlite::seal::{self, Seal};
use crate::engine::sqlite::{READY, carry_over, file, schema, verify};
use crate::error::StoreError;
use crate::keys;
use crate::maintenance;
use crate::restore::{Restoration, RestoreError, Restored, RestoredCounts, end_all_tokens};
use crate::tx::Tx;

/// Behind the name of a database that is being prepared.
const UNFINISHED: &str = ".restoring";
/// How long to wait for somebody who is just about to go.
const GLANCE: Duration = Duration::from_millis(200);

/// See [`crate::restore`].
pub(crate) fn restore(asked: &Restoration<'_>) -> Result<Restored, RestoreError> {
    restore_watched(asked, &|_| ())
}

/// Restores, and tells when it comes to a moment at which others might do harm.
fn restore_watched(
    asked: &Restoration<'_>,
    watch: &dyn Fn(Moment),
) -> Result<Restored, RestoreError> {
    let database = &asked.database;
    let unwritable = |path: &Path, error: &io::Error| RestoreError::Unwritable {
        path: path.to_owned(),
        reason: error.to_string(),
    };
    // One restore at a time in one folder, and nobody who opens a database in it.
    let folder =
        File::open(file::folder_of(database)).map_err(|error| unwritable(database, &error))?;
    match try_to_lock(&folder) {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(in_use(database)),
        Err(TryLockError::Error(error)) => return Err(unwritable(database, &error)),
    }
    let new = with_suffix(database, UNFINISHED);
    let _unfinished = Unfinished(new.clone());
    take_copy(asked, &new)?;
    let connection = open_for_work(&new).map_err(StoreError::from)?;
    let old = Old::look_at(&connection, database)?;
    let (connection, counts, schema) = work(asked, connection, &old)?;
    let replaced = Replaced {
        is_there: old.is_there,
        locked_by: old.is_locked.then_some(&connection),
    };
    let set_aside = put_in_place(asked, &new, &replaced, watch)
        .map_err(|error| unwritable(database, &error))?;
    // Only now may others have the file that was replaced. Those who waited for it find another one
    // under its name.
    connection
        .close()
        .map_err(|(_, error)| StoreError::from(error))?;
    if let Some(aside) = &set_aside
        && old.is_attached
    {
        // So that it can be restored itself.
        seal::seal(aside).map_err(|error| unwritable(aside, &error))?;
    }
    Ok(Restored {
        schema,
        set_aside,
        beyond_proof: old.beyond_proof,
        counts,
    })
}

/// Somebody who only opens a database holds the folder for no time at all.
fn try_to_lock(folder: &File) -> Result<(), TryLockError> {
    match folder.try_lock() {
        Err(TryLockError::WouldBlock) => {
            sleep(GLANCE);
            folder.try_lock()
        }
        locked => locked,
    }
}

/// Copies the backup, verifies the copy, and takes off its seal.
fn take_copy(asked: &Restoration<'_>, new: &Path) -> Result<Seal, RestoreError> {
    let unwritable = |error: io::Error| RestoreError::Unwritable {
        path: new.to_owned(),
        reason: error.to_string(),
    };
    // Looked at first, so that a file that is no backup is named as it was given.
    verify::verify_file(&asked.backup)?;
    remove(new).map_err(unwritable)?;
    file::create(new).map_err(unwritable)?;
    let copy = || -> io::Result<()> {
        let mut to = fs::OpenOptions::new().write(true).open(new)?;
        io::copy(&mut File::open(&asked.backup)?, &mut to).map(drop)
    };
    copy().map_err(unwritable)?;
    let seal = seal::check(new).map_err(|broken| verify::refused(&asked.backup, &broken))?;
    let cut = fs::OpenOptions::new().write(true).open(new);
    cut.and_then(|copy| copy.set_len(seal.length))
        .map_err(unwritable)?;
    Ok(seal)
}

/// A connection to a file that nobody knows of yet, and that is thrown away when anything fails: it
/// needs no journal.
fn open_for_work(new: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(new, flags)?;
    connection.busy_timeout(GLANCE)?;
    connection.pragma_update(None, "journal_mode", "MEMORY")?;
    connection.pragma_update(None, "synchronous", "OFF")?;
    connection.pragma_update(None, "trusted_schema", false)?;
    overwrite_what_is_deleted(&connection)?;
    schema::migrate(&mut connection)?;
    Ok(connection)
}

/// Makes the new database what it is to be, and says what came over.
fn work(
    asked: &Restoration<'_>,
    connection: Connection,
    old: &Old,
) -> Result<(Connection, RestoredCounts, maintenance::Schema), RestoreError> {
    let now = asked.by.at.microseconds();
    let failed = |error: rusqlite::Error| RestoreError::Store(error.into());
    connection
        .execute_batch("BEGIN IMMEDIATE")
        .map_err(failed)?;
    let mut counts = match &old.beyond_proof {
        None => carry_over::carry_over(&connection, now).map_err(failed)?,
        Some(_) if old.is_attached => {
            carry_over::run_all(&connection, carry_over::TRAIL, now).map_err(failed)?;
            carry_over::run_all(&connection, carry_over::COUNTERS, now).map_err(failed)?;
            RestoredCounts::default()
        }
        Some(_) => {
            connection.execute(carry_over::LEAP, []).map_err(failed)?;
            RestoredCounts::default()
        }
    };
    carry_over::run_all(&connection, carry_over::FEED, now).map_err(failed)?;
    let set_generation = "UPDATE main.installation SET generation = ?1";
    connection
        .execute(set_generation, [asked.generation.as_slice()])
        .map_err(failed)?;
    let writer = Arc::new(asked.writer.clone());
    let context = Context::default();
    let mut tx = Tx::Sqlite(SqliteTx::new(connection, writer, context.clone()));
    let schema = finish(asked, old, &mut tx, &context, &mut counts)
        .now_or_never()
        .expect(READY)?;
    let Tx::Sqlite(tx) = tx else {
        unreachable!("this transaction is on SQLite");
    };
    let connection = tx.into_connection();
    connection.execute_batch("COMMIT").map_err(failed)?;
    refuse_unsound(&connection)?;
    Ok((connection, counts, schema))
}

async fn finish(
    asked: &Restoration<'_>,
    old: &Old,
    tx: &mut Tx,
    context: &Context,
    counts: &mut RestoredCounts,
) -> Result<maintenance::Schema, RestoreError> {
    let trail_key = keys::audit_keys(tx).await?.into_iter().next();
    let needed = keys::list(tx).await?;
    let opened = (asked.open_keys)(&needed, trail_key.as_ref()).map_err(RestoreError::Keys)?;
    context.vouch_by(opened.key);
    if let Some(made) = opened.made {
        keys::insert_audit_key(tx, made, asked.by.at).await?;
    }
    if old.beyond_proof.is_some() {
        let tokens = end_all_tokens(tx, &asked.by).await?;
        counts
            .named
            .push(("tokens_that_nothing_proves_to_live", tokens));
    }
    let proof = match &old.beyond_proof {
        None => "replaced database",
        Some(_) => "none",
    };
    let carried = counts.named.iter();
    let carried = carried.map(|(name, count)| format!("{name}={count}"));
    let event = Event::new(Action::DatabaseRestored, Subject::default())
        .with(Detail::Proof(proof.to_owned()))
        .with(Detail::CarriedOver(carried.collect()));
    audit::record(tx, &asked.by, event).await?;
    audit::write_all(tx).await?;
    let gaps = maintenance::gaps_in_audit(tx).await?;
    if !gaps.is_empty() {
        return Err(RestoreError::Unsound(gaps.join("; ")));
    }
    let schema = maintenance::newest_migration(tx).await?;
    Ok(schema.ok_or(StoreError::Inconsistent {
        table: "schema_migrations",
        column: "number",
    })?)
}

fn refuse_unsound(connection: &Connection) -> Result<(), RestoreError> {
    let problems = problems_of(connection).map_err(StoreError::from)?;
    if problems.is_empty() {
        Ok(())
    } else {
        Err(RestoreError::Unsound(problems.join("; ")))
    }
}

fn in_use(database: &Path) -> RestoreError {
    RestoreError::InUse {
        path: database.to_owned(),
    }
}

pub(super) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

pub(super) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// A database under its unfinished name; gone when it was not renamed.
struct Unfinished(PathBuf);

impl Drop for Unfinished {
    fn drop(&mut self) {
        for suffix in ["", "-journal"] {
            drop(remove(&with_suffix(&self.0, suffix)));
        }
    }
}

#[cfg(test)]
mod tests;
