//! Making and changing accounts.

use counterfoil_domain::account::{
    Account, AccountChange, AccountChangeRefused, AccountCreationRefused, EmailTaken, LoginTaken,
    NewAccount, NewEmail, NoSuchUser, ReleaseRefused, Verification,
};
use counterfoil_domain::audit::{Action, Detail, Event, Outcome};
use counterfoil_domain::change::Change;
use counterfoil_domain::id::AccountId;
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::login::Login;
use counterfoil_domain::mail::MailKind;
use counterfoil_domain::password::PasswordHash;
use counterfoil_domain::principal::Attribution;
use counterfoil_domain::scope::Standing;
use counterfoil_domain::text::DisplayName;
use counterfoil_domain::timestamp::Timestamp;

use crate::accounts::{PasswordSet, Refusable, RevokeTokens, find_by_id, subject_of};
use crate::error::{StoreError, WriteError};
use crate::statement::{params, statements};
use crate::turn::Turn;
use crate::tx::Tx;
use crate::{apps, authorizations, links, outbox};

statements! {
    LOGIN_TAKEN = "SELECT id, ended_at FROM accounts WHERE login_key = $1 AND released_at IS NULL";
    EMAIL_TAKEN = "SELECT 1 FROM emails WHERE address_key = $1 AND ended_at IS NULL AND account_id <> $2";
    PRIMARY_EMAIL = "SELECT address, verified_at FROM emails WHERE account_id = $1 AND ended_at IS NULL AND is_primary = 1";
    INSERT = "INSERT INTO accounts (kind, login, login_key, name, site_administrator, password_phc, credential_version,
        created_at, updated_at, profile_updated_at, suspended_at, administrator_epoch, administrator_since)
        VALUES ('user', $1, $2, $3, $4, $5, 1, $6, $6, $6, $7, $8, $9) RETURNING id";
    INSERT_EMAIL = "INSERT INTO emails (account_id, address, address_key, is_primary, verified_at, created_at)
        VALUES ($1, $2, $3, 1, $4, $5)";
    SET_NAME = "UPDATE accounts SET name = $2 WHERE id = $1 AND ended_at IS NULL";
    PROMOTE = "UPDATE accounts SET site_administrator = 1, administrator_epoch = administrator_epoch + 1,
        administrator_since = $2 WHERE id = $1 AND ended_at IS NULL";
    DEMOTE = "UPDATE accounts SET site_administrator = 0 WHERE id = $1 AND ended_at IS NULL";
    TOUCH_PROFILE = "UPDATE accounts SET profile_updated_at =
        CASE WHEN coalesce(profile_updated_at, created_at) > $2 THEN coalesce(profile_updated_at, created_at) ELSE $2 END
        WHERE id = $1 AND ended_at IS NULL";
    SET_PASSWORD = "UPDATE accounts SET password_phc = $2 WHERE id = $1 AND ended_at IS NULL";
    REPLACE_HASH = "UPDATE accounts SET password_phc = $3 WHERE id = $1 AND password_phc = $2 AND ended_at IS NULL";
    SUSPEND = "UPDATE accounts SET suspended_at = $2,
        suspension_changed_at = CASE WHEN suspension_changed_at > $2 THEN suspension_changed_at ELSE $2 END
        WHERE id = $1 AND ended_at IS NULL AND suspended_at IS NULL";
    UNSUSPEND = "UPDATE accounts SET suspended_at = NULL,
        suspension_changed_at = CASE WHEN suspended_at > $2 THEN suspended_at ELSE $2 END
        WHERE id = $1 AND ended_at IS NULL AND suspended_at IS NOT NULL";
    TOUCH = "UPDATE accounts SET credential_version = credential_version + $3,
        updated_at = CASE WHEN updated_at > $2 THEN updated_at ELSE $2 END WHERE id = $1 AND ended_at IS NULL";
    END_REPLACED_EMAIL = "UPDATE emails SET ended_at = $3, end_reason = $4
        WHERE account_id = $1 AND ended_at IS NULL AND (is_primary = 1 OR address_key = $2)";
    RELEASE = "UPDATE accounts SET released_at = $2 WHERE id = $1 AND ended_at IS NOT NULL AND released_at IS NULL";
}

/// Whether a change concerns how a user signs in or what a sign-in allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Credential {
    Changed,
    Kept,
}

/// Moves an account's time, and its version when what was remembered of its credentials must no
/// longer count.
pub(crate) async fn touch<R: From<NoSuchUser>>(
    tx: &mut Tx,
    id: AccountId,
    credential: Credential,
    now: Timestamp,
) -> Refusable<(), R> {
    let versions = match credential {
        Credential::Changed => 1_i64,
        Credential::Kept => 0,
    };
    if tx.execute(TOUCH, params![id, now, versions]).await? == 0 {
        return Err(WriteError::Refused(NoSuchUser.into()));
    }
    tx.announce(Change::Account(id), now);
    Ok(())
}

