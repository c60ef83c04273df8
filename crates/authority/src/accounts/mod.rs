//! Users, as operators make and change them.

mod administered;
pub(crate) mod administration;
pub(crate) mod enrolment;
mod second_factor;
pub(crate) mod security;
pub(crate) mod two_factor;

use counterfoil_domain::access::{Own, Viewer};
use counterfoil_domain::account::{
    Account, AccountChange, AccountChangeRefused, AccountCreationRefused, AccountRef, HeldEmail,
    NewAccount, NewEmail, NoSuchUser, ReleaseRefused, RenameRefused,
};
use counterfoil_domain::email::EmailAddress;
use counterfoil_domain::login::Login;
use counterfoil_domain::page::{Page, Paged};
use counterfoil_domain::password::{OwnWords, Password, PasswordHash, PasswordRefused};
use counterfoil_domain::scope::Standing;
use counterfoil_domain::text::DisplayName;
use counterfoil_domain::timestamp::Timestamp;
use counterfoil_store::{ChangeError, DeletedAccount, PasswordSet, RevokeTokens, StoreError};

use crate::access::AccessError;
use crate::authority::Authority;
use crate::passwords::queue::{Busy, Requester};
use crate::principal::Operator;
use crate::use_case::UseCaseError;

/// A user to be made.
#[derive(Clone, Debug)]
pub struct CreateAccount {
    /// The login.
    pub login: Login,
    /// What the user is called.
    pub name: Option<DisplayName>,
    /// The primary e-mail address.
    pub email: Option<NewEmail>,
    /// Whether the user administers the installation.
    pub standing: Standing,
    /// The password.
    pub password: Password,
}

