//! What `serve` tells a service manager, and what `reload` and `health` learn from a running
//! server.

use std::fs;
use std::os::unix::net::UnixDatagram;
use std::path::PathBuf;
use std::time::Duration;

use counterfoil_testkit::process::operators::{WITH_OPS, ops_url};
use counterfoil_testkit::process::{Connection, Program, Running};
use counterfoil_testkit::{Engine, TestFolder, engine};
use serde_json::json;

/// How long the server may take to say something.
const LIMIT: Duration = Duration::from_mins(1);

/// A service manager that only listens.
struct Manager {
    socket: UnixDatagram,
    program: Program,
    folder: TestFolder,
}

impl Manager {
    fn new() -> Self {
        let engine = engine::sqlite_only("no database is part of what a service manager is told");
        let folder = TestFolder::in_memory();
        let path = folder.path().join("notify");
        let socket = UnixDatagram::bind(&path).expect("a socket can be made");
        socket.set_read_timeout(Some(LIMIT)).expect("a limit");
        let path = path.to_str().expect("the path is text");
        let program = Program::build_in(folder.path()).on(engine);
        let program = program.with_environment("NOTIFY_SOCKET", path);
        Self {
            socket,
            program,
            folder,
        }
    }

    /// The next message.
    fn hear(&self) -> String {
        let mut message = [0; 4096];
        let length = self.socket.recv(&mut message).expect("a message in time");
        String::from_utf8_lossy(&message[..length]).into_owned()
    }

    /// The next message that has a line which begins so, and all messages before it.
    fn hear_until(&self, beginning: &str) -> (Vec<String>, String) {
        let mut before = Vec::new();
        loop {
            let message = self.hear();
            if message.lines().any(|line| line.starts_with(beginning)) {
                return (before, message);
            }
            before.push(message);
        }
    }

    fn settings(&self, text: &str) -> PathBuf {
        let file = self.folder.path().join("counterfoil.toml");
        fs::write(&file, text).expect("a test can write a file");
        file
    }
}

fn status(server: &Running, path: &str) -> u16 {
    let mut connection = Connection::open(&server.base_url).expect("the server accepts");
    let reply = connection.ask("GET", path, &[], None);
    reply.expect("the server answers").status
}

#[test]
fn ready_is_said_when_the_database_is_migrated_and_requests_are_served() {
    let manager = Manager::new();
    // An empty folder: all migrations are run.
    let server = manager.program.start_serve(&[]);
    let (before, ready) = manager.hear_until("READY=1");
    let first = &before[0];
    assert!(
        first.starts_with("STATUS=opening the database\n"),
        "{first}"
    );
    // A long migration is given time.
    assert!(first.contains("EXTEND_TIMEOUT_USEC=60000000"), "{first}");
    assert!(
        !before.iter().any(|message| message.contains("READY")),
        "{before:?}"
    );
    let serving = format!("STATUS=serving on {}", server.base_url);
    assert!(ready.lines().any(|line| line == serving), "{ready}");
    assert_eq!(status(&server, "/readyz"), 200);
    let (_, stopping) = {
        let end = server.terminate();
        assert!(end.success(), "{end}");
        manager.hear_until("STOPPING=1")
    };
    assert!(stopping.contains("STATUS="), "{stopping}");
}

#[test]
fn the_watchdog_is_told_that_the_server_is_alive_and_only_then() {
    let mut manager = Manager::new();
    manager.program = manager.program.with_environment("WATCHDOG_USEC", "300000");
    let server = manager.program.start_serve(&[]);
    manager.hear_until("READY=1");
    for _ in 0..3 {
        manager.hear_until("WATCHDOG=1");
    }
    drop(server);
}