pub(super) async fn set_name(
    tx: &mut Tx,
    id: AccountId,
    name: Option<&DisplayName>,
) -> Result<(), StoreError> {
    let name = name.map(DisplayName::as_str);
    tx.execute(SET_NAME, params![id, name]).await.map(drop)
}

/// Moves the time of what everybody sees of a user.
pub(super) async fn touch_profile(
    tx: &mut Tx,
    id: AccountId,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(TOUCH_PROFILE, params![id, now]).await.map(drop)
}

/// Whether a login was given before, to a user or an organization, and not released.
pub(crate) async fn is_taken(tx: &mut Tx, login: &Login) -> Result<bool, StoreError> {
    Ok(tx
        .optional(LOGIN_TAKEN, params![login.key()])
        .await?
        .is_some())
}

pub(super) async fn create(
    tx: &mut Tx,
    new: &NewAccount,
    now: Timestamp,
) -> Refusable<Outcome<Account>, AccountCreationRefused> {
    if new.standing == Standing::SiteAdministrator {
        // A link for the first administrator that is used meanwhile comes before or not at all.
        tx.take_turn(Turn::SettingUp).await?;
    }
    if is_taken(tx, &new.login).await? {
        return Err(WriteError::Refused(LoginTaken.into()));
    }
    let row = params![
        new.login.as_str(),
        new.login.key(),
        new.name.as_ref().map(DisplayName::as_str),
        new.standing == Standing::SiteAdministrator,
        new.password.as_ref().map(PasswordHash::as_str),
        now,
        // Nobody is suspended before they are made: the writer's turn may have come later than was
        // thought.
        new.suspended_at.map(|at| at.max(now)),
        i64::from(new.standing == Standing::SiteAdministrator),
        (new.standing == Standing::SiteAdministrator).then_some(now),
    ];
    let id = AccountId(tx.one(INSERT, row).await?.integer(0)?);
    if let Some(email) = &new.email {
        add_primary_email(tx, id, email, now).await?;
    }
    let event = Event::new(Action::UserCreated, subject_of(id))
        .with(Detail::Login(new.login.as_str().to_owned()))
        .with(Detail::SiteAdministrator(
            new.standing == Standing::SiteAdministrator,
        ));
    Ok(Outcome::new(made(tx, id).await?, event))
}

/// Keeps another hash of the same password, if `old` is the one that is kept.
pub(super) async fn replace_hash(
    tx: &mut Tx,
    id: AccountId,
    old: &PasswordHash,
    new: &PasswordHash,
) -> Result<bool, StoreError> {
    let hashes = params![id, old.as_str(), new.as_str()];
    Ok(tx.execute(REPLACE_HASH, hashes).await? > 0)
}

/// An account that was just written.
pub(super) async fn made(tx: &mut Tx, id: AccountId) -> Result<Account, StoreError> {
    let missing = StoreError::Inconsistent {
        table: "accounts",
        column: "id",
    };
    find_by_id(tx, id).await?.ok_or(missing)
}

