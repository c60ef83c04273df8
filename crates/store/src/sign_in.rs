//! Failed sign-ins, the locks they lead to, and the addresses that signed in.
//!
//! All of these are counters, not records of what somebody owns: what is too old to count is deleted in passing, a little with
//! each failure, so that no failure has to pay for many.

use std::collections::BTreeSet;
use std::time::Duration;

use counterfoil_domain::audit::{Action, Attribution, Event, Subject};
use counterfoil_domain::id::AccountId;
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::network::ClientAddress;
use counterfoil_domain::sign_in::{FailureKind, GateFacts, LockoutPolicy, SignInSubject};
use counterfoil_domain::timestamp::Timestamp;

use crate::engine::Store;
use crate::error::StoreError;
use crate::statement::statements;
use crate::turn::Turn;
use crate::tx::{Row, Tx, params};
use crate::{audit, two_factor};

/// Most failures that are kept: what a flood can take of the disk.
const FAILURES_KEPT: i64 = 200_000;
/// Rows of each kind that one failure deletes at most.
const DELETED_AT_A_TIME: u32 = 64;
/// How often a sign-in from the same address is written down.
const NOTED_EVERY: Duration = Duration::from_hours(24);
/// For how long an address that signed in is kept, longer than any sensible `known_address`.
const ADDRESSES_KEPT: Duration = Duration::from_hours(400 * 24);

statements! {
    PAIR_LOCKED_UNTIL = "SELECT max(locked_until) FROM sign_in_locks
        WHERE subject = $1 AND address_key = $2 AND locked_until > $3 AND ended_at IS NULL";
    // A bound that is reached is reached: counting on would only cost more the more an attacker tries.
    COUNT_OF_ADDRESS = "SELECT count(*) FROM
        (SELECT 1 FROM sign_in_failures WHERE address_key = $1 AND failed_at > $2 LIMIT $3) AS counted";
    COUNT_OF_SUBJECT = "SELECT count(*) FROM
        (SELECT 1 FROM sign_in_failures WHERE subject = $1 AND failed_at > $2 LIMIT $3) AS counted";
    COUNT_OF_PAIR = "SELECT count(*), count(CASE WHEN kind = 'code' THEN 1 END) FROM sign_in_failures
        WHERE subject = $1 AND failed_at > $2 AND address_key = $3";
    LONGEST_CODE_LOCK = "SELECT max(locked_until - locked_at) FROM sign_in_locks
        WHERE subject = $1 AND kind = 'code' AND locked_until > $2 AND ended_at IS NULL";
    INSERT_FAILURE = "INSERT INTO sign_in_failures (subject, address_key, kind, failed_at) VALUES ($1, $2, $3, $4) RETURNING id";
    INSERT_LOCK = "INSERT INTO sign_in_locks (subject, address_key, kind, locked_at, locked_until) VALUES ($1, $2, $3, $4, $5)";
    FORGET_OLD_FAILURES = "DELETE FROM sign_in_failures WHERE id IN
        (SELECT id FROM sign_in_failures WHERE failed_at <= $1 ORDER BY failed_at LIMIT $2)";
    FORGET_SURPLUS_FAILURES = "DELETE FROM sign_in_failures WHERE id IN
        (SELECT id FROM sign_in_failures WHERE id <= $1 ORDER BY id LIMIT $2)";
    SOME_OLD_FAILURE = "SELECT 1 FROM sign_in_failures WHERE failed_at <= $1 LIMIT 1";
    SOME_OLD_LOCK = "SELECT 1 FROM sign_in_locks WHERE locked_until <= $1 LIMIT 1";
    FORGET_OLD_LOCKS = "DELETE FROM sign_in_locks WHERE id IN
        (SELECT id FROM sign_in_locks WHERE locked_until <= $1 ORDER BY locked_until LIMIT $2)";
    FORGET_FAILURES_OF_SUBJECT = "DELETE FROM sign_in_failures WHERE subject = $1";
    END_LOCKS = "UPDATE sign_in_locks SET ended_at = $2, end_reason = $3 WHERE subject = $1 AND ended_at IS NULL
        RETURNING address_key, locked_until";
    LIVE_LOCKS = "SELECT address_key, max(locked_until) FROM sign_in_locks
        WHERE subject = $1 AND locked_until > $2 AND ended_at IS NULL GROUP BY address_key ORDER BY address_key";
    SIGNED_IN_AT = "SELECT signed_in_at FROM sign_in_addresses WHERE account_id = $1 AND address_key = $2";
    NOTE_SIGNED_IN = "INSERT INTO sign_in_addresses (account_id, address_key, signed_in_at) VALUES ($1, $2, $3)
        ON CONFLICT (account_id, address_key) DO UPDATE SET signed_in_at =
            CASE WHEN sign_in_addresses.signed_in_at > excluded.signed_in_at THEN sign_in_addresses.signed_in_at
            ELSE excluded.signed_in_at END";
    FORGET_OLD_ADDRESSES = "DELETE FROM sign_in_addresses WHERE account_id = $1 AND signed_in_at <= $2";
}

