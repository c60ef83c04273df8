//! Authorizations that apps refresh: their access tokens expire by the digest, and they themselves
//! with the refresh token that counts.

use counterfoil_domain::app::KeptSecret;
use counterfoil_domain::authorization::Authorization;
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::id::AccountId;
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::oauth::ExpiringLife;
use counterfoil_domain::principal::Attribution;
use counterfoil_domain::timestamp::Timestamp;

use crate::authorizations::{end, rows};
use crate::error::StoreError;
use crate::refresh_tokens;
use crate::statement::{params, statements};
use crate::tx::Tx;

statements! {
    EXPIRE = "UPDATE authorizations SET expires_at = $2 WHERE id = $1";
    EXPIRE_TOKEN = "UPDATE token_digests SET expires_at = $2 WHERE authorization_id = $1 AND ended_at IS NULL";
    GO_ON = "UPDATE authorizations SET expires_at = $3, last_used_at = $2, last_used_address = $4,
        updated_at = CASE WHEN updated_at > $2 THEN updated_at ELSE $2 END WHERE id = $1 AND ended_at IS NULL
        RETURNING updated_at";
    OF_ACCOUNT = "SELECT a.id, a.grant_id FROM authorizations a WHERE a.account_id = $1 AND a.ended_at IS NULL
        AND EXISTS (SELECT 1 FROM refresh_tokens r WHERE r.authorization_id = a.id)";
}

/// Has an authorization that this transaction made expire, with its first refresh token.
pub(crate) async fn begin(
    tx: &mut Tx,
    made: &Authorization,
    refresh: SecretDigest,
    now: Timestamp,
) -> Result<ExpiringLife, StoreError> {
    let life = ExpiringLife::of(tx.liveness().life(), made.created_at, now);
    tx.execute(EXPIRE, params![made.id, life.refresh_until])
        .await?;
    tx.execute(EXPIRE_TOKEN, params![made.id, life.access_until])
        .await?;
    refresh_tokens::keep(tx, made.id, refresh, life).await?;
    Ok(life)
}

/// Puts other tokens in the place of those that an authorization, which is held, has. That is a use
/// of it, too. Nothing when it has ended.
pub(crate) async fn go_on(
    tx: &mut Tx,
    held: Authorization,
    token: &KeptSecret,
    refresh: SecretDigest,
    by: &Attribution,
) -> Result<Option<(Authorization, ExpiringLife)>, StoreError> {
    let now = by.at;
    let life = ExpiringLife::of(tx.liveness().life(), held.created_at, now);
    let from = by.principal.origin.as_ref();
    let from = from.map(|origin| origin.address.to_string());
    let going_on = params![held.id, now, life.refresh_until, from];
    let Some(mut touched) = tx.optional(GO_ON, going_on).await? else {
        return Ok(None);
    };
    // One whose time was over may have ended before.
    end::tokens(tx, held.id, EndReason::Refreshed, now).await?;
    rows::keep_token_until(tx, held.id, token, now, Some(life.access_until)).await?;
    refresh_tokens::keep(tx, held.id, refresh, life).await?;
    let refreshed = Authorization {
        token: token.clone(),
        updated_at: touched.timestamp(0)?,
        expires_at: Some(life.access_until),
        last_used_at: Some(now),
        ..held
    };
    Ok(Some((refreshed, life)))
}

/// Ends what apps refresh of a user's, and says how many ended.
pub(crate) async fn end_refreshed_of_account(
    tx: &mut Tx,
    account: AccountId,
    reason: EndReason,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let rows = tx.rows(OF_ACCOUNT, params![account]).await?;
    end::end_each(tx, rows, reason, now).await
}

/// Until when a token lives that takes the place of the one of `held`: for as long as its
/// authorization, but where an app refreshes that.
pub(super) async fn until(
    tx: &mut Tx,
    held: &Authorization,
) -> Result<Option<Timestamp>, StoreError> {
    let is_refreshed = refresh_tokens::are_there(tx, held.id).await?;
    Ok(held.expires_at.filter(|_| is_refreshed))
}
