//! Accounts, their passwords and e-mail addresses.

use counterfoil_domain::account::{
    Account, AccountChange, AccountRefused, Credentials, NewAccount, NewEmail, ReleaseRefused,
    TwoFactor, Verification,
};
use counterfoil_domain::audit::{Action, Attribution, Event, Subject};
use counterfoil_domain::email::EmailAddress;
use counterfoil_domain::id::AccountId;
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::login::Login;
use counterfoil_domain::password::PasswordHash;
use counterfoil_domain::scope::Standing;
use counterfoil_domain::text::DisplayName;
use counterfoil_domain::timestamp::Timestamp;

use crate::engine::Store;
use crate::error::{StoreError, WriteError};
use crate::statement::statements;
use crate::tx::{Row, Tx, params};
use crate::{apps, audit, authorizations, grants, two_factor};

type Refusable<T> = Result<T, WriteError<AccountRefused>>;

/// The columns that [`account_from`] reads, and the password.
macro_rules! live_accounts {
    ($rest:literal) => {
        concat!(
            "SELECT a.id, a.login, a.name, e.address, a.site_administrator, t.account_id, a.suspended_at, a.created_at,
                a.updated_at, a.credential_version, a.password_phc
            FROM accounts a
            LEFT JOIN emails e ON e.account_id = a.id AND e.ended_at IS NULL AND e.is_primary = 1 AND e.verified_at IS NOT NULL
            LEFT JOIN totp_seeds t ON t.account_id = a.id AND t.ended_at IS NULL
            WHERE a.ended_at IS NULL AND a.kind = 'user' ",
            $rest
        )
    };
}

statements! {
    FIND = live_accounts!("AND a.id = $1");
    FIND_BY_LOGIN = live_accounts!("AND a.login_key = $1 AND a.released_at IS NULL");
    FIND_BY_EMAIL = live_accounts!(
        "AND a.id = (SELECT account_id FROM emails WHERE address_key = $1 AND ended_at IS NULL AND verified_at IS NOT NULL)"
    );
    LIST = live_accounts!("ORDER BY a.login_key");
    IS_ACTIVE = "SELECT 1 FROM accounts WHERE id = $1 AND ended_at IS NULL AND suspended_at IS NULL";
    LOGIN_TAKEN = "SELECT id, ended_at FROM accounts WHERE login_key = $1 AND released_at IS NULL";
    EMAIL_TAKEN = "SELECT 1 FROM emails WHERE address_key = $1 AND ended_at IS NULL AND account_id <> $2";
    PRIMARY_EMAIL = "SELECT address, verified_at FROM emails WHERE account_id = $1 AND ended_at IS NULL AND is_primary = 1";
    INSERT = "INSERT INTO accounts (kind, login, login_key, name, site_administrator, password_phc, credential_version,
        created_at, updated_at) VALUES ('user', $1, $2, $3, $4, $5, 1, $6, $6) RETURNING id";
    INSERT_EMAIL = "INSERT INTO emails (account_id, address, address_key, is_primary, verified_at, created_at)
        VALUES ($1, $2, $3, 1, $4, $5)";
    SET_NAME = "UPDATE accounts SET name = $2 WHERE id = $1 AND ended_at IS NULL";
    SET_STANDING = "UPDATE accounts SET site_administrator = $2 WHERE id = $1 AND ended_at IS NULL";
    SET_PASSWORD = "UPDATE accounts SET password_phc = $2 WHERE id = $1 AND ended_at IS NULL";
    SUSPEND = "UPDATE accounts SET suspended_at = $2 WHERE id = $1 AND ended_at IS NULL AND suspended_at IS NULL";
    UNSUSPEND = "UPDATE accounts SET suspended_at = NULL WHERE id = $1 AND ended_at IS NULL AND suspended_at IS NOT NULL";
    TOUCH = "UPDATE accounts SET credential_version = credential_version + $3,
        updated_at = CASE WHEN updated_at > $2 THEN updated_at ELSE $2 END WHERE id = $1 AND ended_at IS NULL";
    END = "UPDATE accounts SET ended_at = $2, end_reason = $3, password_phc = NULL WHERE id = $1 AND ended_at IS NULL";
    END_EMAILS = "UPDATE emails SET ended_at = $2, end_reason = $3 WHERE account_id = $1 AND ended_at IS NULL";
    END_REPLACED_EMAIL = "UPDATE emails SET ended_at = $3, end_reason = $4
        WHERE account_id = $1 AND ended_at IS NULL AND (is_primary = 1 OR address_key = $2)";
    FORGET_ADDRESSES = "DELETE FROM sign_in_addresses WHERE account_id = $1";
    RELEASE = "UPDATE accounts SET released_at = $2 WHERE id = $1 AND ended_at IS NOT NULL AND released_at IS NULL";
}

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

