//! How many tokens a user may make on pages.

use std::time::Duration;

use counterfoil_domain::authorization::{TokenLimits, TooManyOnPages};
use counterfoil_domain::id::AccountId;
use counterfoil_domain::timestamp::Timestamp;

use crate::authorizations::{Refusable, refuse};
use crate::statement::{params, statements};
use crate::tx::Tx;

statements! {
    // Those that were made on a page, and those that took the place of an earlier one. What lives
    // and what has ended are found by an index each.
    MADE_ON_PAGES = "SELECT count(*) FROM
        (SELECT id, provenance FROM authorizations
            WHERE account_id = $1 AND app_id IS NULL AND ended_at IS NULL AND kind = 'personal' AND updated_at > $2
        UNION ALL SELECT id, provenance FROM authorizations
            WHERE account_id = $1 AND ended_at IS NOT NULL AND (app_id IS NULL OR end_reason = 'max_for_app') AND ended_at > $2
                AND kind = 'personal') AS used
        JOIN token_digests d ON d.authorization_id = used.id
        WHERE d.created_at > $2 AND (used.provenance = 'page'
            OR d.id > (SELECT min(id) FROM token_digests WHERE authorization_id = used.id))";
}

/// Refuses a token on a page to who made as many there within the hour as one may.
pub(super) async fn refuse_too_many_on_pages<R: From<TooManyOnPages>>(
    tx: &mut Tx,
    owner: AccountId,
    limits: TokenLimits,
    now: Timestamp,
) -> Refusable<(), R> {
    let hour_ago = now.minus(Duration::from_hours(1));
    let mut made = tx.one(MADE_ON_PAGES, params![owner, hour_ago]).await?;
    let limit = limits.on_pages_per_hour;
    if made.count(0)? >= u64::from(limit) {
        return Err(refuse(TooManyOnPages { limit }));
    }
    Ok(())
}
