//! Cleaning up, a little at a time: ending tokens that are over, and removing what ended long ago.
//!
//! Of several nodes that clean up at the same time one does, and the others find nothing to do.
//! Nobody waits for it. A token that expired or is idle is refused whether or not its record says
//! so, and what has ended is in nobody's way. So each call does a bounded piece, one transaction
//! with one event, and says how much it did; a call that finds nothing writes nothing. Ids, logins
//! and client ids stay given: rows of tokens go, the counters of their ids do not.

use counterfoil_domain::audit::{Action, Detail, Event, Outcome, Subject};
use counterfoil_domain::id::AuthorizationId;
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::principal::Attribution;
use counterfoil_domain::sign_in::LockoutPolicy;
use counterfoil_domain::timestamp::Timestamp;
use futures_util::future::BoxFuture;

use crate::authorizations::{end_each, expired_digests, times_from};
use crate::engine::Store;
use crate::error::StoreError;
use crate::removal::{self, id_list};
use crate::sign_in;
use crate::statement::{Row, Statement, Value, params, statements};
use crate::turn::Turn;
use crate::tx::Tx;
use crate::writing::{Note, SystemChange, SystemOperation};

statements! {
    EXPIRED = "SELECT id, grant_id FROM authorizations
        WHERE ended_at IS NULL AND expires_at IS NOT NULL AND expires_at <= $1 ORDER BY expires_at, id LIMIT $2";
    EXPIRED_DIGESTS = "SELECT id FROM token_digests
        WHERE ended_at IS NULL AND expires_at IS NOT NULL AND expires_at <= $1 ORDER BY expires_at, id LIMIT $2";
    // By id, ended or not, so that each piece reads a bounded number of rows however few of them
    // are idle.
    AFTER = "SELECT id, grant_id, ended_at, created_at, last_used_at, expires_at FROM authorizations
        WHERE id > $1 ORDER BY id LIMIT $2";
    SOME_ENDED = "SELECT 1 FROM authorizations WHERE ended_at IS NOT NULL AND ended_at <= $1 LIMIT 1";
    SOME_DIGEST_ENDED = "SELECT 1 FROM token_digests WHERE ended_at IS NOT NULL AND ended_at <= $1 LIMIT 1";
    // No order among rows of one moment: the indexes have none, and thousands that ended together
    // would be sorted anew for each piece.
    ENDED = "SELECT id FROM authorizations WHERE ended_at IS NOT NULL AND ended_at <= $1
        ORDER BY ended_at LIMIT $2";
    // Also those of authorizations that live on under another token.
    DIGESTS_ENDED = "SELECT id FROM token_digests WHERE ended_at IS NOT NULL AND ended_at <= $1
        ORDER BY ended_at LIMIT $2";
    REMOVE_DIGESTS = concat!("DELETE FROM token_digests WHERE id IN ", id_list!());
    REMOVE_THEIR_DIGESTS = concat!("DELETE FROM token_digests WHERE authorization_id IN ", id_list!());
    REMOVE_ENDED = concat!("DELETE FROM authorizations WHERE id IN ", id_list!(), "
        AND NOT EXISTS (SELECT 1 FROM token_digests d WHERE d.authorization_id = authorizations.id)");
    OLD_RECOVERY_CODES = "SELECT id FROM recovery_codes WHERE ended_at IS NOT NULL AND ended_at <= $1
        ORDER BY ended_at LIMIT $2";
    REMOVE_RECOVERY_CODE = "DELETE FROM recovery_codes WHERE id = $1 AND ended_at IS NOT NULL";
    OLD_STEPS = "SELECT account_id, step FROM totp_steps WHERE used_at <= $1
        ORDER BY used_at LIMIT $2";
    REMOVE_STEP = "DELETE FROM totp_steps WHERE account_id = $1 AND step = $2";
    OLD_ADDRESSES = "SELECT account_id, address_key FROM sign_in_addresses WHERE signed_in_at <= $1
        ORDER BY signed_in_at LIMIT $2";
    REMOVE_ADDRESS = "DELETE FROM sign_in_addresses WHERE account_id = $1 AND address_key = $2 AND signed_in_at <= $3";
    SOME_CHANGES = "SELECT 1 FROM changes WHERE changed_at <= $1 LIMIT 1";
    OLD_CHANGES = "SELECT number FROM changes WHERE changed_at <= $1 ORDER BY changed_at LIMIT $2";
    REMOVE_CHANGES = concat!("DELETE FROM changes WHERE number IN ", id_list!());
}

/// A piece of the way through all records, in search of idle tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdleSweep {
    /// Tokens that ended.
    pub ended: u64,
    /// Where to go on; `None` when the way is done.
    pub next: Option<AuthorizationId>,
}

/// What was removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    /// Records of tokens.
    pub authorizations: u64,
    /// Digests of tokens.
    pub digests: u64,
}

/// What was removed of what signed people in long ago.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RemovedTraces {
    /// Recovery codes that were used or replaced, and steps of authenticators whose code was used.
    pub codes: u64,
    /// Addresses from which users signed in.
    pub addresses: u64,
}

