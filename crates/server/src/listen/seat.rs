//! What others see of a connection: whether it is idle, and the word that it is to go.

use std::future::poll_fn;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Poll, Waker};

use counterfoil_domain::network::ClientAddress;
use parking_lot::Mutex;
use tokio::time::Instant;

use super::activity::Activity;
use super::connection_state::ConnectionState;

/// What a connection was asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(super) enum Asked {
    Nothing,
    /// To say goodbye and go, as soon as what is in flight is answered.
    Leave,
    /// To go now.
    Close,
}

/// One connection, as others see it.
#[derive(Debug)]
pub(super) struct Seat {
    accepted: Instant,
    /// Once HTTP is spoken.
    activity: OnceLock<Arc<Activity>>,
    asked: AtomicU8,
    task: Mutex<Option<Waker>>,
    /// What was last said of its unread answers, in bytes.
    unread_bytes: AtomicU64,
}

/// One connection among those that have a place, or are on their way out.
pub(super) struct Slot {
    pub(super) seat: Arc<Seat>,
    /// For whom it is counted.
    pub(super) address: ClientAddress,
    pub(super) leaving: bool,
}

impl Seat {
    /// A connection that was accepted just now.
    pub(super) fn new() -> Self {
        Self {
            accepted: Instant::now(),
            activity: OnceLock::new(),
            asked: AtomicU8::new(Asked::Nothing as u8),
            task: Mutex::default(),
            unread_bytes: AtomicU64::new(0),
        }
    }

    /// The connection speaks HTTP from now on.
    pub(super) fn begin(&self, activity: Arc<Activity>) {
        // A connection begins to speak HTTP once.
        let _ = self.activity.set(activity);
    }

    /// What the connection does. A connection that is still opened is idle from its start: it has
    /// asked nothing yet.
    pub(super) fn standing(&self) -> ConnectionState {
        match self.activity.get() {
            Some(activity) => activity.standing(),
            None => ConnectionState::Idle(self.accepted),
        }
    }

    /// Since when an answer is unread, whatever else the connection does.
    pub(super) fn unread_since(&self) -> Option<Instant> {
        self.activity.get()?.unread_since()
    }

    /// Says what its unread answers take; returns what was said before.
    pub(super) fn note_unread(&self, bytes: u64) -> u64 {
        self.unread_bytes.swap(bytes, Ordering::Relaxed)
    }

    /// What its unread answers take, in bytes.
    pub(super) fn unread_bytes(&self) -> u64 {
        self.unread_bytes.load(Ordering::Relaxed)
    }

    /// Asks the connection. What it was asked before stays asked.
    pub(super) fn ask(&self, asked: Asked) {
        self.asked.fetch_max(asked as u8, Ordering::Release);
        // Not while the lock is held: the task may be about to give its waker.
        let task = self.task.lock().clone();
        if let Some(task) = task {
            task.wake();
        }
    }

    /// What the connection was asked.
    pub(super) fn asked(&self) -> Asked {
        match self.asked.load(Ordering::Acquire) {
            0 => Asked::Nothing,
            1 => Asked::Leave,
            _ => Asked::Close,
        }
    }

    /// Says which task is to be woken when something is asked.
    pub(super) fn listen(&self, task: &Waker) {
        *self.task.lock() = Some(task.clone());
    }

    /// Waits until something is asked.
    pub(super) async fn until_asked(&self) {
        poll_fn(|cx| {
            self.listen(cx.waker());
            match self.asked() {
                Asked::Nothing => Poll::Pending,
                Asked::Leave | Asked::Close => Poll::Ready(()),
            }
        })
        .await;
    }
}
