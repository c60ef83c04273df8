//! Which database, and how to open it.

use std::path::PathBuf;

use counterfoil_domain::audit::WriterId;

use crate::engine::postgres::PostgresOptions;
use crate::migrations::SchemaState;

/// Which database, and how to open it.
#[derive(Clone, Debug)]
pub struct OpenOptions {
    /// Where it is.
    pub location: DatabaseLocation,
    /// The id under which this process writes audit events; new for each process.
    pub writer: WriterId,
    /// What to do when the schema is behind this program.
    pub schema: SchemaState,
    /// How a commit is made to last.
    pub durability: Durability,
}

/// Where a database is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DatabaseLocation {
    /// A SQLite file.
    Sqlite(PathBuf),
    /// A PostgreSQL database.
    Postgres(Box<PostgresOptions>),
}

/// How a commit is made to last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// An acknowledged commit survives a power cut.
    Full,
    /// It may not. For tests alone, among them the one that shows that its counter of syncs can
    /// fail.
    None,
}
