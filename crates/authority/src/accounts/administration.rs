//! What site administrators do at the API: with users, with the tokens of all users, and in the
//! place of a user.
//!
//! An administrator comes with a token that has the scope `site_admin` and is an administrator now;
//! whoever lacks either is told that there is nothing. Nobody can lock themselves out: an
//! administrator neither suspends, nor demotes, nor deletes the own account.

use std::sync::Arc;

use counterfoil_domain::account::{
    Account, AccountCreationRefused, EmailTaken, LoginTaken, NewAccount, NewEmail, NoSuchUser,
    RenameRefused, Verification,
};
use counterfoil_domain::app::{ClientId, KeptSecret};
use counterfoil_domain::authorization::Authorization;
use counterfoil_domain::email::EmailAddress;
use counterfoil_domain::id::AuthorizationId;
use counterfoil_domain::login::Login;
use counterfoil_domain::page::{Page, Paged};
use counterfoil_domain::principal::{Origin, Principal, Proof, TokenProof};
use counterfoil_domain::scope::{Scope, ScopeSet, Standing};
use counterfoil_domain::token::PlainToken;
use counterfoil_store::{AdministratorRefused, GotOrCreated, NewImpersonation, StoreError};

use crate::authority::Authority;
use crate::principal::account_proof;
use crate::tokens::CheckedToken;
use crate::use_case::UseCaseError;

/// A site administrator, with the token by which they proved who they are.
#[derive(Clone, Debug)]
pub struct Administrator {
    account: Arc<Account>,
    token: AuthorizationId,
    principal: Principal,
}

impl Administrator {
    /// The administrator of a live token. None if its owner is no administrator now, or the token
    /// may not act as one.
    pub fn of(token: &CheckedToken, origin: Origin) -> Option<Self> {
        let scope = token.viewer().administers_by()?;
        let account = token.shared_account();
        let by_token = TokenProof {
            digest: *token.digest(),
            scope,
        };
        Some(Self {
            principal: Principal {
                proof: Proof::Token(account_proof(&account), by_token),
                origin: Some(origin),
            },
            token: token.id(),
            account,
        })
    }

    /// The administrator's account, as it stood when the token was checked.
    pub fn account(&self) -> &Account {
        &self.account
    }
}

/// A user to be made without a password.
#[derive(Clone, Debug)]
pub struct CreateUser {
    /// The login.
    pub login: Login,
    /// The e-mail address, which counts as verified: an administrator says so.
    pub email: Option<EmailAddress>,
    /// Whether the user starts out suspended.
    pub state: InitialState,
}

/// Whether a new user may do anything yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InitialState {
    /// Everything.
    Active,
    /// Nothing, until the suspension is lifted.
    Suspended,
}

/// A token that an administrator got to act as somebody else.
#[derive(Clone, Debug)]
pub struct Impersonated {
    /// The record.
    pub authorization: Authorization,
    /// Whether the record is new, or one that has another token from now on.
    pub is_new: bool,
    /// The token, which exists nowhere else.
    pub token: PlainToken,
    /// What stands in for an app's client id: this installation's own.
    pub client_id: ClientId,
}

/// What an administrator cannot do to the own account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SelfAction {
    /// Suspend it.
    Suspend,
    /// Give up its rights.
    Demote,
    /// Delete it.
    Delete,
}

