//! The apps that a user looks after, as pages show them: their own, and those of organizations that
//! they own. Listed, registered, edited, their secrets, another owner, their end.
//!
//! Whether an app is still the caller's to change is looked at again when it is changed.

use counterfoil_domain::app::{
    App, AppChange, AppCreationRefused, AppSecret, AppSwitch, AppSwitches, AppUrl, ClientId,
    ClientSecret, DeviceFlow, ExpiringTokens, KeptSecret, NewApp, NoSuchApp, OwnApp,
    OwnedOrganization, RegistrationRefused, SecretCreationRefused, SecretEndRefused, SwitchChange,
    TransferRefused,
};
use counterfoil_domain::form::OnceValue;
use counterfoil_domain::id::{AccountId, ClientSecretId};
use counterfoil_domain::login::Login;
use counterfoil_domain::oauth::{Destination, RedirectUri};
use counterfoil_domain::organization::Role;
use counterfoil_domain::text::DisplayName;
use counterfoil_store::{ActingFor, DeletedApp, ReachedApp, StoreError, Transfer};

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
    /// The apps that the caller looks after: their own, then those of organizations that they own.
    pub async fn list_own_apps(&self, person: &Person) -> Result<Vec<OwnApp>, StoreError> {
        self.store().own_apps(person.account().id).await
    }

    /// One of the caller's apps, with how much it is used.
    pub async fn find_own_app(
        &self,
        person: &Person,
        client_id: &ClientId,
    ) -> Result<OwnApp, UseCaseError<NoSuchApp>> {
        let (app, _) = self.own_app::<NoSuchApp>(person, client_id).await?;
        Ok(self.store().use_of_app(app).await?)
    }

    /// The organizations that the caller owns, by login.
    pub async fn owned_organizations(
        &self,
        person: &Person,
    ) -> Result<Vec<OwnedOrganization>, StoreError> {
        let user = person.account().id;
        self.store().owned_organizations(user).await
    }

    /// Makes an app of the caller, or of an organization that the caller owns, with its first
    /// secret.
    #[tracing::instrument(name = "own_app.register", level = "debug", skip_all)]
    pub async fn register_app(
        &self,
        person: &FreshPerson,
        once: OnceValue,
        organization: Option<&Login>,
        request: RegisterApp,
    ) -> Result<CreatedApp, UseCaseError<RegistrationRefused>> {
        let caller = person.caller_once(once);
        let user = caller.account().id;
        let owner = match organization {
            Some(login) => {
                let owned = self.owned_organization(person, login).await?;
                let gone = RegistrationRefused::from(AppCreationRefused::OwnerGone);
                owned.ok_or(UseCaseError::Refused(gone))?
            }
            None => user,
        };
        let secret = ClientSecret::generate(self.entropy());
        let switches = request.switches_of_new();
        let new = NewApp {
            owner,
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
        let app = self.store().register_app(new, user, limits, by).await?;
        Ok(CreatedApp { app, secret })
    }

    /// Changes name, URLs, flows and switches of an app that the caller looks after.
    #[tracing::instrument(name = "own_app.edit", level = "debug", skip_all)]
    pub async fn edit_own_app(
        &self,
        person: &FreshPerson,
        client_id: &ClientId,
        request: RegisterApp,
    ) -> Result<App, UseCaseError<NoSuchApp>> {
        let (_, app) = self.own_app::<NoSuchApp>(person, client_id).await?;
        let change = AppChange {
            name: Some(request.name),
            url: Some(request.url),
            callback_urls: Some(request.callback_urls),
            device_flow: Some(request.device_flow),
            expiring_tokens: Some(request.expiring_tokens),
            switches: SwitchChange::to(request.switches),
            // An operator's to say.
            seen_tokens: None,
        };
        let by = self.attribute_to(person.caller().principal());
        let changed = self.store().change_app(app, change, by);
        Ok(changed.await?)
    }

    /// An app of the caller with its live secrets.
    pub async fn own_app_secrets(
        &self,
        person: &Person,
        client_id: &ClientId,
    ) -> Result<(App, Vec<AppSecret>), UseCaseError<NoSuchApp>> {
        let (app, _) = self.own_app::<NoSuchApp>(person, client_id).await?;
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
        let (app, reached) = self
            .own_app::<SecretCreationRefused>(person, client_id)
            .await?;
        let secret = ClientSecret::generate(self.entropy());
        let by = self.attribute_to(person.caller_once(once).principal());
        let kept = KeptSecret::from(&secret);
        self.store().create_app_secret(reached, kept, by).await?;
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
        let (_, app) = self.own_app::<SecretEndRefused>(person, client_id).await?;
        let by = self.attribute_to(person.caller().principal());
        let ended = self.store().end_app_secret(app, secret, by);
        Ok(ended.await?)
    }

    /// Ends all tokens of all users of an app that the caller owns, and returns their number.
    #[tracing::instrument(name = "own_app.revoke_all", level = "debug", skip_all)]
    pub async fn revoke_tokens_of_own_app(
        &self,
        person: &FreshPerson,
        client_id: &ClientId,
    ) -> Result<u64, UseCaseError<NoSuchApp>> {
        let (_, app) = self.own_app::<NoSuchApp>(person, client_id).await?;
        let by = self.attribute_to(person.caller().principal());
        Ok(self.store().revoke_all_of_app(app, by).await?)
    }

    /// Gives an app that the caller looks after to an organization that the caller owns. Everybody
    /// is asked again who let it in.
    #[tracing::instrument(name = "own_app.transfer", level = "debug", skip_all)]
    pub async fn transfer_own_app(
        &self,
        person: &FreshPerson,
        client_id: &ClientId,
        to: &Login,
    ) -> Result<App, UseCaseError<TransferRefused>> {
        let (app, reached) = self.own_app::<TransferRefused>(person, client_id).await?;
        let to = self.owned_organization(person, to).await?;
        let transfer = Transfer {
            from: app.owner,
            to: to.ok_or(UseCaseError::Refused(TransferRefused::RecipientGone))?,
            per_user_limit: self.settings().app_limits.per_user,
        };
        let by = self.attribute_to(person.caller().principal());
        Ok(self.store().transfer_app(reached, transfer, by).await?)
    }

    /// Deletes an app of the caller with all grants and tokens it had.
    #[tracing::instrument(name = "own_app.delete", level = "debug", skip_all)]
    pub async fn delete_own_app(
        &self,
        person: &FreshPerson,
        client_id: &ClientId,
    ) -> Result<DeletedApp, UseCaseError<NoSuchApp>> {
        let (_, app) = self.own_app::<NoSuchApp>(person, client_id).await?;
        let by = self.attribute_to(person.caller().principal());
        Ok(self.store().delete_app(app, by).await?)
    }

    /// The organization of this login, if the caller owns it.
    async fn owned_organization(
        &self,
        person: &Person,
        login: &Login,
    ) -> Result<Option<AccountId>, StoreError> {
        let owned = self.owned_organizations(person).await?;
        let named = owned
            .into_iter()
            .find(|owned| owned.login.key() == login.key());
        Ok(named.map(|owned| owned.id))
    }

    /// A live app that the caller looks after, and as the caller reached it. Those of others are
    /// not there.
    async fn own_app<R: From<NoSuchApp>>(
        &self,
        person: &Person,
        client_id: &ClientId,
    ) -> Result<(App, ReachedApp), UseCaseError<R>> {
        let app = self.app::<R>(client_id).await?;
        let (owner, user) = (app.owner, person.account().id);
        if owner != user {
            let role = self.store().role_in(owner, user).await?;
            if role != Some(Role::Admin) {
                return Err(UseCaseError::refused(NoSuchApp));
            }
        }
        let reached = ReachedApp {
            id: app.summary.id,
            acting: Some(ActingFor { owner, user }),
        };
        Ok((app, reached))
    }
}
