//! How the outbox stands: how much waits, whether anything goes at all, what is forgotten.

use std::convert::Infallible;
use std::time::Duration;

use counterfoil_domain::audit::{Action, Detail, Event, Outcome, Subject};
use counterfoil_domain::mail::MailOutcome;
use counterfoil_domain::principal::Attribution;
use counterfoil_domain::timestamp::Timestamp;

use crate::engine::Store;
use crate::error::{ChangeError, StoreError};
use crate::links;
use crate::removal::{self, id_list};
use crate::statement::{params, statements};
use crate::turn::Turn;
use crate::tx::Tx;
use crate::writing::{Change, Locks, Note, Operation};

/// How long mail that went is kept, and what came to nothing.
const SENT_KEPT: Duration = Duration::from_hours(7 * 24);
const UNSENT_KEPT: Duration = Duration::from_hours(30 * 24);

statements! {
    STATE = "SELECT count(*), min(made_at), (SELECT sending_paused FROM installation WHERE id = 1),
            count(CASE WHEN tries > 0 THEN 1 END)
        FROM outbox WHERE finished_at IS NULL AND next_at > 0";
    PAUSE = "UPDATE installation SET sending_paused = 1 WHERE id = 1";
    RESUME = "UPDATE installation SET sending_paused = 0 WHERE id = 1 AND sending_paused = 1";
    FINISH_UNSENT = "UPDATE outbox SET finished_at = $1, outcome = $2, typed = NULL WHERE finished_at IS NULL AND next_at > 0";
    OLD = "SELECT id FROM outbox WHERE finished_at IS NOT NULL AND finished_at <= $1
        AND (outcome <> 'given_up' OR finished_at <= $2) ORDER BY finished_at LIMIT $3";
    REMOVE = concat!("DELETE FROM outbox WHERE id IN ", id_list!());
}

/// How the outbox stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutboxState {
    /// Mails that wait.
    pub waiting: u64,
    /// Those of them that were tried, and that no server took.
    pub tried: u64,
    /// When the one was asked for that waits longest.
    pub oldest: Option<Timestamp>,
    /// Whether nothing goes, since the database was restored or copied.
    pub is_paused: bool,
}

impl Store {
    /// How the outbox stands.
    pub async fn outbox_state(&self) -> Result<OutboxState, StoreError> {
        self.read_one(|tx| {
            Box::pin(async move {
                let mut row = tx.one(STATE, &[]).await?;
                Ok(OutboxState {
                    waiting: row.count(0)?,
                    tried: row.count(3)?,
                    oldest: row.optional_timestamp(1)?,
                    is_paused: row.optional_integer(2)? == Some(1),
                })
            })
        })
        .await
    }

    /// Removes mail that went or came to nothing long ago, and links that expired before
    /// `links_before`, at most `limit` of each. Says how many. No event: what was done with them
    /// left its own.
    pub async fn remove_old_mail(
        &self,
        links_before: Timestamp,
        limit: u32,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let (mails, links) = self
            .read(move |tx| {
                Box::pin(async move {
                    let mails = params![now.minus(SENT_KEPT), now.minus(UNSENT_KEPT), limit];
                    let mails = removal::ids(tx, OLD, mails).await?;
                    Ok((mails, links::old(tx, links_before, limit).await?))
                })
            })
            .await?;
        if mails.is_empty() && links.is_empty() {
            return Ok(0);
        }
        self.note(Note::MailForgotten, move |tx| {
            Box::pin(async move {
                if !tx.try_turn(Turn::CleaningUp).await? {
                    return Ok(0);
                }
                let removed = removal::by_id(tx, REMOVE, &mails).await?;
                Ok(removed + links::remove(tx, &links).await?)
            })
        })
        .await
    }

    /// Has mail sent again from a database that was restored or copied; `None` where it is sent
    /// already, else how many mails wait.
    pub async fn resume_sending(
        &self,
        by: Attribution,
    ) -> Result<Option<u64>, ChangeError<Infallible>> {
        let (operation, locks) = (Operation::ResumeSending, Locks::none());
        self.change(operation, by, locks, move |Change { tx, .. }| {
            Box::pin(async move {
                if tx.execute(RESUME, &[]).await? == 0 {
                    return Ok(Outcome::unchanged(None));
                }
                let waiting = tx.one(STATE, &[]).await?.count(0)?;
                let event = Event::new(Action::OutboxResumed, Subject::default())
                    .with(Detail::Count(waiting));
                Ok(Outcome::new(Some(waiting), event))
            })
        })
        .await
    }
}

/// Has nothing sent until [`Store::resume_sending`]; what waits is not sent at all.
pub(crate) async fn pause_sending(tx: &mut Tx, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(PAUSE, &[]).await?;
    let finished = params![now, MailOutcome::Restored.as_str()];
    tx.execute(FINISH_UNSENT, finished).await.map(drop)
}
