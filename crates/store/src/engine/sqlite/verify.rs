//! Verification of a backup's file. It is opened as one that nobody changes, so SQLite makes no
//! file beside it, and neither reads nor removes one that is there: the seal vouches for this file
//! alone.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use counterfoil_domain::audit::WriterId;
use rusqlite::{Connection, OpenFlags};

use crate::context::Context;
use crate::engine::sqlite::backup::problems_of;
use crate::engine::sqlite::connection::SqliteConnection;
use crate::engine::sqlite::schema;
use crate::engine::sqlite::seal::{self, BrokenSeal};
use crate::error::{OpenError, StoreError};
use crate::migrations::SchemaState;
use crate::tx::Tx;

/// Why a file is not taken for a backup. Each is one sentence.
#[derive(Debug, thiserror::Error)]
pub enum BackupRefused {
    /// It cannot be read.
    #[error("cannot read {path}: {reason}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// It has no seal.
    #[error(
        "{path} is not a whole backup: the seal that `counterfoil db backup` puts at its end is not there, so it was cut off or made by something else"
    )]
    Unsealed {
        /// The file.
        path: PathBuf,
    },
    /// It is not what was sealed.
    #[error("{path} was altered after it was made: its content does not match the seal at its end")]
    Altered {
        /// The file.
        path: PathBuf,
    },
    /// It is whole, and yet not sound.
    #[error("{path} is not sound: {reason}")]
    Unsound {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// It is no database of this program.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// It cannot be read as a database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A backup whose file is whole and sound, and which is a database of this program.
pub(crate) struct SoundBackup {
    /// Reads it.
    pub(crate) tx: Tx,
    /// Bytes of the database.
    pub(crate) bytes: u64,
}

/// Opens a backup if its file is good. What is in it is for [`crate::verify_backup`] to say.
pub(crate) fn open_backup(path: &Path) -> Result<SoundBackup, BackupRefused> {
    let seal = seal::check(path).map_err(|broken| refused(path, &broken))?;
    let connection = open(path).map_err(StoreError::from)?;
    schema::inspect(&connection, SchemaState::Migrate, path)?;
    refuse_unsound(&connection, path)?;
    let connection = SqliteConnection::new(connection);
    let nobody = Arc::new(WriterId(String::new()));
    Ok(SoundBackup {
        tx: Tx::new(connection, nobody, Context::default()),
        bytes: seal.length,
    })
}

/// Refuses a database in which SQLite finds something wrong.
pub(super) fn refuse_unsound(connection: &Connection, path: &Path) -> Result<(), BackupRefused> {
    let problems = problems_of(connection).map_err(StoreError::from)?;
    if problems.is_empty() {
        return Ok(());
    }
    Err(BackupRefused::Unsound {
        path: path.to_owned(),
        reason: problems.join("; "),
    })
}

/// Why a file whose seal does not vouch for it is refused.
pub(super) fn refused(path: &Path, broken: &BrokenSeal) -> BackupRefused {
    let path = path.to_owned();
    match broken {
        BrokenSeal::Missing => BackupRefused::Unsealed { path },
        BrokenSeal::Broken => BackupRefused::Altered { path },
        BrokenSeal::Unreadable(error) => BackupRefused::Unreadable {
            path,
            reason: error.to_string(),
        },
    }
}

fn open(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_URI;
    let mut url = "file:".to_owned();
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' => url.push(char::from(*byte)),
            letter if letter.is_ascii_alphanumeric() => url.push(char::from(*letter)),
            other => write!(url, "%{other:02X}").expect("a text takes more text"),
        }
    }
    url.push_str("?immutable=1");
    Connection::open_with_flags(url, flags)
}
