//! Moving and keeping data: backups, what is restored from them, copies to another engine, and what is imported.

mod after_restore;
mod backing_up;
mod copying;
mod desk;
mod importing;
mod interrupted;
mod restoring;
mod verifying;
