//! server

pub mod listen;
pub mod middleware;
