//! Accounts, their passwords and e-mail addresses.

use counterfoil_domain::account::{Account, AccountChange, AccountRefused, Credentials, NewAccount, ReleaseRefused};
use counterfoil_domain::audit::Attribution;
use counterfoil_domain::id::AccountId;
use counterfoil_domain::login::Login;
use counterfoil_domain::password::PasswordHash;

use crate::engine::Store;
use crate::error::{StoreError, WriteError};
use crate::tx::Tx;

type Refusable<T> = Result<T, WriteError<AccountRefused>>;

/// What becomes of a user's tokens when the password changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevokeTokens {
    /// They live on.
    Keep,
    /// They end.
    Revoke,
}

/// What a change of password led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordSet {
    /// How many live tokens ended.
    pub tokens_revoked: u64,
}

/// What ended together with an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeletedAccount {
    /// Live tokens: the user's, and those of apps the user owned.
    pub tokens: u64,
    /// Live grants: the user's, and those of apps the user owned.
    pub grants: u64,
    /// Live apps the user owned.
    pub apps: u64,
}

impl Store {
    pub async fn create_account(&self, new: NewAccount, by: Attribution) -> Refusable<Account> { unimplemented!() }
    pub async fn find_account(&self, login: &Login) -> Result<Option<Account>, StoreError> { unimplemented!() }
    pub async fn account_by_id(&self, id: AccountId) -> Result<Option<Account>, StoreError> { unimplemented!() }
    pub async fn list_accounts(&self) -> Result<Vec<Account>, StoreError> { unimplemented!() }
    pub async fn find_credentials(&self, identifier: &str) -> Result<Option<Credentials>, StoreError> { unimplemented!() }
    pub async fn sign_in_state(&self, id: AccountId) -> Result<Option<Account>, StoreError> { unimplemented!() }
    pub async fn change_account(&self, id: AccountId, change: AccountChange, by: Attribution) -> Refusable<Account> { unimplemented!() }
    pub async fn set_password(&self, id: AccountId, password: PasswordHash, tokens: RevokeTokens, by: Attribution) -> Refusable<PasswordSet> { unimplemented!() }
    pub async fn suspend_account(&self, id: AccountId, by: Attribution) -> Refusable<bool> { unimplemented!() }
    pub async fn unsuspend_account(&self, id: AccountId, by: Attribution) -> Refusable<bool> { unimplemented!() }
    pub async fn delete_account(&self, id: AccountId, by: Attribution) -> Refusable<DeletedAccount> { unimplemented!() }
    pub async fn release_login(&self, login: &Login, by: Attribution) -> Result<(), WriteError<ReleaseRefused>> { unimplemented!() }
}

pub(crate) async fn find_by_id(tx: &mut Tx, id: AccountId) -> Result<Option<Account>, StoreError> { unimplemented!() }
pub(crate) async fn is_active(tx: &mut Tx, id: AccountId) -> Result<bool, StoreError> { unimplemented!() }