impl Store {
    /// Makes an account.
    pub async fn create_account(&self, new: NewAccount, by: Attribution) -> Refusable<Account> {
        self.write(move |tx| Box::pin(async move { create(tx, &new, &by).await }))
            .await
    }

    /// The live account of a login, whatever its capitals.
    pub async fn find_account(&self, login: &Login) -> Result<Option<Account>, StoreError> {
        let key = login.key();
        self.read(move |tx| {
            Box::pin(async move {
                tx.optional(FIND_BY_LOGIN, params![key])
                    .await?
                    .map(account_from)
                    .transpose()
            })
        })
        .await
    }

    /// A live account.
    pub async fn account_by_id(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        self.read(move |tx| Box::pin(async move { find_by_id(tx, id).await }))
            .await
    }

    /// All live accounts, by login.
    pub async fn list_accounts(&self) -> Result<Vec<Account>, StoreError> {
        self.read(move |tx| {
            Box::pin(async move {
                tx.rows(LIST, &[])
                    .await?
                    .into_iter()
                    .map(account_from)
                    .collect()
            })
        })
        .await
    }

    /// The live account that somebody means by a login or a verified e-mail address, with its password.
    pub async fn find_credentials(
        &self,
        identifier: &str,
    ) -> Result<Option<Credentials>, StoreError> {
        // No login has an @, so the two cannot be mistaken for one another; what is neither is nobody's.
        let (statement, key) = match (Login::parse(identifier), EmailAddress::parse(identifier)) {
            (Ok(login), _) => (FIND_BY_LOGIN, login.key()),
            (Err(_), Ok(email)) => (FIND_BY_EMAIL, email.key()),
            (Err(_), Err(_)) => return Ok(None),
        };
        self.read(move |tx| {
            Box::pin(async move {
                let Some(mut row) = tx.optional(statement, params![key]).await? else {
                    return Ok(None);
                };
                let password = row.optional_text(10)?.map(PasswordHash::from_stored);
                Ok(Some(Credentials {
                    account: account_from(row)?,
                    password,
                }))
            })
        })
        .await
    }

    /// A live account as it stands now: read on every request whose password is remembered.
    pub async fn sign_in_state(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        self.account_by_id(id).await
    }

    /// Changes an account. What was remembered of its credentials counts no longer when its standing or e-mail address
    /// changed.
    pub async fn change_account(
        &self,
        id: AccountId,
        change: AccountChange,
        by: Attribution,
    ) -> Refusable<Account> {
        self.write(move |tx| Box::pin(async move { change_one(tx, id, &change, &by).await }))
            .await
    }

    /// Sets a password; older tokens live on or end.
    pub async fn set_password(
        &self,
        id: AccountId,
        password: PasswordHash,
        tokens: RevokeTokens,
        by: Attribution,
    ) -> Refusable<PasswordSet> {
        self.write(move |tx| {
            Box::pin(async move {
                touch(tx, id, Credential::Changed, by.at).await?;
                tx.execute(SET_PASSWORD, params![id, password.as_str()])
                    .await?;
                let tokens_revoked = match tokens {
                    RevokeTokens::Keep => 0,
                    RevokeTokens::Revoke => {
                        authorizations::end_all_of_account(
                            tx,
                            id,
                            EndReason::PasswordChanged,
                            by.at,
                        )
                        .await?
                    }
                };
                let event = Event::new(Action::UserPasswordChanged, subject_of(id))
                    .with("tokens", tokens_revoked);
                audit::record(tx, &by, event).await?;
                Ok(PasswordSet { tokens_revoked })
            })
        })
        .await
    }

    /// Suspends an account; `false` when it was suspended already.
    pub async fn suspend_account(&self, id: AccountId, by: Attribution) -> Refusable<bool> {
        self.write(move |tx| {
            Box::pin(async move {
                refuse_unknown(tx, id).await?;
                if tx.execute(SUSPEND, params![id, by.at]).await? == 0 {
                    return Ok(false);
                }
                touch(tx, id, Credential::Changed, by.at).await?;
                audit::record(tx, &by, Event::new(Action::UserSuspended, subject_of(id))).await?;
                Ok(true)
            })
        })
        .await
    }

