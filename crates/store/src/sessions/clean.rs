//! What is over of sessions, and what is removed of them long after.

use counterfoil_domain::audit::{Action, Detail, Event, Outcome, Subject};
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::principal::Attribution;
use counterfoil_domain::session::SessionLife;
use counterfoil_domain::timestamp::Timestamp;

use crate::engine::Store;
use crate::error::StoreError;
use crate::removal::{self, id_list};
use crate::statement::{Row, Statement, Value, params, statements};
use crate::writing::{Note, SystemChange, SystemOperation};

statements! {
    OVER = "SELECT id FROM sessions WHERE ended_at IS NULL AND created_at <= $1 ORDER BY created_at LIMIT $2";
    UNUSED = "SELECT id FROM sessions WHERE ended_at IS NULL AND last_used_at <= $1 ORDER BY last_used_at LIMIT $2";
    // One that ended with the credentials of its user has ended for that.
    END_LAPSED = "UPDATE sessions SET ended_at = $2, end_reason = CASE WHEN credential_version =
            (SELECT a.credential_version FROM accounts a WHERE a.id = sessions.account_id) THEN $3 ELSE $4 END
        WHERE id = $1 AND ended_at IS NULL";
    ENDED = "SELECT id FROM sessions WHERE ended_at IS NOT NULL AND ended_at <= $1 ORDER BY ended_at LIMIT $2";
    REMOVE_ENDED = concat!("DELETE FROM sessions WHERE id IN ", id_list!());
    OLD_HALVES = "SELECT digest FROM half_sign_ins WHERE created_at <= $1 ORDER BY created_at LIMIT $2";
    REMOVE_HALF = "DELETE FROM half_sign_ins WHERE digest = $1";
    OLD_FORMS = "SELECT random FROM spent_forms WHERE spent_at <= $1 ORDER BY spent_at LIMIT $2";
    REMOVE_FORM = "DELETE FROM spent_forms WHERE random = $1";
}

/// What was removed of old sign-ins with browsers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RemovedSessions {
    /// Sessions that ended long ago.
    pub sessions: u64,
    /// Passwords that waited for a code, and forms that were spent.
    pub remains: u64,
}

impl Store {
    /// Ends sessions whose time is over or that nobody used for long, at most `limit` of each. Says
    /// how many.
    pub async fn end_lapsed_sessions(
        &self,
        life: SessionLife,
        limit: u32,
        by: Attribution,
    ) -> Result<u64, StoreError> {
        let over = life.made_since(by.at);
        let unused = life.idle_to_end(by.at);
        let expired = self
            .end_sessions_found(OVER, over, EndReason::Expired, limit, by.clone())
            .await?;
        let idle = self
            .end_sessions_found(UNUSED, unused, EndReason::Idle, limit, by)
            .await?;
        Ok(expired + idle)
    }

    async fn end_sessions_found(
        &self,
        find: Statement,
        before: Timestamp,
        reason: EndReason,
        limit: u32,
        by: Attribution,
    ) -> Result<u64, StoreError> {
        let first = self
            .read_one(move |tx| {
                Box::pin(async move { tx.optional(find, params![before, 1_u32]).await })
            })
            .await?;
        if first.is_none() {
            return Ok(0);
        }
        let operation = SystemOperation::EndLapsedSessions;
        self.clean_up(operation, by, 0, move |SystemChange { tx, by }| {
            Box::pin(async move {
                let changed = EndReason::CredentialsChanged.as_str();
                let mut ended = 0;
                for id in removal::ids(tx, find, params![before, limit]).await? {
                    let end = params![id, by.at, reason.as_str(), changed];
                    ended += tx.execute(END_LAPSED, end).await?;
                }
                if ended == 0 {
                    return Ok(Outcome::unchanged(0));
                }
                let event = Event::new(Action::SessionsLapsed, Subject::default())
                    .with(Detail::Reason(reason.as_str().to_owned()))
                    .with(Detail::Count(ended));
                Ok(Outcome::new(ended, event))
            })
        })
        .await
    }

    /// Removes sessions that ended before `ended`, and what stood for less than one before
    /// `remains`, at most `limit` of each. No event: sessions left their own.
    pub async fn remove_old_sessions(
        &self,
        ended: Timestamp,
        remains: Timestamp,
        limit: u32,
    ) -> Result<RemovedSessions, StoreError> {
        let (sessions, halves, forms) = self
            .read(move |tx| {
                Box::pin(async move {
                    Ok((
                        removal::ids(tx, ENDED, params![ended, limit]).await?,
                        tx.rows(OLD_HALVES, params![remains, limit]).await?,
                        tx.rows(OLD_FORMS, params![remains, limit]).await?,
                    ))
                })
            })
            .await?;
        if sessions.is_empty() && halves.is_empty() && forms.is_empty() {
            return Ok(RemovedSessions::default());
        }
        let keys = |rows: Vec<Row>| -> Vec<Vec<Value>> {
            rows.into_iter().map(|row| row.values).collect()
        };
        let (halves, forms) = (keys(halves), keys(forms));
        self.note(Note::TracesForgotten, move |tx| {
            Box::pin(async move {
                let mut removed = RemovedSessions {
                    sessions: removal::by_id(tx, REMOVE_ENDED, &sessions).await?,
                    remains: 0,
                };
                for key in &halves {
                    removed.remains += tx.execute(REMOVE_HALF, key).await?;
                }
                for key in &forms {
                    removed.remains += tx.execute(REMOVE_FORM, key).await?;
                }
                Ok(removed)
            })
        })
        .await
    }
}
