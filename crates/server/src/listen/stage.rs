//! How far stopping has come: everything that runs for a listener holds one end of this.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll, Waker};

use tokio::sync::watch;
use tokio::task::coop::has_budget_remaining;

/// The stages of a server's life, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(super) enum Stage {
    /// Connections are accepted and requests answered.
    Serving,
    /// Nothing new is accepted; requests in flight are answered.
    Draining,
    /// Nothing is waited for any more.
    Closing,
}

/// What moves the stage on. When it is dropped, the stage is [`Stage::Closing`].
pub(super) struct StageControl {
    now: Arc<AtomicU8>,
    changes: watch::Sender<Stage>,
}

impl StageControl {
    pub(super) fn new() -> (Self, Stages) {
        let (sender, receiver) = watch::channel(Stage::Serving);
        let now = Arc::new(AtomicU8::new(Stage::Serving as u8));
        let control = Self {
            now: Arc::clone(&now),
            changes: sender,
        };
        let stages = Stages {
            now,
            changes: receiver,
        };
        (control, stages)
    }

    pub(super) fn enter(&self, stage: Stage) {
        // Before it is told, so that whoever hears of it also sees it.
        self.now.store(stage as u8, Ordering::Release);
        self.changes.send_replace(stage);
    }
}

impl Drop for StageControl {
    fn drop(&mut self) {
        self.now.store(Stage::Closing as u8, Ordering::Release);
    }
}

/// What waits for a stage.
#[derive(Clone)]
pub(super) struct Stages {
    now: Arc<AtomicU8>,
    changes: watch::Receiver<Stage>,
}

impl Stages {
    /// Waits until nothing new is to be begun.
    pub(super) async fn draining(&mut self) {
        self.reached(Stage::Draining).await;
    }

    /// Does some work until nothing is waited for any more.
    ///
    /// Work that is polled at every byte would take the lock of the one who tells the stage each time, and all connections
    /// of all threads share that lock. So it is asked again only when a stage has come or another task asks.
    pub(super) async fn until_closing(mut self, work: impl Future<Output = ()>) {
        let mut glance = self.glance();
        let mut work = pin!(work);
        let mut closing = pin!(self.reached(Stage::Closing));
        std::future::poll_fn(|cx| {
            if glance.is_due(Stage::Closing, cx) && closing.as_mut().poll(cx).is_ready() {
                return Poll::Ready(());
            }
            work.as_mut().poll(cx)
        })
        .await;
    }

    /// See [`Glance`].
    pub(super) fn glance(&self) -> Glance {
        Glance {
            now: Arc::clone(&self.now),
            task: KnownTask::default(),
        }
    }

    async fn reached(&mut self, stage: Stage) {
        // An error means that the control is gone, and with it whoever would wait for us.
        let _ = self.changes.wait_for(|now| *now >= stage).await;
    }
}

/// Says whether a wait that was begun must be looked at again.
pub(super) struct Glance {
    now: Arc<AtomicU8>,
    task: KnownTask,
}

impl Glance {
    /// Whether the stage has come, or the wait for it does not know this task yet.
    pub(super) fn is_due(&mut self, stage: Stage, cx: &Context<'_>) -> bool {
        self.task.is_new(cx) || self.now.load(Ordering::Acquire) >= stage as u8
    }
}

/// The task that a wait will wake.
#[derive(Default)]
pub(super) struct KnownTask(Option<Waker>);

impl KnownTask {
    /// Whether the wait must be polled, so that it knows the task that asks now.
    pub(super) fn is_new(&mut self, cx: &Context<'_>) -> bool {
        if self
            .0
            .as_ref()
            .is_some_and(|task| task.will_wake(cx.waker()))
        {
            return false;
        }
        // A task that has used up its turn is put off by whatever it polls, and remembered by nothing.
        self.0 = has_budget_remaining().then(|| cx.waker().clone());
        true
    }
}
