//! Cleaning up beside the requests: tokens that are over end, and what ended long ago is removed,
//! in small pieces.
//!
//! Nobody depends on it: a check refuses a token that expired or is idle by its times. So it gives
//! way: while much waits to be written it does nothing, and each piece is one short transaction.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use counterfoil_domain::id::{AccountId, AuthorizationId};
use counterfoil_domain::principal::Principal;
use counterfoil_store::StoreError;

use crate::authority::Authority;
use crate::upkeep::progress::{CleanedRows, OverdueSweep, Sweep};

/// Rows that one transaction ends or removes at most, of each kind.
const ROWS_AT_A_TIME: u32 = 500;
/// With more than this many writes waiting the clean-up waits too.
const BUSY: u64 = 16;
/// How long changes stay in the feed. Whoever has read nothing for longer forgets everything
/// instead.
const CHANGES_KEPT: Duration = Duration::from_hours(1);
/// How long after a look for used codes, or for old mail, the next one comes: it goes through whole
/// tables.
const TRACES_AGAIN: Duration = Duration::from_hours(1);
/// How long what is left of sign-ins with browsers is kept: passwords that waited for a code, and
/// forms that were sent. Longer than a form may be sent.
const SIGN_INS_KEPT: Duration = Duration::from_hours(25);
/// How long codes of the web flow and requests of apps are kept, to be looked at after a complaint.
const FLOWS_KEPT: Duration = Duration::from_hours(24);
/// How long after one way through all records in search of idle tokens, or through all accounts,
/// the next one begins.
const SWEEP_AGAIN: Duration = Duration::from_mins(10);

/// Whether there is more to clean up at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MoreToClean {
    /// There is; a short pause lets others write.
    Soon,
    /// There is not, or others write so much that it can wait.
    Later,
}

impl MoreToClean {
    /// Soon if either of them is.
    fn or(self, other: Self) -> Self {
        match self {
            Self::Soon => Self::Soon,
            Self::Later => other,
        }
    }
}

impl Authority {
    /// Cleans up a piece of each kind. To be called again and again while the program serves, by
    /// one task.
    #[tracing::instrument(name = "clean_up", level = "debug", skip_all)]
    pub async fn clean_up(&self) -> Result<MoreToClean, StoreError> {
        if self.store().stats().queued > BUSY {
            return Ok(MoreToClean::Later);
        }
        let pieces = [
            self.end_expired().await?,
            self.end_idle().await?,
            self.end_overdue().await?,
            self.remove_ended().await?,
            self.remove_changes().await?,
            self.remove_failures().await?,
            self.remove_events().await?,
            self.remove_traces().await?,
            self.end_lapsed_sessions().await?,
            self.remove_old_mail().await?,
        ];
        let now = self.now().seconds();
        self.cleaning_up().last_run.store(now, Ordering::Relaxed);
        let more = pieces.contains(&MoreToClean::Soon);
        Ok(if more {
            MoreToClean::Soon
        } else {
            MoreToClean::Later
        })
    }

    /// When the clean-up last ran to its end, in seconds since 1970; zero while it has not.
    pub fn last_clean_up(&self) -> i64 {
        self.cleaning_up().last_run.load(Ordering::Relaxed)
    }

    /// What was cleaned up since the start.
    pub fn cleaned_rows(&self) -> CleanedRows {
        let counts = &self.cleaning_up().counts;
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        CleanedRows {
            expired: read(&counts.expired),
            idle: read(&counts.idle),
            overdue: read(&counts.overdue),
            authorizations: read(&counts.authorizations),
            digests: read(&counts.digests),
            changes: read(&counts.changes),
            failures: read(&counts.failures),
            events: read(&counts.events),
            codes: read(&counts.codes),
            addresses: read(&counts.addresses),
            sessions: read(&counts.sessions),
            mails: read(&counts.mails),
        }
    }

