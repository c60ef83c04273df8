//! Looking at a backup without touching it: whether it is whole, sound and ours, and what is in it.

use std::path::Path;

use counterfoil_domain::timestamp::Timestamp;
use futures_util::FutureExt;

use crate::engine::sqlite::{self, BackupRefused, READY};
use crate::error::OpenError;
use crate::keys::{self, KeyRecord};
use crate::maintenance::{self, Schema};
use crate::statement::{params, statements};
use crate::tx::Tx;

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

/// Verifies a backup: its seal, SQLite's integrity, references, schema, the audit trail, and that
/// what is sealed names keys that it knows. Reads the file and writes nowhere.
pub fn verify_backup(path: &Path) -> Result<VerifiedBackup, BackupRefused> {
    let mut sound = sqlite::open_backup(path)?;
    inspect(&mut sound.tx, path, sound.bytes)
        .now_or_never()
        .expect(READY)
}

/// What is found out by statements, of a backup whose file is sound.
async fn inspect(tx: &mut Tx, path: &Path, bytes: u64) -> Result<VerifiedBackup, BackupRefused> {
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
    for table in sqlite::all_tables() {
        let rows = tx.one(table.count(), params![]).await?.count(0)?;
        backup.rows.push((table.name.clone(), rows));
    }
    backup.keys = keys::list(tx).await?;
    backup.newest_event = tx.one(NEWEST_EVENT, &[]).await?.optional_timestamp(0)?;
    Ok(backup)
}
