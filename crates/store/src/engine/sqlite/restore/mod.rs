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
//!
//! Here is what is done to files and by statements of SQLite alone. What is looked up, ended and
//! recorded in between, in the new database, and the order of it all, is [`crate::restore`]'s.

mod carry_over;
mod old;
mod replace;

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;

use counterfoil_domain::audit::WriterId;
use counterfoil_domain::timestamp::Timestamp;
use rusqlite::{Connection, OpenFlags};

use crate::context::Context;
use crate::engine::sqlite::backup::problems_of;
use crate::engine::sqlite::connection::{SqliteConnection, overwrite_what_is_deleted};
use crate::engine::sqlite::restore::old::PreviousDatabase;
use crate::engine::sqlite::restore::replace::{Replaced, put_in_place};
use crate::engine::sqlite::seal::{self, Seal};
use crate::engine::sqlite::verify::{self, BackupRefused};
use crate::engine::sqlite::{file, schema};
use crate::error::{OpenError, StoreError};
use crate::tx::Tx;

pub(crate) use crate::engine::sqlite::restore::replace::Moment;

/// Behind the name of a database that is being prepared.
const UNFINISHED: &str = ".restoring";
/// How long to wait for somebody who is just about to go.
const GLANCE: Duration = Duration::from_millis(200);

/// Why nothing proves which tokens of a backup live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unverifiable {
    /// There was no database to replace.
    NothingThere,
    /// It cannot be read, and this is why.
    Unreadable(String),
    /// It is another installation's.
    AnotherInstallation,
    /// It is this installation's, but does not hold all that the backup holds: it is older, or went
    /// another way.
    NotAfterTheBackup,
}

/// What a restore carried over from the database that it replaced, and what it ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RestoredCounts {
    /// Each count under a name that says what it counts, in words with underscores between them.
    pub named: Vec<(&'static str, u64)>,
}

/// Why a database was not restored. The database that was there is still there.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The backup is no good.
    #[error(transparent)]
    Backup(#[from] BackupRefused),
    /// Somebody works on the database.
    #[error("the database {path} is in use by another process; stop it first, nothing was changed")]
    InUse {
        /// The database.
        path: PathBuf,
    },
    /// The database that is there cannot be used by this program, although another one can.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The keys that it needs are not at hand.
    #[error("{0}")]
    Keys(String),
    /// A file cannot be written.
    #[error("cannot write {path}: {reason}")]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// The restored database is not sound; it was thrown away.
    #[error("the restored database is not sound, and was not kept: {0}")]
    Unsound(String),
    /// One of the databases failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The files that a restore is about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RestoreFiles<'a> {
    /// The backup.
    pub(crate) backup: &'a Path,
    /// The database, which the backup takes the place of.
    pub(crate) database: &'a Path,
    /// What the database that is replaced is called from then on.
    pub(crate) set_aside: &'a Path,
}

impl RestoreFiles<'_> {
    fn database_unwritable(&self, error: &io::Error) -> RestoreError {
        RestoreError::Unwritable {
            path: self.database.to_owned(),
            reason: error.to_string(),
        }
    }
}

/// The folder of the database, for this restore alone: one at a time, and nobody opens a database
/// in it meanwhile.
pub(crate) struct LockedFolder<'a> {
    files: RestoreFiles<'a>,
    unfinished: Unfinished,
    /// Its lock ends when it is closed, which is last.
    _folder: File,
}

/// A database on its way: it has all that it takes over, and no name yet that anybody looks for.
/// The one that it replaces is locked.
pub(crate) struct Restoring<'a> {
    /// The transaction in which it is made what it is to be.
    pub(crate) tx: Tx,
    /// What was carried over so far.
    pub(crate) counts: RestoredCounts,
    old: PreviousDatabase,
    folder: LockedFolder<'a>,
}

