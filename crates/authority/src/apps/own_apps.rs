//! A user's own apps, as pages show them: listed, registered, edited, their secrets, their end.
//!
//! An app belongs to its owner for life, so what was found to be the caller's own stays so.

use counterfoil_domain::app::{
    App, AppChange, AppSecret, AppSwitch, AppSwitches, AppUrl, ClientId, ClientSecret, DeviceFlow,
    ExpiringTokens, KeptSecret, NewApp, NoSuchApp, OwnApp, RegistrationRefused,
    SecretCreationRefused, SecretEndRefused, SwitchChange,
};
use counterfoil_domain::form::OnceValue;
use counterfoil_domain::id::ClientSecretId;
use counterfoil_domain::oauth::{Destination, RedirectUri};
use counterfoil_domain::text::DisplayName;
use counterfoil_store::{DeletedApp, StoreError, Whose};

use crate::apps::CreatedApp;
use crate::authority::Authority;
use crate::sessions::person::{FreshPerson, Person};
use crate::use_case::UseCaseError;

/// An app that a user registers on a page, or what is to be true of one from now on.
#[derive(Clone, Debug)]
pub struct RegisterApp {
    /// Its name.
    pub name: DisplayName,
    /// Its home page.
    pub url: AppUrl,
    /// Where the web flow may return to; at least one.
    pub callback_urls: Vec<AppUrl>,
    /// Whether devices may sign in.
    pub device_flow: DeviceFlow,
    /// Whether tokens that it gets from then on expire.
    pub expiring_tokens: ExpiringTokens,
    /// What else is switched on for it.
    pub switches: AppSwitches,
}

impl RegisterApp {
    /// What is switched on for a new app. A program on people's computers has nothing to prove
    /// itself by that others there could not have, so what binds a code to it is its challenge.
    fn switches_of_new(&self) -> AppSwitches {
        let leads_to_program = |url: &AppUrl| {
            let uri = RedirectUri::of_callback(url);
            uri.is_ok_and(|uri| uri.destination() == Destination::ThisComputer)
        };
        if self.callback_urls.iter().any(leads_to_program) {
            self.switches.with(AppSwitch::RequirePkce, true)
        } else {
            self.switches
        }
    }
}

impl Authority {
    /// The caller's apps in the order they were made.
    pub async fn list_own_apps(&self, person: &Person) -> Result<Vec<OwnApp>, StoreError> {
        self.store().own_apps(person.account().id).await
    }

    /// One of the caller's apps, with how much it is used.
    pub async fn find_own_app(
        &self,
        person: &Person,
        client_id: &ClientId,
    ) -> Result<OwnApp, UseCaseError<NoSuchApp>> {
        let app = self.own_app::<NoSuchApp>(person, client_id).await?;
        Ok(self.store().use_of_app(app).await?)
    }

    /// Makes an app of the caller, with its first secret.
    #[tracing::instrument(name = "own_app.register", level = "debug", skip_all)]
    pub async fn register_app(
        &self,
        person: &FreshPerson,
        once: OnceValue,
        request: RegisterApp,
    ) -> Result<CreatedApp, UseCaseError<RegistrationRefused>> {
        let caller = person.caller_once(once);
        let secret = ClientSecret::generate(self.entropy());
        let switches = request.switches_of_new();
        let new = NewApp {
            owner: caller.account().id,
            name: request.name,
            url: request.url,
            callback_urls: request.callback_urls,
            device_flow: request.device_flow,
            expiring_tokens: request.expiring_tokens,
            switches,
            client_id: ClientId::generate(self.entropy()),
            secret: KeptSecret::from(&secret),
        };
        let by = self.attribute_to(caller.principal());
        let limits = self.settings().app_limits;
        let app = self.store().register_app(new, limits, by).await?;
        Ok(CreatedApp { app, secret })
    }

