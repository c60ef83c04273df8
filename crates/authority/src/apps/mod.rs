//! OAuth apps, as operators make and change them.

pub(crate) mod client;

use counterfoil_domain::app::{
    App, AppChange, AppRefused, AppUrl, ClientId, ClientSecret, DeviceFlow, KeptSecret, NewApp,
};
use counterfoil_domain::login::Login;
use counterfoil_domain::text::DisplayName;
use counterfoil_store::{ChangeError, DeletedApp, StoreError};

use crate::authority::Authority;
use crate::principal::Operator;
use crate::use_case::{NoSuchApp, UseCaseError};

/// An app to be made.
#[derive(Clone, Debug)]
pub struct CreateApp {
    /// Who will own it.
    pub owner: Login,
    /// Its name.
    pub name: DisplayName,
    /// Its home page.
    pub url: AppUrl,
    /// Where the web flow may return to.
    pub callback_urls: Vec<AppUrl>,
    /// Whether devices may sign in.
    pub device_flow: DeviceFlow,
    /// A given client id and secret, of an app that moves here; new ones otherwise.
    pub given: Option<(ClientId, ClientSecret)>,
}

/// A new app with its secret, which exists nowhere else.
#[derive(Clone, Debug)]
pub struct CreatedApp {
    /// The app.
    pub app: App,
    /// Its secret.
    pub secret: ClientSecret,
}

/// Why an app was not made, found or changed.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// There is no app of this client id.
    #[error("there is no app of this client id")]
    NoSuchApp,
    /// There is no user of this login.
    #[error("there is no user of this login")]
    NoSuchUser,
    /// A rule said no.
    #[error(transparent)]
    Refused(AppRefused),
    /// The caller's proof no longer holds.
    #[error("the caller's credentials changed meanwhile")]
    CallerGone,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ChangeError<AppRefused>> for AppError {
    fn from(error: ChangeError<AppRefused>) -> Self {
        match error {
            ChangeError::Refused(refused) => Self::Refused(refused),
            ChangeError::Lapsed(_) => Self::CallerGone,
            ChangeError::Store(error) => Self::Store(error),
        }
    }
}

impl Authority {
    /// Makes an app.
    pub async fn create_app(
        &self,
        request: CreateApp,
        operator: &Operator,
    ) -> Result<CreatedApp, AppError> {
        let owner = self
            .store()
            .find_account(&request.owner)
            .await?
            .ok_or(AppError::NoSuchUser)?;
        let (client_id, secret) = request.given.unwrap_or_else(|| {
            (
                ClientId::generate(self.entropy()),
                ClientSecret::generate(self.entropy()),
            )
        });
        let new = NewApp {
            owner: owner.id,
            name: request.name,
            url: request.url,
            callback_urls: request.callback_urls,
            device_flow: request.device_flow,
            client_id,
            secret: KeptSecret::from(&secret),
        };
        let app = self
            .store()
            .create_app(
                new,
                self.settings().apps_per_user,
                self.attribute_to(operator.principal()),
            )
            .await?;
        Ok(CreatedApp { app, secret })
    }

    /// The app of a client id, for a use case that may be refused for that there is none.
    pub(crate) async fn app<R: From<NoSuchApp>>(
        &self,
        client_id: &ClientId,
    ) -> Result<App, UseCaseError<R>> {
        let found = self.store().find_app(client_id).await?;
        found.ok_or_else(|| UseCaseError::refused(NoSuchApp))
    }

    /// The app of a client id.
    pub async fn find_app(&self, client_id: &ClientId) -> Result<App, AppError> {
        self.store()
            .find_app(client_id)
            .await?
            .ok_or(AppError::NoSuchApp)
    }

    /// All apps.
    pub async fn list_apps(&self) -> Result<Vec<App>, StoreError> {
        self.store().list_apps(None).await
    }

    /// Changes an app.
    pub async fn change_app(
        &self,
        client_id: &ClientId,
        change: AppChange,
        operator: &Operator,
    ) -> Result<App, AppError> {
        let app = self.find_app(client_id).await?;
        Ok(self
            .store()
            .change_app(
                app.summary.id,
                change,
                self.attribute_to(operator.principal()),
            )
            .await?)
    }

    /// Replaces an app's secret, by a new one or by a given one. The old one ends at once.
    pub async fn rotate_app_secret(
        &self,
        client_id: &ClientId,
        given: Option<ClientSecret>,
        operator: &Operator,
    ) -> Result<ClientSecret, AppError> {
        let app = self.find_app(client_id).await?;
        let secret = given.unwrap_or_else(|| ClientSecret::generate(self.entropy()));
        let by = self.attribute_to(operator.principal());
        self.store()
            .rotate_app_secret(app.summary.id, KeptSecret::from(&secret), by)
            .await?;
        Ok(secret)
    }

    /// Deletes an app with all grants and tokens it had. Its client id is never given again.
    pub async fn delete_app(
        &self,
        client_id: &ClientId,
        operator: &Operator,
    ) -> Result<DeletedApp, AppError> {
        let app = self.find_app(client_id).await?;
        Ok(self
            .store()
            .delete_app(app.summary.id, self.attribute_to(operator.principal()))
            .await?)
    }
}
