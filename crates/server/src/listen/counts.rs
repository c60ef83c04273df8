//! What a listener counts of its connections, for the metrics.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts of connections since the program began, and how many there are. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct ConnectionCounts(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    open: AtomicU64,
    refused: AtomicU64,
    idle_closed: AtomicU64,
    unread_closed: AtomicU64,
    unread_bytes: AtomicU64,
}

impl ConnectionCounts {
    /// Connections that are open.
    pub fn open(&self) -> u64 {
        self.0.open.load(Ordering::Relaxed)
    }

    /// Connections that were closed at once because their address had as many as one address may
    /// have.
    pub fn refused(&self) -> u64 {
        self.0.refused.load(Ordering::Relaxed)
    }

    /// Idle connections that made room for others.
    pub fn idle_closed(&self) -> u64 {
        self.0.idle_closed.load(Ordering::Relaxed)
    }

    /// Connections that were closed because their client left answers unread: for too long, while
    /// others waited for a place, or beyond the memory there is for unread answers.
    pub fn unread_closed(&self) -> u64 {
        self.0.unread_closed.load(Ordering::Relaxed)
    }

    /// What answers take that clients have not taken, in bytes.
    pub fn unread_bytes(&self) -> u64 {
        self.0.unread_bytes.load(Ordering::Relaxed)
    }

    pub(super) fn opened(&self) {
        self.0.open.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn closed(&self) {
        self.0.open.fetch_sub(1, Ordering::Relaxed);
    }

    pub(super) fn count_refused(&self) {
        self.0.refused.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn count_idle_closed(&self) {
        self.0.idle_closed.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn count_unread_closed(&self) {
        self.0.unread_closed.fetch_add(1, Ordering::Relaxed);
    }

    /// One connection's unread answers take so much now, and took so much before. Returns what all
    /// take together.
    pub(super) fn change_unread(&self, before: u64, now: u64) -> u64 {
        let total = &self.0.unread_bytes;
        if now >= before {
            let more = now - before;
            total.fetch_add(more, Ordering::Relaxed) + more
        } else {
            let less = before - now;
            total.fetch_sub(less, Ordering::Relaxed) - less
        }
    }
}
