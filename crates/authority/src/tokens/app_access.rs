//! What a user gave apps, as pages show it: which apps have access, by which tokens, and the end of
//! it.

use counterfoil_domain::app::ClientId;
use counterfoil_domain::authorization::{NoSuchToken, OwnToken};
use counterfoil_domain::grant::{AppAccess, GrantRefused};
use counterfoil_domain::id::AuthorizationId;
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::page::{Page, Paged};
use counterfoil_domain::text::DisplayName;
use counterfoil_store::StoreError;

use crate::authority::Authority;
use crate::sessions::person::Person;
use crate::use_case::UseCaseError;

/// An app that has no access any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndedAccess {
    /// What the app is called.
    pub app: DisplayName,
    /// How many tokens ended.
    pub tokens: u64,
}

impl Authority {
    /// One page of the apps that have access to the caller's account, the ones used last first.
    pub async fn apps_with_access(
        &self,
        person: &Person,
        page: Page,
    ) -> Result<Paged<AppAccess>, StoreError> {
        let owner = person.account().id;
        self.store().apps_with_access(owner, page, self.now()).await
    }

    /// What the caller gave an app, with one page of the app's live tokens.
    pub async fn app_access(
        &self,
        person: &Person,
        client_id: &ClientId,
        page: Page,
    ) -> Result<(AppAccess, Vec<OwnToken>), UseCaseError<GrantRefused>> {
        let (owner, now) = (person.account().id, self.now());
        let found = self.store().app_access(owner, client_id, page, now);
        found
            .await?
            .ok_or(UseCaseError::Refused(GrantRefused::NotFound))
    }

    /// Takes an app all access to the caller's account.
    #[tracing::instrument(name = "app_access.end", level = "debug", skip_all)]
    pub async fn end_app_access(
        &self,
        person: &Person,
        client_id: &ClientId,
    ) -> Result<EndedAccess, UseCaseError<GrantRefused>> {
        let (access, _) = self.app_access(person, client_id, Page::new(1, 1)).await?;
        let (owner, grant) = (access.grant.owner, access.grant.id);
        let by = self.attribute_to(person.caller().principal());
        let tokens = self.store().revoke_grant(Some(owner), grant, by).await?;
        Ok(EndedAccess {
            app: access.grant.app.name,
            tokens,
        })
    }

    /// A live token that the caller gave an app.
    pub async fn app_token(
        &self,
        person: &Person,
        client_id: &ClientId,
        id: AuthorizationId,
    ) -> Result<OwnToken, UseCaseError<NoSuchToken>> {
        let (owner, now) = (person.account().id, self.now());
        let found = self.store().token_given(owner, client_id, id, now).await?;
        found.ok_or(UseCaseError::Refused(NoSuchToken))
    }

    /// Ends a token that the caller gave an app. What else the app has stays.
    #[tracing::instrument(name = "app_access.end_token", level = "debug", skip_all, fields(authorization.id = %id))]
    pub async fn end_app_token(
        &self,
        person: &Person,
        client_id: &ClientId,
        id: AuthorizationId,
    ) -> Result<OwnToken, UseCaseError<NoSuchToken>> {
        // Which app a token is of never changes.
        let token = self.app_token(person, client_id, id).await?;
        let (owner, reason) = (person.account().id, EndReason::DeletedByOwner);
        let by = self.attribute_to(person.caller().principal());
        self.store()
            .revoke_authorization(Some(owner), id, reason, by)
            .await?;
        Ok(token)
    }
}
