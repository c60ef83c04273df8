//! How the parts of an installation are, as a server that serves it can tell: a bounded number of
//! rows is read for it, and nothing is written.

use counterfoil_domain::health::{
    CertificateHealth, ClockHealth, DatabaseHealth, DatabaseSize, FeedHealth, Health, KeysHealth,
    MailHealth, NodesHealth, PasswordQueueHealth, SecondFactorHealth, TrailHealth, WaitingMail,
};
use counterfoil_domain::id::AccountId;
use counterfoil_domain::second_factor::RequiredOf;
use counterfoil_domain::timestamp::Timestamp;
use counterfoil_store::{OutboxState, StoreError};

use crate::authority::Authority;
use crate::principal::Operator;
use crate::token_cache::LEASE;

/// How many portions of the accounts are looked at for those who should have a second factor.
const PORTIONS: u32 = 5;

/// How mail stands that waits, where it may have a server to be sent by.
pub fn judge_mail(outbox: OutboxState, has_server: bool, now: Timestamp) -> MailHealth {
    let OutboxState {
        waiting,
        tried,
        oldest,
        is_paused,
    } = outbox;
    let mail = WaitingMail {
        has_server,
        is_paused,
        waiting,
        tried,
        oldest,
    };
    MailHealth::of(mail, now)
}

impl Authority {
    /// How all parts are, given how those are that only the server knows.
    pub async fn health(
        &self,
        database: DatabaseHealth,
        certificate: CertificateHealth,
        _operator: &Operator,
    ) -> Result<Health, StoreError> {
        let now = self.now();
        let newest = self.store().newest_event().await?;
        let inventory = self.inventory();
        let outbox = self.outbox_state().await?;
        let nodes = self.store().levels_of_nodes(now).await?;
        let waiting = u64::try_from(self.passwords_waiting()).unwrap_or(u64::MAX);
        let most = u64::try_from(self.settings().hashing.queue).unwrap_or(u64::MAX);
        Ok(Health {
            database,
            database_size: inventory.map(|inventory| DatabaseSize {
                bytes: inventory.database_bytes,
                at: inventory.at,
            }),
            trail: match self.store_stats().failed_commits {
                0 => TrailHealth::Good { newest },
                count => TrailHealth::CommitsFailed { count },
            },
            feed: self.feed_health().await,
            clock: self.clock_health(newest, now),
            nodes: NodesHealth::of_levels(&nodes.levels, nodes.own),
            mail: judge_mail(outbox, self.sends_mail(), now),
            certificate,
            keys: self.keys_health().await?,
            passwords: PasswordQueueHealth::of(waiting, most),
            second_factor: self.second_factor_health().await?,
        })
    }

    async fn feed_health(&self) -> FeedHealth {
        match self.follow_changes().await {
            Ok(()) => FeedHealth::Good {
                age: LEASE.saturating_sub(self.check_stats().lease_remaining),
            },
            Err(error) => {
                tracing::error!(cause = %error.causes(), "the feed of changes is not heard");
                FeedHealth::Lost
            }
        }
    }

    /// Events that are to come tell of a clock that went wrong, whosever it was.
    fn clock_health(&self, newest: Option<Timestamp>, now: Timestamp) -> ClockHealth {
        let by_events = newest.map(|at| ClockHealth::of_newest_event(at, now));
        match by_events {
            Some(wrong) if wrong != ClockHealth::Good => wrong,
            Some(_) | None => self
                .database_is_ahead_by()
                .map_or(ClockHealth::Good, ClockHealth::of_clocks),
        }
    }

    async fn keys_health(&self) -> Result<KeysHealth, StoreError> {
        let needed = self.store().live_keys().await?;
        Ok(match self.keyring().lacks(&needed) {
            Some(id) => KeysHealth::Missing(id),
            None => KeysHealth::Good {
                count: u64::try_from(needed.len()).unwrap_or(u64::MAX),
            },
        })
    }

    async fn second_factor_health(&self) -> Result<SecondFactorHealth, StoreError> {
        if self.settings().second_factor.required_of == RequiredOf::Nobody {
            return Ok(SecondFactorHealth::NotRequired);
        }
        let (mut count, mut after) = (0, Some(AccountId(0)));
        for _ in 0..PORTIONS {
            let Some(place) = after else { break };
            let (accounts, next) = self.store().next_accounts(place).await?;
            let overdue = accounts
                .iter()
                .filter(|account| self.second_factor_of(account).is_overdue());
            count += u64::try_from(overdue.count()).unwrap_or(u64::MAX);
            after = next;
        }
        Ok(match (count, after) {
            (0, None) => SecondFactorHealth::Good,
            (0, Some(place)) => SecondFactorHealth::GoodSoFar { looked_to: place.0 },
            (count, after) => SecondFactorHealth::Overdue {
                count,
                or_more: after.is_some(),
            },
        })
    }
}
