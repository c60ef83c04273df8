//! Accounts, their passwords and e-mail addresses.

mod administer;
mod change;
mod emails;
mod end;
mod facts;
mod find;
mod profile;
mod search;

use counterfoil_domain::account::{
    Account, AccountChange, AccountChangeRefused, AccountCreationRefused, Credentials, HeldEmail,
    NewAccount, NoSuchUser, ReleaseRefused,
};
use counterfoil_domain::audit::{Action, Event, Outcome, Subject};
use counterfoil_domain::id::AccountId;
use counterfoil_domain::login::Login;
use counterfoil_domain::mail::MailKind;
use counterfoil_domain::page::{Page, Paged};
use counterfoil_domain::password::PasswordHash;
use counterfoil_domain::principal::Attribution;

pub(crate) use crate::accounts::administer::is_administered;
pub(crate) use crate::accounts::change::{
    Credential, is_taken, set_password as set_password_of, touch,
};
pub(crate) use crate::accounts::emails::{
    add_verified_email, count_emails, end_email, end_emails_since, has_password, own_email,
    primary_email, set_primary, verified_holder, verify_primary_email,
};
pub use crate::accounts::find::HashClasses;
use crate::accounts::find::Identifier;
pub(crate) use crate::accounts::find::{
    HeldStanding, find_by_id, find_ended, hold_standing, is_active, keep_account, lock_account,
    next_accounts, page_of_organization, page_of_team, sought_by, standing, standing_from,
    without_second_factor,
};
pub(crate) use crate::accounts::profile::preferences;
use crate::engine::Store;
use crate::error::{ChangeError, StoreError, WriteError};
use crate::outbox;
use crate::tx::Tx;
use crate::writing::{Change, Locks, Operation, SystemChange, SystemOperation};

type Refusable<T, R = NoSuchUser> = Result<T, WriteError<R>>;
type Changed<T, R = NoSuchUser> = Result<T, ChangeError<R>>;

#[cfg(test)]
pub(crate) const STATEMENTS: [&[crate::statement::Statement]; 8] = [
    administer::STATEMENTS,
    change::STATEMENTS,
    emails::STATEMENTS,
    end::STATEMENTS,
    facts::STATEMENTS,
    find::STATEMENTS,
    profile::STATEMENTS,
    search::STATEMENTS,
];

/// What becomes of a user's tokens when the password changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevokeTokens {
    /// They live on.
    Keep,
    /// They end.
    Revoke,
}

/// What a change of password led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordSet {
    /// How many live tokens ended.
    pub tokens_revoked: u64,
}

/// What ended together with an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeletedAccount {
    /// Live tokens: the user's, and those of apps the user owned.
    pub tokens: u64,
    /// Live grants: the user's, and those of apps the user owned.
    pub grants: u64,
    /// Live apps the user owned.
    pub apps: u64,
}

/// Makes an account, as part of a larger piece of work.
pub(crate) async fn create(
    tx: &mut Tx,
    new: &NewAccount,
    by: &Attribution,
) -> Refusable<Outcome<Account>, AccountCreationRefused> {
    change::create(tx, new, by.at).await
}

/// Changes an account, which is held, as part of a larger piece of work.
pub(crate) async fn alter(
    tx: &mut Tx,
    id: AccountId,
    change: &AccountChange,
    by: &Attribution,
) -> Refusable<Outcome<Account>, AccountChangeRefused> {
    change::change(tx, id, change, by).await
}

impl Store {
    /// Makes an account.
    pub async fn create_account(
        &self,
        new: NewAccount,
        by: Attribution,
    ) -> Changed<Account, AccountCreationRefused> {
        let (operation, locks) = (Operation::CreateAccount, Locks::none());
        self.change(operation, by, locks, move |Change { tx, by, .. }| {
            Box::pin(async move { change::create(tx, &new, by.at).await })
        })
        .await
    }

    /// The live account of a login, whatever its capitals.
    pub async fn find_account(&self, login: &Login) -> Result<Option<Account>, StoreError> {
        let key = login.key();
        self.read(move |tx| Box::pin(async move { find::by_login(tx, &key).await }))
            .await
    }

    /// A live account.
    pub async fn account_by_id(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        self.read_one(move |tx| Box::pin(async move { find_by_id(tx, id).await }))
            .await
    }

    /// All live accounts, by login.
    pub async fn list_accounts(&self) -> Result<Vec<Account>, StoreError> {
        self.read(move |tx| Box::pin(async move { find::all(tx).await }))
            .await
    }

    /// One page of an account's e-mail addresses, the primary one first.
    pub async fn list_emails(
        &self,
        id: AccountId,
        page: Page,
    ) -> Result<Paged<HeldEmail>, StoreError> {
        self.read(move |tx| Box::pin(async move { find::emails(tx, id, page).await }))
            .await
    }

