//! Databases of a PostgreSQL server, one for each test.

use std::sync::OnceLock;

use counterfoil_domain::audit::WriterId;
use counterfoil_store::{
    DatabaseLocation, Durability, OpenError, OpenOptions, PostgresOptions, SchemaState,
    StatementMode, Store,
};
use counterfoil_testkit::postgres::{Database, OpenTransaction, Pooler, shared};

/// Half of them write: enough that several transactions of one node meet.
const CONNECTIONS: usize = 8;

/// How a test reaches its database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// By connections of its own.
    Direct,
    /// Through a pooler that gives every transaction another connection.
    Pooled,
}

/// A database of its own, gone with its test.
#[derive(Debug)]
pub(crate) struct ServerDatabase {
    database: Database,
    way: Way,
}

impl ServerDatabase {
    /// A new one with the schema.
    pub(crate) fn new(way: Way) -> Self {
        Self {
            database: Database::new(),
            way,
        }
    }

    /// How to connect to it.
    pub(crate) fn options(&self) -> PostgresOptions {
        let mut direct = self.database.options();
        direct.connections = CONNECTIONS;
        if self.way == Way::Direct {
            return direct;
        }
        let url = pooler().url(self.database.name());
        let mut pooled = PostgresOptions::parse(&url).expect("a good URL");
        pooled.connections = direct.connections;
        pooled.clock = direct.clock;
        pooled.statements = StatementMode::Unnamed;
        pooled
    }

    /// Whether every transaction has another connection.
    pub(crate) fn is_pooled(&self) -> bool {
        self.way == Way::Pooled
    }

    pub(crate) fn open(&self, writer: &str) -> Result<Store, OpenError> {
        open(self.options(), writer, SchemaState::Require)
    }

    /// Runs statements in a transaction of somebody else's that stays open.
    pub(crate) fn begin(&self, sql: &str) -> OpenTransaction {
        self.database.begin(sql)
    }

    /// Runs statements that answer nothing.
    pub(crate) fn run(&self, sql: &str) {
        self.database.run(sql);
    }

    /// Returns when this many statements of the store wait for a lock that somebody has.
    pub(crate) async fn wait_for_waiting(&self, count: usize) {
        let question = "SELECT count(*)::text FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock'";
        while self.look_up(question) != [count.to_string()] {
            tokio::task::yield_now().await;
        }
    }

    /// The first column of each row that a question gives, as text.
    pub(crate) fn look_up(&self, question: &str) -> Vec<String> {
        let rows = self.database.rows(question).into_iter();
        let first = rows.filter_map(|row| row.into_iter().next());
        first
            .map(|value| value.unwrap_or_else(|| "null".to_owned()))
            .collect()
    }
}

/// One pooler for all tests.
fn pooler() -> &'static Pooler {
    static POOLER: OnceLock<Pooler> = OnceLock::new();
    POOLER.get_or_init(|| Pooler::before(shared()))
}

pub(crate) fn open(
    server: PostgresOptions,
    writer: &str,
    schema: SchemaState,
) -> Result<Store, OpenError> {
    Store::open(&OpenOptions {
        location: DatabaseLocation::Postgres(Box::new(server)),
        writer: WriterId(writer.to_owned()),
        schema,
        durability: Durability::Full,
    })
}