    /// Lifts a suspension; `false` when there was none.
    pub async fn unsuspend_account(&self, id: AccountId, by: Attribution) -> Refusable<bool> {
        self.write(move |tx| {
            Box::pin(async move {
                refuse_unknown(tx, id).await?;
                if tx.execute(UNSUSPEND, params![id]).await? == 0 {
                    return Ok(false);
                }
                touch(tx, id, Credential::Changed, by.at).await?;
                audit::record(tx, &by, Event::new(Action::UserUnsuspended, subject_of(id))).await?;
                Ok(true)
            })
        })
        .await
    }

    /// Ends an account with its tokens, grants, e-mail addresses, second factor and apps. Its login stays taken.
    pub async fn delete_account(
        &self,
        id: AccountId,
        by: Attribution,
    ) -> Refusable<DeletedAccount> {
        self.write(move |tx| Box::pin(async move { delete(tx, id, &by).await }))
            .await
    }

    /// Lets the login of an ended account be given again.
    pub async fn release_login(
        &self,
        login: &Login,
        by: Attribution,
    ) -> Result<(), WriteError<ReleaseRefused>> {
        let login = login.clone();
        self.write(move |tx| {
            Box::pin(async move {
                let taken = tx.optional(LOGIN_TAKEN, params![login.key()]).await?;
                let mut row = taken.ok_or(WriteError::Refused(ReleaseRefused::NotTaken))?;
                let id = AccountId(row.integer(0)?);
                if row.optional_integer(1)?.is_none() {
                    return Err(WriteError::Refused(ReleaseRefused::Live));
                }
                tx.execute(RELEASE, params![id, by.at]).await?;
                let event = Event::new(Action::LoginReleased, subject_of(id)).with("login", &login);
                Ok(audit::record(tx, &by, event).await?)
            })
        })
        .await
    }
}

/// A live account.
pub(crate) async fn find_by_id(tx: &mut Tx, id: AccountId) -> Result<Option<Account>, StoreError> {
    tx.optional(FIND, params![id])
        .await?
        .map(account_from)
        .transpose()
}

/// Whether an account lives and is not suspended.
pub(crate) async fn is_active(tx: &mut Tx, id: AccountId) -> Result<bool, StoreError> {
    Ok(tx.optional(IS_ACTIVE, params![id]).await?.is_some())
}

/// Whether a change concerns how a user signs in or what a sign-in allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Credential {
    Changed,
    Kept,
}

/// Moves an account's time, and its version when what was remembered of its credentials must no longer count.
pub(crate) async fn touch(
    tx: &mut Tx,
    id: AccountId,
    credential: Credential,
    now: Timestamp,
) -> Refusable<()> {
    let versions = match credential {
        Credential::Changed => 1_i64,
        Credential::Kept => 0,
    };
    match tx.execute(TOUCH, params![id, now, versions]).await? {
        0 => Err(WriteError::Refused(AccountRefused::NotFound)),
        _ => Ok(()),
    }
}

async fn refuse_unknown(tx: &mut Tx, id: AccountId) -> Refusable<Account> {
    find_by_id(tx, id)
        .await?
        .ok_or(WriteError::Refused(AccountRefused::NotFound))
}

async fn create(tx: &mut Tx, new: &NewAccount, by: &Attribution) -> Refusable<Account> {
    if tx
        .optional(LOGIN_TAKEN, params![new.login.key()])
        .await?
        .is_some()
    {
        return Err(WriteError::Refused(AccountRefused::LoginTaken));
    }
    let row = params![
        new.login.as_str(),
        new.login.key(),
        new.name.as_ref().map(DisplayName::as_str),
        new.standing == Standing::SiteAdministrator,
        new.password.as_str(),
        by.at,
    ];
    let id = AccountId(tx.one(INSERT, row).await?.integer(0)?);
    if let Some(email) = &new.email {
        add_primary_email(tx, id, email, by.at).await?;
    }
    let event = Event::new(Action::UserCreated, subject_of(id))
        .with("login", &new.login)
        .with(
            "site_administrator",
            new.standing == Standing::SiteAdministrator,
        );
    audit::record(tx, by, event).await?;
    made(tx, id).await
}

/// An account that was just written.
async fn made(tx: &mut Tx, id: AccountId) -> Refusable<Account> {
    let missing = StoreError::Inconsistent {
        table: "accounts",
        column: "id",
    };
    Ok(find_by_id(tx, id).await?.ok_or(missing)?)
}

