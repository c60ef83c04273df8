//! E-mail addresses of an account, one at a time: added once they are shown to be its owner's,
//! chosen as the primary one, taken away. The account is held by whoever calls.

use counterfoil_domain::account::{EmailTaken, HeldEmail, Verification};
use counterfoil_domain::email::EmailAddress;
use counterfoil_domain::id::AccountId;
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::timestamp::Timestamp;

use crate::accounts::Refusable;
use crate::error::{StoreError, WriteError};
use crate::statement::{Row, params, statements};
use crate::tx::Tx;

statements! {
    HAS_PASSWORD = "SELECT 1 FROM accounts WHERE id = $1 AND ended_at IS NULL AND password_phc IS NOT NULL";
    PRIMARY = "SELECT address, is_primary, verified_at FROM emails
        WHERE account_id = $1 AND ended_at IS NULL AND is_primary = 1";
    OWN = "SELECT address, is_primary, verified_at FROM emails
        WHERE account_id = $1 AND address_key = $2 AND ended_at IS NULL";
    COUNT = "SELECT count(*) FROM emails WHERE account_id = $1 AND ended_at IS NULL";
    VERIFIED_HOLDER = "SELECT account_id FROM emails WHERE address_key = $1 AND ended_at IS NULL AND verified_at IS NOT NULL";
    // Who never showed that it is theirs has no claim against who did.
    END_UNVERIFIED = "UPDATE emails SET ended_at = $3, end_reason = $4
        WHERE address_key = $1 AND ended_at IS NULL AND verified_at IS NULL AND account_id <> $2";
    VERIFY = "UPDATE emails SET verified_at = $3 WHERE account_id = $1 AND address_key = $2 AND ended_at IS NULL
        AND verified_at IS NULL";
    VERIFY_PRIMARY = "UPDATE emails SET verified_at = $3 WHERE account_id = $1 AND address_key = $2 AND ended_at IS NULL
        AND is_primary = 1 AND verified_at IS NULL";
    INSERT = "INSERT INTO emails (account_id, address, address_key, is_primary, verified_at, created_at)
        VALUES ($1, $2, $3, 0, $4, $4)";
    // One statement for both rows would meet itself in the index of primary ones.
    NO_PRIMARY = "UPDATE emails SET is_primary = 0 WHERE account_id = $1 AND ended_at IS NULL AND is_primary = 1";
    SET_PRIMARY = "UPDATE emails SET is_primary = 1 WHERE account_id = $1 AND address_key = $2 AND ended_at IS NULL
        AND verified_at IS NOT NULL";
    END_UNVERIFIED_PRIMARY = "UPDATE emails SET ended_at = $2, end_reason = $3
        WHERE account_id = $1 AND ended_at IS NULL AND is_primary = 1 AND verified_at IS NULL";
    END_ONE = "UPDATE emails SET ended_at = $3, end_reason = $4
        WHERE account_id = $1 AND address_key = $2 AND ended_at IS NULL";
    END_SINCE = "UPDATE emails SET ended_at = $4, end_reason = $5
        WHERE account_id = $1 AND ended_at IS NULL AND address_key <> $2 AND (created_at >= $3 OR verified_at >= $3)";
}

/// Whether a live account has a password.
pub(crate) async fn has_password(tx: &mut Tx, id: AccountId) -> Result<bool, StoreError> {
    Ok(tx.optional(HAS_PASSWORD, params![id]).await?.is_some())
}

/// The address that was chosen as the primary one, verified or not.
pub(crate) async fn primary_email(
    tx: &mut Tx,
    id: AccountId,
) -> Result<Option<HeldEmail>, StoreError> {
    let found = tx.optional(PRIMARY, params![id]).await?;
    found.map(held_from).transpose()
}

/// One of an account's addresses.
pub(crate) async fn own_email(
    tx: &mut Tx,
    id: AccountId,
    address: &EmailAddress,
) -> Result<Option<HeldEmail>, StoreError> {
    let found = tx.optional(OWN, params![id, address.key()]).await?;
    found.map(held_from).transpose()
}

