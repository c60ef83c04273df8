//! A reading of the feed of changes that is under way, and who may wait for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use counterfoil_store::{Outage, StoreError};
use futures_util::future::{BoxFuture, Shared};
use parking_lot::Mutex;
use tokio::sync::Notify;

pub(super) type InFlight = Shared<BoxFuture<'static, Result<(), Arc<StoreError>>>>;

/// Who reads, and whether there is any use in waiting.
#[derive(Default)]
pub(super) struct FeedFollower {
    /// The reading that those who check wait for.
    pub(super) flight: Mutex<Option<InFlight>>,
    /// Another process announced a change.
    pub(super) news: Notify,
    /// A task reads all the time.
    pub(super) is_polled: AtomicBool,
    /// The lease ran out and the last reading failed.
    pub(super) is_lost: AtomicBool,
    /// What the last reading failed by, for those who are refused because of it.
    pub(super) failure: Mutex<Option<(Outage, String)>>,
}

/// Takes a reading out of its place when a caller who waited for it is done, or was cancelled.
/// Only callers that still wait may hold it, since it holds the authority.
pub(super) struct InFlightGuard<'a> {
    pub(super) slot: &'a Mutex<Option<InFlight>>,
    pub(super) flight: &'a InFlight,
}

impl Drop for InFlightGuard<'_> {
    fn drop(&mut self) {
        let mut slot = self.slot.lock();
        if slot.as_ref().is_some_and(|there| there.ptr_eq(self.flight)) {
            slot.take();
        }
    }
}

/// Says that a task reads all the time, until it is dropped.
pub(super) struct Polling<'f>(&'f FeedFollower);

impl<'f> Polling<'f> {
    pub(super) fn begin(follower: &'f FeedFollower) -> Self {
        follower.is_polled.store(true, Ordering::Release);
        Self(follower)
    }
}

impl Drop for Polling<'_> {
    fn drop(&mut self) {
        self.0.is_polled.store(false, Ordering::Release);
    }
}
