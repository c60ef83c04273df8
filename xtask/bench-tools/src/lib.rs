//! What benchmarks need beside the servers that they measure.
//!
//! Two programs share it: `bench-load` asks, at a fixed rate or as fast as it is answered, and
//! `bench-fill` makes databases with millions of tokens. They stand apart from xtask, which stays
//! without SQL and quick to build.

pub mod answers;
pub mod connection;
pub mod database;
pub mod load;
pub mod requests;
pub mod tokens;