async fn add_primary_email(
    tx: &mut Tx,
    id: AccountId,
    email: &NewEmail,
    now: Timestamp,
) -> Refusable<()> {
    let key = email.address.key();
    if tx
        .optional(EMAIL_TAKEN, params![key.as_str(), id])
        .await?
        .is_some()
    {
        return Err(WriteError::Refused(AccountRefused::EmailTaken));
    }
    let verified_at = match email.verification {
        Verification::Verified => Some(now),
        Verification::Unverified => None,
    };
    let replaced = params![id, key.as_str(), now, EndReason::Replaced.as_str()];
    tx.execute(END_REPLACED_EMAIL, replaced).await?;
    tx.execute(
        INSERT_EMAIL,
        params![id, email.address.as_str(), key, verified_at, now],
    )
    .await?;
    Ok(())
}

async fn change_one(
    tx: &mut Tx,
    id: AccountId,
    change: &AccountChange,
    by: &Attribution,
) -> Refusable<Account> {
    let held = refuse_unknown(tx, id).await?;
    let mut event = Event::new(Action::UserChanged, subject_of(id));
    let mut credential = Credential::Kept;
    // Names and addresses are personal: the trail says that they changed, not to what.
    if let Some(name) = change
        .name
        .as_ref()
        .filter(|name| Some(*name) != held.name.as_ref())
    {
        tx.execute(SET_NAME, params![id, name.as_str()]).await?;
        event = event.with("name", "changed");
    }
    if let Some(email) = &change.email
        && !is_primary_email(tx, id, email).await?
    {
        add_primary_email(tx, id, email, by.at).await?;
        event = event.with("email", "changed");
        credential = Credential::Changed;
    }
    if let Some(standing) = change
        .standing
        .filter(|standing| *standing != held.standing)
    {
        let administrator = standing == Standing::SiteAdministrator;
        tx.execute(SET_STANDING, params![id, administrator]).await?;
        event = event.with("site_administrator", administrator);
        credential = Credential::Changed;
    }
    if event.details.is_empty() {
        return Ok(held);
    }
    touch(tx, id, credential, by.at).await?;
    audit::record(tx, by, event).await?;
    made(tx, id).await
}

/// Whether the account's primary address is this one, verified or not as this one.
async fn is_primary_email(
    tx: &mut Tx,
    id: AccountId,
    email: &NewEmail,
) -> Result<bool, StoreError> {
    let Some(mut row) = tx.optional(PRIMARY_EMAIL, params![id]).await? else {
        return Ok(false);
    };
    let verified = email.verification == Verification::Verified;
    Ok(row.text(0)? == email.address.as_str() && row.optional_integer(1)?.is_some() == verified)
}

async fn delete(tx: &mut Tx, id: AccountId, by: &Attribution) -> Refusable<DeletedAccount> {
    refuse_unknown(tx, id).await?;
    let (now, reason) = (by.at, EndReason::AccountDeleted);
    let mut deleted = DeletedAccount {
        tokens: authorizations::end_all_of_account(tx, id, reason, now).await?,
        grants: grants::end_all_of_account(tx, id, now).await?,
        apps: 0,
    };
    for app in apps::live_of_owner(tx, id).await? {
        let ended = apps::end(tx, app, reason, now).await?;
        deleted.tokens += ended.tokens;
        deleted.grants += ended.grants;
        deleted.apps += 1;
    }
    two_factor::end_all_of_account(tx, id, reason, now).await?;
    tx.execute(END_EMAILS, params![id, now, reason.as_str()])
        .await?;
    tx.execute(FORGET_ADDRESSES, params![id]).await?;
    touch(tx, id, Credential::Changed, now).await?;
    tx.execute(END, params![id, now, reason.as_str()]).await?;
    let event = Event::new(Action::UserDeleted, subject_of(id))
        .with("tokens", deleted.tokens)
        .with("grants", deleted.grants)
        .with("apps", deleted.apps);
    audit::record(tx, by, event).await?;
    Ok(deleted)
}

/// An event's subject when it is about an account and nothing else.
pub(crate) fn subject_of(id: AccountId) -> Subject {
    Subject {
        account: Some(id),
        ..Subject::default()
    }
}

fn account_from(mut row: Row) -> Result<Account, StoreError> {
    Ok(Account {
        id: AccountId(row.integer(0)?),
        login: Login::from_stored(row.text(1)?),
        name: row.optional_text(2)?.map(DisplayName::from_stored),
        email: row.optional_text(3)?.map(EmailAddress::from_stored),
        standing: if row.flag(4)? {
            Standing::SiteAdministrator
        } else {
            Standing::Ordinary
        },
        two_factor: if row.optional_integer(5)?.is_some() {
            TwoFactor::On
        } else {
            TwoFactor::Off
        },
        suspended_at: row.optional_timestamp(6)?,
        created_at: row.timestamp(7)?,
        updated_at: row.timestamp(8)?,
        credential_version: row.integer(9)?,
    })
}
