//! How long after a change of another node this one heard of it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The upper ends of the classes that lags are counted in, in milliseconds; one more class has the
/// longer ones.
pub const LAG_BOUNDS: [u64; 10] = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];

/// Lags by class, each counted once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LagCounts {
    /// How many were in each class of [`LAG_BOUNDS`], and beyond.
    pub classes: [u64; LAG_BOUNDS.len() + 1],
    /// All of them together.
    pub sum: Duration,
}

/// See the module.
#[derive(Default)]
pub(super) struct Lags {
    classes: [AtomicU64; LAG_BOUNDS.len() + 1],
    /// In microseconds.
    sum: AtomicU64,
}

impl Lags {
    pub(super) fn note(&self, lag: Duration) {
        let within = |bound: &u64| lag <= Duration::from_millis(*bound);
        let class = LAG_BOUNDS.iter().position(within);
        self.classes[class.unwrap_or(LAG_BOUNDS.len())].fetch_add(1, Ordering::Relaxed);
        let microseconds = u64::try_from(lag.as_micros()).unwrap_or(u64::MAX);
        self.sum.fetch_add(microseconds, Ordering::Relaxed);
    }

    pub(super) fn counts(&self) -> LagCounts {
        LagCounts {
            classes: std::array::from_fn(|class| self.classes[class].load(Ordering::Relaxed)),
            sum: Duration::from_micros(self.sum.load(Ordering::Relaxed)),
        }
    }
}
