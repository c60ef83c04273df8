//! A user's own changes of their e-mail addresses.
//!
//! A new address stands in its link until that is opened. Whoever had an address before is told of
//! every change, by a link that takes it back.

mod change;
mod prove;

#[cfg(test)]
pub(crate) use crate::addresses::change::STATEMENTS;
pub use crate::addresses::change::{AddressRefused, MOST_ADDRESSES};
pub use crate::addresses::prove::Restored as RestoredAddress;
