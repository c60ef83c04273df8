//! What counts no more is deleted.

use counterfoil_domain::sign_in::LockoutPolicy;
use counterfoil_domain::timestamp::Timestamp;

use crate::error::StoreError;
use crate::removal::{self, id_list};
use crate::statement::{params, statements};
use crate::turn::Turn;
use crate::tx::Tx;

/// Most failures that are kept: what a flood can take of the disk. One address alone never has so
/// many, since none is kept of an address that is refused already; of a flood from thousands the
/// eldest go, whosever they are. To find who has most would cost a look at all of them each time.
const FAILURES_KEPT: i64 = 200_000;
/// Rows of each kind that one failure deletes at most.
const DELETED_AT_A_TIME: u32 = 64;

statements! {
    OLD_FAILURES = "SELECT id FROM sign_in_failures WHERE failed_at <= $1 ORDER BY failed_at LIMIT $2";
    SURPLUS_FAILURES = "SELECT id FROM sign_in_failures WHERE id <= $1 ORDER BY id LIMIT $2";
    FORGET_FAILURES = concat!("DELETE FROM sign_in_failures WHERE id IN ", id_list!());
    SOME_OLD_FAILURE = "SELECT 1 FROM sign_in_failures WHERE failed_at <= $1 LIMIT 1";
    SOME_OLD_LOCK = "SELECT 1 FROM sign_in_locks WHERE locked_until <= $1 LIMIT 1";
    OLD_LOCKS = "SELECT id FROM sign_in_locks WHERE locked_until <= $1 ORDER BY locked_until LIMIT $2";
    FORGET_LOCKS = concat!("DELETE FROM sign_in_locks WHERE id IN ", id_list!());
}

/// Deletes some of what no longer counts. A lock counts beyond its end: the next one after a wrong
/// code is longer for it.
pub(super) async fn in_passing(
    tx: &mut Tx,
    policy: &LockoutPolicy,
    newest: i64,
    now: Timestamp,
) -> Result<(), StoreError> {
    // In passing only: whoever finds somebody at it leaves it to them.
    if !tx.try_turn(Turn::Forgetting).await? {
        return Ok(());
    }
    let surplus = params![newest - FAILURES_KEPT, DELETED_AT_A_TIME];
    removal::found(tx, SURPLUS_FAILURES, surplus, FORGET_FAILURES).await?;
    forget_too_old(tx, policy, DELETED_AT_A_TIME, now)
        .await
        .map(drop)
}

/// Whether anything is there that [`forget_too_old`] would delete.
pub(crate) async fn some_are_too_old(
    tx: &mut Tx,
    policy: &LockoutPolicy,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let failures = params![failures_until(policy, now)];
    let locks = params![now.minus(policy.longest_lock)];
    Ok(tx.optional(SOME_OLD_FAILURE, failures).await?.is_some()
        || tx.optional(SOME_OLD_LOCK, locks).await?.is_some())
}

/// Deletes failures and locks that are too old to count, at most `limit` of each, and says how
/// many.
pub(crate) async fn forget_too_old(
    tx: &mut Tx,
    policy: &LockoutPolicy,
    limit: u32,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let failures = params![failures_until(policy, now), limit];
    let locks = params![now.minus(policy.longest_lock), limit];
    Ok(
        removal::found(tx, OLD_FAILURES, failures, FORGET_FAILURES).await?
            + removal::found(tx, OLD_LOCKS, locks, FORGET_LOCKS).await?,
    )
}

/// Failures up to here count no more.
fn failures_until(policy: &LockoutPolicy, now: Timestamp) -> Timestamp {
    now.minus(policy.window.max(policy.login_window))
}
