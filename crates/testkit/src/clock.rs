//! A clock that stands still until a test moves it.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use counterfoil_authority::Clock;
use counterfoil_domain::timestamp::Timestamp;

/// See the module. It starts on 2026-01-02T03:04:05Z.
#[derive(Debug)]
pub struct ManualClock {
    now: AtomicI64,
    /// Microseconds; moves forward only.
    monotonic: AtomicU64,
}

impl Default for ManualClock {
    fn default() -> Self {
        Self {
            now: AtomicI64::new(Timestamp::from_seconds(1_767_323_045).microseconds()),
            monotonic: AtomicU64::new(0),
        }
    }
}

impl ManualClock {
    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        let by =
            i64::try_from(by.as_micros()).expect("tests move the clock by less than a lifetime");
        self.now.fetch_add(by, Ordering::SeqCst);
        self.monotonic
            .fetch_add(by.unsigned_abs(), Ordering::SeqCst);
    }

    /// Moves the clock backward, as a correction of the system's clock does.
    pub fn set_back(&self, by: Duration) {
        let by =
            i64::try_from(by.as_micros()).expect("tests move the clock by less than a lifetime");
        self.now.fetch_sub(by, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_microseconds(self.now.load(Ordering::SeqCst))
    }

    fn monotonic(&self) -> Duration {
        Duration::from_micros(self.monotonic.load(Ordering::SeqCst))
    }
}