async fn add_primary_email<R: From<EmailTaken>>(
    tx: &mut Tx,
    id: AccountId,
    email: &NewEmail,
    now: Timestamp,
) -> Refusable<(), R> {
    let key = email.address.key();
    if tx
        .optional(EMAIL_TAKEN, params![key.as_str(), id])
        .await?
        .is_some()
    {
        return Err(WriteError::Refused(EmailTaken.into()));
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

pub(super) async fn change(
    tx: &mut Tx,
    id: AccountId,
    change: &AccountChange,
    by: &Attribution,
) -> Refusable<Outcome<Account>, AccountChangeRefused> {
    let now = by.at;
    let held = live(tx, id).await?;
    let mut event = Event::new(Action::UserChanged, subject_of(id));
    let mut credential = Credential::Kept;
    let mut changed = Vec::new();
    // Names and addresses are personal: the trail says that they changed, not to what.
    if let Some(name) = change
        .name
        .as_ref()
        .filter(|name| Some(*name) != held.name.as_ref())
    {
        set_name(tx, id, Some(name)).await?;
        touch_profile(tx, id, now).await?;
        changed.push("name".to_owned());
    }
    if let Some(email) = &change.email
        && !is_primary_email(tx, id, email).await?
    {
        let former = held.email.as_ref();
        outbox::tell_former_address(tx, MailKind::AddressSet, id, former, by).await?;
        add_primary_email(tx, id, email, now).await?;
        changed.push("email".to_owned());
        credential = Credential::Changed;
    }
    if let Some(standing) = change
        .standing
        .filter(|standing| *standing != held.standing)
    {
        event = set_standing(tx, id, standing, event, now).await?;
        outbox::tell(tx, MailKind::StandingChanged, id, by).await?;
        credential = Credential::Changed;
    }
    if !changed.is_empty() {
        event = event.with(Detail::Changed(changed));
    }
    if event.details.is_empty() {
        return Ok(Outcome::unchanged(held));
    }
    touch(tx, id, credential, now).await?;
    Ok(Outcome::new(made(tx, id).await?, event))
}

/// Tokens that the event of a promotion names.
const NAMED: usize = 1_000;

/// Gives or takes the rights of a site administrator, and says so in the event. What was made by
/// virtue of them ends with them. Scopes for administrators that tokens carry already stay asleep,
/// since the promotion begins another epoch; the event names those tokens.
pub(super) async fn set_standing(
    tx: &mut Tx,
    id: AccountId,
    standing: Standing,
    event: Event,
    now: Timestamp,
) -> Result<Event, StoreError> {
    let event = event.with(Detail::SiteAdministrator(
        standing == Standing::SiteAdministrator,
    ));
    touch_profile(tx, id, now).await?;
    match standing {
        Standing::SiteAdministrator => {
            tx.execute(PROMOTE, params![id, now]).await?;
            let asleep = authorizations::asleep(tx, id, now).await?;
            if asleep.is_empty() {
                return Ok(event);
            }
            let ids = asleep.iter().take(NAMED);
            let ids: Vec<_> = ids
                .map(|owned| owned.authorization.id.to_string())
                .collect();
            Ok(event
                .with(Detail::Count(asleep.len() as u64))
                .with(Detail::TokenIds(ids)))
        }
        Standing::Ordinary => {
            tx.execute(DEMOTE, params![id]).await?;
            authorizations::end_all_of_maker(tx, id, now).await?;
            Ok(event)
        }
    }
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

/// Sets a password; older tokens live on or end.
pub(crate) async fn set_password(
    tx: &mut Tx,
    id: AccountId,
    password: &PasswordHash,
    tokens: RevokeTokens,
    now: Timestamp,
) -> Refusable<Outcome<PasswordSet>> {
    touch(tx, id, Credential::Changed, now).await?;
    tx.execute(SET_PASSWORD, params![id, password.as_str()])
        .await?;
    links::end_after_password(tx, id, now).await?;
    let tokens_revoked = match tokens {
        RevokeTokens::Keep => 0,
        RevokeTokens::Revoke => {
            authorizations::end_all_of_account(tx, id, EndReason::PasswordChanged, now).await?
        }
    };
    let event = Event::new(Action::UserPasswordChanged, subject_of(id))
        .with(Detail::Tokens(tokens_revoked));
    Ok(Outcome::new(PasswordSet { tokens_revoked }, event))
}

/// Suspends an account, whose apps act by their secrets no longer, and says whether that changed
/// anything.
pub(super) async fn suspend(
    tx: &mut Tx,
    id: AccountId,
    by: &Attribution,
) -> Refusable<Outcome<bool>> {
    let now = by.at;
    live(tx, id).await?;
    if tx.execute(SUSPEND, params![id, now]).await? == 0 {
        return Ok(Outcome::unchanged(false));
    }
    apps::announce_all_of_owner(tx, id, now).await?;
    authorizations::end_all_of_maker(tx, id, now).await?;
    let reason = EndReason::OwnerSuspended;
    authorizations::end_refreshed_of_account(tx, id, reason, now).await?;
    touch(tx, id, Credential::Changed, now).await?;
    outbox::tell(tx, MailKind::Suspended, id, by).await?;
    let event = Event::new(Action::UserSuspended, subject_of(id));
    Ok(Outcome::new(true, event))
}

/// Lifts a suspension and says whether that changed anything.
pub(super) async fn unsuspend(
    tx: &mut Tx,
    id: AccountId,
    by: &Attribution,
) -> Refusable<Outcome<bool>> {
    let now = by.at;
    live(tx, id).await?;
    if tx.execute(UNSUSPEND, params![id, now]).await? == 0 {
        return Ok(Outcome::unchanged(false));
    }
    apps::announce_all_of_owner(tx, id, now).await?;
    touch(tx, id, Credential::Changed, now).await?;
    outbox::tell(tx, MailKind::Unsuspended, id, by).await?;
    let event = Event::new(Action::UserUnsuspended, subject_of(id));
    Ok(Outcome::new(true, event))
}

/// The live account that is to be changed. It is held.
pub(super) async fn live<R: From<NoSuchUser>>(tx: &mut Tx, id: AccountId) -> Refusable<Account, R> {
    find_by_id(tx, id)
        .await?
        .ok_or_else(|| WriteError::Refused(NoSuchUser.into()))
}

/// Lets the login of an ended account be given again.
pub(super) async fn release(
    tx: &mut Tx,
    login: &Login,
    now: Timestamp,
) -> Refusable<Outcome<()>, ReleaseRefused> {
    let taken = tx.optional(LOGIN_TAKEN, params![login.key()]).await?;
    let mut row = taken.ok_or(WriteError::Refused(ReleaseRefused::NotTaken))?;
    let id = AccountId(row.integer(0)?);
    if row.is_null(1) {
        return Err(WriteError::Refused(ReleaseRefused::Live));
    }
    if tx.execute(RELEASE, params![id, now]).await? == 0 {
        // Somebody else released it meanwhile.
        return Err(WriteError::Refused(ReleaseRefused::NotTaken));
    }
    let event = Event::new(Action::LoginReleased, subject_of(id))
        .with(Detail::Login(login.as_str().to_owned()));
    Ok(Outcome::new((), event))
}
