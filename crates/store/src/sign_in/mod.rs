//! Failed sign-ins, the locks they lead to, and the addresses that signed in.
//!
//! All of these are counters, not records of what somebody owns: what is too old to count is
//! deleted in passing, a little with each failure, so that no failure has to pay for many.

mod addresses;
mod failures;
mod forget;
mod lockout_state;
mod locks;

pub use self::failures::{CountedFailure, FailedSignIn};
pub(crate) use self::forget::{forget_too_old, some_are_too_old};
pub(crate) use self::locks::{lift_locks, take_turns};

/// Every statement about sign-ins.
#[cfg(test)]
pub(crate) const STATEMENTS: [&[crate::statement::Statement]; 5] = [
    addresses::STATEMENTS,
    failures::STATEMENTS,
    forget::STATEMENTS,
    lockout_state::STATEMENTS,
    locks::STATEMENTS,
];
