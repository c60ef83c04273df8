//! What a change leans on that is asked for in a session.

use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::form::OnceValue;
use counterfoil_domain::id::SessionId;
use counterfoil_domain::principal::SessionProof;
use counterfoil_domain::timestamp::Timestamp;

use crate::error::StoreError;
use crate::statement::{params, statements};
use crate::tx::Tx;

statements! {
    GO_ON = "UPDATE sessions SET digest = $2,
        credential_version = (SELECT credential_version FROM accounts WHERE id = sessions.account_id)
        WHERE id = $1 AND ended_at IS NULL";
    KEEP = @Shared "SELECT 1 FROM sessions WHERE id = $1";
    IS_LIVE = "SELECT 1 FROM sessions WHERE id = $1 AND digest = $2 AND ended_at IS NULL";
    SPEND = "INSERT INTO spent_forms (random, spent_at) VALUES ($1, $2) ON CONFLICT (random) DO NOTHING";
}

/// Keeps a session as it is until the transaction ends.
pub(crate) async fn keep_session(tx: &mut Tx, id: SessionId) -> Result<(), StoreError> {
    tx.lock(KEEP, params![id]).await
}

/// Whether a session has not ended and goes by this secret still.
pub(crate) async fn is_live(tx: &mut Tx, session: &SessionProof) -> Result<bool, StoreError> {
    let sought = params![session.id, session.digest.as_bytes()];
    Ok(tx.optional(IS_LIVE, sought).await?.is_some())
}

/// Spends a form that counts once; `false` when it was spent before.
pub(crate) async fn spend_form(
    tx: &mut Tx,
    once: &OnceValue,
    now: Timestamp,
) -> Result<bool, StoreError> {
    Ok(tx.execute(SPEND, params![once.random(), now]).await? == 1)
}

/// Has the session in which a change was made go on under another secret. It counts for the
/// credentials as they are now; all other sessions count for what they were.
pub(crate) async fn go_on(
    tx: &mut Tx,
    id: SessionId,
    next: SecretDigest,
) -> Result<(), StoreError> {
    tx.execute(GO_ON, params![id, next.as_bytes()])
        .await
        .map(drop)
}
