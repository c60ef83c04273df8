//! The installation's record and the keys it knows; never a key itself.

use counterfoil_domain::audit::Attribution;
use counterfoil_domain::key::{KeyId, KeyRefused, SealBroken, Sealed, SealedPlace};
use counterfoil_domain::timestamp::Timestamp;

use crate::engine::Store;
use crate::error::{StoreError, WriteError};

/// Where the sealed digest key stands.
pub const DIGEST_KEY_PLACE: SealedPlace<'static> =
    SealedPlace { table: "installation", column: "digest_key_sealed", row: "1" };

/// What identifies an installation, and the keys it needs.
#[derive(Clone, Debug)]
pub struct InstallationRecord {
    /// Random; another after a restore, which empties every cache.
    pub generation: [u8; 16],
    /// The key under which short secrets are digested, sealed for [`DIGEST_KEY_PLACE`].
    pub digest_key: Sealed,
    /// Every key the database ever knew, oldest first.
    pub keys: Vec<KeyRecord>,
}

/// What the database knows of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRecord {
    /// Its id.
    pub id: KeyId,
    /// What recognises it.
    pub check_value: [u8; 32],
    /// What it is used for now.
    pub state: KeyState,
    /// How many values are sealed under it.
    pub sealed_values: u64,
    /// When it was added.
    pub added_at: Timestamp,
}

/// What a key is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyState {
    /// It seals new values.
    Primary,
    /// It opens what was sealed under it.
    Secondary,
    /// For nothing any more.
    Retired,
}

/// The database is an installation's already, or holds data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AlreadyInitialised;

impl Store {
    pub async fn installation(&self) -> Result<Option<InstallationRecord>, StoreError> { unimplemented!() }
    pub async fn initialise(&self, key_id: KeyId, check_value: [u8; 32], digest_key: Sealed, generation: [u8; 16], now: Timestamp) -> Result<(), WriteError<AlreadyInitialised>> { unimplemented!() }
    pub async fn key_records(&self) -> Result<Vec<KeyRecord>, StoreError> { unimplemented!() }
    pub async fn add_key(&self, id: KeyId, check_value: [u8; 32], by: Attribution) -> Result<(), WriteError<KeyRefused>> { unimplemented!() }
    pub async fn rotate_keys<F>(&self, to: KeyId, reseal: F, by: Attribution) -> Result<u64, WriteError<KeyRefused>>
    where
        F: Fn(SealedPlace<'_>, &Sealed) -> Result<Sealed, SealBroken> + Send + 'static,
    { unimplemented!() }
    pub async fn retire_key(&self, id: KeyId, by: Attribution) -> Result<(), WriteError<KeyRefused>> { unimplemented!() }
}
