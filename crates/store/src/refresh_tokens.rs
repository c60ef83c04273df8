//! The rows of refresh tokens, under the authorizations that they are of. Whether one counts says
//! its authorization: what ends that lies above, and so nothing here knows grants or apps.

use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::id::AuthorizationId;
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::oauth::ExpiringLife;
use counterfoil_domain::timestamp::Timestamp;

use crate::error::StoreError;
use crate::removal::{self, id_list};
use crate::statement::{params, statements};
use crate::tx::Tx;

statements! {
    INSERT = "INSERT INTO refresh_tokens (authorization_id, digest, created_at, expires_at) VALUES ($1, $2, $3, $4)";
    FIND = "SELECT id, expires_at, ended_at, CASE WHEN id = (SELECT max(id) FROM refresh_tokens
            WHERE authorization_id = $2 AND ended_at IS NOT NULL) THEN 1 ELSE 0 END
        FROM refresh_tokens WHERE digest = $1 AND authorization_id = $2";
    REPLACE = "UPDATE refresh_tokens SET ended_at = $2, end_reason = $3 WHERE id = $1 AND ended_at IS NULL";
    SOME_OF = "SELECT 1 FROM refresh_tokens WHERE authorization_id = $1 LIMIT 1";
    OLD = "SELECT id FROM refresh_tokens WHERE ended_at IS NOT NULL AND ended_at <= $1 ORDER BY ended_at LIMIT $2";
    REMOVE = concat!("DELETE FROM refresh_tokens WHERE id IN ", id_list!());
}

/// A refresh token as its row has it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HeldRefreshToken {
    pub(crate) id: i64,
    pub(crate) expires_at: Timestamp,
    pub(crate) replaced_at: Option<Timestamp>,
    pub(crate) was_last: bool,
}

/// Keeps what is kept of a refresh token, under its authorization.
pub(crate) async fn keep(
    tx: &mut Tx,
    of: AuthorizationId,
    digest: SecretDigest,
    life: ExpiringLife,
) -> Result<(), StoreError> {
    let row = params![of, digest.as_bytes(), life.made_at, life.refresh_until];
    tx.execute(INSERT, row).await.map(drop)
}

/// The refresh token of an authorization, which is held.
pub(crate) async fn find(
    tx: &mut Tx,
    of: AuthorizationId,
    digest: SecretDigest,
) -> Result<Option<HeldRefreshToken>, StoreError> {
    let row = tx.optional(FIND, params![digest.as_bytes(), of]).await?;
    row.map(|mut row| {
        Ok(HeldRefreshToken {
            id: row.integer(0)?,
            expires_at: row.timestamp(1)?,
            replaced_at: row.optional_timestamp(2)?,
            was_last: row.flag(3)?,
        })
    })
    .transpose()
}

/// Ends a refresh token, since another one takes its place. Says whether it was there to be ended.
pub(crate) async fn replace(tx: &mut Tx, id: i64, now: Timestamp) -> Result<bool, StoreError> {
    let ending = params![id, now, EndReason::Replaced.as_str()];
    Ok(tx.execute(REPLACE, ending).await? == 1)
}

/// Whether an app refreshes this authorization.
pub(crate) async fn are_there(tx: &mut Tx, of: AuthorizationId) -> Result<bool, StoreError> {
    Ok(tx.optional(SOME_OF, params![of]).await?.is_some())
}

/// The ids of those that were replaced before `before`.
pub(crate) async fn old(
    tx: &mut Tx,
    before: Timestamp,
    limit: u32,
) -> Result<Vec<i64>, StoreError> {
    removal::ids(tx, OLD, params![before, limit]).await
}

/// Removes refresh tokens. Says how many went.
pub(crate) async fn remove(tx: &mut Tx, ids: &[i64]) -> Result<u64, StoreError> {
    removal::by_id(tx, REMOVE, ids).await
}
