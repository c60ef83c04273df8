//! The program: its settings, its command line and how its layers are put together.
//!
//! It is a library with a thin `main`, so that tests and reference pages can reach the definitions.

pub mod config;
pub mod telemetry;
