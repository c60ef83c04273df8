//! Copies of a database that is in use, and checks of its file.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};

use crate::engine::sqlite::{Sqlite, file, seal};
use crate::error::StoreError;

/// All pages in one step: in WAL mode the copy reads one state and holds up nobody, and steps would
/// begin anew whenever the writer commits in between.
const ALL_PAGES: i32 = -1;

/// Why a backup was not made.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The database is a server's.
    #[error("a PostgreSQL database is backed up with pg_dump, or by its operators' own means")]
    NotAFile,
    /// Something has the destination's name.
    #[error("{path} exists; a backup never replaces a file")]
    Exists {
        /// The destination.
        path: PathBuf,
    },
    /// The destination cannot be written.
    #[error("cannot write {path}: {reason}")]
    Unwritable {
        /// The destination.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// The copy is not sound, so it was thrown away.
    #[error("the copy is not sound: {0}")]
    Unsound(String),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Sqlite {
    pub(crate) fn backup(&self, to: &Path) -> Result<(), BackupError> {
        let source = self.open_reader()?;
        if to.symlink_metadata().is_ok() {
            return Err(BackupError::Exists {
                path: to.to_owned(),
            });
        }
        let temporary = Temporary::beside(to).map_err(|error| unwritable(to, &error))?;
        copy(&source, &temporary.0)?;
        let finish = || {
            seal::seal(&temporary.0)?;
            give_name(&temporary.0, to)?;
            file::sync_folder_of(to)
        };
        finish().map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => BackupError::Exists {
                path: to.to_owned(),
            },
            _ => unwritable(to, &error),
        })
    }

    /// What SQLite finds wrong with the file, in its words.
    pub(crate) fn check_integrity(&self) -> Result<Vec<String>, StoreError> {
        Ok(problems_of(&self.open_reader()?)?)
    }
}

fn unwritable(to: &Path, error: &dyn std::error::Error) -> BackupError {
    BackupError::Unwritable {
        path: to.to_owned(),
        reason: error.to_string(),
    }
}

fn copy(source: &Connection, to: &Path) -> Result<(), BackupError> {
    let failed = |error: rusqlite::Error| unwritable(to, &error);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut copy = Connection::open_with_flags(to, flags).map_err(failed)?;
    match Backup::new(source, &mut copy)
        .and_then(|backup| backup.step(ALL_PAGES))
        .map_err(failed)?
    {
        StepResult::Done => {}
        // Nobody else has the copy open, and readers of a WAL database are never locked out for
        // long.
        _ => return Err(StoreError::Unavailable("the database was locked".into()).into()),
    }
    // One file that needs none beside it; opening it for use makes it a WAL database again.
    copy.pragma_update(None, "journal_mode", "DELETE")
        .map_err(failed)?;
    let problems = problems_of(&copy).map_err(failed)?;
    if !problems.is_empty() {
        return Err(BackupError::Unsound(problems.join("; ")));
    }
    copy.close().map_err(|(_, error)| failed(error))
}

/// What SQLite finds wrong with a database, in its words.
pub(super) fn problems_of(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut problems = Vec::new();
    let mut statement = connection.prepare("PRAGMA integrity_check")?;
    for line in statement.query_map([], |row| row.get::<_, String>(0))? {
        problems.push(line?);
    }
    problems.retain(|line| line != "ok");
    let mut statement = connection.prepare("PRAGMA foreign_key_check")?;
    for table in statement.query_map([], |row| row.get::<_, String>(0))? {
        problems.push(format!(
            "a row of {} refers to one that is not there",
            table?
        ));
    }
    Ok(problems)
}

/// Gives a file another name that nothing has; fails when something has it.
fn give_name(from: &Path, to: &Path) -> io::Result<()> {
    match fs::hard_link(from, to) {
        Ok(()) => fs::remove_file(from),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
        // Not every file system has links. The name was free a moment ago.
        Err(_) => fs::rename(from, to),
    }
}

/// A file under a name that nobody looks for, gone when it is not renamed.
struct Temporary(PathBuf);

impl Temporary {
    fn beside(path: &Path) -> io::Result<Self> {
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".part-{}", std::process::id()));
        let name = PathBuf::from(name);
        file::create(&name)?;
        Ok(Self(name))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // Renamed files are no longer there, and what cannot be removed is named so that a person
        // can.
        drop(fs::remove_file(&self.0));
    }
}
