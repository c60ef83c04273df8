//! testkit

pub mod installed;
pub mod process;
