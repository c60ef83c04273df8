//! The clock, passed in.

use std::time::Duration;

use counterfoil_domain::timestamp::Timestamp;

/// What tells the time. The program gives the system's clock; tests give one that they move.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;

    /// The time since some moment of this process's own, which never runs backwards whatever is done to the system's clock:
    /// what leases run by.
    fn monotonic(&self) -> Duration;
}