impl Store {
    /// Removes codes that ended or were used before `before`, and addresses that nobody signed in
    /// from since, at most `limit` of each. No event: their use left its own.
    pub async fn remove_traces(
        &self,
        before: Timestamp,
        limit: u32,
    ) -> Result<RemovedTraces, StoreError> {
        let (codes, steps, addresses) = self
            .read(move |tx| {
                Box::pin(async move {
                    let old = params![before, limit];
                    Ok((
                        tx.rows(OLD_RECOVERY_CODES, old).await?,
                        tx.rows(OLD_STEPS, old).await?,
                        tx.rows(OLD_ADDRESSES, old).await?,
                    ))
                })
            })
            .await?;
        if codes.is_empty() && steps.is_empty() && addresses.is_empty() {
            return Ok(RemovedTraces::default());
        }
        let keys = |rows: Vec<Row>| -> Vec<Vec<Value>> {
            rows.into_iter().map(|row| row.values).collect()
        };
        let (codes, steps, addresses) = (keys(codes), keys(steps), keys(addresses));
        self.note(Note::TracesForgotten, move |tx| {
            Box::pin(async move {
                let mut removed = RemovedTraces::default();
                for key in &codes {
                    removed.codes += tx.execute(REMOVE_RECOVERY_CODE, key).await?;
                }
                for key in &steps {
                    removed.codes += tx.execute(REMOVE_STEP, key).await?;
                }
                for mut key in addresses {
                    key.push(before.into());
                    removed.addresses += tx.execute(REMOVE_ADDRESS, &key).await?;
                }
                Ok(removed)
            })
        })
        .await
    }

    /// Ends tokens that have expired, those first that expired first, at most `limit`. Says how
    /// many.
    pub async fn end_expired(&self, limit: u32, by: Attribution) -> Result<u64, StoreError> {
        self.end_found(EXPIRED, limit, by, |tx, rows, now| {
            Box::pin(end_each(tx, rows, EndReason::Expired, now))
        })
        .await
    }

    /// Ends tokens that were replaced and whose time is over, at most `limit`, those first whose
    /// time was over first. Their authorizations live on. Says how many.
    pub async fn end_expired_digests(
        &self,
        limit: u32,
        by: Attribution,
    ) -> Result<u64, StoreError> {
        self.end_found(EXPIRED_DIGESTS, limit, by, |tx, rows, now| {
            Box::pin(expired_digests(tx, rows, now))
        })
        .await
    }

