//! Moving and keeping data: backups, what is restored from them, copies to another engine, and what
//! is imported.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "these are parts of tests, which say their figures, and what fails in them fails the test"
)]

mod after_restore;
mod backing_up;
mod copying;
mod desk;
mod growth;
mod importing;
mod importing_many;
mod interrupted;
mod mail;
mod newer_events;
mod restored_apps;
mod restoring;
mod restoring_passkeys;
mod restoring_twice;
mod verifying;