    /// Changes name, URLs, flows and switches of an app of the caller.
    #[tracing::instrument(name = "own_app.edit", level = "debug", skip_all)]
    pub async fn edit_own_app(
        &self,
        person: &FreshPerson,
        client_id: &ClientId,
        request: RegisterApp,
    ) -> Result<App, UseCaseError<NoSuchApp>> {
        let app = self.own_app::<NoSuchApp>(person, client_id).await?;
        let change = AppChange {
            name: Some(request.name),
            url: Some(request.url),
            callback_urls: Some(request.callback_urls),
            device_flow: Some(request.device_flow),
            expiring_tokens: Some(request.expiring_tokens),
            switches: SwitchChange::to(request.switches),
        };
        let by = self.attribute_to(person.caller().principal());
        let changed = self.store().change_app(app.summary.id, change, by);
        Ok(changed.await?)
    }

    /// An app of the caller with its live secrets.
    pub async fn own_app_secrets(
        &self,
        person: &Person,
        client_id: &ClientId,
    ) -> Result<(App, Vec<AppSecret>), UseCaseError<NoSuchApp>> {
        let app = self.own_app::<NoSuchApp>(person, client_id).await?;
        let secrets = self.store().list_app_secrets(app.summary.id).await?;
        Ok((app, secrets))
    }

    /// Gives an app of the caller a secret beside the one that it has.
    #[tracing::instrument(name = "own_app.make_secret", level = "debug", skip_all)]
    pub async fn make_own_app_secret(
        &self,
        person: &FreshPerson,
        once: OnceValue,
        client_id: &ClientId,
    ) -> Result<CreatedApp, UseCaseError<SecretCreationRefused>> {
        let app = self
            .own_app::<SecretCreationRefused>(person, client_id)
            .await?;
        let secret = ClientSecret::generate(self.entropy());
        let by = self.attribute_to(person.caller_once(once).principal());
        let (id, kept) = (app.summary.id, KeptSecret::from(&secret));
        self.store().create_app_secret(id, kept, by).await?;
        Ok(CreatedApp { app, secret })
    }

    /// Ends one secret of an app of the caller.
    #[tracing::instrument(name = "own_app.end_secret", level = "debug", skip_all)]
    pub async fn end_own_app_secret(
        &self,
        person: &FreshPerson,
        client_id: &ClientId,
        secret: ClientSecretId,
    ) -> Result<AppSecret, UseCaseError<SecretEndRefused>> {
        let app = self.own_app::<SecretEndRefused>(person, client_id).await?;
        let by = self.attribute_to(person.caller().principal());
        let ended = self.store().end_app_secret(app.summary.id, secret, by);
        Ok(ended.await?)
    }

    /// Ends all tokens of all users of an app that the caller owns, and returns their number.
    #[tracing::instrument(name = "own_app.revoke_all", level = "debug", skip_all)]
    pub async fn revoke_tokens_of_own_app(
        &self,
        person: &FreshPerson,
        client_id: &ClientId,
    ) -> Result<u64, UseCaseError<NoSuchApp>> {
        let app = self.own_app::<NoSuchApp>(person, client_id).await?;
        let by = self.attribute_to(person.caller().principal());
        let ended = self.store().revoke_all(Whose::App(app.summary.id), by);
        Ok(ended.await?)
    }

    /// Deletes an app of the caller with all grants and tokens it had.
    #[tracing::instrument(name = "own_app.delete", level = "debug", skip_all)]
    pub async fn delete_own_app(
        &self,
        person: &FreshPerson,
        client_id: &ClientId,
    ) -> Result<DeletedApp, UseCaseError<NoSuchApp>> {
        let app = self.own_app::<NoSuchApp>(person, client_id).await?;
        let by = self.attribute_to(person.caller().principal());
        Ok(self.store().delete_app(app.summary.id, by).await?)
    }

    /// A live app of the caller. Those of others are not there.
    async fn own_app<R: From<NoSuchApp>>(
        &self,
        person: &Person,
        client_id: &ClientId,
    ) -> Result<App, UseCaseError<R>> {
        let app = self.app::<R>(client_id).await?;
        if app.owner == person.account().id {
            Ok(app)
        } else {
            Err(UseCaseError::refused(NoSuchApp))
        }
    }
}
