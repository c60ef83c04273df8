//! Counting failures, and the locks that they lead to.

use std::time::Duration;

use counterfoil_domain::audit::{Action, Detail, Event, Outcome, Subject};
use counterfoil_domain::id::AccountId;
use counterfoil_domain::mail::MailKind;
use counterfoil_domain::principal::Attribution;
use counterfoil_domain::sign_in::{FailureKind, LockoutPolicy, SignInSubject};
use counterfoil_domain::timestamp::Timestamp;

use crate::engine::Store;
use crate::error::StoreError;
use crate::outbox;
use crate::sign_in::{forget, lockout_state};
use crate::statement::{params, statements};
use crate::turn::Turn;
use crate::tx::Tx;
use crate::writing::{SystemChange, SystemOperation};

statements! {
    COUNT_OF_PAIR = "SELECT count(*), count(CASE WHEN kind = 'code' THEN 1 END) FROM sign_in_failures
        WHERE subject = $1 AND failed_at > $2 AND address_key = $3 AND kind NOT IN ('suspended', 'passkey')";
    LONGEST_CODE_LOCK_OF_ACCOUNT = "SELECT max(locked_until - locked_at) FROM sign_in_locks
        WHERE account_id = $1 AND kind = 'code' AND locked_until > $2 AND ended_at IS NULL";
    LONGEST_CODE_LOCK_OF_SUBJECT = "SELECT max(locked_until - locked_at) FROM sign_in_locks
        WHERE subject = $1 AND kind = 'code' AND locked_until > $2 AND ended_at IS NULL";
    INSERT_FAILURE = "INSERT INTO sign_in_failures (subject, address_key, kind, failed_at, account_id)
        VALUES ($1, $2, $3, $4, $5) RETURNING id";
    INSERT_LOCK = "INSERT INTO sign_in_locks (subject, address_key, kind, locked_at, locked_until, account_id)
        VALUES ($1, $2, $3, $4, $5, $6)";
    // A note that a login is under attack stands among the locks, without an address: nobody is
    // locked by it.
    NOTE_OF_ACCOUNT = "SELECT 1 FROM sign_in_locks
        WHERE account_id = $1 AND locked_until > $2 AND kind = 'login' AND ended_at IS NULL";
    NOTE_OF_NOBODY = "SELECT 1 FROM sign_in_locks
        WHERE subject = $1 AND locked_until > $2 AND kind = 'login' AND ended_at IS NULL AND account_id IS NULL";
}

/// A sign-in that failed.
#[derive(Clone, Debug)]
pub struct FailedSignIn {
    /// What was typed as a login.
    pub subject: SignInSubject,
    /// Whose login it is, if there is such a user.
    pub account: Option<AccountId>,
    /// From where.
    pub address_key: String,
    /// What was wrong.
    pub kind: FailureKind,
}

/// What came of counting a failure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CountedFailure {
    /// Until when the typed text is locked for the address, by this failure or one before it.
    pub locked_until: Option<Timestamp>,
    /// Failures of the address within the window, up to the bound.
    pub address_failures: u32,
    /// Whether this failure is the first in a while with which the login is under attack.
    pub begins_attack: bool,
}

impl Store {
    /// Counts a failure. When it is one too many the typed text is locked for the address.
    pub async fn record_failure(
        &self,
        failed: FailedSignIn,
        policy: LockoutPolicy,
        by: Attribution,
    ) -> Result<CountedFailure, StoreError> {
        self.change_by_system(
            SystemOperation::CountFailure,
            by,
            move |SystemChange { tx, by }| {
                Box::pin(async move {
                    // Who counts at the same time counts the same failures twice or not at all.
                    tx.take_turn(Turn::SigningIn(failed.subject)).await?;
                    if !changes_nothing(tx, &failed, &policy, by.at).await? {
                        let newest = insert_failure(tx, &failed, by.at).await?;
                        forget::in_passing(tx, &policy, newest, by.at).await?;
                    }
                    let (locked_until, told) = lock_if_too_many(tx, &failed, &policy, by).await?;
                    let attack = note_attack(tx, &failed, &policy, by.at).await?;
                    let address = &failed.address_key;
                    let counted = CountedFailure {
                        locked_until,
                        address_failures: lockout_state::count_of_address(
                            tx, address, &policy, by.at,
                        )
                        .await?,
                        begins_attack: attack.is_some(),
                    };
                    let counted = Outcome::new(counted, told);
                    Ok(match attack {
                        Some(attack) => counted.and(attack),
                        None => counted,
                    })
                })
            },
        )
        .await
    }
}

/// Whether a failure need not be kept: a refused passkey locks no login, and no lock refuses the
/// next one. So an address that is refused for its failures already could add any number of them,
/// until those of others had to go for it.
async fn changes_nothing(
    tx: &mut Tx,
    failed: &FailedSignIn,
    policy: &LockoutPolicy,
    now: Timestamp,
) -> Result<bool, StoreError> {
    if failed.kind != FailureKind::Passkey {
        return Ok(false);
    }
    let address = &failed.address_key;
    let counted = lockout_state::count_of_address(tx, address, policy, now).await?;
    Ok(counted >= policy.per_address)
}

async fn insert_failure(
    tx: &mut Tx,
    failed: &FailedSignIn,
    now: Timestamp,
) -> Result<i64, StoreError> {
    let FailedSignIn {
        subject,
        account,
        address_key,
        kind,
    } = failed;
    let row = params![
        &subject.0,
        address_key.as_str(),
        kind.as_str(),
        now,
        *account
    ];
    tx.one(INSERT_FAILURE, row).await?.integer(0)
}

