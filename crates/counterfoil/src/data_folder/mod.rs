//! The data folder: what only its owner may read.
//!
//! The folder has mode 0700 and its files 0600. Wider modes are refused rather than mended: whoever
//! widened them should know, and what has been readable may have been read. Where root runs a
//! command, what is made belongs to the folder's owner, so that the server that runs as that user
//! can go on, and no link that this user made leads root elsewhere.

mod error;

use std::ffi::OsStr;
use std::fs::{self, DirBuilder, File, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use counterfoil_server::private_files::{folder_of, open_or_create_file, refuse_strange_link};
use nix::unistd::{AccessFlags, access, geteuid};

pub use self::error::DataFolderError;
use self::error::{no_permission, unusable};

/// Permissions of everybody but the owner.
const OTHERS: u32 = 0o077;
/// Mode of the folder.
const FOLDER_MODE: u32 = 0o700;
/// Mode of the files in it, which are made by [`counterfoil_server::private_files`].
const FILE_MODE: u32 = 0o600;
/// How long to wait for somebody who only looks at the lock.
const GLANCE: Duration = Duration::from_millis(50);
/// Holds the lock of the one `serve` that may run on a folder.
const LOCK_FILE: &str = "serve.lock";
/// What shows that a folder is one of ours.
const OUR_FILES: [&str; 4] = [DATABASE_FILE, KEY_FILE, LOCK_FILE, CONTROL_SOCKET];
/// What a folder that was never used may hold: a disk of its own has the first, and settings may
/// lie beside the data.
const NO_DATA: [&str; 2] = ["lost+found", "counterfoil.toml"];

/// The database's name in the folder.
pub const DATABASE_FILE: &str = "counterfoil.db";
/// The key file's name in the folder.
pub const KEY_FILE: &str = "keys";
/// The name of the socket over which commands are heard.
pub(crate) const CONTROL_SOCKET: &str = "control.sock";

/// A data folder that exists and is closed to others.
#[derive(Clone, Debug)]
pub struct DataFolder {
    path: PathBuf,
}

/// What shows that no other `serve` runs on the folder, for as long as it lives.
#[derive(Debug)]
pub struct ServeLock {
    _file: File,
}

impl DataFolder {
    /// The folder at `path`, which must exist. One that holds other things and nothing of ours is
    /// none, whatever its mode.
    pub fn existing(path: &Path) -> Result<Self, DataFolderError> {
        Self::look(path, DataFolderError::Missing)
    }

    /// The folder at `path`, made if it is not there. The folder that it lies in must be.
    pub fn existing_or_new(path: &Path) -> Result<Self, DataFolderError> {
        match DirBuilder::new().mode(FOLDER_MODE).create(path) {
            Ok(()) => sync_parent(path)?,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(source) => {
                let path = shown(path);
                return Err(DataFolderError::NotMade { path, source });
            }
        }
        Self::look(path, |path| DataFolderError::EmptyAndOpen {
            mode: fs::metadata(&path).map_or(0, |metadata| metadata.mode() & 0o7777),
            path,
        })
    }

    /// What is at `path`. An empty folder that others may look into is what `empty_and_open` says.
    fn look(
        path: &Path,
        empty_and_open: impl FnOnce(PathBuf) -> DataFolderError,
    ) -> Result<Self, DataFolderError> {
        let metadata = match fs::metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(DataFolderError::Missing(shown(path)));
            }
            outcome => outcome.map_err(unusable(path))?,
        };
        if !metadata.is_dir() {
            return Err(DataFolderError::NotAFolder(shown(path)));
        }
        if access(path, AccessFlags::R_OK | AccessFlags::X_OK).is_err() {
            return Err(no_permission(path));
        }
        match content(path).map_err(unusable(path))? {
            Content::Foreign => return Err(DataFolderError::NotOurs(shown(path))),
            Content::Nothing if metadata.mode() & OTHERS != 0 => {
                return Err(empty_and_open(shown(path)));
            }
            Content::Nothing | Content::Ours => refuse_open(path, metadata.mode(), FOLDER_MODE)?,
        }
        Ok(Self {
            path: path.to_owned(),
        })
    }

    /// The folder's path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Keeps every other `serve` off this folder while the value lives. The system gives the lock
    /// back however the process ends.
    pub fn lock_for_serving(&self) -> Result<ServeLock, DataFolderError> {
        let path = self.path.join(LOCK_FILE);
        let file = open_or_create_file(&path).map_err(unusable(&path))?;
        let locked = match file.try_lock() {
            Err(TryLockError::WouldBlock) => {
                // It may be somebody who only looks, in `is_served`; that takes no time at all.
                sleep(GLANCE);
                file.try_lock()
            }
            locked => locked,
        };
        match locked {
            Ok(()) => Ok(ServeLock { _file: file }),
            Err(TryLockError::WouldBlock) => Err(DataFolderError::InUse(shown(&self.path))),
            Err(TryLockError::Error(error)) => Err(unusable(&path)(error)),
        }
    }

    /// Whether a `serve` runs on this folder now.
    pub fn is_served(&self) -> Result<bool, DataFolderError> {
        let path = self.path.join(LOCK_FILE);
        refuse_strange_link(&path).map_err(unusable(&path))?;
        let file = match File::open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            outcome => outcome.map_err(unusable(&path))?,
        };
        match file.try_lock_shared() {
            Ok(()) => Ok(false),
            Err(TryLockError::WouldBlock) => Ok(true),
            Err(TryLockError::Error(error)) => Err(unusable(&path)(error)),
        }
    }
}

