//! Looking at a backup without touching it: whether it is whole, sound and ours, and what is in it.

use std::path::{Path, PathBuf};

use counterfoil_domain::timestamp::Timestamp;

use crate::engine::sqlite;
use crate::error::{OpenError, StoreError};
use crate::keys::{self, KeyRecord};
use crate::maintenance::{self, Schema};
use crate::statement::statements;
use crate::tables;
use crate::tx::{Tx, params};

statements! {
    NEWEST_EVENT = "SELECT max(happened_at) FROM audit_events";
    SEALED_UNDER_LOST_KEYS = "SELECT s.key_id FROM
            (SELECT key_id FROM totp_seeds WHERE key_id IS NOT NULL UNION SELECT digest_key_id FROM installation
            UNION SELECT key_id FROM audit_keys) s
        LEFT JOIN installation_keys k ON k.key_id = s.key_id AND k.ended_at IS NULL WHERE k.key_id IS NULL ORDER BY s.key_id";
}

/// What a backup holds.
#[derive(Clone, Debug)]
pub struct VerifiedBackup {
    /// The newest migration of its schema.
    pub schema: Schema,
    /// Whether that is this program's; an older one is brought up to date when the backup is
    /// restored.
    pub is_current: bool,
    /// Bytes of the database.
    pub bytes: u64,
    /// Rows of each table, by its name.
    pub rows: Vec<(String, u64)>,
    /// The keys that it knows.
    pub keys: Vec<KeyRecord>,
    /// When the newest event of its audit trail happened.
    pub newest_event: Option<Timestamp>,
}

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

/// Verifies a backup: its seal, SQLite's integrity, references, schema, the audit trail, and that
/// what is sealed names keys that it knows. Reads the file and writes nowhere.
pub fn verify_backup(path: &Path) -> Result<VerifiedBackup, BackupRefused> {
    sqlite::verify_file(path)
}

/// What [`verify_backup`] finds out by statements, of a backup whose file is sound.
pub(crate) async fn inspect(
    tx: &mut Tx,
    path: &Path,
    bytes: u64,
) -> Result<VerifiedBackup, BackupRefused> {
    let foreign = || OpenError::Foreign {
        path: path.to_owned(),
    };
    let schema = maintenance::newest_migration(tx).await?;
    let schema = schema.ok_or_else(foreign)?;
    let is_current = schema.number == crate::migrations::needed();
    let mut backup = VerifiedBackup {
        schema,
        is_current,
        bytes,
        rows: Vec::new(),
        keys: Vec::new(),
        newest_event: None,
    };
    if !is_current {
        // What an older schema means is its own program's to say. It is looked at when it has been
        // brought up to date.
        return Ok(backup);
    }
    let unsound = |problems: Vec<String>| BackupRefused::Unsound {
        path: path.to_owned(),
        reason: problems.join("; "),
    };
    let mut problems = maintenance::gaps_in_audit(tx).await?;
    for mut row in tx.rows(SEALED_UNDER_LOST_KEYS, &[]).await? {
        let key = row.text(0)?;
        problems.push(format!(
            "values are sealed under key {key}, which it does not know"
        ));
    }
    if !problems.is_empty() {
        return Err(unsound(problems));
    }
    for table in tables::all() {
        let rows = tx.one(table.count(), params![]).await?.count(0)?;
        backup.rows.push((table.name.clone(), rows));
    }
    backup.keys = keys::list(tx).await?;
    backup.newest_event = tx.one(NEWEST_EVENT, &[]).await?.optional_timestamp(0)?;
    Ok(backup)
}
