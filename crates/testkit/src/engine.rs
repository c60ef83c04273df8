//! The database engine that tests run on: SQLite, unless the variable `COUNTERFOIL_TEST_ENGINE`
//! names another one.
//!
//! A test does not ask which it is. One that is about an engine alone says so by [`sqlite_only`];
//! it then runs on SQLite whatever the variable says, so nothing is ever skipped.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use counterfoil_store::{DatabaseLocation, PostgresOptions, StatementMode};
use rusqlite::types::ValueRef;

use crate::folder;
use crate::postgres::{self, Database, HeldTables, OpenTransaction, Pooler};

/// How long a patient world or program waits for the database: less than clients wait for an
/// answer.
pub(crate) const PATIENCE: Duration = Duration::from_secs(40);

/// The variable that names the engine.
const VARIABLE: &str = "COUNTERFOIL_TEST_ENGINE";

/// See the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// A file of the test's own.
    Sqlite,
    /// A database of the test's own in the server that [`postgres::shared`] is.
    Postgres,
    /// The same through PgBouncer, in transaction mode.
    PgBouncer,
}

/// The engine that this run is about.
pub fn chosen() -> Engine {
    static CHOSEN: OnceLock<Engine> = OnceLock::new();
    *CHOSEN.get_or_init(|| {
        #[expect(
            clippy::disallowed_methods,
            reason = "what a run is about is no setting of the program"
        )]
        let named = std::env::var(VARIABLE);
        match named.as_deref() {
            Err(_) | Ok("sqlite") => Engine::Sqlite,
            Ok("postgres") => Engine::Postgres,
            Ok("pgbouncer") => Engine::PgBouncer,
            Ok(other) => panic!("{VARIABLE} is {other}; it may be sqlite, postgres or pgbouncer"),
        }
    })
}

/// How often a test repeats what it does so often on its own engine: a quarter of it behind
/// PgBouncer.
///
/// There it is the same server that was asked the same before, in a run of its own with the whole
/// number. What a pooler adds, another connection for every transaction, it adds in each round.
pub fn fewer_behind_a_pooler(times: usize) -> usize {
    match chosen() {
        Engine::Sqlite | Engine::Postgres => times,
        Engine::PgBouncer => times.div_ceil(4),
    }
}

/// SQLite, for a test that is about SQLite alone. Why goes to whoever reads the test.
pub fn sqlite_only(_why: &'static str) -> Engine {
    Engine::Sqlite
}

/// A database of a test's own, for looking into it and for doing to it what no user of the program
/// does.
#[derive(Debug)]
pub enum TestDatabase {
    /// A file, which is made by whoever opens it first.
    Sqlite(PathBuf),
    /// A database of the server that all tests share, and what stands before it.
    Postgres(Database, Option<&'static Pooler>),
}

/// See [`TestDatabase::hold`].
#[derive(Debug)]
pub enum Held {
    /// A transaction that holds the file.
    Sqlite(rusqlite::Connection),
    /// A transaction that holds every table.
    Postgres(HeldTables),
}

/// See [`TestDatabase::begin`].
#[derive(Debug)]
pub enum Begun {
    /// In a file.
    Sqlite(rusqlite::Connection),
    /// On a server.
    Postgres(OpenTransaction),
}

impl Begun {
    /// Commits it.
    #[track_caller]
    pub fn commit(self) {
        match self {
            Self::Sqlite(connection) => {
                let committed = connection.execute_batch("COMMIT");
                committed.expect("it can be committed");
            }
            Self::Postgres(transaction) => transaction.commit(),
        }
    }
}

impl TestDatabase {
    /// Where a world finds it.
    pub fn location(&self) -> DatabaseLocation {
        match self {
            Self::Sqlite(file) => DatabaseLocation::Sqlite(file.clone()),
            Self::Postgres(database, None) => {
                DatabaseLocation::Postgres(Box::new(database.options()))
            }
            Self::Postgres(database, Some(pooler)) => {
                let url = pooler.url(database.name());
                DatabaseLocation::Postgres(Box::new(pooled(&url, database)))
            }
        }
    }

    /// Where it is, for a store that waits on it as long as a machine under load may take, or for
    /// one as it is shipped.
    pub(crate) fn location_for(&self, patient: bool) -> DatabaseLocation {
        let mut location = self.location();
        if let (true, DatabaseLocation::Postgres(options)) = (patient, &mut location) {
            options.connect_timeout = PATIENCE;
            options.statement_timeout = PATIENCE;
            options.lock_timeout = PATIENCE;
        }
        location
    }