/// Why an administrator's wish was not done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AdministrationRefused {
    /// There is no such live user or token.
    #[error("there is no such user or token")]
    NotFound,
    /// It would be done to the administrator's own account.
    #[error("no administrator does this to the own account")]
    OwnAccount(SelfAction),
    /// The request came with the token that is to be revoked.
    #[error("this token is in use")]
    TokenInUse,
    /// These scopes are for administrators, and no token that acts as somebody else has them.
    #[error("these scopes are for administrators")]
    ScopesRefused(Vec<Scope>),
    /// No token acts as a suspended user.
    #[error("this user is suspended")]
    Suspended,
    /// Another account has or had this login.
    #[error(transparent)]
    LoginTaken(#[from] LoginTaken),
    /// Another account has this e-mail address.
    #[error(transparent)]
    EmailTaken(#[from] EmailTaken),
    /// The caller is no site administrator any more.
    #[error("the caller is no site administrator any more")]
    RightsLost,
}

impl From<NoSuchUser> for AdministrationRefused {
    fn from(_: NoSuchUser) -> Self {
        Self::NotFound
    }
}

impl From<AccountCreationRefused> for AdministrationRefused {
    fn from(refused: AccountCreationRefused) -> Self {
        match refused {
            AccountCreationRefused::LoginTaken(taken) => taken.into(),
            AccountCreationRefused::EmailTaken(taken) => taken.into(),
        }
    }
}

impl From<RenameRefused> for AdministrationRefused {
    fn from(refused: RenameRefused) -> Self {
        match refused {
            RenameRefused::NotFound(missing) => missing.into(),
            RenameRefused::LoginTaken(taken) => taken.into(),
        }
    }
}

impl From<AdministratorRefused> for AdministrationRefused {
    fn from(refused: AdministratorRefused) -> Self {
        match refused {
            AdministratorRefused::NotFound => Self::NotFound,
            AdministratorRefused::Suspended => Self::Suspended,
            AdministratorRefused::MakerLostRights => Self::RightsLost,
        }
    }
}

impl Authority {
    /// A token by which the administrator acts as a user. Where there was one, the record stays,
    /// with these scopes if any are given; the token that it had is refused from now on.
    #[tracing::instrument(name = "administration.impersonate", level = "debug", skip_all)]
    pub async fn impersonate(
        &self,
        administrator: &Administrator,
        login: &Login,
        scopes: Option<ScopeSet>,
    ) -> Result<Impersonated, UseCaseError<AdministrationRefused>> {
        let owner = self.user(login).await?;
        let given = scopes.iter().flat_map(ScopeSet::for_administrators);
        let refused: Vec<_> = given.collect();
        if !refused.is_empty() {
            return Err(UseCaseError::Refused(AdministrationRefused::ScopesRefused(
                refused,
            )));
        }
        let token = PlainToken::generate(&self.settings().token_formats.app, self.entropy());
        let now = self.now();
        let wish = now.plus(self.settings().impersonation_lifetime);
        let expires_at = self.settings().token_life.cut(Some(wish), now);
        let new = NewImpersonation {
            owner: owner.id,
            maker: administrator.account.id,
            scopes,
            expires_at: expires_at.unwrap_or(wish),
            token: KeptSecret::from(&token),
        };
        let by = self.attribute_to(&administrator.principal);
        let (authorization, is_new) = match self.store().impersonate(new, by).await? {
            GotOrCreated::Existing(authorization) => (authorization, false),
            GotOrCreated::Created(authorization) => (authorization, true),
        };
        Ok(Impersonated {
            authorization,
            is_new,
            token,
            client_id: self.impersonation_client_id(),
        })
    }

    /// Revokes every token that some administrator made to act as a user.
    #[tracing::instrument(name = "administration.end_impersonation", level = "debug", skip_all)]
    pub async fn end_impersonation(
        &self,
        administrator: &Administrator,
        login: &Login,
    ) -> Result<(), UseCaseError<AdministrationRefused>> {
        let owner = self.user(login).await?;
        let by = self.attribute_to(&administrator.principal);
        Ok(self.store().end_impersonation(owner.id, by).await?)
    }

    /// One page of all users' personal tokens.
    pub async fn list_personal_tokens(
        &self,
        _administrator: &Administrator,
        page: Page,
    ) -> Result<Paged<Authorization>, StoreError> {
        self.store().personal_tokens(page, self.now()).await
    }

    /// Revokes a personal token of whichever user.
    #[tracing::instrument(name = "administration.revoke_token", level = "debug", skip_all, fields(authorization.id = %id))]
    pub async fn revoke_personal_token(
        &self,
        administrator: &Administrator,
        id: AuthorizationId,
    ) -> Result<(), UseCaseError<AdministrationRefused>> {
        if id == administrator.token {
            return Err(UseCaseError::Refused(AdministrationRefused::TokenInUse));
        }
        let by = self.attribute_to(&administrator.principal);
        Ok(self.store().revoke_personal_token(id, by).await?)
    }

    /// Makes a user who has no password yet.
    #[tracing::instrument(name = "administration.create_user", level = "debug", skip_all)]
    pub async fn create_user(
        &self,
        administrator: &Administrator,
        request: CreateUser,
    ) -> Result<Account, UseCaseError<AdministrationRefused>> {
        let by = self.attribute_to(&administrator.principal);
        let email = request.email.map(|address| NewEmail {
            address,
            verification: Verification::Verified,
        });
        let suspended_at = match request.state {
            InitialState::Active => None,
            InitialState::Suspended => Some(by.at),
        };
        let new = NewAccount {
            login: request.login,
            name: None,
            email,
            standing: Standing::Ordinary,
            password: None,
            suspended_at,
        };
        Ok(self.store().create_account(new, by).await?)
    }

    /// Gives a user another login. The old one stays taken.
    #[tracing::instrument(name = "administration.rename_user", level = "debug", skip_all)]
    pub async fn rename_user(
        &self,
        administrator: &Administrator,
        login: &Login,
        new: Login,
    ) -> Result<Account, UseCaseError<AdministrationRefused>> {
        let user = self.user(login).await?;
        let by = self.attribute_to(&administrator.principal);
        Ok(self.store().rename_account(user.id, new, by).await?)
    }

    /// Deletes a user with all tokens, grants and apps.
    #[tracing::instrument(name = "administration.delete_user", level = "debug", skip_all)]
    pub async fn delete_user(
        &self,
        administrator: &Administrator,
        login: &Login,
    ) -> Result<(), UseCaseError<AdministrationRefused>> {
        let user = self
            .other_user(administrator, login, SelfAction::Delete)
            .await?;
        let by = self.attribute_to(&administrator.principal);
        self.store().delete_account(user.id, by).await?;
        Ok(())
    }

    /// Suspends a user. One who is suspended stays so.
    #[tracing::instrument(name = "administration.suspend_user", level = "debug", skip_all)]
    pub async fn suspend_user(
        &self,
        administrator: &Administrator,
        login: &Login,
    ) -> Result<(), UseCaseError<AdministrationRefused>> {
        let user = self
            .other_user(administrator, login, SelfAction::Suspend)
            .await?;
        let by = self.attribute_to(&administrator.principal);
        self.store().suspend_account(user.id, by).await?;
        Ok(())
    }

    /// Lifts a user's suspension, if there is one.
    #[tracing::instrument(name = "administration.unsuspend_user", level = "debug", skip_all)]
    pub async fn unsuspend_user(
        &self,
        administrator: &Administrator,
        login: &Login,
    ) -> Result<(), UseCaseError<AdministrationRefused>> {
        let user = self.user(login).await?;
        let by = self.attribute_to(&administrator.principal);
        self.store().unsuspend_account(user.id, by).await?;
        Ok(())
    }

    /// Makes a user a site administrator.
    #[tracing::instrument(name = "administration.promote_user", level = "debug", skip_all)]
    pub async fn promote_user(
        &self,
        administrator: &Administrator,
        login: &Login,
    ) -> Result<(), UseCaseError<AdministrationRefused>> {
        let user = self.user(login).await?;
        self.set_standing(administrator, &user, Standing::SiteAdministrator)
            .await
    }

    /// Makes a site administrator an ordinary user.
    #[tracing::instrument(name = "administration.demote_user", level = "debug", skip_all)]
    pub async fn demote_user(
        &self,
        administrator: &Administrator,
        login: &Login,
    ) -> Result<(), UseCaseError<AdministrationRefused>> {
        let user = self
            .other_user(administrator, login, SelfAction::Demote)
            .await?;
        self.set_standing(administrator, &user, Standing::Ordinary)
            .await
    }

    async fn set_standing(
        &self,
        administrator: &Administrator,
        user: &Account,
        standing: Standing,
    ) -> Result<(), UseCaseError<AdministrationRefused>> {
        let by = self.attribute_to(&administrator.principal);
        self.store().set_standing(user.id, standing, by).await?;
        Ok(())
    }

    /// A user who is somebody else than the administrator.
    async fn other_user(
        &self,
        administrator: &Administrator,
        login: &Login,
        act: SelfAction,
    ) -> Result<Account, UseCaseError<AdministrationRefused>> {
        let user: Account = self.user(login).await?;
        if user.id == administrator.account.id {
            Err(UseCaseError::Refused(AdministrationRefused::OwnAccount(
                act,
            )))
        } else {
            Ok(user)
        }
    }

    /// The client id that impersonation tokens show: made of the installation's key, so it differs
    /// between installations and never changes within one.
    fn impersonation_client_id(&self) -> ClientId {
        ClientId::of_digest(self.digest_key().digest("client id of impersonation", &[]))
    }
}
