//! The clock, passed in.

use counterfoil_domain::timestamp::Timestamp;

/// What tells the time. The program gives the system's clock; tests give one that they move.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
}