    async fn end_expired(&self) -> Result<MoreToClean, StoreError> {
        let by = self.attribute_to(&Principal::PROGRAM);
        let store = self.store();
        let ended = store.end_expired(ROWS_AT_A_TIME, by.clone()).await?;
        let replaced = store.end_expired_digests(ROWS_AT_A_TIME, by).await?;
        let counts = &self.cleaning_up().counts;
        let ended = counted(&counts.expired, ended);
        Ok(ended.or(counted(&counts.expired, replaced)))
    }

    async fn end_idle(&self) -> Result<MoreToClean, StoreError> {
        let now = self.now();
        if self.settings().token_life.idle.is_none() {
            return Ok(MoreToClean::Later);
        }
        let sweep = *self.cleaning_up().sweep.lock();
        let after = match sweep {
            Sweep::Rests { until } if now < until => return Ok(MoreToClean::Later),
            Sweep::Rests { .. } => AuthorizationId(0),
            Sweep::After(id) => id,
        };
        let by = self.attribute_to(&Principal::PROGRAM);
        let swept = self.store().end_idle(after, ROWS_AT_A_TIME, by).await?;
        counted(&self.cleaning_up().counts.idle, swept.ended);
        let rests = Sweep::Rests {
            until: now.plus(SWEEP_AGAIN),
        };
        *self.cleaning_up().sweep.lock() = swept.next.map_or(rests, Sweep::After);
        Ok(swept.next.map_or(MoreToClean::Later, |_| MoreToClean::Soon))
    }

    /// The tokens of those who should have a second factor by now.
    async fn end_overdue(&self) -> Result<MoreToClean, StoreError> {
        if !self.settings().second_factor.ends_tokens {
            return Ok(MoreToClean::Later);
        }
        let now = self.now();
        let OverdueSweep { after, rests } = *self.cleaning_up().overdue.lock();
        if rests.is_some_and(|until| now < until) {
            return Ok(MoreToClean::Later);
        }
        let (without, next) = self.store().without_second_factor(after).await?;
        for account in without {
            if self.second_factor_of(&account).is_overdue() {
                let by = self.attribute_to(&Principal::PROGRAM);
                let ended = self.store().end_tokens_of_overdue(account.id, by).await?;
                counted(&self.cleaning_up().counts.overdue, ended);
            }
        }
        *self.cleaning_up().overdue.lock() = OverdueSweep {
            after: next.unwrap_or(AccountId(0)),
            rests: next.is_none().then(|| now.plus(SWEEP_AGAIN)),
        };
        Ok(next.map_or(MoreToClean::Later, |_| MoreToClean::Soon))
    }

    async fn remove_ended(&self) -> Result<MoreToClean, StoreError> {
        let by = self.attribute_to(&Principal::PROGRAM);
        let before = by.at.minus(self.settings().retention.ended);
        let removed = self
            .store()
            .remove_ended(before, ROWS_AT_A_TIME, by)
            .await?;
        let counts = &self.cleaning_up().counts;
        let digests = counted(&counts.digests, removed.digests);
        let authorizations = counted(&counts.authorizations, removed.authorizations);
        Ok(digests.or(authorizations))
    }

    async fn remove_changes(&self) -> Result<MoreToClean, StoreError> {
        let before = self.now().minus(CHANGES_KEPT);
        let removed = self.store().remove_changes(before, ROWS_AT_A_TIME).await?;
        Ok(counted(&self.cleaning_up().counts.changes, removed))
    }

    async fn remove_events(&self) -> Result<MoreToClean, StoreError> {
        let Some(kept) = self.settings().retention.audit else {
            return Ok(MoreToClean::Later);
        };
        let by = self.attribute_to(&Principal::PROGRAM);
        let before = by.at.minus(kept);
        let removed = self
            .store()
            .remove_events(before, ROWS_AT_A_TIME, by)
            .await?;
        Ok(counted(&self.cleaning_up().counts.events, removed))
    }