/// Whatever may stop a use case that gives a user a password.
#[derive(Debug, thiserror::Error)]
pub enum GivePasswordError<R> {
    /// The password may not be this user's.
    #[error(transparent)]
    Password(#[from] PasswordRefused),
    /// Too many passwords are being hashed.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// What is not about the password.
    #[error(transparent)]
    UseCase(#[from] UseCaseError<R>),
}

impl<R, S: Into<R>> From<ChangeError<S>> for GivePasswordError<R> {
    fn from(error: ChangeError<S>) -> Self {
        Self::UseCase(error.into())
    }
}

impl<R> From<StoreError> for GivePasswordError<R> {
    fn from(error: StoreError) -> Self {
        Self::UseCase(error.into())
    }
}

impl CreateAccount {
    /// What the password must not be made of.
    pub fn own_words(&self) -> OwnWords {
        let email = self.email.as_ref().map(|email| &email.address);
        OwnWords::of(&self.login, self.name.as_ref(), email)
    }
}

impl Authority {
    /// Makes a user.
    pub async fn create_account(
        &self,
        request: CreateAccount,
        operator: &Operator,
    ) -> Result<Account, GivePasswordError<AccountCreationRefused>> {
        request.password.refuse_for(&request.own_words())?;
        let cost = self.settings().hashing.cost;
        let password = self
            .passwords()
            .hash(request.password, cost, self.entropy_handle())
            .await?;
        let CreateAccount {
            login,
            name,
            email,
            standing,
            ..
        } = request;
        let new = NewAccount {
            login,
            name,
            email,
            standing,
            password: Some(password),
            suspended_at: None,
        };
        Ok(self
            .store()
            .create_account(new, self.attribute_to(operator.principal()))
            .await?)
    }

    /// The user of a login, for a use case that may be refused for that there is none.
    pub(crate) async fn user<R: From<NoSuchUser>>(
        &self,
        login: &Login,
    ) -> Result<Account, UseCaseError<R>> {
        let found = self.store().find_account(login).await?;
        found.ok_or_else(|| UseCaseError::refused(NoSuchUser))
    }

    /// The user of a login.
    pub async fn find_account(&self, login: &Login) -> Result<Account, UseCaseError<NoSuchUser>> {
        self.user(login).await
    }

    /// The user who is meant.
    pub async fn look_up_user(
        &self,
        wanted: &AccountRef,
    ) -> Result<Account, UseCaseError<NoSuchUser>> {
        match wanted {
            AccountRef::Login(login) => self.find_account(login).await,
            AccountRef::Id(id) => {
                let found = self.store().account_by_id(*id).await?;
                found.ok_or(UseCaseError::Refused(NoSuchUser))
            }
        }
    }

    /// One page of the viewer's e-mail addresses, the primary one first.
    pub async fn own_emails(
        &self,
        viewer: &Viewer<'_>,
        page: Page,
    ) -> Result<Paged<HeldEmail>, AccessError> {
        viewer.may_see(Own::Emails)?;
        Ok(self.store().list_emails(viewer.account(), page).await?)
    }

    /// All users.
    pub async fn list_accounts(&self) -> Result<Vec<Account>, StoreError> {
        self.store().list_accounts().await
    }

    /// Changes a user's e-mail address, name or standing.
    pub async fn change_account(
        &self,
        login: &Login,
        change: AccountChange,
        operator: &Operator,
    ) -> Result<Account, UseCaseError<AccountChangeRefused>> {
        let account = self.user(login).await?;
        Ok(self
            .store()
            .change_account(account.id, change, self.attribute_to(operator.principal()))
            .await?)
    }

    /// Gives a user a new password. Tokens survive it unless asked otherwise.
    pub async fn set_password(
        &self,
        login: &Login,
        password: Password,
        tokens: RevokeTokens,
        operator: &Operator,
    ) -> Result<PasswordSet, GivePasswordError<NoSuchUser>> {
        let account = self.find_account(login).await?;
        let hash = self.hash_for(&account, password, Requester::here()).await?;
        Ok(self
            .store()
            .set_password(
                account.id,
                hash,
                tokens,
                self.attribute_to(operator.principal()),
            )
            .await?)
    }

    /// The hash of a password that may be this user's.
    pub(crate) async fn hash_for<R>(
        &self,
        account: &Account,
        password: Password,
        requester: Requester,
    ) -> Result<PasswordHash, GivePasswordError<R>> {
        let emails = self
            .store()
            .list_emails(account.id, Page::new(1, Page::LARGEST_SIZE));
        let emails = emails.await?.items;
        let addresses = emails.iter().map(|held| &held.address);
        let (login, name) = (&account.login, account.name.as_ref());
        password.refuse_for(&OwnWords::of(login, name, addresses))?;
        let cost = self.settings().hashing.cost;
        Ok(self
            .passwords()
            .hash_in_turn(password, cost, self.entropy_handle(), requester)
            .await?)
    }

    /// Gives a user another login. The old one stays taken.
    pub async fn rename_account(
        &self,
        login: &Login,
        new: Login,
        operator: &Operator,
    ) -> Result<Account, UseCaseError<RenameRefused>> {
        let account = self.user(login).await?;
        let by = self.attribute_to(operator.principal());
        Ok(self.store().rename_account(account.id, new, by).await?)
    }

    /// Suspends a user; `false` if it was suspended before.
    pub async fn suspend_account(
        &self,
        login: &Login,
        operator: &Operator,
    ) -> Result<bool, UseCaseError<NoSuchUser>> {
        let account = self.find_account(login).await?;
        Ok(self
            .store()
            .suspend_account(account.id, self.attribute_to(operator.principal()))
            .await?)
    }

    /// Lifts a suspension; `false` if there was none.
    pub async fn unsuspend_account(
        &self,
        login: &Login,
        operator: &Operator,
    ) -> Result<bool, UseCaseError<NoSuchUser>> {
        let account = self.find_account(login).await?;
        Ok(self
            .store()
            .unsuspend_account(account.id, self.attribute_to(operator.principal()))
            .await?)
    }

    /// Lifts all locks on a user's sign-in and forgets the failures that led to them. Says how many
    /// locks there were.
    pub async fn unlock_account(
        &self,
        login: &Login,
        operator: &Operator,
    ) -> Result<u64, UseCaseError<NoSuchUser>> {
        let account = self.find_account(login).await?;
        let mut names = vec![login.as_str()];
        names.extend(account.email.as_ref().map(EmailAddress::as_str));
        let subjects = names.into_iter().map(|name| self.subject(name)).collect();
        Ok(self
            .store()
            .unlock(
                account.id,
                subjects,
                self.attribute_to(operator.principal()),
            )
            .await?)
    }

    /// The addresses for which a user's sign-in is locked, and until when.
    pub async fn locks_of(
        &self,
        account: &Account,
    ) -> Result<Vec<(String, Timestamp)>, StoreError> {
        self.store().locks_of(account.id, self.now()).await
    }

    /// How many one-time codes of a user were wrong since the last right one, and whether none is
    /// accepted any more.
    pub async fn wrong_codes_of(&self, account: &Account) -> Result<(u64, bool), StoreError> {
        let wrong = self.store().wrong_codes(account.id).await?;
        let most = u64::from(self.settings().lockout.wrong_codes);
        Ok((wrong, wrong >= most))
    }

    /// Deletes a user with all tokens, grants and apps. The login stays taken until it is released.
    pub async fn delete_account(
        &self,
        login: &Login,
        operator: &Operator,
    ) -> Result<DeletedAccount, UseCaseError<NoSuchUser>> {
        let account = self.find_account(login).await?;
        Ok(self
            .store()
            .delete_account(account.id, self.attribute_to(operator.principal()))
            .await?)
    }

    /// Lets the login of a deleted user be given again.
    pub async fn release_login(
        &self,
        login: &Login,
        operator: &Operator,
    ) -> Result<(), UseCaseError<ReleaseRefused>> {
        let by = self.attribute_to(operator.principal());
        Ok(self.store().release_login(login, by).await?)
    }
}