#[test]
fn a_reload_is_told_from_beginning_to_end_and_the_command_says_what_came_of_it() {
    let manager = Manager::new();
    manager.settings("[logging]\nlevel = \"info\"\n");
    let server = manager.program.start_serve(&[]);
    manager.hear_until("READY=1");
    let nothing = manager.program.json(&["reload"], "");
    assert_eq!(
        nothing,
        json!({"applied": [], "certificate_loaded": false, "needs_restart": [], "refused": []})
    );
    manager.hear_until("RELOADING=1");
    manager.hear_until("READY=1");
    manager.settings("[logging]\nlevel = \"debug\"\n\n[apps]\nper_user = 3\n");
    let output = manager.program.command(&["reload"], "").succeeded();
    assert_eq!(
        output.stdout,
        "in force now: logging.level\nneeds a restart: apps.per_user\n"
    );
    manager.hear_until("RELOADING=1");
    manager.hear_until("READY=1");
    manager.settings("public_url = \"nowhere\"\n");
    // The command itself reads no settings where the folder is given.
    let output = manager
        .program
        .command(&["reload", "--data-dir", "counterfoil-data"], "");
    assert_eq!(output.status.code(), Some(1), "{}", output.stderr);
    assert!(
        output.stdout.starts_with(
            "refused, and what was in force before stays so: counterfoil.toml: public_url is \"nowhere\""
        ),
        "{}",
        output.stdout
    );
    let (_, refused) = manager.hear_until("READY=1");
    assert!(refused.contains("the last reload was refused"), "{refused}");
    assert_eq!(status(&server, "/readyz"), 200);
    // A signal does the same, and nobody is told but the log.
    manager.settings("[logging]\nlevel = \"warn\"\n");
    server.hang_up();
    manager.hear_until("RELOADING=1");
    let (_, reloaded) = manager.hear_until("READY=1");
    assert!(!reloaded.contains("refused"), "{reloaded}");
    assert!(server.terminate().success());
    let output = manager.program.command(&["reload"], "");
    assert_eq!(output.status.code(), Some(1));
    assert!(
        output
            .stderr
            .contains("error: no `counterfoil serve` runs on"),
        "{}",
        output.stderr
    );
}

#[test]
fn health_is_what_the_running_server_says_of_itself() {
    let manager = Manager::new();
    manager.program.init();
    let output = manager.program.command(&["health"], "");
    assert_eq!(output.status.code(), Some(1));
    let server = manager.program.start_serve(&[]);
    manager.hear_until("READY=1");
    let output = manager.program.command(&["health"], "").succeeded();
    assert_eq!(output.stderr, "ready\n");
    drop(server);
    let output = manager.program.command(&["health"], "");
    assert_eq!(output.status.code(), Some(1), "a server that was killed");
}

/// With the database elsewhere and the keys in a file of their own there is no data folder, and so
/// no socket in it.
#[test]
fn without_a_data_folder_health_is_asked_for_at_the_operators_address() {
    let folder = TestFolder::in_memory();
    let keys = folder.path().join("keys");
    let keys = keys.to_str().expect("the path is text");
    let program = || {
        let program = Program::build_in(folder.path()).on(Engine::Postgres);
        program.with_environment("COUNTERFOIL_KEYS__FILE", keys)
    };
    let node = program();
    node.init();
    assert!(!folder.path().join("counterfoil-data").exists());
    let server = node.start_serve(&WITH_OPS);
    let address = ops_url(&server);
    let address = address.strip_prefix("http://").expect("plain HTTP");
    let asking = program().with_environment("COUNTERFOIL_OPS_LISTEN", address);
    let output = asking.command(&["health"], "").succeeded();
    assert!(output.stderr.ends_with("ready\n"), "{}", output.stderr);
    drop(server);
    let output = asking.command(&["health"], "");
    assert_eq!(output.status.code(), Some(1), "{}", output.stderr);
}

#[test]
fn settings_that_are_refused_end_serve_with_a_status_of_their_own() {
    let manager = Manager::new();
    manager.program.init();
    manager.settings("listen = \"everywhere\"\n");
    let ends = |words: &[&str]| manager.program.command(words, "").status.code();
    assert_eq!(ends(&["serve"]), Some(78));
    // Other commands failed as ever.
    assert_eq!(ends(&["user", "list"]), Some(1));
    assert_eq!(ends(&["serve", "--listen", "everywhere"]), Some(2));
    manager.settings("[tls]\ncert = \"nothing.crt\"\nkey = \"nothing.key\"\n");
    assert_eq!(ends(&["serve"]), Some(78));
    // An address that is taken may be free the next time.
    manager.settings("");
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let taken = listener.local_addr().expect("it has an address");
    assert_eq!(ends(&["serve", "--listen", &taken.to_string()]), Some(1));
}