/// Locks the typed text for the address if this failure was one too many. Says until when it is
/// locked (what was under way when a lock came must not lengthen it), and gives the event of the
/// failure or of the lock.
async fn lock_if_too_many(
    tx: &mut Tx,
    failed: &FailedSignIn,
    policy: &LockoutPolicy,
    by: &Attribution,
) -> Result<(Option<Timestamp>, Event), StoreError> {
    let now = by.at;
    let locked =
        lockout_state::pair_locked_until(tx, failed.subject, &failed.address_key, now).await?;
    let lock = match locked {
        Some(_) => None,
        None => lock_after(tx, failed, policy, now).await?,
    };
    let about = about(failed);
    let event = match lock {
        Some((cause, until)) => {
            insert_lock(tx, failed, &failed.address_key, cause.as_str(), now, until).await?;
            // Codes are looked at after a right password only: somebody else may have it.
            if let (FailureKind::Code, Some(account)) = (cause, failed.account) {
                outbox::tell(tx, MailKind::WrongCodes, account, by).await?;
            }
            Event::new(Action::SignInLocked, about)
                .with(Detail::Cause(cause.as_str().to_owned()))
                .with(Detail::Until(until))
        }
        None => match failed.kind {
            FailureKind::Suspended => Event::new(Action::SignInSuspended, about),
            kind @ (FailureKind::Password | FailureKind::Code | FailureKind::Passkey) => {
                Event::new(Action::SignInFailed, about)
                    .with(Detail::Cause(kind.as_str().to_owned()))
            }
        },
    };
    Ok((locked.or(lock.map(|(_, until)| until)), event))
}

/// Whether a failure locks no login.
const fn counts_for_the_address_alone(kind: FailureKind) -> bool {
    matches!(kind, FailureKind::Suspended | FailureKind::Passkey)
}

fn about(failed: &FailedSignIn) -> Subject {
    Subject {
        account: failed.account,
        ..Subject::default()
    }
}

async fn insert_lock(
    tx: &mut Tx,
    failed: &FailedSignIn,
    address_key: &str,
    kind: &'static str,
    now: Timestamp,
    until: Timestamp,
) -> Result<(), StoreError> {
    let row = params![
        &failed.subject.0,
        address_key,
        kind,
        now,
        until,
        failed.account
    ];
    tx.execute(INSERT_LOCK, row).await.map(drop)
}

/// Tells that a login is under attack once its failures over all addresses are too many, and not
/// again for as long as these count.
async fn note_attack(
    tx: &mut Tx,
    failed: &FailedSignIn,
    policy: &LockoutPolicy,
    now: Timestamp,
) -> Result<Option<Event>, StoreError> {
    let (subject, account) = (failed.subject, failed.account);
    let failures = lockout_state::count_of_login(tx, subject, account, policy, now).await?;
    if counts_for_the_address_alone(failed.kind) || !policy.is_attacked(failures) {
        return Ok(None);
    }
    let note = match account {
        Some(account) => {
            // Failures under another name of the user may come here at the same time.
            tx.take_turn(Turn::NotingAttack(account)).await?;
            tx.optional(NOTE_OF_ACCOUNT, params![account, now]).await?
        }
        None => {
            tx.optional(NOTE_OF_NOBODY, params![&subject.0, now])
                .await?
        }
    };
    if note.is_some() {
        return Ok(None);
    }
    let until = now.plus(policy.login_window);
    insert_lock(tx, failed, "", "login", now, until).await?;
    let event = Event::new(Action::SignInAttacked, about(failed));
    Ok(Some(event.with(Detail::Failures(u64::from(failures)))))
}

/// The lock that the failures of a typed text and address lead to, the newest included, and what it
/// is for. One wrong code among them is enough to make it a lock for codes: who sends one has the
/// password, and must not get out of the longer locks by sending a wrong password last.
async fn lock_after(
    tx: &mut Tx,
    failed: &FailedSignIn,
    policy: &LockoutPolicy,
    now: Timestamp,
) -> Result<Option<(FailureKind, Timestamp)>, StoreError> {
    if counts_for_the_address_alone(failed.kind) {
        return Ok(None);
    }
    let since = now.minus(policy.window);
    let of_pair = params![&failed.subject.0, since, failed.address_key.as_str()];
    let mut counted = tx.one(COUNT_OF_PAIR, of_pair).await?;
    let failures = counted.small_count(0)?;
    let cause = match counted.count(1)? {
        0 => FailureKind::Password,
        _ => FailureKind::Code,
    };
    let longest = longest_code_lock(tx, failed, now.minus(policy.longest_lock)).await?;
    let until = policy.lock_after(cause, failures, longest, now);
    Ok(until.map(|until| (cause, until)))
}

/// Wrong codes from any address and under any name of the user count: who has the password can have
/// many addresses.
async fn longest_code_lock(
    tx: &mut Tx,
    failed: &FailedSignIn,
    since: Timestamp,
) -> Result<Option<Duration>, StoreError> {
    let mut longest = match failed.account {
        Some(account) => {
            tx.one(LONGEST_CODE_LOCK_OF_ACCOUNT, params![account, since])
                .await?
        }
        None => {
            tx.one(
                LONGEST_CODE_LOCK_OF_SUBJECT,
                params![&failed.subject.0, since],
            )
            .await?
        }
    };
    let microseconds = longest.optional_integer(0)?;
    Ok(microseconds.map(|number| Duration::from_micros(u64::try_from(number).unwrap_or(0))))
}
