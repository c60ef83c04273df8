//! The tests of this crate are in `main.rs` and its modules; a package needs a target of its own.
