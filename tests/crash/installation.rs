//! What is killed: the program over a database that lasts, of either engine.

use std::time::Instant;

use counterfoil_testkit::TestFolder;
use counterfoil_testkit::engine::Engine;
use counterfoil_testkit::postgres::{Cluster, ClusterOptions};
use counterfoil_testkit::process::{Connection, Program, Running};

use super::PATIENCE;

/// The database in a server of the test's own.
const DATABASE: &str = "crash";
/// Connections to it, apart from the one that asks.
const CONNECTED: &str = "SELECT count(*) FROM pg_stat_activity WHERE datname = 'crash'";

/// A program, and where it keeps what it keeps.
pub(crate) struct Installation {
    pub(crate) program: Program,
    /// On PostgreSQL, the server.
    cluster: Option<Cluster>,
    // Last, so that it outlives the rest.
    _folder: TestFolder,
}

impl Installation {
    /// With a file in its data folder.
    pub(crate) fn on_sqlite() -> Self {
        let folder = TestFolder::on_disk();
        Self {
            program: program_in(&folder),
            cluster: None,
            _folder: folder,
        }
    }

    /// With a PostgreSQL server of its own that syncs to the disk.
    pub(crate) fn on_postgres() -> Self {
        let cluster = Cluster::start(ClusterOptions {
            lasting: true,
            ..ClusterOptions::default()
        });
        cluster.create_database(DATABASE);
        let folder = TestFolder::on_disk();
        Self {
            program: program_in(&folder)
                .with_environment("COUNTERFOIL_DATABASE_URL", &cluster.url(DATABASE)),
            cluster: Some(cluster),
            _folder: folder,
        }
    }

    /// Sets a variable of the program's environment.
    pub(crate) fn with_environment(mut self, name: &str, value: &str) -> Self {
        self.program = self.program.with_environment(name, value);
        self
    }

    /// Runs statements in the database.
    pub(crate) fn run(&self, sql: &str) {
        match &self.cluster {
            Some(cluster) => cluster.run(DATABASE, sql),
            None => self.program.database().run(sql),
        }
    }

    /// The first column of the first row that a statement answers with.
    pub(crate) fn look_up(&self, sql: &str) -> Option<String> {
        match &self.cluster {
            Some(cluster) => cluster.look_up(DATABASE, sql),
            None => self.program.database().look_up(sql),
        }
    }

    /// Looks until a statement answers with this.
    pub(crate) fn wait_until(&self, sql: &str, wanted: &str) {
        if let Some(cluster) = &self.cluster {
            return cluster.wait_until(DATABASE, sql, wanted);
        }
        let begun = Instant::now();
        while self.look_up(sql).as_deref() != Some(wanted) {
            assert!(begun.elapsed() < PATIENCE, "{sql} never answers {wanted}");
            std::thread::yield_now();
        }
    }

    /// The database's server, where there is one.
    pub(crate) fn cluster(&self) -> Option<&Cluster> {
        self.cluster.as_ref()
    }

    /// Starts what was killed: the database's server, and the program unless it is left. Returns
    /// the program once it works.
    pub(crate) fn start_again(&self, left: Option<Running>) -> Running {
        if let Some(cluster) = &self.cluster {
            if !cluster.is_running() {
                cluster.start_again();
            }
            if left.is_none() {
                // A database's server may take a moment to see that its client is gone, and may
                // commit what it was sent.
                cluster.wait_until("postgres", CONNECTED, "0");
            }
        }
        if let Some(left) = left {
            wait_until_ready(&left);
            return left;
        }
        self.program.start_serve(&[])
    }
}

/// Waits until a program can write again, which it finds out by itself.
fn wait_until_ready(server: &Running) {
    let begun = Instant::now();
    loop {
        let mut connection =
            Connection::open(&server.base_url).expect("the server accepts connections");
        let readiness = connection.ask("GET", "/readyz", &[], None);
        if readiness.expect("the server answers").status == 200 {
            return;
        }
        assert!(
            begun.elapsed() < PATIENCE,
            "the program does not recover; it said:\n{}",
            server.stderr()
        );
        std::thread::yield_now();
    }
}

/// The program as all rounds use it.
pub(crate) fn program_in(folder: &TestFolder) -> Program {
    Program::build_in(folder.path())
        // The tests here choose the database themselves.
        .on(Engine::Sqlite)
        .with_cheap_passwords()
        .with_any_number_of_changes()
        // The bounds on tokens end some or refuse others, which is another test's subject.
        .with_environment("COUNTERFOIL_TOKENS__LIVE_PER_SCOPE_SET", "10000")
        .with_environment("COUNTERFOIL_TOKENS__LIVE_PER_USER", "100000")
        // Every token that ever ended is sent again, all from one address.
        .with_environment("COUNTERFOIL_CHECKS__UNKNOWN_PER_SECOND", "0")
        // A log line for each change would be most of the output.
        .with_environment("COUNTERFOIL_LOGGING__LEVEL", "warn")
}
