//! PgBouncer in transaction mode: every transaction of a client may get another connection to the
//! server.

use std::fmt::Write as _;
use std::path::Path;

use super::cluster::{Cluster, free_port};
use crate::folder::TestFolder;
use crate::installed;
use crate::process::Supervised;
use crate::unprivileged;

/// How often a start is tried when somebody else takes the port first.
const ATTEMPTS: usize = 8;

/// Fewer connections to the server than a node has to the pooler, so that clients really take turns
/// on them; two more than a node's writes can hold while they wait for each other, so that its
/// feed of changes is read meanwhile, as `docs/run/postgresql.md` asks for.
const SETTINGS: &str = "
listen_addr = 127.0.0.1
auth_type = any
pool_mode = transaction
max_client_conn = 2000
default_pool_size = 12
server_idle_timeout = 5
log_connections = 0
log_disconnections = 0
";

/// See the module. Dropping it ends it.
#[derive(Debug)]
pub struct Pooler {
    _server: Supervised,
    port: u16,
    // Last, so that the folder outlives the server.
    folder: TestFolder,
}

impl Pooler {
    /// A pooler before all databases of this server.
    pub fn before(cluster: &Cluster) -> Self {
        let folder = TestFolder::in_memory();
        unprivileged::give(folder.path());
        let mut said = String::new();
        for _ in 0..ATTEMPTS {
            let port = free_port();
            configure(folder.path(), cluster.port(), port);
            match serve(folder.path()) {
                Ok(server) => {
                    return Self {
                        _server: server,
                        port,
                        folder,
                    };
                }
                Err(failure) => said = failure,
            }
        }
        panic!("PgBouncer does not start; it said:\n{said}");
    }

    /// The URL of a database through this pooler.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// The same over a Unix socket, which is reached from other network namespaces too.
    pub fn socket_url(&self, database: &str) -> String {
        let folder = self.folder.path().to_string_lossy().replace('/', "%2F");
        format!("postgres://postgres@{folder}:{}/{database}", self.port)
    }
}

fn configure(folder: &Path, server_port: u16, port: u16) {
    let mut text = format!("[databases]\n* = host=127.0.0.1 port={server_port} user=postgres\n");
    let _ = write!(
        text,
        "[pgbouncer]\nlisten_port = {port}\nunix_socket_dir = {}\n{SETTINGS}",
        folder.display()
    );
    std::fs::write(folder.join("pgbouncer.ini"), text).expect("the folder is the test's");
}

fn serve(folder: &Path) -> Result<Supervised, String> {
    let words = [
        installed::tool("pgbouncer").into_os_string(),
        folder.join("pgbouncer.ini").into_os_string(),
    ];
    // It waits for nobody at this signal.
    Supervised::start(&words, folder, "TERM", "process up")
}
