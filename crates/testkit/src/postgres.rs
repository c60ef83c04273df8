//! PostgreSQL servers of the tests' own: Debian's programs, data and a port of their own, gone with
//! the test.
//!
//! [`shared`] is one server for all tests of a process, without syncs and in memory, where each
//! test has a [`Database`] that is copied from one with the schema in it. A test that stops or
//! breaks a server starts a [`Cluster`] for itself.

mod cluster;
mod contents;
mod database;
mod disk;
mod on_disk;
mod pooler;
mod programs;
mod session;

use std::sync::OnceLock;

pub use self::cluster::{Cluster, ClusterOptions};
pub(crate) use self::database::options;
pub use self::database::{Database, HeldTables, OpenTransaction};
pub use self::disk::ClusterDisk;
pub use self::on_disk::OnDisk;
pub use self::pooler::Pooler;

/// The server for all tests that do not stop it. It ends with the process.
pub fn shared() -> &'static Cluster {
    static SHARED: OnceLock<Cluster> = OnceLock::new();
    SHARED.get_or_init(|| Cluster::start(ClusterOptions::default()))
}
