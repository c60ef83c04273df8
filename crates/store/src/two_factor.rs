//! Authenticators' seeds, the steps whose code was used, and recovery codes.

use counterfoil_domain::account::AccountRefused;
use counterfoil_domain::audit::Attribution;
use counterfoil_domain::code::{CodeUse, Step};
use counterfoil_domain::id::AccountId;
use counterfoil_domain::key::{Sealed, SealedPlace};

use crate::engine::Store;
use crate::error::{StoreError, WriteError};

/// A user's seed as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredTotp {
    /// Sealed for [`totp_seed_place`].
    pub sealed: Sealed,
}

/// A recovery code that was accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecoveryCodeUse {
    /// How many unused ones are left.
    pub remaining: u64,
}

/// Where a user's sealed seed stands. `row` is the account's id as text.
pub const fn totp_seed_place(row: &str) -> SealedPlace<'_> {
    SealedPlace { table: "totp_seeds", column: "sealed_seed", row }
}

impl Store {
    pub async fn enable_totp(&self, id: AccountId, seed: Sealed, recovery_digests: Vec<[u8; 32]>, by: Attribution) -> Result<(), WriteError<AccountRefused>> { unimplemented!() }
    pub async fn disable_totp(&self, id: AccountId, by: Attribution) -> Result<bool, WriteError<AccountRefused>> { unimplemented!() }
    pub async fn find_totp(&self, id: AccountId) -> Result<Option<StoredTotp>, StoreError> { unimplemented!() }
    pub async fn use_totp_step(&self, id: AccountId, step: Step, code_use: CodeUse, address_key: String, by: Attribution) -> Result<bool, StoreError> { unimplemented!() }
    pub async fn use_recovery_code(&self, id: AccountId, digest: [u8; 32], by: Attribution) -> Result<Option<RecoveryCodeUse>, StoreError> { unimplemented!() }
}
