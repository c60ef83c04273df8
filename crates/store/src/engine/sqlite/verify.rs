//! Verification of a backup's file. It is opened as one that nobody changes, so SQLite makes no
//! file beside it, and neither reads nor removes one that is there: the seal vouches for this file
//! alone.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use counterfoil_domain::audit::WriterId;
use futures_util::FutureExt;
use rusqlite::{Connection, OpenFlags};

use crate::context::Context;
use crate::engine::sqlite::backup::problems_of;
use crate::engine::sqlite::connection::SqliteTx;
use crate::engine::sqlite::seal::{self, BrokenSeal};
use crate::engine::sqlite::{READY, schema};
use crate::error::StoreError;
use crate::migrations::SchemaState;
use crate::tx::Tx;
use crate::verify::{self, BackupRefused, VerifiedBackup};

/// See [`crate::verify_backup`].
pub(crate) fn verify_file(path: &Path) -> Result<VerifiedBackup, BackupRefused> {
    let seal = seal::check(path).map_err(|broken| refused(path, &broken))?;
    let connection = open(path).map_err(StoreError::from)?;
    schema::inspect(&connection, SchemaState::Migrate, path)?;
    refuse_unsound(&connection, path)?;
    let nobody = Arc::new(WriterId(String::new()));
    let mut tx = Tx::Sqlite(SqliteTx::new(connection, nobody, Context::default()));
    verify::inspect(&mut tx, path, seal.length)
        .now_or_never()
        .expect(READY)
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
