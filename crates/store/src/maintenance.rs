//! Backups, checks and the heartbeat.

use std::path::PathBuf;

use counterfoil_domain::timestamp::Timestamp;

use crate::engine::Store;
use crate::error::StoreError;

/// Why a backup was not made.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
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

/// The newest migration that was applied to a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schema {
    /// Its number.
    pub number: i64,
    /// Its name.
    pub name: String,
}

impl Store {
    pub async fn backup(&self, to: PathBuf) -> Result<(), BackupError> { unimplemented!() }
    pub async fn heartbeat(&self, now: Timestamp) -> Result<(), StoreError> { unimplemented!() }
    pub async fn check_integrity(&self) -> Result<Vec<String>, StoreError> { unimplemented!() }
    pub async fn schema(&self) -> Result<Schema, StoreError> { unimplemented!() }
}
