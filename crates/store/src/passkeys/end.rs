//! How passkeys end, and how many live.

use counterfoil_domain::id::{AccountId, PasskeyId};
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::timestamp::Timestamp;

use crate::error::StoreError;
use crate::statement::{params, statements};
use crate::tx::Tx;

statements! {
    COUNT_LIVE = "SELECT count(*) FROM passkeys WHERE account_id = $1 AND ended_at IS NULL";
    END = "UPDATE passkeys SET ended_at = $3, end_reason = $4
        WHERE id = $1 AND account_id = $2 AND ended_at IS NULL";
    END_ALL = "UPDATE passkeys SET ended_at = $2, end_reason = $3 WHERE account_id = $1 AND ended_at IS NULL";
    END_SINCE = "UPDATE passkeys SET ended_at = $3, end_reason = $4
        WHERE account_id = $1 AND created_at >= $2 AND ended_at IS NULL";
}

/// How many passkeys a user has.
pub(crate) async fn count_live(tx: &mut Tx, id: AccountId) -> Result<u64, StoreError> {
    tx.one(COUNT_LIVE, params![id]).await?.count(0)
}

/// Ends one passkey of a user; `false` when they have none such.
pub(super) async fn end(
    tx: &mut Tx,
    account: AccountId,
    id: PasskeyId,
    reason: EndReason,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let ended = params![id, account, now, reason.as_str()];
    Ok(tx.execute(END, ended).await? == 1)
}

/// Ends all passkeys of a user, and says how many.
pub(crate) async fn end_all_of_account(
    tx: &mut Tx,
    id: AccountId,
    reason: EndReason,
    now: Timestamp,
) -> Result<u64, StoreError> {
    tx.execute(END_ALL, params![id, now, reason.as_str()]).await
}

/// Ends the passkeys of a user that were added since a moment, and says how many.
pub(crate) async fn end_since(
    tx: &mut Tx,
    id: AccountId,
    since: Timestamp,
    reason: EndReason,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let ended = params![id, since, now, reason.as_str()];
    tx.execute(END_SINCE, ended).await
}
