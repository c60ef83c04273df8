//! What a process that serves does beside its requests: counts of refused sign-ins go to the audit
//! trail once a minute, and the times and addresses of last use to the database twice a minute.
//! Tokens that are over end, and what ended long ago goes, a little at a time. Three times a minute
//! it says that it is there. It counts the live tokens, for the metrics.

use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use crate::authority::Authority;
use crate::upkeep::clean_up::MoreToClean;

/// How often is looked for counts that are due, and for more uses than should wait.
const PAUSE: Duration = Duration::from_secs(5);
/// How often last uses are written down. What was noted since is lost in a crash; idleness is
/// judged with far more slack.
const USES: Duration = Duration::from_secs(30);

/// How often a process says that it is there. One that was not heard of for a minute is taken to be
/// gone.
const PRESENCE: Duration = Duration::from_secs(20);

/// How often is looked for what is over, and how soon after one piece of that comes the next.
const CLEAN_UP: Duration = Duration::from_secs(10);
const NEXT_PIECE: Duration = Duration::from_millis(250);

/// How soon after a count of tokens that failed the next one is tried.
const COUNTING_FAILED: Duration = Duration::from_mins(1);

/// Whether the process stops, so that counts go out before their minute is over.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Closing {
    Yes,
    No,
}

impl Authority {
    /// Looks after the installation until `stopped` is done. Every process that serves runs one of
    /// these, beside [`Authority::keep_up`]; a failure is logged and tried again.
    pub async fn look_after(&self, stopped: impl Future<Output = ()>) {
        tokio::pin!(stopped);
        let mut ticks = interval(PAUSE);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut uses = interval(USES);
        uses.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut presence = interval(PRESENCE);
        presence.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut cleaning = interval(CLEAN_UP);
        // Not while the process starts.
        cleaning.reset();
        let mut counting = interval(COUNTING_FAILED);
        counting.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = &mut stopped => return,
                _ = ticks.tick() => {
                    self.tell_refusals(Closing::No).await;
                    if self.last_used_is_due() {
                        self.write_uses().await;
                    }
                }
                _ = uses.tick() => self.write_uses().await,
                _ = presence.tick() => {
                    self.tell_presence().await;
                    self.read_requirement().await;
                }
                _ = counting.tick() => counting.reset_after(self.count_a_piece().await),
                _ = cleaning.tick() => cleaning.reset_after(self.clean_up_a_piece().await),
            }
        }
    }

    /// Writes what is left when the process stops.
    pub async fn finish(&self) {
        self.tell_refusals(Closing::Yes).await;
        self.write_uses().await;
    }

    /// Cleans up a little, and says when to go on.
    async fn clean_up_a_piece(&self) -> Duration {
        match self.clean_up().await {
            Ok(MoreToClean::Soon) => NEXT_PIECE,
            Ok(MoreToClean::Later) => CLEAN_UP,
            Err(error) => {
                tracing::error!(cause = %error.causes(), "the clean-up failed");
                CLEAN_UP
            }
        }
    }

    /// Counts a little, and says when to go on.
    async fn count_a_piece(&self) -> Duration {
        self.take_inventory().await.unwrap_or_else(|error| {
            tracing::error!(cause = %error.causes(), "live tokens were not counted");
            COUNTING_FAILED
        })
    }

    async fn tell_presence(&self) {
        if let Err(error) = self.store().note_node(self.now()).await {
            tracing::error!(cause = %error.causes(), "this node was not recorded among those that serve");
        }
    }

    async fn read_requirement(&self) {
        if let Err(error) = self.follow_requirement().await {
            tracing::error!(cause = %error.causes(), "since when a second factor is required was not read");
        }
    }

    async fn write_uses(&self) {
        if let Err(error) = self.flush_last_used().await {
            tracing::error!(cause = %error.causes(), "last uses of tokens were not written");
        }
        if let Err(error) = self.flush_secret_uses().await {
            tracing::error!(cause = %error.causes(), "last uses of client secrets were not written");
        }
        if let Err(error) = self.flush_session_uses().await {
            tracing::error!(cause = %error.causes(), "last uses of sessions were not written");
        }
    }

    async fn tell_refusals(&self, closing: Closing) {
        if let Err(error) = self.flush_refusals(closing == Closing::Yes).await {
            tracing::error!(cause = %error.causes(), "refused sign-ins were not written to the audit trail");
        }
        let refused = self.flush_counted_requests(closing == Closing::Yes);
        if let Err(error) = refused.await {
            tracing::error!(cause = %error.causes(), "refused requests were not written to the audit trail");
        }
    }
}