/// How many addresses an account has.
pub(crate) async fn count_emails(tx: &mut Tx, id: AccountId) -> Result<u32, StoreError> {
    tx.one(COUNT, params![id]).await?.small_count(0)
}

/// The account whose verified address this is.
pub(crate) async fn verified_holder(
    tx: &mut Tx,
    address: &EmailAddress,
) -> Result<Option<AccountId>, StoreError> {
    let found = tx.optional(VERIFIED_HOLDER, params![address.key()]).await?;
    found
        .map(|mut row| row.integer(0).map(AccountId))
        .transpose()
}

/// Has the primary address count as verified if it is this one, and says whether that is news.
pub(crate) async fn verify_primary_email(
    tx: &mut Tx,
    id: AccountId,
    address: &EmailAddress,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let verified = params![id, address.key(), now];
    Ok(tx.execute(VERIFY_PRIMARY, verified).await? > 0)
}

/// Gives an account an address that is its owner's. It becomes the primary one where there is no
/// verified one.
pub(crate) async fn add_verified_email<R: From<EmailTaken>>(
    tx: &mut Tx,
    id: AccountId,
    address: &EmailAddress,
    now: Timestamp,
) -> Refusable<(), R> {
    let key = address.key();
    if verified_holder(tx, address)
        .await?
        .is_some_and(|holder| holder != id)
    {
        return Err(WriteError::Refused(EmailTaken.into()));
    }
    let replaced = EndReason::Replaced.as_str();
    let claimed = params![key.as_str(), id, now, replaced];
    tx.execute(END_UNVERIFIED, claimed).await?;
    let own = own_email(tx, id, address).await?;
    if own.is_none() {
        let row = params![id, address.as_str(), key.as_str(), now];
        tx.execute(INSERT, row).await?;
    } else {
        tx.execute(VERIFY, params![id, key.as_str(), now]).await?;
    }
    let primary = primary_email(tx, id).await?;
    let is_new = |held: &HeldEmail| held.address.key() == key;
    match primary {
        Some(held) if held.verification == Verification::Verified || is_new(&held) => {}
        Some(_) | None => {
            tx.execute(END_UNVERIFIED_PRIMARY, params![id, now, replaced])
                .await?;
            set_primary(tx, id, address).await?;
        }
    }
    Ok(())
}

/// Makes a verified address the primary one; `false` where the account has none such.
pub(crate) async fn set_primary(
    tx: &mut Tx,
    id: AccountId,
    address: &EmailAddress,
) -> Result<bool, StoreError> {
    tx.execute(NO_PRIMARY, params![id]).await?;
    Ok(tx.execute(SET_PRIMARY, params![id, address.key()]).await? > 0)
}

/// Takes an address away; `false` where the account does not have it.
pub(crate) async fn end_email(
    tx: &mut Tx,
    id: AccountId,
    address: &EmailAddress,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let ended = params![id, address.key(), now, EndReason::DeletedByOwner.as_str()];
    Ok(tx.execute(END_ONE, ended).await? > 0)
}

/// Takes away every address but one that came since a moment, or that was shown to be its owner's
/// since then. Says how many.
pub(crate) async fn end_emails_since(
    tx: &mut Tx,
    id: AccountId,
    kept: &EmailAddress,
    since: Timestamp,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let ended = params![id, kept.key(), since, now, EndReason::Replaced.as_str()];
    tx.execute(END_SINCE, ended).await
}

fn held_from(mut row: Row) -> Result<HeldEmail, StoreError> {
    Ok(HeldEmail {
        address: EmailAddress::from_stored(row.text(0)?),
        primary: row.flag(1)?,
        verification: if row.is_null(2) {
            Verification::Unverified
        } else {
            Verification::Verified
        },
    })
}
