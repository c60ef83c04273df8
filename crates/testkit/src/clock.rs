//! A clock that stands still until a test moves it.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use counterfoil_authority::Clock;
use counterfoil_domain::timestamp::Timestamp;

/// See the module. It starts on 2026-01-02T03:04:05Z.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl Default for ManualClock {
    fn default() -> Self {
        Self(AtomicI64::new(
            Timestamp::from_seconds(1_767_323_045).microseconds(),
        ))
    }
}

impl ManualClock {
    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        let by =
            i64::try_from(by.as_micros()).expect("tests move the clock by less than a lifetime");
        self.0.fetch_add(by, Ordering::SeqCst);
    }

    /// Moves the clock backward, as a correction of the system's clock does.
    pub fn set_back(&self, by: Duration) {
        let by =
            i64::try_from(by.as_micros()).expect("tests move the clock by less than a lifetime");
        self.0.fetch_sub(by, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_microseconds(self.0.load(Ordering::SeqCst))
    }
}
