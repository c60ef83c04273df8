//! Whether the server can work: what other nodes change is heard of, and the database takes writes,
//! which is found out at most once a second.

use std::sync::Arc;
use std::time::Instant;

use counterfoil_authority::{Authority, Outage};
use tokio::sync::Mutex;

/// How long one heartbeat answers for: strangers who ask more often cause no more writes.
const HEARTBEAT_SECONDS: u64 = 1;

/// The outcome of the last heartbeat.
#[derive(Debug, Default)]
pub(crate) struct Readiness(Arc<Mutex<Option<Heartbeat>>>);

#[derive(Clone, Copy, Debug)]
struct Heartbeat {
    at: Instant,
    outcome: Result<(), Outage>,
}

/// Why the server cannot work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotReady {
    /// What other nodes change is not heard of.
    NotFollowing(Outage),
    /// The database does not take writes.
    NotWriting(Outage),
}

impl Readiness {
    /// Fails if the server cannot work.
    pub(crate) async fn demand(&self, authority: &Authority) -> Result<(), NotReady> {
        if let Err(error) = authority.demand_following().await {
            return Err(NotReady::NotFollowing(error.outage()));
        }
        let beat = self.demand_writes(authority).await;
        beat.map_err(NotReady::NotWriting)
    }

    /// Fails if the database does not take writes, as a heartbeat says that is at most a second
    /// old.
    async fn demand_writes(&self, authority: &Authority) -> Result<(), Outage> {
        // Held across the write, so that many who ask at once wait for one heartbeat.
        let mut last = Arc::clone(&self.0).lock_owned().await;
        if let Some(heartbeat) =
            last.filter(|heartbeat| heartbeat.at.elapsed().as_secs() < HEARTBEAT_SECONDS)
        {
            return heartbeat.outcome;
        }
        let authority = authority.clone();
        // A task of its own: whoever asks and goes away must not make the next one write again.
        let beat = tokio::spawn(async move {
            let outcome = authority.heartbeat().await;
            if let Err(error) = &outcome {
                tracing::error!(cause = %error.causes(), "the heartbeat was not written");
            }
            let outcome = outcome.map_err(|error| error.outage());
            *last = Some(Heartbeat {
                at: Instant::now(),
                outcome,
            });
            outcome
        });
        beat.await.unwrap_or(Err(Outage::Other))
    }
}
