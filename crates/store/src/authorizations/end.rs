//! Ending authorizations, one or many, with their digests; and what that does to their grants.

use counterfoil_domain::change::Change;
use counterfoil_domain::id::{AccountId, AppId, AuthorizationId, GrantId};
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::timestamp::Timestamp;

use crate::error::StoreError;
use crate::statement::statements;
use crate::tx::{Row, Tx, params};
use crate::{changes, grants};

statements! {
    END_AUTHORIZATION = "UPDATE authorizations SET ended_at = $2, end_reason = $3,
        updated_at = CASE WHEN updated_at > $2 THEN updated_at ELSE $2 END WHERE id = $1 AND ended_at IS NULL";
    END_DIGESTS = "UPDATE token_digests SET ended_at = $2, end_reason = $3 WHERE authorization_id = $1 AND ended_at IS NULL
        RETURNING digest_head";
    LIVE_HEADS = "SELECT digest_head FROM token_digests WHERE authorization_id = $1 AND ended_at IS NULL";
    EXPIRED_OF_ACCOUNT = "SELECT id, grant_id, expires_at FROM authorizations
        WHERE account_id = $1 AND ended_at IS NULL AND expires_at IS NOT NULL AND expires_at <= $2";
    OF_ACCOUNT = "SELECT id, grant_id, expires_at FROM authorizations WHERE account_id = $1 AND ended_at IS NULL";
    OF_APP = "SELECT id, grant_id, expires_at FROM authorizations WHERE app_id = $1 AND ended_at IS NULL";
    OF_GRANT = "SELECT id, grant_id, expires_at FROM authorizations
        WHERE account_id = $1 AND app_id = $2 AND ended_at IS NULL";
}

/// Ends one authorization and its digests, and announces it.
pub(super) async fn one(
    tx: &mut Tx,
    id: AuthorizationId,
    reason: EndReason,
    now: Timestamp,
) -> Result<(), StoreError> {
    let heads = silently(tx, id, reason, now).await?;
    announce(tx, id, heads, now).await
}

/// Ends one authorization and its digests for a caller that announces what it belongs to.
async fn silently(
    tx: &mut Tx,
    id: AuthorizationId,
    reason: EndReason,
    now: Timestamp,
) -> Result<Vec<Row>, StoreError> {
    tx.execute(END_AUTHORIZATION, params![id, now, reason.as_str()])
        .await?;
    tx.rows(END_DIGESTS, params![id, now, reason.as_str()])
        .await
}

/// Announces that the record of a live token is no longer as it was.
pub(super) async fn announce_change(
    tx: &mut Tx,
    id: AuthorizationId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let heads = tx.rows(LIVE_HEADS, params![id]).await?;
    announce(tx, id, heads, now).await
}

async fn announce(
    tx: &mut Tx,
    id: AuthorizationId,
    heads: Vec<Row>,
    now: Timestamp,
) -> Result<(), StoreError> {
    for mut head in heads {
        let digest_head = head.integer(0)?;
        changes::announce(tx, Change::Authorization { id, digest_head }, now).await?;
    }
    Ok(())
}

/// Ends what has expired, so that it is in nobody's way.
pub(super) async fn expired(
    tx: &mut Tx,
    owner: AccountId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let rows = tx.rows(EXPIRED_OF_ACCOUNT, params![owner, now]).await?;
    all(tx, rows, EndReason::Expired, now).await.map(drop)
}

/// Ends all live tokens of a user and says how many there were.
pub(crate) async fn end_all_of_account(
    tx: &mut Tx,
    account: AccountId,
    reason: EndReason,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let rows = tx.rows(OF_ACCOUNT, params![account]).await?;
    changes::announce(tx, Change::Account(account), now).await?;
    all(tx, rows, reason, now).await
}

/// Ends all live tokens of an app and says how many there were.
pub(crate) async fn end_all_of_app(
    tx: &mut Tx,
    app: AppId,
    reason: EndReason,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let rows = tx.rows(OF_APP, params![app]).await?;
    changes::announce(tx, Change::App(app), now).await?;
    all(tx, rows, reason, now).await
}

/// Ends all live tokens that a user gave an app and says how many there were.
pub(crate) async fn end_all_of_grant(
    tx: &mut Tx,
    (account, app): (AccountId, AppId),
    reason: EndReason,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let rows = tx.rows(OF_GRANT, params![account, app]).await?;
    changes::announce(tx, Change::Account(account), now).await?;
    all(tx, rows, reason, now).await
}

/// Ends each row (id, grant, expiry), which the caller has announced unless it had expired, and brings the grants up to date once each. What had expired before ends as expired and
/// is not counted.
async fn all(
    tx: &mut Tx,
    rows: Vec<Row>,
    reason: EndReason,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let mut touched = Vec::new();
    let mut live = 0;
    for mut row in rows {
        touched.extend(row.optional_integer(1)?);
        let has_expired = row.optional_timestamp(2)?.is_some_and(|at| at <= now);
        let reason = if has_expired {
            EndReason::Expired
        } else {
            reason
        };
        live += u64::from(!has_expired);
        silently(tx, AuthorizationId(row.integer(0)?), reason, now).await?;
    }
    touched.sort_unstable();
    touched.dedup();
    for grant in touched {
        grants::recompute(tx, GrantId(grant), now).await?;
    }
    Ok(live)
}
