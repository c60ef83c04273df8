//! Making grants, and bringing them up to date with the tokens under them.

use counterfoil_domain::grant::shown_scopes;
use counterfoil_domain::id::{AccountId, AppId, GrantId};
use counterfoil_domain::scope::ScopeSet;
use counterfoil_domain::timestamp::Timestamp;

use crate::error::StoreError;
use crate::grants::find;
use crate::statement::{params, statements};
use crate::tx::Tx;

statements! {
    LOCK_PAIR = "INSERT INTO app_users (account_id, app_id, locked_at) VALUES ($1, $2, $3)
        ON CONFLICT (account_id, app_id) DO UPDATE SET locked_at = excluded.locked_at";
    LOCK = @Exclusive "SELECT 1 FROM grants WHERE id = $1";
    OF_PAIR = "SELECT id FROM grants WHERE account_id = $1 AND app_id = $2 AND ended_at IS NULL";
    INSERT = "INSERT INTO grants (account_id, app_id, scopes, created_at, updated_at) VALUES ($1, $2, $3, $4, $4) RETURNING id";
    TOUCH = "UPDATE grants SET updated_at = CASE WHEN updated_at > $2 THEN updated_at ELSE $2 END WHERE id = $1";
    SET_SCOPES = "UPDATE grants SET scopes = $2, updated_at = CASE WHEN updated_at > $3 THEN updated_at ELSE $3 END WHERE id = $1";
}

/// Locks what one user gives one app until the transaction ends. Whatever decides by it calls this
/// first.
pub(crate) async fn lock_pair(
    tx: &mut Tx,
    owner: AccountId,
    app: AppId,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(LOCK_PAIR, params![owner, app, now])
        .await
        .map(drop)
}

/// The live grant of a pair, made if there is none. Nobody ends it while the pair is locked.
pub(crate) async fn find_or_make(
    tx: &mut Tx,
    owner: AccountId,
    app: AppId,
    scopes: &ScopeSet,
    now: Timestamp,
) -> Result<GrantId, StoreError> {
    if let Some(mut row) = tx.optional(OF_PAIR, params![owner, app]).await? {
        return Ok(GrantId(row.integer(0)?));
    }
    Ok(GrantId(
        tx.one(INSERT, params![owner, app, scopes.to_string(), now])
            .await?
            .integer(0)?,
    ))
}

/// Moves a grant's time, since a token came to it.
pub(crate) async fn touch(tx: &mut Tx, id: GrantId, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(TOUCH, params![id, now]).await.map(drop)
}

/// Brings a grant's scopes up to date after a token came, changed or went. Without live tokens they
/// stay as last granted. Called after the change: of several who change tokens of one grant at the
/// same time, the last one here sees what all did.
pub(crate) async fn recompute(tx: &mut Tx, id: GrantId, now: Timestamp) -> Result<(), StoreError> {
    tx.lock(LOCK, params![id]).await?;
    let Some(mut row) = find::row(tx, None, id).await? else {
        return Ok(());
    };
    let (owner, app) = (AccountId(row.integer(1)?), AppId(row.integer(5)?));
    let before = ScopeSet::from_stored(&row.text(2)?);
    let after = shown_scopes(&before, &find::live_scopes(tx, owner, app, now).await?);
    if after != before {
        tx.execute(SET_SCOPES, params![id, after.to_string(), now])
            .await?;
    }
    Ok(())
}