/// Makes an empty file for the database where there is none: the database's other files take over
/// its mode and owner.
pub fn prepare_database(path: &Path) -> Result<(), DataFolderError> {
    if !path.try_exists().map_err(unusable(path))? {
        open_or_create_file(path).map_err(unusable(path))?;
    }
    check_file(path)
}

/// Whether there is a database in this file. One that was prepared and no more is none.
pub fn holds_database(path: &Path) -> Result<bool, DataFolderError> {
    match fs::metadata(path) {
        Ok(metadata) => Ok(metadata.len() > 0),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(unusable(path)(error)),
    }
}

/// A path as sentences show it: from the root on, since a relative one is wrong where somebody
/// stands elsewhere.
pub(crate) fn shown(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// What lies in a folder.
enum Content {
    /// Nothing, or nothing that matters.
    Nothing,
    /// Something of ours.
    Ours,
    /// Other things alone.
    Foreign,
}

fn content(folder: &Path) -> io::Result<Content> {
    let is_one_of = |names: &[&str], name: &OsStr| names.iter().any(|known| name == *known);
    let mut found = Content::Nothing;
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        if is_one_of(&OUR_FILES, &name) {
            return Ok(Content::Ours);
        }
        if !is_one_of(&NO_DATA, &name) {
            found = Content::Foreign;
        }
    }
    Ok(found)
}

/// Refuses a file that others may read, and root a link that somebody else made. One that is not
/// there is fine, and so is one of root's that its group may read, when this process is not root:
/// so service managers hand a credential to a service.
pub fn check_file(path: &Path) -> Result<(), DataFolderError> {
    const GROUP_READS: u32 = 0o040;
    refuse_strange_link(path).map_err(unusable(path))?;
    match fs::metadata(path) {
        Ok(metadata) if metadata.uid() == 0 && !geteuid().is_root() => {
            refuse_open(path, metadata.mode() & !GROUP_READS, FILE_MODE)
        }
        Ok(metadata) => refuse_open(path, metadata.mode(), FILE_MODE),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(unusable(path)(error)),
    }
}

/// A new folder is only certain to last once the folder around it is synced.
fn sync_parent(path: &Path) -> Result<(), DataFolderError> {
    let parent = folder_of(path);
    let synced = File::open(parent).and_then(|folder| folder.sync_all());
    synced.map_err(unusable(parent))
}

fn refuse_open(path: &Path, mode: u32, wanted: u32) -> Result<(), DataFolderError> {
    if mode & OTHERS == 0 {
        return Ok(());
    }
    Err(DataFolderError::TooOpen {
        path: path.to_owned(),
        mode: mode & 0o7777,
        wanted,
    })
}