    /// The live account that somebody means by a login or a verified e-mail address, with its
    /// password.
    pub async fn find_credentials(
        &self,
        identifier: &str,
    ) -> Result<Option<Credentials>, StoreError> {
        let Some(identifier) = Identifier::parse(identifier) else {
            return Ok(None);
        };
        self.read(move |tx| Box::pin(async move { find::credentials(tx, &identifier).await }))
            .await
    }

    /// Which classes of hashes accounts have, a portion of the accounts at a time: the next ones
    /// behind `after`.
    pub async fn hash_classes(&self, after: AccountId) -> Result<HashClasses, StoreError> {
        self.read(move |tx| Box::pin(async move { find::hash_classes(tx, after).await }))
            .await
    }

    /// Changes an account. What was remembered of its credentials counts no longer when its
    /// standing or e-mail address changed.
    pub async fn change_account(
        &self,
        id: AccountId,
        change: AccountChange,
        by: Attribution,
    ) -> Changed<Account, AccountChangeRefused> {
        let (operation, locks) = (Operation::ChangeAccount, Locks::none().account(id));
        self.change(operation, by, locks, move |Change { tx, by, .. }| {
            Box::pin(async move { change::change(tx, id, &change, by).await })
        })
        .await
    }

    /// Keeps another hash of the same password, if `old` is still the one that is kept. Nothing
    /// that was remembered of the credentials is forgotten: they are the same. Says whether it was
    /// kept.
    pub async fn replace_hash(
        &self,
        id: AccountId,
        old: PasswordHash,
        new: PasswordHash,
        by: Attribution,
    ) -> Result<bool, StoreError> {
        self.change_by_system(
            SystemOperation::RehashPassword,
            by,
            move |SystemChange { tx, .. }| {
                Box::pin(async move {
                    if !change::replace_hash(tx, id, &old, &new).await? {
                        return Ok(Outcome::unchanged(false));
                    }
                    let subject = Subject {
                        account: Some(id),
                        ..Subject::default()
                    };
                    let event = Event::new(Action::UserPasswordRehashed, subject);
                    Ok(Outcome::new(true, event))
                })
            },
        )
        .await
    }

    /// Sets a password; older tokens live on or end.
    pub async fn set_password(
        &self,
        id: AccountId,
        password: PasswordHash,
        tokens: RevokeTokens,
        by: Attribution,
    ) -> Changed<PasswordSet> {
        let (operation, locks) = (Operation::SetPassword, Locks::none().account(id));
        self.change(operation, by, locks, move |Change { tx, by, .. }| {
            Box::pin(async move {
                outbox::tell(tx, MailKind::PasswordChanged, id, by).await?;
                change::set_password(tx, id, &password, tokens, by.at).await
            })
        })
        .await
    }

    /// Suspends an account; `false` when it was suspended already.
    pub async fn suspend_account(&self, id: AccountId, by: Attribution) -> Changed<bool> {
        let (operation, locks) = (Operation::SuspendAccount, Locks::none().apps_of(id));
        self.change(operation, by, locks, move |Change { tx, by, .. }| {
            Box::pin(async move { change::suspend(tx, id, by).await })
        })
        .await
    }

    /// Lifts a suspension; `false` when there was none.
    pub async fn unsuspend_account(&self, id: AccountId, by: Attribution) -> Changed<bool> {
        let (operation, locks) = (Operation::UnsuspendAccount, Locks::none().apps_of(id));
        self.change(operation, by, locks, move |Change { tx, by, .. }| {
            Box::pin(async move { change::unsuspend(tx, id, by).await })
        })
        .await
    }

    /// Ends an account with its tokens, grants, e-mail addresses, second factor and apps. Its login
    /// stays taken.
    pub async fn delete_account(&self, id: AccountId, by: Attribution) -> Changed<DeletedAccount> {
        let (operation, locks) = (Operation::DeleteAccount, Locks::none().apps_of(id));
        self.change(operation, by, locks, move |Change { tx, by, .. }| {
            Box::pin(async move { end::delete(tx, id, by).await })
        })
        .await
    }

    /// Lets the login of an ended account be given again.
    pub async fn release_login(
        &self,
        login: &Login,
        by: Attribution,
    ) -> Changed<(), ReleaseRefused> {
        let login = login.clone();
        let (operation, locks) = (Operation::ReleaseLogin, Locks::none());
        self.change(operation, by, locks, move |Change { tx, by, .. }| {
            Box::pin(async move { change::release(tx, &login, by.at).await })
        })
        .await
    }
}

/// An event's subject when it is about an account and nothing else.
pub(crate) fn subject_of(id: AccountId) -> Subject {
    Subject {
        account: Some(id),
        ..Subject::default()
    }
}
