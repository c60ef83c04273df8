//! What a user has, as site administrators are shown it before they act.

use counterfoil_domain::administered::{LiveTokens, UserFacts};
use counterfoil_domain::id::AccountId;
use counterfoil_domain::timestamp::Timestamp;

use crate::accounts::{find_by_id, has_password, primary_email};
use crate::engine::Store;
use crate::error::StoreError;
use crate::liveness::live_at;
use crate::statement::{params, statements};
use crate::tx::Tx;
use crate::{apps, organizations, passkeys};

statements! {
    SIGNED_IN = "SELECT max(signed_in_at) FROM sign_in_addresses WHERE account_id = $1";
    LIVE_TOKENS = concat!(
        "SELECT count(*), count(CASE WHEN kind = 'app' THEN 1 END) FROM authorizations
        WHERE account_id = $1 AND ended_at IS NULL AND ", live_at!("", "$2", "$3")
    );
    LAST_USE = concat!(
        "SELECT last_used_at, last_used_address FROM authorizations
        WHERE account_id = $1 AND ended_at IS NULL AND last_used_at IS NOT NULL AND ", live_at!("", "$2", "$3"),
        " ORDER BY last_used_at DESC LIMIT 1"
    );
}

impl Store {
    /// What a live user has, and what an act would end; without sessions and locks.
    pub async fn user_facts(
        &self,
        id: AccountId,
        now: Timestamp,
    ) -> Result<Option<UserFacts>, StoreError> {
        self.read(move |tx| Box::pin(async move { of_account(tx, id, now).await }))
            .await
    }
}

async fn of_account(
    tx: &mut Tx,
    id: AccountId,
    now: Timestamp,
) -> Result<Option<UserFacts>, StoreError> {
    let Some(account) = find_by_id(tx, id).await? else {
        return Ok(None);
    };
    let signed_in_at = tx
        .one(SIGNED_IN, params![id])
        .await?
        .optional_timestamp(0)?;
    Ok(Some(UserFacts {
        account,
        address: primary_email(tx, id).await?,
        has_password: has_password(tx, id).await?,
        passkeys: passkeys::count_live(tx, id).await?,
        signed_in_at,
        sessions: 0,
        session_used_at: None,
        tokens: live_tokens(tx, id, now).await?,
        apps: apps::live_of_owner(tx, id).await?.len() as u64,
        owns_alone: organizations::owned_alone(tx, id).await?,
        locked_addresses: 0,
        codes_exhausted: false,
    }))
}

async fn live_tokens(tx: &mut Tx, id: AccountId, now: Timestamp) -> Result<LiveTokens, StoreError> {
    let sought = params![id, now, tx.idle_since(now)];
    let mut counted = tx.one(LIVE_TOKENS, sought).await?;
    let used = tx.optional(LAST_USE, sought).await?;
    let last_use = used.map(|mut row| {
        let address = row.optional_text(1)?;
        Ok::<_, StoreError>((
            row.timestamp(0)?,
            address.and_then(|address| address.parse().ok()),
        ))
    });
    Ok(LiveTokens {
        total: counted.count(0)?,
        of_apps: counted.count(1)?,
        last_use: last_use.transpose()?,
    })
}