impl<'a> LockedFolder<'a> {
    /// Locks the folder, unless somebody else has it.
    pub(crate) fn of(files: RestoreFiles<'a>) -> Result<Self, RestoreError> {
        let folder = File::open(file::folder_of(files.database))
            .map_err(|error| files.database_unwritable(&error))?;
        match try_to_lock(&folder) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(in_use(files.database)),
            Err(TryLockError::Error(error)) => return Err(files.database_unwritable(&error)),
        }
        Ok(Self {
            files,
            unfinished: Unfinished(with_suffix(files.database, UNFINISHED)),
            _folder: folder,
        })
    }

    /// Copies the backup, which was verified, locks the database that it replaces, and carries over
    /// what must not be lost of it.
    pub(crate) fn prepare(
        self,
        writer: &WriterId,
        generation: [u8; 16],
        now: Timestamp,
    ) -> Result<Restoring<'a>, RestoreError> {
        let new = &self.unfinished.0;
        take_copy(self.files.backup, new)?;
        let connection = open_for_work(new).map_err(StoreError::from)?;
        let old = PreviousDatabase::look_at(&connection, self.files.database)?;
        let counts = take_over(&connection, &old, generation, now).map_err(StoreError::from)?;
        let connection = SqliteConnection::new(connection);
        let writer = Arc::new(writer.clone());
        Ok(Restoring {
            tx: Tx::new(connection, writer, Context::default()),
            counts,
            old,
            folder: self,
        })
    }
}

impl Restoring<'_> {
    /// Why the database that is replaced proves nothing, if it does not.
    pub(crate) fn unverifiable(&self) -> Option<&Unverifiable> {
        self.old.unverifiable.as_ref()
    }

    /// Commits, and puts the new database in the place of the one that it replaces. Says where that
    /// one is now.
    pub(crate) fn put_in_place(
        self,
        watch: &dyn Fn(Moment),
    ) -> Result<Option<PathBuf>, RestoreError> {
        let Self {
            tx, old, folder, ..
        } = self;
        let connection = tx.into_connection().into_sqlite().into_driver();
        connection
            .execute_batch("COMMIT")
            .map_err(StoreError::from)?;
        refuse_unsound(&connection)?;
        let replaced = Replaced {
            is_there: old.is_there,
            locked_by: old.is_locked.then_some(&connection),
        };
        let files = &folder.files;
        let set_aside = put_in_place(files, &folder.unfinished.0, &replaced, watch)
            .map_err(|error| files.database_unwritable(&error))?;
        // Only now may others have the file that was replaced. Those who waited for it find another
        // one under its name.
        connection
            .close()
            .map_err(|(_, error)| StoreError::from(error))?;
        if let Some(aside) = &set_aside
            && old.is_attached
        {
            // So that it can be restored itself.
            seal::seal(aside).map_err(|error| RestoreError::Unwritable {
                path: aside.clone(),
                reason: error.to_string(),
            })?;
        }
        drop(folder);
        Ok(set_aside)
    }
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
fn take_copy(backup: &Path, new: &Path) -> Result<Seal, RestoreError> {
    let unwritable = |error: io::Error| RestoreError::Unwritable {
        path: new.to_owned(),
        reason: error.to_string(),
    };
    remove(new).map_err(unwritable)?;
    // Opened by its name once: what has the name later may be a link of whoever owns the folder.
    let mut copy = file::create(new).map_err(unwritable)?;
    File::open(backup)
        .and_then(|mut backup| io::copy(&mut backup, &mut copy))
        .map_err(unwritable)?;
    let seal = seal::check(new).map_err(|broken| verify::refused(backup, &broken))?;
    copy.set_len(seal.length).map_err(unwritable)?;
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

/// Begins the transaction in which the new database takes over what the old one proves, and says
/// what that was.
fn take_over(
    connection: &Connection,
    old: &PreviousDatabase,
    generation: [u8; 16],
    now: Timestamp,
) -> rusqlite::Result<RestoredCounts> {
    let now = now.microseconds();
    connection.execute_batch("BEGIN IMMEDIATE")?;
    let counts = match &old.unverifiable {
        None => carry_over::carry_over(connection, now)?,
        Some(_) if old.is_attached => {
            carry_over::run_all(connection, carry_over::TRAIL, now)?;
            carry_over::run_all(connection, carry_over::COUNTERS, now)?;
            RestoredCounts::default()
        }
        Some(_) => {
            connection.execute(carry_over::LEAP, [])?;
            RestoredCounts::default()
        }
    };
    carry_over::run_all(connection, carry_over::FEED, now)?;
    carry_over::run_all(connection, carry_over::MAIL, now)?;
    let set_generation = "UPDATE main.installation SET generation = ?1";
    connection.execute(set_generation, [generation.as_slice()])?;
    Ok(counts)
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
