//! What came of orders for certificates, for the metrics.

use std::sync::atomic::{AtomicU64, Ordering};

/// What came of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderOutcome {
    /// There is a new certificate.
    Issued,
    /// The authority said when to come again.
    Throttled,
    /// It failed otherwise.
    Failed,
}

/// How many orders came to what.
#[derive(Debug, Default)]
pub struct OrderCounts {
    issued: AtomicU64,
    throttled: AtomicU64,
    failed: AtomicU64,
}

impl OrderCounts {
    /// Counts one.
    pub fn count(&self, outcome: OrderOutcome) {
        let counted = match outcome {
            OrderOutcome::Issued => &self.issued,
            OrderOutcome::Throttled => &self.throttled,
            OrderOutcome::Failed => &self.failed,
        };
        counted.fetch_add(1, Ordering::Relaxed);
    }

    /// The counts, by the words of the metric's label.
    pub(crate) fn by_outcome(&self) -> [(&'static str, u64); 3] {
        [
            ("issued", &self.issued),
            ("throttled", &self.throttled),
            ("failed", &self.failed),
        ]
        .map(|(word, count)| (word, count.load(Ordering::Relaxed)))
    }
}
