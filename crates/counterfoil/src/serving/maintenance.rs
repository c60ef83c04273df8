//! What a server does beside its requests: counts of refused sign-ins go to the audit trail once a minute.

use std::time::Duration;

use counterfoil_authority::Authority;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

/// How often is looked for counts that are due.
const PAUSE: Duration = Duration::from_secs(5);

/// Looks after the installation until the server stops.
pub(super) async fn run(authority: Authority, mut stopped: watch::Receiver<()>) {
    let mut ticks = interval(PAUSE);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            // Nothing is ever sent: a change is the end of the sender.
            _ = stopped.changed() => return,
            _ = ticks.tick() => flush(&authority, Closing::No).await,
        }
    }
}

/// Writes what is left when the server stops.
pub(super) async fn finish(authority: &Authority) {
    flush(authority, Closing::Yes).await;
}

/// Whether the server stops, so that counts go out before their minute is over.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Closing {
    Yes,
    No,
}

async fn flush(authority: &Authority, closing: Closing) {
    if let Err(error) = authority.flush_refusals(closing == Closing::Yes).await {
        tracing::error!(cause = %error, "refused sign-ins were not written to the audit trail");
    }
}
