//! What a node does when the network between it and its database fails: it acknowledges nothing
//! that is not stored, accepts nothing that has ended a second ago, answers everything in time, and
//! recovers by itself.
//!
//! The network is a proxy of the test's own, through which the node reaches PostgreSQL and nobody
//! else does.

mod failover;
mod following;
mod losses;
mod staleness;
mod work;

use std::sync::Arc;
use std::time::{Duration, Instant};

use counterfoil_testkit::TestFolder;
use counterfoil_testkit::engine::Engine;
use counterfoil_testkit::postgres::{Database, shared};
use counterfoil_testkit::process::{Connection, Program, Proxy, Running};

/// How long a node may take to recover once the network does.
const RECOVERY: Duration = Duration::from_secs(5);
/// Between two looks at a node that recovers: whoever asks without a pause takes its time away.
const PAUSE: Duration = Duration::from_millis(10);
/// How long any answer may take. A request waits for a connection ([`CONNECT`]), and then for one
/// answer of the database, which the node waits for two seconds longer than a statement may run
/// ([`STATEMENT`]).
const ANSWER: Duration = Duration::from_secs(10);
const CONNECT: &str = "1s";
const STATEMENT: &str = "2s";
/// Connections that a node makes at most by its settings, and the two for the feed of changes and
/// its notifications.
const CONNECTIONS: usize = 10 + 2;

/// An installation whose node reaches its database through a proxy, and whose operator past it.
struct Site {
    /// For the node.
    node: Program,
    /// For commands.
    operator: Program,
    proxy: Arc<Proxy>,
    database: Database,
    _folder: TestFolder,
}

impl Site {
    fn new() -> Self {
        let database = Database::new();
        let proxy = Proxy::to(([127, 0, 0, 1], shared().port()).into());
        let folder = TestFolder::in_memory();
        let through = format!(
            "postgres://postgres@{}/{}",
            proxy.address(),
            database.name()
        );
        Self {
            node: program_in(&folder, &through),
            operator: program_in(&folder, &database.url()),
            proxy: Arc::new(proxy),
            database,
            _folder: folder,
        }
    }

    /// Waits until nothing is open in the database that a node began.
    fn wait_until_nothing_is_open(&self) {
        let open = format!(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = '{}' AND application_name = 'counterfoil'
                AND state <> 'idle'",
            self.database.name()
        );
        shared().wait_until("postgres", &open, "0");
    }
}

fn program_in(folder: &TestFolder, url: &str) -> Program {
    Program::build_in(folder.path())
        // The tests here choose the database themselves.
        .on(Engine::Sqlite)
        .with_cheap_passwords()
        .with_any_number_of_changes()
        .with_environment("COUNTERFOIL_DATABASE_URL", url)
        .with_environment("COUNTERFOIL_DATABASE__CONNECTIONS", "10")
        .with_environment("COUNTERFOIL_DATABASE__CONNECT_TIMEOUT", CONNECT)
        .with_environment("COUNTERFOIL_DATABASE__STATEMENT_TIMEOUT", STATEMENT)
        .with_environment("COUNTERFOIL_DATABASE__LOCK_TIMEOUT", CONNECT)
        .with_environment("COUNTERFOIL_TOKENS__LIVE_PER_SCOPE_SET", "10000")
        .with_environment("COUNTERFOIL_TOKENS__LIVE_PER_USER", "100000")
        .with_environment("COUNTERFOIL_CHECKS__UNKNOWN_PER_SECOND", "0")
        .with_environment("COUNTERFOIL_LOGGING__LEVEL", "error")
}

/// Waits until a node can write, and tells how long that took.
fn wait_until_ready(server: &Running) -> Duration {
    let begun = Instant::now();
    while readiness(server) != 200 {
        assert!(
            begun.elapsed() < RECOVERY,
            "the node does not recover; it said:\n{}",
            server.stderr()
        );
        std::thread::sleep(PAUSE);
    }
    begun.elapsed()
}

fn readiness(server: &Running) -> u16 {
    let mut connection =
        Connection::open(&server.base_url).expect("the server accepts connections");
    let answer = connection.ask("GET", "/readyz", &[], None);
    answer.expect("the server answers").status
}
