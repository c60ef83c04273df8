//! What a server does beside its requests: counts of refused sign-ins go to the audit trail once a
//! minute, and the times and addresses of last use to the database twice a minute. Tokens that are
//! over end, and what ended long ago goes, a little at a time.

use std::time::Duration;

use counterfoil_authority::{Authority, MoreToClean};
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

/// How often is looked for counts that are due, and for more uses than should wait.
const PAUSE: Duration = Duration::from_secs(5);
/// How often last uses are written down. What was noted since is lost in a crash; idleness is
/// judged with far more slack.
const USES: Duration = Duration::from_secs(30);

/// How often is looked for what is over, and how soon after one piece of that comes the next.
const CLEAN_UP: Duration = Duration::from_secs(10);
const NEXT_PIECE: Duration = Duration::from_millis(250);

/// Looks after the installation until the server stops.
pub(super) async fn run(authority: Authority, mut stopped: watch::Receiver<()>) {
    let mut ticks = interval(PAUSE);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut uses = interval(USES);
    uses.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut cleaning = interval(CLEAN_UP);
    // Not while the server starts.
    cleaning.reset();
    loop {
        tokio::select! {
            // Nothing is ever sent: a change is the end of the sender.
            _ = stopped.changed() => return,
            _ = ticks.tick() => {
                flush(&authority, Closing::No).await;
                if authority.last_used_is_due() {
                    flush_uses(&authority).await;
                }
            }
            _ = uses.tick() => flush_uses(&authority).await,
            _ = cleaning.tick() => cleaning.reset_after(clean_up(&authority).await),
        }
    }
}

/// Writes what is left when the server stops.
pub(super) async fn finish(authority: &Authority) {
    flush(authority, Closing::Yes).await;
    flush_uses(authority).await;
}

/// Whether the server stops, so that counts go out before their minute is over.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Closing {
    Yes,
    No,
}

/// Cleans up a little, and says when to go on.
async fn clean_up(authority: &Authority) -> Duration {
    match authority.clean_up().await {
        Ok(MoreToClean::Soon) => NEXT_PIECE,
        Ok(MoreToClean::Later) => CLEAN_UP,
        Err(error) => {
            tracing::error!(cause = %error, "what is over was not cleaned up");
            CLEAN_UP
        }
    }
}

async fn flush_uses(authority: &Authority) {
    if let Err(error) = authority.flush_last_used().await {
        tracing::error!(cause = %error, "when tokens were last used was not written down");
    }
}

async fn flush(authority: &Authority, closing: Closing) {
    if let Err(error) = authority.flush_refusals(closing == Closing::Yes).await {
        tracing::error!(cause = %error, "refused sign-ins were not written to the audit trail");
    }
    let refused = authority.flush_refused_requests(closing == Closing::Yes);
    if let Err(error) = refused.await {
        tracing::error!(cause = %error, "refused requests were not written to the audit trail");
    }
}