    /// Settings that let the program find it, as variables: nothing for a file in its data folder.
    /// From inside a network namespace servers are reached by Unix sockets alone.
    pub(crate) fn environment(&self, in_namespace: bool) -> Vec<(&'static str, String)> {
        let Self::Postgres(database, pooler) = self else {
            return Vec::new();
        };
        let direct = if in_namespace {
            database.socket_url()
        } else {
            database.url()
        };
        let Some(pooler) = pooler else {
            return vec![("COUNTERFOIL_DATABASE_URL", direct)];
        };
        let url = if in_namespace {
            pooler.socket_url(database.name())
        } else {
            pooler.url(database.name())
        };
        vec![
            ("COUNTERFOIL_DATABASE_URL", url),
            (
                "COUNTERFOIL_DATABASE__UNNAMED_STATEMENTS",
                "true".to_owned(),
            ),
            ("COUNTERFOIL_DATABASE__LISTEN_URL", direct),
        ]
    }

    /// Lets nobody write until the value is dropped; who reads does not notice.
    pub fn hold(&self) -> Held {
        match self {
            Self::Sqlite(file) => {
                let connection = sqlite(file);
                let begin = connection.execute_batch("BEGIN IMMEDIATE");
                begin.expect("nobody else holds the database");
                Held::Sqlite(connection)
            }
            Self::Postgres(database, _) => Held::Postgres(database.hold()),
        }
    }

    /// Runs statements in it, in a transaction that stays open. In a file nobody else writes
    /// meanwhile.
    #[track_caller]
    pub fn begin(&self, sql: &str) -> Begun {
        match self {
            Self::Sqlite(file) => {
                let connection = sqlite(file);
                let begun = connection.execute_batch(&format!("BEGIN IMMEDIATE; {sql}"));
                begun.expect(sql);
                Begun::Sqlite(connection)
            }
            Self::Postgres(database, _) => Begun::Postgres(database.begin(sql)),
        }
    }

    /// Runs statements in it.
    #[track_caller]
    pub fn run(&self, sql: &str) {
        match self {
            Self::Sqlite(file) => sqlite(file).execute_batch(sql).expect(sql),
            Self::Postgres(database, _) => database.run(sql),
        }
    }

    /// The rows that a statement answers with, as texts.
    #[track_caller]
    pub fn rows(&self, sql: &str) -> Vec<Vec<Option<String>>> {
        match self {
            Self::Sqlite(file) => sqlite_rows(file, sql).expect(sql),
            Self::Postgres(database, _) => database.rows(sql),
        }
    }

    /// The first column of the first row that a statement answers with.
    #[track_caller]
    pub fn look_up(&self, sql: &str) -> Option<String> {
        self.rows(sql).into_iter().next()?.into_iter().next()?
    }
}

/// The database that belongs to a folder, the same whenever the folder is. On SQLite it is this
/// file in it.
pub(crate) fn database_of(engine: Engine, folder: &Path, file: &str) -> Arc<TestDatabase> {
    let pooler = match engine {
        Engine::Sqlite => return Arc::new(TestDatabase::Sqlite(folder.join(file))),
        Engine::Postgres => None,
        Engine::PgBouncer => Some(shared_pooler()),
    };
    let make = || TestDatabase::Postgres(Database::new(), pooler);
    folder::kept_with(folder, make)
}

/// The pooler before the server that all tests share.
fn shared_pooler() -> &'static Pooler {
    static POOLER: OnceLock<Pooler> = OnceLock::new();
    POOLER.get_or_init(|| Pooler::before(postgres::shared()))
}

fn pooled(url: &str, database: &Database) -> PostgresOptions {
    let mut options = postgres::options(url);
    options.statements = StatementMode::Unnamed;
    options.listen_at(&database.options());
    options
}

fn sqlite(file: &Path) -> rusqlite::Connection {
    rusqlite::Connection::open(file).expect("the database is there")
}

fn sqlite_rows(file: &Path, sql: &str) -> rusqlite::Result<Vec<Vec<Option<String>>>> {
    let connection = sqlite(file);
    let mut statement = connection.prepare(sql)?;
    let columns = statement.column_count();
    let rows = statement.query_map([], |row| {
        (0..columns)
            .map(|column| row.get_ref(column).map(text))
            .collect()
    })?;
    rows.collect()
}

fn text(value: ValueRef<'_>) -> Option<String> {
    match value {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Real(number) => Some(number.to_string()),
        ValueRef::Text(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
        // As PostgreSQL shows them.
        ValueRef::Blob(bytes) => Some(format!("\\x{}", data_encoding::HEXLOWER.encode(bytes))),
    }
}
