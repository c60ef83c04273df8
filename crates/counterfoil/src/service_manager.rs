//! What the service manager is told, where one listens: systemd's `sd_notify(3)`.
//!
//! A service of the type `notify` counts as started when its database is migrated and its sockets
//! are open, and no sooner.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use sd_notify::NotifyState;
use tokio::runtime::Handle;
use tokio::time::{MissedTickBehavior, interval};

/// How long a start may go on after it was last said that it does.
const EXTENSION: Duration = Duration::from_mins(1);
/// How often it is said.
const EXTEND_EVERY: Duration = Duration::from_secs(15);
/// How often in the time that the watchdog allows it is told that the server is alive.
const TIMES_ALIVE: u32 = 3;

/// A start that takes as long as it takes. While it lives the service manager is asked for time.
pub(crate) struct Starting {
    /// Dropped to end the thread that asks.
    _goes_on: Sender<()>,
}

impl Starting {
    /// Begins to ask. On a thread of its own: what the start waits for may hold up this one.
    pub(crate) fn begin() -> Self {
        let (goes_on, ended) = channel::<()>();
        let more_time = || NotifyState::ExtendTimeoutUsec(microseconds(EXTENSION));
        say(&[NotifyState::Status("opening the database"), more_time()]);
        // Without the thread a long migration is ended by the service manager, as it was before.
        let _ = thread::Builder::new()
            .name("starting".to_owned())
            .spawn(move || {
                while ended.recv_timeout(EXTEND_EVERY) == Err(RecvTimeoutError::Timeout) {
                    say(&[more_time()]);
                }
            });
        Self { _goes_on: goes_on }
    }
}

/// The server serves at this URL.
pub(crate) fn ready(url: &str) {
    let status = format!("serving on {url}");
    say(&[NotifyState::Ready, NotifyState::Status(&status)]);
}

/// The settings are read again.
pub(crate) fn reloading() {
    // A service of the type `notify-reload` says since when.
    match NotifyState::monotonic_usec_now() {
        Ok(since) => say(&[NotifyState::Reloading, since]),
        Err(_) => say(&[NotifyState::Reloading]),
    }
}

/// The settings were read again, and everything of them could be used, or not.
pub(crate) fn reloaded(url: &str, all_used: bool) {
    let refused = if all_used {
        ""
    } else {
        "; the last reload was refused, see the log"
    };
    let status = format!("serving on {url}{refused}");
    say(&[NotifyState::Ready, NotifyState::Status(&status)]);
}

/// Requests in flight are finished, and then it ends.
pub(crate) fn stopping() {
    let status = NotifyState::Status("finishing the requests in flight");
    say(&[NotifyState::Stopping, status]);
}

/// Says for as long as it runs that the server is alive: this event loop turns, and that of each
/// worker. A database that does not answer is none of it, since a restart would not help.
pub(crate) async fn feed_watchdog(workers: Vec<Handle>) {
    let Some(limit) = sd_notify::watchdog_enabled() else {
        return;
    };
    let mut turns = interval(limit / TIMES_ALIVE);
    turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        turns.tick().await;
        for worker in &workers {
            if worker.spawn(async {}).await.is_err() {
                return tracing::error!("a thread that serves has ended");
            }
        }
        say(&[NotifyState::Watchdog]);
    }
}

fn microseconds(time: Duration) -> u32 {
    u32::try_from(time.as_micros()).unwrap_or(u32::MAX)
}

fn say(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!(cause = %error, "the service manager cannot be told how the server is");
    }
}
