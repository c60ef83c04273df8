//! How far stopping has come: everything that runs for a listener holds one end of this.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::coop::has_budget_remaining;
use tokio::time::sleep;

/// How long connections that were there before still take a request while the server drains.
/// Whoever sent one just then, as balancers and other clients that keep connections do, must not
/// find the connection closed: a request that changes something cannot be sent again, since nobody
/// knows whether it was answered.
pub(super) const GRACE: Duration = Duration::from_millis(250);

/// The stages of a server's life, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(super) enum Stage {
    /// Connections are accepted and requests answered.
    Serving,
    /// No new connection is accepted; requests in flight are answered, and the next one of each
    /// connection if it comes within the [`GRACE`].
    Draining,
    /// Nothing is waited for any more.
    Closing,
}

/// What moves the stage on. When it is dropped, the stage is [`Stage::Closing`].
pub(super) struct ShutdownControl {
    now: Arc<AtomicU8>,
    // Each is dropped when its stage comes. A wait for a stage so ends once and by that stage
    // alone: one that an earlier stage had woken would have to be begun anew, and nobody might come
    // to do that.
    draining: Option<watch::Sender<()>>,
    closing: Option<watch::Sender<()>>,
}

impl ShutdownControl {
    pub(super) fn new() -> (Self, Shutdown) {
        let (draining, until_draining) = watch::channel(());
        let (closing, until_closing) = watch::channel(());
        let now = Arc::new(AtomicU8::new(Stage::Serving as u8));
        let control = Self {
            now: Arc::clone(&now),
            draining: Some(draining),
            closing: Some(closing),
        };
        let shutdown = Shutdown {
            now,
            draining: until_draining,
            closing: until_closing,
        };
        (control, shutdown)
    }

    pub(super) fn enter(&mut self, stage: Stage) {
        // Before it is told, so that whoever hears of it also sees it.
        self.now.store(stage as u8, Ordering::Release);
        match stage {
            Stage::Serving => {}
            Stage::Draining => self.draining = None,
            Stage::Closing => {
                self.draining = None;
                self.closing = None;
            }
        }
    }
}

impl Drop for ShutdownControl {
    fn drop(&mut self) {
        self.enter(Stage::Closing);
    }
}

/// What waits for a stage.
#[derive(Clone)]
pub(super) struct Shutdown {
    now: Arc<AtomicU8>,
    draining: watch::Receiver<()>,
    closing: watch::Receiver<()>,
}

impl Shutdown {
    /// Waits until nothing new is to be begun.
    pub(super) async fn draining(&mut self) {
        // Nothing is ever sent: an error is the end of the sender.
        while self.draining.changed().await.is_ok() {}
    }

    /// Waits until nothing new is to be begun by whoever was connected before, either.
    pub(super) async fn grace_over(&mut self) {
        self.draining().await;
        sleep(GRACE).await;
    }

    /// Does some work until nothing is waited for any more.
    ///
    /// Work that is polled at every byte would take the lock of the one who tells the stage each
    /// time, and all connections of all threads share that lock. So it is asked again only when the
    /// stage has come or another task asks.
    pub(super) async fn until_closing(mut self, work: impl Future<Output = ()>) {
        let mut poll_guard = self.poll_guard();
        let mut work = pin!(work);
        let mut closing = pin!(async { while self.closing.changed().await.is_ok() {} });
        poll_fn(|cx| {
            if poll_guard.is_due(Stage::Closing, cx) && closing.as_mut().poll(cx).is_ready() {
                return Poll::Ready(());
            }
            work.as_mut().poll(cx)
        })
        .await;
    }

    /// See [`PollGuard`].
    pub(super) fn poll_guard(&self) -> PollGuard {
        PollGuard {
            now: Arc::clone(&self.now),
            task: RegisteredWaker::default(),
        }
    }
}

/// Says whether a wait that was begun must be looked at again.
pub(super) struct PollGuard {
    now: Arc<AtomicU8>,
    task: RegisteredWaker,
}

impl PollGuard {
    /// Whether the stage has come, or the wait for it does not know this task yet.
    pub(super) fn is_due(&mut self, stage: Stage, cx: &Context<'_>) -> bool {
        self.task.is_new(cx) || self.now.load(Ordering::Acquire) >= stage as u8
    }
}

/// The task that a wait will wake.
#[derive(Default)]
pub(super) struct RegisteredWaker(Option<Waker>);

impl RegisteredWaker {
    /// Whether the wait must be polled, so that it knows the task that asks now.
    pub(super) fn is_new(&mut self, cx: &Context<'_>) -> bool {
        if self
            .0
            .as_ref()
            .is_some_and(|task| task.will_wake(cx.waker()))
        {
            return false;
        }
        // A task that has used up its turn is put off by whatever it polls, and remembered by
        // nothing.
        self.0 = has_budget_remaining().then(|| cx.waker().clone());
        true
    }
}
