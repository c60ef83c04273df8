//! OAuth apps, as operators make and change them.

pub(crate) mod client;
mod last_uses;
pub(crate) mod own_apps;
pub(crate) mod secret_uses;

use std::convert::Infallible;

use counterfoil_domain::account::NoSuchUser;
use counterfoil_domain::administered::AppInUse;
use counterfoil_domain::app::{
    App, AppChange, AppCreationRefused, AppSecret, AppSwitches, AppUrl, ClientId, ClientSecret,
    DeviceFlow, ExpiringTokens, KeptSecret, NewApp, NoSuchApp, SecretCreationRefused,
    SecretEndRefused, TransferRefused,
};
use counterfoil_domain::id::{AccountId, ClientSecretId};
use counterfoil_domain::login::Login;
use counterfoil_domain::page::{Page, Paged};
use counterfoil_domain::text::DisplayName;
use counterfoil_store::{BuiltInMade, DeletedApp, StoreError, Transfer};

use crate::authority::Authority;
use crate::principal::Operator;
use crate::use_case::UseCaseError;

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
    /// Whether its tokens expire.
    pub expiring_tokens: ExpiringTokens,
    /// What else is switched on for it.
    pub switches: AppSwitches,
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

/// Why no app was made for a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CreateAppRefused {
    /// There is no user of the login.
    #[error(transparent)]
    NoSuchUser(#[from] NoSuchUser),
    /// What is in the way of any such app.
    #[error(transparent)]
    Creation(#[from] AppCreationRefused),
}

impl Authority {
    /// Makes an app.
    pub async fn create_app(
        &self,
        request: CreateApp,
        operator: &Operator,
    ) -> Result<CreatedApp, UseCaseError<CreateAppRefused>> {
        let owner = self.user(&request.owner).await?;
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
            expiring_tokens: request.expiring_tokens,
            switches: request.switches,
            client_id,
            secret: KeptSecret::from(&secret),
        };
        let app = self
            .store()
            .create_app(
                new,
                self.settings().app_limits.per_user,
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
    pub async fn find_app(&self, client_id: &ClientId) -> Result<App, UseCaseError<NoSuchApp>> {
        self.app(client_id).await
    }

    /// All apps.
    pub async fn list_apps(&self) -> Result<Vec<App>, StoreError> {
        self.store().list_apps(None).await
    }

    /// One page of all apps, in the order they were made, with how much they are used.
    pub async fn apps_in_use(
        &self,
        page: Page,
        _operator: &Operator,
    ) -> Result<Paged<AppInUse>, StoreError> {
        self.store().apps_in_use(page, self.now()).await
    }

    /// The app of a client id, with how much it is used.
    pub async fn app_in_use(
        &self,
        client_id: &ClientId,
        _operator: &Operator,
    ) -> Result<AppInUse, UseCaseError<NoSuchApp>> {
        let found = self.store().app_in_use(client_id, self.now()).await?;
        found.ok_or(UseCaseError::Refused(NoSuchApp))
    }

    /// Changes an app.
    pub async fn change_app(
        &self,
        client_id: &ClientId,
        change: AppChange,
        operator: &Operator,
    ) -> Result<App, UseCaseError<NoSuchApp>> {
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

    /// Gives an app to another user or an organization. Everybody is asked again who let it in.
    pub async fn transfer_app(
        &self,
        client_id: &ClientId,
        to: &Login,
        operator: &Operator,
    ) -> Result<App, UseCaseError<TransferRefused>> {
        let app = self.app::<TransferRefused>(client_id).await?;
        let to = if let Some(user) = self.store().find_account(to).await? {
            Some(user.id)
        } else {
            let organization = self.store().find_organization(to).await?;
            organization.map(|organization| organization.id)
        };
        let transfer = Transfer {
            from: app.owner,
            to: to.ok_or(UseCaseError::Refused(TransferRefused::RecipientGone))?,
            per_user_limit: self.settings().app_limits.per_user,
        };
        let by = self.attribute_to(operator.principal());
        let given = self.store().transfer_app(app.summary.id, transfer, by);
        Ok(given.await?)
    }

    /// Replaces an app's secret, by a new one or by a given one. The old one ends at once.
    pub async fn rotate_app_secret(
        &self,
        client_id: &ClientId,
        given: Option<ClientSecret>,
        operator: &Operator,
    ) -> Result<ClientSecret, UseCaseError<NoSuchApp>> {
        let app = self.find_app(client_id).await?;
        let secret = given.unwrap_or_else(|| ClientSecret::generate(self.entropy()));
        let by = self.attribute_to(operator.principal());
        self.store()
            .rotate_app_secret(app.summary.id, KeptSecret::from(&secret), by)
            .await?;
        Ok(secret)
    }

    /// The live secrets of an app, in the order they were made.
    pub async fn list_app_secrets(
        &self,
        client_id: &ClientId,
    ) -> Result<Vec<AppSecret>, UseCaseError<NoSuchApp>> {
        let app = self.find_app(client_id).await?;
        Ok(self.store().list_app_secrets(app.summary.id).await?)
    }

    /// Gives an app a secret, a new or a given one, beside the one that it has.
    pub async fn create_app_secret(
        &self,
        client_id: &ClientId,
        given: Option<ClientSecret>,
        operator: &Operator,
    ) -> Result<(AppSecret, ClientSecret), UseCaseError<SecretCreationRefused>> {
        let app = self.app::<SecretCreationRefused>(client_id).await?;
        let secret = given.unwrap_or_else(|| ClientSecret::generate(self.entropy()));
        let (kept, by) = (
            KeptSecret::from(&secret),
            self.attribute_to(operator.principal()),
        );
        let made = self.store().create_app_secret(app.summary.id, kept, by);
        Ok((made.await?, secret))
    }

    /// Ends one secret of an app at once. What the app holds by then lives on.
    pub async fn end_app_secret(
        &self,
        client_id: &ClientId,
        id: ClientSecretId,
        operator: &Operator,
    ) -> Result<AppSecret, UseCaseError<SecretEndRefused>> {
        let app = self.app::<SecretEndRefused>(client_id).await?;
        let by = self.attribute_to(operator.principal());
        let ended = self.store().end_app_secret(app.summary.id, id, by);
        Ok(ended.await?)
    }

    /// Notes that everybody may know a secret of an app: it proves nothing from then on.
    pub async fn publish_app_secret(
        &self,
        client_id: &ClientId,
        id: ClientSecretId,
        operator: &Operator,
    ) -> Result<AppSecret, UseCaseError<SecretEndRefused>> {
        let app = self.app::<SecretEndRefused>(client_id).await?;
        let by = self.attribute_to(operator.principal());
        let published = self.store().publish_app_secret(app.summary.id, id, by);
        Ok(published.await?)
    }

    /// Who owns apps, with their logins.
    pub async fn list_app_owners(&self) -> Result<Vec<(AccountId, Login)>, StoreError> {
        self.store().list_app_owners().await
    }

    /// Makes those of the apps that a new installation has whose client ids were never given here,
    /// has those live again that a restore ended, and gives both.
    pub async fn make_built_in_apps(
        &self,
        operator: &Operator,
    ) -> Result<BuiltInMade, UseCaseError<Infallible>> {
        let by = self.attribute_to(operator.principal());
        Ok(self.store().make_built_in_apps(by).await?)
    }

    /// Suspends an app: it begins nothing and proves nothing, until that is lifted. `false` when it
    /// was suspended already.
    pub async fn suspend_app(
        &self,
        client_id: &ClientId,
        operator: &Operator,
    ) -> Result<bool, UseCaseError<NoSuchApp>> {
        let app = self.find_app(client_id).await?;
        let by = self.attribute_to(operator.principal());
        Ok(self.store().suspend_app(app.summary.id, by).await?)
    }

    /// Lifts the suspension of an app; `false` when there was none.
    pub async fn unsuspend_app(
        &self,
        client_id: &ClientId,
        operator: &Operator,
    ) -> Result<bool, UseCaseError<NoSuchApp>> {
        let app = self.find_app(client_id).await?;
        let by = self.attribute_to(operator.principal());
        Ok(self.store().unsuspend_app(app.summary.id, by).await?)
    }

    /// Deletes an app with all grants and tokens it had. Its client id is never given again.
    pub async fn delete_app(
        &self,
        client_id: &ClientId,
        operator: &Operator,
    ) -> Result<DeletedApp, UseCaseError<NoSuchApp>> {
        let app = self.find_app(client_id).await?;
        Ok(self
            .store()
            .delete_app(app.summary.id, self.attribute_to(operator.principal()))
            .await?)
    }
}
