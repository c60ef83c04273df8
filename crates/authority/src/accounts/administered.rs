//! Users as site administrators look at them on pages, and what they do there that the command line
//! does otherwise or not at all. The rest are the use cases of operators.
//!
//! Nobody can lock themselves out: none of it is done to the account of who asks, so whoever makes
//! an administrator an ordinary user is one who stays.

use counterfoil_domain::account::{Account, NoSuchUser, UserDeletionRefused};
use counterfoil_domain::administered::{ListedUser, UserFacts};
use counterfoil_domain::login::Login;
use counterfoil_domain::page::{Page, Paged};
use counterfoil_domain::scope::Standing;
use counterfoil_store::{DeletedAccount, StoreError};

use crate::authority::Authority;
use crate::principal::Operator;
use crate::use_case::UseCaseError;

impl Authority {
    /// One page of the users who have this somewhere in the login, a name or an address, by login;
    /// of all users where nothing is sought.
    pub async fn search_users(
        &self,
        sought: &str,
        page: Page,
        _operator: &Operator,
    ) -> Result<Paged<ListedUser>, StoreError> {
        self.store().search_users(sought, page).await
    }

    /// What a user has, and what an act would end.
    pub async fn user_facts(
        &self,
        login: &Login,
        _operator: &Operator,
    ) -> Result<UserFacts, UseCaseError<NoSuchUser>> {
        let account: Account = self.user(login).await?;
        let found = self.store().user_facts(account.id, self.now()).await?;
        let mut facts = found.ok_or(UseCaseError::Refused(NoSuchUser))?;
        let sessions = self.sessions_of(&account).await?;
        facts.sessions = sessions.len() as u64;
        facts.session_used_at = sessions.iter().map(|session| session.last_used_at).max();
        facts.locked_addresses = self.locks_of(&account).await?.len() as u64;
        let (_, is_exhausted) = self.wrong_codes_of(&account).await?;
        facts.codes_exhausted = is_exhausted;
        Ok(facts)
    }

    /// Makes a user a site administrator, or an ordinary one; `false` if they were so before.
    #[tracing::instrument(name = "accounts.change_standing", level = "debug", skip_all)]
    pub async fn change_standing(
        &self,
        login: &Login,
        standing: Standing,
        operator: &Operator,
    ) -> Result<bool, UseCaseError<NoSuchUser>> {
        let account = self.find_account(login).await?;
        let by = self.attribute_to(operator.principal());
        Ok(self.store().set_standing(account.id, standing, by).await?)
    }

    /// Ends all sessions of a user, and says how many there were.
    #[tracing::instrument(name = "accounts.end_sessions", level = "debug", skip_all)]
    pub async fn end_sessions_of(
        &self,
        login: &Login,
        operator: &Operator,
    ) -> Result<u64, UseCaseError<NoSuchUser>> {
        let account = self.find_account(login).await?;
        let by = self.attribute_to(operator.principal());
        Ok(self.store().end_sessions_of(account.id, by).await?)
    }

    /// Deletes a user with all tokens, grants and apps, unless they are the last owner of an
    /// organization.
    #[tracing::instrument(name = "accounts.delete_user", level = "debug", skip_all)]
    pub async fn delete_unless_last_owner(
        &self,
        login: &Login,
        operator: &Operator,
    ) -> Result<DeletedAccount, UseCaseError<UserDeletionRefused>> {
        let account: Account = self.user(login).await?;
        let by = self.attribute_to(operator.principal());
        let deleted = self
            .store()
            .delete_account_unless_last_owner(account.id, by);
        Ok(deleted.await?)
    }
}