/// How many attempts were refused during a lock, to be told in one event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusalCount {
    /// Whose sign-in it was, if there is such a user.
    pub account: Option<AccountId>,
    /// From where.
    pub address: Option<ClientAddress>,
    /// How many attempts.
    pub count: u64,
}

impl Store {
    /// What is known of earlier failures, read before a password is looked at.
    pub async fn gate_facts(
        &self,
        subject: SignInSubject,
        account: Option<AccountId>,
        address_key: &str,
        policy: &LockoutPolicy,
        now: Timestamp,
    ) -> Result<GateFacts, StoreError> {
        let (address, policy) = (address_key.to_owned(), *policy);
        self.read(move |tx| {
            Box::pin(async move {
                let pair = params![&subject.0, address.as_str(), now];
                let pair_locked_until = tx
                    .one(PAIR_LOCKED_UNTIL, pair)
                    .await?
                    .optional_timestamp(0)?;
                let of_address = params![
                    address.as_str(),
                    now.minus(policy.window),
                    policy.per_address
                ];
                let address_failures =
                    tx.one(COUNT_OF_ADDRESS, of_address).await?.small_count(0)?;
                let of_subject =
                    params![&subject.0, now.minus(policy.login_window), policy.per_login];
                let login_failures = tx.one(COUNT_OF_SUBJECT, of_subject).await?.small_count(0)?;
                let address_last_signed_in = match account {
                    Some(account) => signed_in_at(tx, account, &address).await?,
                    None => None,
                };
                Ok(GateFacts {
                    pair_locked_until,
                    address_failures,
                    login_failures,
                    address_last_signed_in,
                })
            })
        })
        .await
    }

    /// Counts a failure. When it is one too many the login is locked for the address. Says until when it is locked, by this
    /// failure or one before it.
    pub async fn record_failure(
        &self,
        subject: SignInSubject,
        account: Option<AccountId>,
        address_key: String,
        kind: FailureKind,
        policy: LockoutPolicy,
        by: Attribution,
    ) -> Result<Option<Timestamp>, StoreError> {
        self.write_freely(move |tx| {
            Box::pin(async move {
                let now = by.at;
                // Who counts at the same time counts the same failures twice or not at all.
                tx.take_turn(Turn::SigningIn(subject)).await?;
                let failure = params![&subject.0, address_key.as_str(), kind.as_str(), now];
                let newest = tx.one(INSERT_FAILURE, failure).await?.integer(0)?;
                forget_what_is_too_old(tx, &policy, newest, now).await?;
                let about = Subject {
                    account,
                    ..Subject::default()
                };
                // What was under way when the lock came must not lengthen it.
                let pair = params![&subject.0, address_key.as_str(), now];
                let locked = tx
                    .one(PAIR_LOCKED_UNTIL, pair)
                    .await?
                    .optional_timestamp(0)?;
                let lock = match locked {
                    Some(_) => None,
                    None => lock_after(tx, subject, &address_key, &policy, now).await?,
                };
                let event = match lock {
                    Some((cause, until)) => {
                        let row = params![&subject.0, address_key, cause.as_str(), now, until];
                        tx.execute(INSERT_LOCK, row).await?;
                        Event::new(Action::SignInLocked, about)
                            .with("kind", cause.as_str())
                            .with("until", until)
                    }
                    None => Event::new(Action::SignInFailed, about).with("kind", kind.as_str()),
                };
                audit::record(tx, &by, event).await?;
                Ok(locked.or(lock.map(|(_, until)| until)))
            })
        })
        .await
    }

    /// Notes that an account signed in from an address, once a day at most. No event: what the sign-in did leaves its own.
    pub async fn note_signed_in(
        &self,
        account: AccountId,
        address_key: String,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (noted, address_key) = self
            .read(move |tx| {
                Box::pin(async move {
                    Ok((signed_in_at(tx, account, &address_key).await?, address_key))
                })
            })
            .await?;
        if noted.is_some_and(|at| at.plus(NOTED_EVERY) > now) {
            return Ok(());
        }
        self.write_freely(move |tx| {
            Box::pin(async move {
                tx.execute(
                    FORGET_OLD_ADDRESSES,
                    params![account, now.minus(ADDRESSES_KEPT)],
                )
                .await?;
                tx.execute(NOTE_SIGNED_IN, params![account, address_key, now])
                    .await?;
                Ok(())
            })
        })
        .await
    }

    /// Lifts the locks of these subjects and forgets their failures; says how many locks there were.
    pub async fn unlock(
        &self,
        mut subjects: Vec<SignInSubject>,
        account: Option<AccountId>,
        by: Attribution,
    ) -> Result<u64, StoreError> {
        self.write_freely(move |tx| {
            Box::pin(async move {
                let reason = EndReason::of_deletion_by(&by.actor);
                let mut locks = 0;
                subjects.sort_unstable_by_key(|subject| subject.0);
                for subject in &subjects {
                    tx.take_turn(Turn::SigningIn(*subject)).await?;
                    locks += end_locks(tx, *subject, reason, by.at).await?;
                    tx.execute(FORGET_FAILURES_OF_SUBJECT, params![&subject.0])
                        .await?;
                }
                if let Some(account) = account {
                    two_factor::forgive_wrong_codes(tx, account).await?;
                }
                let about = Subject {
                    account,
                    ..Subject::default()
                };
                audit::record(
                    tx,
                    &by,
                    Event::new(Action::UserUnlocked, about).with("locks", locks),
                )
                .await?;
                Ok(locks)
            })
        })
        .await
    }