    /// What signed people in long ago: used codes, and addresses.
    async fn remove_traces(&self) -> Result<MoreToClean, StoreError> {
        let now = self.now();
        let rest = *self.cleaning_up().traces_rest.lock();
        if rest.is_some_and(|until| now < until) {
            return Ok(MoreToClean::Later);
        }
        // An address that signed in counts for as long as a setting says.
        let settings = self.settings();
        let kept = settings.retention.ended.max(settings.lockout.known_address);
        let before = now.minus(kept);
        let removed = self.store().remove_traces(before, ROWS_AT_A_TIME).await?;
        let unconfirmed = self.store().forget_unconfirmed(ROWS_AT_A_TIME, now).await?;
        let counts = &self.cleaning_up().counts;
        let codes = counted(&counts.codes, removed.codes + unconfirmed);
        let addresses = counted(&counts.addresses, removed.addresses);
        let remains = now.minus(SIGN_INS_KEPT);
        let ended = now.minus(settings.retention.ended);
        let removed = self
            .store()
            .remove_old_sessions(ended, remains, ROWS_AT_A_TIME)
            .await?;
        let sessions = counted(&counts.sessions, removed.sessions);
        let challenges = self.store().remove_old_challenges(remains, ROWS_AT_A_TIME);
        let challenges = counted(&counts.codes, challenges.await?);
        let remains = counted(&counts.codes, removed.remains);
        let flows = now.minus(FLOWS_KEPT);
        let flows = self.store().remove_old_flows(flows, ROWS_AT_A_TIME).await?;
        let refresh_tokens = self
            .store()
            .remove_old_refresh_tokens(ended, ROWS_AT_A_TIME);
        let refresh_tokens = counted(&counts.codes, refresh_tokens.await?);
        let issued = counted(&counts.codes, flows.codes);
        let requests = counted(&counts.codes, flows.requests);
        let devices = counted(&counts.codes, flows.devices);
        let pieces = [
            codes,
            addresses,
            sessions,
            remains,
            issued,
            requests,
            devices,
            refresh_tokens,
            challenges,
        ];
        if !pieces.contains(&MoreToClean::Soon) {
            *self.cleaning_up().traces_rest.lock() = Some(now.plus(TRACES_AGAIN));
            return Ok(MoreToClean::Later);
        }
        Ok(MoreToClean::Soon)
    }

    /// Sessions in browsers that are over.
    async fn end_lapsed_sessions(&self) -> Result<MoreToClean, StoreError> {
        let by = self.attribute_to(&Principal::PROGRAM);
        let life = self.settings().session_life;
        let store = self.store();
        let ended = store.end_lapsed_sessions(life, ROWS_AT_A_TIME, by).await?;
        Ok(counted(&self.cleaning_up().counts.idle, ended))
    }

    /// Mail that went or came to nothing long ago, and links that ended.
    async fn remove_old_mail(&self) -> Result<MoreToClean, StoreError> {
        let now = self.now();
        let rest = *self.cleaning_up().mail_rests.lock();
        if rest.is_some_and(|until| now < until) {
            return Ok(MoreToClean::Later);
        }
        let before = now.minus(self.settings().retention.ended);
        let removed = self.store().remove_old_mail(before, ROWS_AT_A_TIME, now);
        let more = counted(&self.cleaning_up().counts.mails, removed.await?);
        if more == MoreToClean::Later {
            *self.cleaning_up().mail_rests.lock() = Some(now.plus(TRACES_AGAIN));
        }
        Ok(more)
    }

    async fn remove_failures(&self) -> Result<MoreToClean, StoreError> {
        let policy = self.settings().lockout;
        let removed = self
            .store()
            .remove_failures(policy, ROWS_AT_A_TIME, self.now())
            .await?;
        Ok(counted(&self.cleaning_up().counts.failures, removed))
    }
}

/// Counts what a piece did. One that did as much as it may has more to do.
fn counted(count: &AtomicU64, done: u64) -> MoreToClean {
    count.fetch_add(done, Ordering::Relaxed);
    if done >= u64::from(ROWS_AT_A_TIME) {
        MoreToClean::Soon
    } else {
        MoreToClean::Later
    }
}
