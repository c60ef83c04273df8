//! Holding on to accounts while somebody decides by them.

use counterfoil_domain::id::AccountId;
use counterfoil_domain::principal::Principal;

use crate::accounts::find::lock;
use crate::error::StoreError;
use crate::statement::statements;
use crate::tx::{Tx, params};

statements! {
    KEEP = @Shared "SELECT 1 FROM accounts WHERE id = $1";
    KEEP_TOKEN = @Shared "SELECT 1 FROM authorizations WHERE id =
        (SELECT authorization_id FROM token_digests WHERE digest_head = $1 AND digest = $2 AND ended_at IS NULL)";
}

/// Keeps an account as it is until the transaction ends; others may do the same.
pub(crate) async fn keep(tx: &mut Tx, id: AccountId) -> Result<(), StoreError> {
    tx.lock(KEEP, params![id]).await
}

/// Holds on to the accounts that are to be changed, and keeps as they are the others by which is decided, who asks among them:
/// what they proved holds then until the transaction ends. Accounts are taken in the order of their ids, so that no two
/// transactions wait for each other. Called before anything is read that counts.
pub(crate) async fn hold(
    tx: &mut Tx,
    by: &Principal,
    changed: &[AccountId],
    kept: &[AccountId],
) -> Result<(), StoreError> {
    let mut wanted = kept.to_vec();
    let conditions = by.proof.conditions();
    wanted.extend(conditions.account.map(|proven| proven.account));
    wanted.extend(changed);
    wanted.sort_unstable();
    wanted.dedup();
    for id in wanted {
        if changed.contains(&id) {
            lock(tx, id).await?;
        } else {
            keep(tx, id).await?;
        }
    }
    if let Some(token) = conditions.token {
        let proof = params![token.digest.head(), token.digest.as_bytes()];
        tx.lock(KEEP_TOKEN, proof).await?;
    }
    Ok(())
}
