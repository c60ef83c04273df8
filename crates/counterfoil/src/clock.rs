//! The world outside: the system's clock and the system's randomness. Everything else takes them as
//! arguments; here, at the root, is the one place that asks the system.

use std::time::Duration;

use counterfoil_authority::Clock;
use counterfoil_domain::entropy::Entropy;
use counterfoil_domain::timestamp::Timestamp;
use nix::time::{ClockId, clock_gettime};

/// The clock of the operating system.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    started: Duration,
}

impl Default for SystemClock {
    fn default() -> Self {
        Self {
            started: since_boot(),
        }
    }
}

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the clock that everybody else is passed"
    )]
    fn now(&self) -> Timestamp {
        Timestamp::from_microseconds(jiff::Timestamp::now().as_microsecond())
    }

    fn monotonic(&self) -> Duration {
        since_boot().saturating_sub(self.started)
    }

    fn thread_time(&self) -> Duration {
        let used = clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID);
        used.expect("Linux has this clock").into()
    }
}

/// The time since the machine was started, during which it may have slept. The usual monotonic
/// clock stands still in sleep, and what was remembered before it would be believed after it.
fn since_boot() -> Duration {
    let now = clock_gettime(ClockId::CLOCK_BOOTTIME);
    now.expect("Linux has this clock").into()
}

/// The randomness of the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    /// A system that cannot give randomness cannot issue tokens: the program ends rather than go on
    /// with weak ones.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the randomness that everybody else is passed"
    )]
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the operating system gives randomness");
    }
}