    /// From which addresses a login is locked, and until when.
    pub async fn locks_of(
        &self,
        subject: SignInSubject,
        now: Timestamp,
    ) -> Result<Vec<(String, Timestamp)>, StoreError> {
        self.read(move |tx| {
            Box::pin(async move {
                let rows = tx.rows(LIVE_LOCKS, params![&subject.0, now]).await?;
                rows.into_iter()
                    .map(|mut row| Ok((row.text(0)?, row.timestamp(1)?)))
                    .collect()
            })
        })
        .await
    }

    /// Tells the audit trail of attempts that were refused during locks: one event for each count.
    pub async fn record_refusals(
        &self,
        refusals: Vec<RefusalCount>,
        by: Attribution,
    ) -> Result<(), StoreError> {
        self.write_freely(move |tx| {
            Box::pin(async move {
                for refusal in refusals {
                    let about = Subject {
                        account: refusal.account,
                        ..Subject::default()
                    };
                    let from = Attribution {
                        address: refusal.address,
                        ..by.clone()
                    };
                    let event =
                        Event::new(Action::SignInRefused, about).with("count", refusal.count);
                    audit::record(tx, &from, event).await?;
                }
                Ok(())
            })
        })
        .await
    }
}

/// Ends the locks of a subject and says from how many addresses it was still locked.
async fn end_locks(
    tx: &mut Tx,
    subject: SignInSubject,
    reason: EndReason,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let ending = params![&subject.0, now, reason.as_str()];
    let mut addresses = BTreeSet::new();
    for mut row in tx.rows(END_LOCKS, ending).await? {
        if row.timestamp(1)? > now {
            addresses.insert(row.text(0)?);
        }
    }
    Ok(addresses.len() as u64)
}

async fn signed_in_at(
    tx: &mut Tx,
    account: AccountId,
    address: &str,
) -> Result<Option<Timestamp>, StoreError> {
    let row: Option<Row> = tx.optional(SIGNED_IN_AT, params![account, address]).await?;
    row.map(|mut row| row.timestamp(0)).transpose()
}

/// The lock that the failures of a login and address lead to, the newest included, and what it is for. One wrong code among
/// them is enough to make it a lock for codes: who sends one has the password, and must not get out of the longer locks by
/// sending a wrong password last.
async fn lock_after(
    tx: &mut Tx,
    subject: SignInSubject,
    address_key: &str,
    policy: &LockoutPolicy,
    now: Timestamp,
) -> Result<Option<(FailureKind, Timestamp)>, StoreError> {
    let of_pair = params![&subject.0, now.minus(policy.window), address_key];
    let mut counted = tx.one(COUNT_OF_PAIR, of_pair).await?;
    let failures = counted.small_count(0)?;
    let cause = match counted.count(1)? {
        0 => FailureKind::Password,
        _ => FailureKind::Code,
    };
    // Wrong codes from any address count: who has the password can have many addresses.
    let remembered = params![&subject.0, now.minus(policy.longest_lock)];
    let mut longest = tx.one(LONGEST_CODE_LOCK, remembered).await?;
    let longest = longest
        .optional_integer(0)?
        .map(|microseconds| Duration::from_micros(u64::try_from(microseconds).unwrap_or(0)));
    let until = policy.lock_after(cause, failures, longest, now);
    Ok(until.map(|until| (cause, until)))
}

/// Deletes some of what no longer counts. A lock counts beyond its end: the next one after a wrong code is longer for it.
async fn forget_what_is_too_old(
    tx: &mut Tx,
    policy: &LockoutPolicy,
    newest: i64,
    now: Timestamp,
) -> Result<(), StoreError> {
    // In passing only: whoever finds somebody at it leaves it to them.
    if !tx.try_turn(Turn::Forgetting).await? {
        return Ok(());
    }
    tx.execute(
        FORGET_SURPLUS_FAILURES,
        params![newest - FAILURES_KEPT, DELETED_AT_A_TIME],
    )
    .await?;
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

/// Deletes failures and locks that are too old to count, at most `limit` of each, and says how many.
pub(crate) async fn forget_too_old(
    tx: &mut Tx,
    policy: &LockoutPolicy,
    limit: u32,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let failures = params![failures_until(policy, now), limit];
    let locks = params![now.minus(policy.longest_lock), limit];
    Ok(tx.execute(FORGET_OLD_FAILURES, failures).await?
        + tx.execute(FORGET_OLD_LOCKS, locks).await?)
}

/// Failures up to here count no more.
fn failures_until(policy: &LockoutPolicy, now: Timestamp) -> Timestamp {
    now.minus(policy.window.max(policy.login_window))
}
