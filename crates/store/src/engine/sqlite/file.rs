//! The database's files, which nobody but their owner may read, and which must stay where they are.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

/// How often, and at which distance, to ask whether a restore has ended: five seconds in all.
const LOOKS: u32 = 250;
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// Makes an empty file that only its owner can read or write, unless there is a file. SQLite would
/// let everybody read it, and gives the files beside it the same rights.
pub(crate) fn create_unless_there(path: &Path) -> io::Result<()> {
    match create(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        outcome => outcome.map(drop),
    }
}

/// Makes an empty file that only its owner can read or write, and its name lasting. Fails when
/// there is a file, or a link of this name.
pub(crate) fn create(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    sync_folder_of(path)?;
    Ok(file)
}

/// Makes what was done to the names in a file's folder last.
pub(crate) fn sync_folder_of(path: &Path) -> io::Result<()> {
    File::open(folder_of(path))?.sync_all()
}

/// The folder that a file lies in.
pub(crate) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        Some(_) | None => Path::new("."),
    }
}

/// Keeps restores off the databases of a file's folder while they are being opened: until SQLite
/// has its own locks, a file can be opened under a name that is another's a moment later.
#[derive(Debug)]
pub(crate) struct NoRestore {
    _folder: Option<File>,
}

impl NoRestore {
    /// Waits for a restore to end. Fails, with a sentence, when that takes long.
    pub(crate) fn beside(database: &Path) -> Result<Self, &'static str> {
        // A folder that cannot be read or locked is none that a restore could work in.
        let Ok(folder) = File::open(folder_of(database)) else {
            return Ok(Self { _folder: None });
        };
        for _ in 0..LOOKS {
            match folder.try_lock_shared() {
                Ok(()) => {
                    return Ok(Self {
                        _folder: Some(folder),
                    });
                }
                Err(TryLockError::WouldBlock) => sleep(LOOK_AGAIN),
                Err(TryLockError::Error(_)) => return Ok(Self { _folder: None }),
            }
        }
        Err("a backup is being put in its place; try again when that has ended")
    }
}

/// The database and its log as they were found when it was opened. SQLite goes on writing to files
/// that were removed or replaced; what it writes there ends with the process, so it must not be
/// acknowledged.
#[derive(Debug)]
pub(crate) struct FilesInPlace(Vec<(PathBuf, Identity)>);

/// Device and inode, which no other file has at the same time.
pub(crate) type Identity = (u64, u64);

impl FilesInPlace {
    /// Those of an open database.
    pub(crate) fn of(database: &Path) -> io::Result<Self> {
        let mut log = database.as_os_str().to_owned();
        log.push("-wal");
        let paths = [database.to_owned(), log.into()];
        let found = paths.map(|path| identity(&path).map(|identity| (path, identity)));
        found.into_iter().collect::<io::Result<_>>().map(Self)
    }

    /// Whether the database is this file.
    pub(crate) fn is_of(&self, database: Option<Identity>) -> bool {
        self.0.first().map(|(_, identity)| *identity) == database
    }

    /// Says which file is not in its place any more.
    pub(crate) fn check(&self) -> Result<(), String> {
        for (path, opened) in &self.0 {
            if identity(path).ok().as_ref() != Some(opened) {
                let path = path.display();
                return Err(format!(
                    "{path} was moved, removed or replaced while it was in use; put it back, or restart"
                ));
            }
        }
        Ok(())
    }
}

/// Which file stands under a name.
pub(crate) fn identity(path: &Path) -> io::Result<Identity> {
    let metadata = std::fs::metadata(path)?;
    Ok((metadata.dev(), metadata.ino()))
}
