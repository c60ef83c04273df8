//! Locks: looked at and lifted by operators.

use std::collections::BTreeSet;
use std::convert::Infallible;

use counterfoil_domain::audit::{Action, Detail, Event, Outcome, Subject};
use counterfoil_domain::id::AccountId;
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::mail::MailKind;
use counterfoil_domain::principal::Attribution;
use counterfoil_domain::sign_in::SignInSubject;
use counterfoil_domain::timestamp::Timestamp;

use crate::engine::Store;
use crate::error::{ChangeError, StoreError};
use crate::outbox;
use crate::statement::{Row, params, statements};
use crate::turn::Turn;
use crate::two_factor;
use crate::tx::Tx;
use crate::writing::{Change, Locks, Operation};

statements! {
    END_LOCKS_OF_ACCOUNT = "UPDATE sign_in_locks SET ended_at = $2, end_reason = $3
        WHERE account_id = $1 AND ended_at IS NULL RETURNING subject, address_key, locked_until";
    END_LOCKS_OF_SUBJECT = "UPDATE sign_in_locks SET ended_at = $2, end_reason = $3
        WHERE subject = $1 AND ended_at IS NULL RETURNING subject, address_key, locked_until";
    FORGET_FAILURES_OF_ACCOUNT = "DELETE FROM sign_in_failures WHERE account_id = $1";
    FORGET_FAILURES_OF_SUBJECT = "DELETE FROM sign_in_failures WHERE subject = $1";
    // One without an address is no lock, but a note that the login is under attack.
    LIVE_LOCKS = "SELECT address_key, max(locked_until) FROM sign_in_locks
        WHERE account_id = $1 AND locked_until > $2 AND ended_at IS NULL AND address_key <> ''
        GROUP BY address_key ORDER BY address_key";
}

impl Store {
    /// Lifts the locks of an account, under whichever of its names they were set, and forgets its
    /// failures; those of `subjects` too, which were counted before there was such a user. Says how
    /// many locks there were.
    pub async fn unlock(
        &self,
        account: AccountId,
        mut subjects: Vec<SignInSubject>,
        by: Attribution,
    ) -> Result<u64, ChangeError<Infallible>> {
        let (operation, locks) = (Operation::Unlock, Locks::none());
        self.change(operation, by, locks, move |Change { tx, by, .. }| {
            Box::pin(async move {
                take_turns(tx, &mut subjects).await?;
                let locks = lift_locks(tx, account, &subjects, by).await?;
                if locks > 0 {
                    outbox::tell(tx, MailKind::Unlocked, account, by).await?;
                }
                let about = Subject {
                    account: Some(account),
                    ..Subject::default()
                };
                let event = Event::new(Action::UserUnlocked, about).with(Detail::Locks(locks));
                Ok(Outcome::new(locks, event))
            })
        })
        .await
    }

    /// From which addresses a user's sign-in is locked, and until when.
    pub async fn locks_of(
        &self,
        account: AccountId,
        now: Timestamp,
    ) -> Result<Vec<(String, Timestamp)>, StoreError> {
        self.read(move |tx| {
            Box::pin(async move {
                let rows = tx.rows(LIVE_LOCKS, params![account, now]).await?;
                rows.into_iter()
                    .map(|mut row| Ok((row.text(0)?, row.timestamp(1)?)))
                    .collect()
            })
        })
        .await
    }
}

/// Has the turns of these subjects, which come before anything else that is held.
pub(crate) async fn take_turns(
    tx: &mut Tx,
    subjects: &mut [SignInSubject],
) -> Result<(), StoreError> {
    subjects.sort_unstable_by_key(|subject| subject.0);
    for subject in subjects {
        tx.take_turn(Turn::SigningIn(*subject)).await?;
    }
    Ok(())
}

/// Lifts the locks of an account and of subjects whose turn this is. Says how many there were.
pub(crate) async fn lift_locks(
    tx: &mut Tx,
    account: AccountId,
    subjects: &[SignInSubject],
    by: &Attribution,
) -> Result<u64, StoreError> {
    let reason = EndReason::of_deletion_by(&by.principal.proof).as_str();
    let mut lifted = Lifted::default();
    for subject in subjects {
        let ending = params![&subject.0, by.at, reason];
        lifted.count(tx.rows(END_LOCKS_OF_SUBJECT, ending).await?, by.at)?;
        tx.execute(FORGET_FAILURES_OF_SUBJECT, params![&subject.0])
            .await?;
    }
    let ending = params![account, by.at, reason];
    lifted.count(tx.rows(END_LOCKS_OF_ACCOUNT, ending).await?, by.at)?;
    tx.execute(FORGET_FAILURES_OF_ACCOUNT, params![account])
        .await?;
    two_factor::forgive_wrong_codes(tx, account).await?;
    Ok(lifted.0.len() as u64)
}

/// The locks that still held: typed text and address of each.
#[derive(Default)]
struct Lifted(BTreeSet<(Vec<u8>, String)>);

impl Lifted {
    fn count(&mut self, ended: Vec<Row>, now: Timestamp) -> Result<(), StoreError> {
        for mut row in ended {
            let (subject, address, until) = (row.blob(0)?, row.text(1)?, row.timestamp(2)?);
            if until > now && !address.is_empty() {
                self.0.insert((subject, address));
            }
        }
        Ok(())
    }
}