    /// Ends what `expired` finds to be over by a time, at most `limit`, and says how much that was.
    async fn end_found<E>(
        &self,
        expired: Statement,
        limit: u32,
        by: Attribution,
        end: E,
    ) -> Result<u64, StoreError>
    where
        E: for<'t> FnOnce(
                &'t mut Tx,
                Vec<Row>,
                Timestamp,
            ) -> BoxFuture<'t, Result<u64, StoreError>>
            + Clone
            + Send
            + 'static,
    {
        let now = by.at;
        let found = self
            .read_one(move |tx| {
                Box::pin(async move { tx.rows(expired, params![now, 1_u32]).await })
            })
            .await?;
        if found.is_empty() {
            return Ok(0);
        }
        let operation = SystemOperation::EndLapsed;
        self.clean_up(operation, by, 0, move |SystemChange { tx, by }| {
            Box::pin(async move {
                let rows = tx.rows(expired, params![by.at, limit]).await?;
                let ended = end(tx, rows, by.at).await?;
                Ok(lapsed(ended, EndReason::Expired))
            })
        })
        .await
    }

    /// Looks at the next records after `after`, at most `limit`, and ends tokens that were not used
    /// for as long as the rule of [`Store::judge_by`] allows.
    pub async fn end_idle(
        &self,
        after: AuthorizationId,
        limit: u32,
        by: Attribution,
    ) -> Result<IdleSweep, StoreError> {
        let now = by.at;
        let (idle, next) = self
            .read(move |tx| Box::pin(async move { idle_after(tx, after, limit, now).await }))
            .await?;
        if idle.is_empty() {
            return Ok(IdleSweep { ended: 0, next });
        }
        let (operation, none) = (SystemOperation::EndLapsed, IdleSweep { ended: 0, next });
        self.clean_up(operation, by, none, move |SystemChange { tx, by }| {
            Box::pin(async move {
                // A use may have been written down since.
                let (idle, next) = idle_after(tx, after, limit, by.at).await?;
                let ended = end_each(tx, idle, EndReason::Idle, by.at).await?;
                let ended = lapsed(ended, EndReason::Idle);
                Ok(ended.map(|ended| IdleSweep { ended, next }))
            })
        })
        .await
    }

    /// Removes the records and digests of tokens that ended before `before`, those first that ended
    /// first, at most `limit` of each.
    pub async fn remove_ended(
        &self,
        before: Timestamp,
        limit: u32,
        by: Attribution,
    ) -> Result<Removed, StoreError> {
        let found = self
            .read(move |tx| {
                Box::pin(async move {
                    Ok(tx.optional(SOME_ENDED, params![before]).await?.is_some()
                        || tx
                            .optional(SOME_DIGEST_ENDED, params![before])
                            .await?
                            .is_some())
                })
            })
            .await?;
        if !found {
            return Ok(Removed::default());
        }
        let (operation, none) = (SystemOperation::RemoveEnded, Removed::default());
        self.clean_up(operation, by, none, move |SystemChange { tx, .. }| {
            Box::pin(async move {
                let oldest = params![before, limit];
                let ended = removal::ids(tx, ENDED, oldest).await?;
                // The digests first: they refer to their records.
                let digests = removal::found(tx, DIGESTS_ENDED, oldest, REMOVE_DIGESTS).await?
                    + removal::by_id(tx, REMOVE_THEIR_DIGESTS, &ended).await?;
                let authorizations = removal::by_id(tx, REMOVE_ENDED, &ended).await?;
                let event = Event::new(Action::EndedRemoved, Subject::default())
                    .with(Detail::Authorizations(authorizations))
                    .with(Detail::Digests(digests));
                let removed = Removed {
                    authorizations,
                    digests,
                };
                Ok(Outcome::new(removed, event))
            })
        })
        .await
    }

    /// Removes what the feed of changes said before `before`, at most `limit` entries. No event:
    /// what changed left its own.
    pub async fn remove_changes(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let found = self
            .read_one(move |tx| {
                Box::pin(async move { tx.optional(SOME_CHANGES, params![before]).await })
            })
            .await?;
        if found.is_none() {
            return Ok(0);
        }
        self.note(Note::FeedForgotten, move |tx| {
            Box::pin(async move {
                if !tx.try_turn(Turn::CleaningUp).await? {
                    return Ok(0);
                }
                removal::found(tx, OLD_CHANGES, params![before, limit], REMOVE_CHANGES).await
            })
        })
        .await
    }

    /// Removes failed sign-ins and locks that count no more, at most `limit` of each. No event:
    /// they left their own.
    pub async fn remove_failures(
        &self,
        policy: LockoutPolicy,
        limit: u32,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let found = self
            .read(move |tx| {
                Box::pin(async move { sign_in::some_are_too_old(tx, &policy, now).await })
            })
            .await?;
        if !found {
            return Ok(0);
        }
        self.note(Note::FailuresForgotten, move |tx| {
            Box::pin(async move {
                if !tx.try_turn(Turn::CleaningUp).await? {
                    return Ok(0);
                }
                sign_in::forget_too_old(tx, &policy, limit, now).await
            })
        })
        .await
    }

    /// Does a piece of cleaning up if nobody else cleans up meanwhile; `none` is the answer when
    /// somebody does.
    pub(crate) async fn clean_up<T, W>(
        &self,
        operation: SystemOperation,
        by: Attribution,
        none: T,
        work: W,
    ) -> Result<T, StoreError>
    where
        T: Clone + Send + 'static,
        W: for<'t> FnOnce(SystemChange<'t>) -> BoxFuture<'t, Result<Outcome<T>, StoreError>>
            + Clone
            + Send
            + 'static,
    {
        self.change_by_system(operation, by, move |change| {
            Box::pin(async move {
                if !change.tx.try_turn(Turn::CleaningUp).await? {
                    return Ok(Outcome::unchanged(none));
                }
                work(change).await
            })
        })
        .await
    }
}

/// The idle tokens among the next records, as rows of id and grant, and where to go on.
async fn idle_after(
    tx: &mut Tx,
    after: AuthorizationId,
    limit: u32,
    now: Timestamp,
) -> Result<(Vec<Row>, Option<AuthorizationId>), StoreError> {
    let Some(idle_to_end) = tx.liveness().life().idle_to_end(now) else {
        return Ok((Vec::new(), None));
    };
    let rows = tx.rows(AFTER, params![after, limit]).await?;
    let is_last = rows.len() < limit as usize;
    let mut last = None;
    let mut idle = Vec::new();
    for mut row in rows {
        let (id, grant) = (row.integer(0)?, row.optional_integer(1)?);
        last = Some(AuthorizationId(id));
        let is_live = row.is_null(2);
        if is_live && times_from(&mut row, 3)?.last_sign_of_life() <= idle_to_end {
            idle.push(Row::new(params![id, grant].to_vec(), AFTER));
        }
    }
    Ok((idle, last.filter(|_| !is_last)))
}

/// So many tokens ended by themselves, with one event for all.
fn lapsed(count: u64, reason: EndReason) -> Outcome<u64> {
    if count == 0 {
        return Outcome::unchanged(0);
    }
    let event = Event::new(Action::AuthorizationsLapsed, Subject::default())
        .with(Detail::Reason(reason.as_str().to_owned()))
        .with(Detail::Count(count));
    Outcome::new(count, event)
}
