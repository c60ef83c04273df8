//! What users gave apps.

use counterfoil_domain::account::NoSuchUser;
use counterfoil_domain::app::ClientId;
use counterfoil_domain::grant::{Grant, GrantRefused};
use counterfoil_domain::id::GrantId;
use counterfoil_domain::login::Login;
use counterfoil_domain::page::{Page, Paged};
use counterfoil_store::StoreError;

use crate::authority::Authority;
use crate::principal::{Caller, Operator};
use crate::use_case::UseCaseError;

impl Authority {
    /// One page of the caller's grants; `client_id` leaves only the one of that app.
    pub async fn list_grants(
        &self,
        caller: &Caller,
        client_id: Option<ClientId>,
        page: Page,
    ) -> Result<Paged<Grant>, StoreError> {
        let client_id = client_id.map(|id| id.as_str().to_owned());
        self.store()
            .list_grants(caller.account().id, client_id, page, self.now())
            .await
    }

    /// One of the caller's grants.
    pub async fn find_grant(
        &self,
        caller: &Caller,
        id: GrantId,
    ) -> Result<Grant, UseCaseError<GrantRefused>> {
        self.store()
            .find_grant(Some(caller.account().id), id, self.now())
            .await?
            .ok_or(UseCaseError::Refused(GrantRefused::NotFound))
    }

    /// Revokes one of the caller's grants, and with it every token of that app for the caller.
    #[tracing::instrument(name = "grant.revoke", level = "debug", skip_all, fields(grant.id = %id))]
    pub async fn revoke_grant(
        &self,
        caller: &Caller,
        id: GrantId,
    ) -> Result<(), UseCaseError<GrantRefused>> {
        self.store()
            .revoke_grant(
                Some(caller.account().id),
                id,
                self.attribute_to(caller.principal()),
            )
            .await?;
        Ok(())
    }

    /// A user's grants, as an operator lists them.
    pub async fn list_grants_of(
        &self,
        login: &Login,
        page: Page,
    ) -> Result<Paged<Grant>, UseCaseError<NoSuchUser>> {
        let account = self.user(login).await?;
        Ok(self
            .store()
            .list_grants(account.id, None, page, self.now())
            .await?)
    }

    /// A grant, whosever it is, as an operator looks at it.
    pub async fn find_any_grant(&self, id: GrantId) -> Result<Grant, UseCaseError<GrantRefused>> {
        self.store()
            .find_grant(None, id, self.now())
            .await?
            .ok_or(UseCaseError::Refused(GrantRefused::NotFound))
    }

    /// Revokes a grant, whosever it is, and says how many tokens ended with it.
    pub async fn revoke_any_grant(
        &self,
        id: GrantId,
        operator: &Operator,
    ) -> Result<u64, UseCaseError<GrantRefused>> {
        Ok(self
            .store()
            .revoke_grant(None, id, self.attribute_to(operator.principal()))
            .await?)
    }
}
