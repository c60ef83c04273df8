//! OAuth apps, their client secrets and callback URLs.

use counterfoil_domain::app::{App, AppChange, AppRefused, AppSummary, ClientId, KeptSecret, NewApp};
use counterfoil_domain::audit::Attribution;
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::id::{AccountId, AppId};

use crate::engine::Store;
use crate::error::{StoreError, WriteError};

type Refusable<T> = Result<T, WriteError<AppRefused>>;

/// What ended together with an app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeletedApp {
    /// Live tokens.
    pub tokens: u64,
    /// Live grants.
    pub grants: u64,
}

impl Store {
    pub async fn create_app(&self, new: NewApp, per_user_limit: u32, by: Attribution) -> Refusable<App> { unimplemented!() }
    pub async fn find_app(&self, client_id: &ClientId) -> Result<Option<App>, StoreError> { unimplemented!() }
    pub async fn list_apps(&self, owner: Option<AccountId>) -> Result<Vec<App>, StoreError> { unimplemented!() }
    pub async fn find_client(&self, client_id: &str, secret: SecretDigest) -> Result<Option<AppSummary>, StoreError> { unimplemented!() }
    pub async fn change_app(&self, id: AppId, change: AppChange, by: Attribution) -> Refusable<App> { unimplemented!() }
    pub async fn rotate_app_secret(&self, id: AppId, secret: KeptSecret, by: Attribution) -> Refusable<()> { unimplemented!() }
    pub async fn delete_app(&self, id: AppId, by: Attribution) -> Refusable<DeletedApp> { unimplemented!() }
}
