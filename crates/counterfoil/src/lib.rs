//! The program: its settings, its command line and how its layers are put together.
//!
//! It is a library with a thin `main`, so that tests and reference pages can reach the definitions.

mod acme;
pub mod clock;
pub mod commands;
pub mod config;
mod control;
pub mod data_folder;
pub mod installation;
mod journal;
pub mod keys_file;
mod mail;
mod operator;
mod outgoing;
pub mod seed;
mod service_manager;
mod serving;
mod spelling;
pub mod telemetry;
pub mod traces;
