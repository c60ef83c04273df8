//! Putting a file in the place of a database that nobody else may reach meanwhile.
//!
//! No file of the replaced database is opened and closed here while SQLite holds its lock: the
//! system drops all locks that a process has on a file when the process closes any descriptor of
//! it.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{MetadataExt, lchown};
use std::path::{Path, PathBuf};

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};

use crate::engine::sqlite::file;
use crate::engine::sqlite::restore::{RestoreFiles, remove, with_suffix};

/// Files that SQLite keeps beside a database.
const COMPANIONS: [&str; 3] = ["-wal", "-shm", "-journal"];
/// Second names that are tried.
const NAMES_TRIED: u32 = 1000;
/// All pages in one step; nobody else wants the file.
const ALL_PAGES: i32 = -1;

/// When somebody who got at the database could do harm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// All is ready, and the old file is still the database.
    BeforeTheRename,
    /// The new file is the database, and lasts.
    AfterTheRename,
}

/// The database that is replaced.
pub(super) struct Replaced<'c> {
    /// Whether there is a file.
    pub(super) is_there: bool,
    /// The connection that has it attached as `old`, under a lock. There is none for a file that
    /// cannot be read.
    pub(super) locked_by: Option<&'c Connection>,
}

/// Gives the replaced database its second name and the new one the first. Says what the second name
/// is.
pub(super) fn put_in_place(
    asked: &RestoreFiles<'_>,
    new: &Path,
    old: &Replaced<'_>,
    watch: &dyn Fn(Moment),
) -> io::Result<Option<PathBuf>> {
    let database = asked.database;
    let owner = fs::metadata(database).or_else(|_| fs::metadata(file::folder_of(database)))?;
    let own = fs::metadata(new)?;
    if (own.uid(), own.gid()) != (owner.uid(), owner.gid()) {
        lchown(new, Some(owner.uid()), Some(owner.gid()))?;
    }
    File::open(new)?.sync_all()?;
    let set_aside = if old.is_there {
        forget_second_names(asked)?;
        Some(give_second_name(asked, old)?)
    } else {
        None
    };
    for companion in COMPANIONS {
        let left = with_suffix(database, companion);
        match &set_aside {
            // A log that stayed beside a database that cannot be read goes with it; the new one
            // must not meet it. Beside one that is locked there is at most an empty journal, since
            // its log was written back.
            Some(aside) if old.locked_by.is_none() && left.exists() => {
                fs::rename(&left, with_suffix(aside, companion))?;
            }
            Some(_) | None => remove(&left)?,
        }
    }
    file::sync_folder_of(database)?;
    watch(Moment::BeforeTheRename);
    fs::rename(new, database)?;
    file::sync_folder_of(database)?;
    watch(Moment::AfterTheRename);
    Ok(set_aside)
}

/// Second names of the database that is still in place: whoever was to replace it was stopped just
/// before.
fn forget_second_names(asked: &RestoreFiles<'_>) -> io::Result<()> {
    let current = fs::metadata(asked.database)?;
    let prefix = asked
        .set_aside
        .file_name()
        .unwrap_or_default()
        .as_encoded_bytes();
    // The date in the name may be another day's, so all names of this form are looked at.
    let form = prefix.split(u8::is_ascii_digit).next().unwrap_or(prefix);
    for entry in fs::read_dir(file::folder_of(asked.database))? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        let is_second = entry.file_name().as_encoded_bytes().starts_with(form)
            && (metadata.dev(), metadata.ino()) == (current.dev(), current.ino())
            && entry.path().file_name() != asked.database.file_name();
        if is_second {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

fn give_second_name(asked: &RestoreFiles<'_>, old: &Replaced<'_>) -> io::Result<PathBuf> {
    for number in 1..NAMES_TRIED {
        let name = match number {
            1 => asked.set_aside.to_owned(),
            _ => with_suffix(asked.set_aside, &format!("-{number}")),
        };
        match fs::hard_link(asked.database, &name) {
            Ok(()) => return Ok(name),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            // Not every file system has links.
            Err(_) => {
                file::create(&name)?;
                match old.locked_by {
                    Some(connection) => copy_through(connection, &name)?,
                    None => fs::copy(asked.database, &name).map(drop)?,
                }
                File::open(&name)?.sync_all()?;
                return Ok(name);
            }
        }
    }
    Err(io::Error::other(
        "every name for the replaced database is taken",
    ))
}

/// Copies the attached database by SQLite, which keeps its lock.
pub(super) fn copy_through(connection: &Connection, to: &Path) -> io::Result<()> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut copy = Connection::open_with_flags(to, flags).map_err(io::Error::other)?;
    let done = Backup::new_with_names(connection, "old", &mut copy, "main")
        .and_then(|backup| backup.step(ALL_PAGES))
        .map_err(io::Error::other)?;
    if done != StepResult::Done {
        return Err(io::Error::other("the replaced database was locked"));
    }
    copy.close().map_err(|(_, error)| io::Error::other(error))
}
