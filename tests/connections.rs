//! Connections to the shipped program: slow ones, broken ones, many at once, encrypted ones, and
//! what becomes of them when it stops. Whatever a client sends is answered below 500 or ends in a
//! closed connection, and never in a panic.

mod crowd;
mod encryption;
mod listeners;
mod pressure;
mod proxies;
mod refusals;
mod requests;
mod stopping;
mod strange_bytes;
mod waiting;

use std::net::TcpStream;
use std::time::Duration;

use counterfoil_testkit::TestFolder;
use counterfoil_testkit::process::{Connection, Person, Program, Reply, Running, basic};
use serde_json::{Value, json};

/// How long one read or write of a bare socket may take before it counts as a hang.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often something is asked for that must come about soon; each time costs a request.
const ATTEMPTS: usize = 20_000;

/// What the program says before each address.
const LISTENING: &str = "listening on ";

/// What the program says after SIGHUP.
const RELOADED: &str = "the settings were reloaded";

/// A folder with one user, in which a server can be started.
struct Stage {
    program: Program,
    user: Person,
    // Dropped last, when nothing works in it any more.
    folder: TestFolder,
}

/// A server, which must not have panicked when it goes.
struct Server {
    running: Running,
}

impl Stage {
    /// With these settings, as variables without the prefix that all of them have.
    fn with(settings: &[(&str, &str)]) -> Self {
        let folder = TestFolder::in_memory();
        let mut program = Program::build_in(folder.path()).with_cheap_passwords();
        let user = program.add_user("octocat");
        for (name, value) in settings {
            program = program.with_environment(&format!("COUNTERFOIL_{name}"), value);
        }
        Self {
            program,
            user,
            folder,
        }
    }

    fn start(&self, arguments: &[&str]) -> Server {
        let running = self.program.start_serve(arguments);
        Server { running }
    }

    /// The value of the header by which the user signs in.
    fn authorization(&self) -> String {
        basic(&self.user.login, &self.user.password)
    }

    /// A request that makes a token with this note.
    fn creation(&self, note: &str, headers: &[(&str, &str)]) -> Vec<u8> {
        let authorization = self.authorization();
        let all = [headers, &[("authorization", authorization.as_str())]].concat();
        let body = json!({ "note": note });
        counterfoil_testkit::process::request("POST", CREATION, &all, Some(&body))
    }

    /// The addresses that tokens were made from, as the audit trail has them, oldest first.
    fn addresses_of_creations(&self) -> Vec<String> {
        let trail = self.program.audit_trail();
        let made = trail
            .iter()
            .filter(|event| event["authorization_id"].is_i64());
        let address = |event: &Value| event["address"].as_str().expect("an address").to_owned();
        made.map(address).collect()
    }
}

/// Where tokens are made.
const CREATION: &str = "/api/v3/authorizations";

impl Server {
    fn connect(&self) -> Connection {
        Connection::open(&self.running.base_url).expect("the server accepts connections")
    }

    /// A bare socket to the first address.
    fn socket(&self) -> TcpStream {
        socket_to(&self.running.base_url)
    }

    /// Sends bytes over a connection of their own and reads the answer.
    #[track_caller]
    fn answer_to(&self, bytes: &[u8]) -> Reply {
        let mut connection = self.connect();
        // The server may refuse before it has read everything, so a write that fails still leaves
        // an answer.
        let _ = connection.send(bytes);
        connection
            .reply()
            .unwrap_or_else(|error| panic!("no answer to {}: {error}", shown(bytes)))
    }

    /// Asks for something that every server answers.
    #[track_caller]
    fn ask(&self) {
        let alive = self.connect().ask("GET", "/healthz", &[], None);
        alive.expect("the server answers").assert_status(200);
    }

    /// Asks until the log has this text.
    #[track_caller]
    fn wait_for_log(&self, wanted: &str, ask: impl Fn()) {
        for _ in 0..ATTEMPTS {
            if self.running.stderr().contains(wanted) {
                return;
            }
            ask();
        }
        let said = self.running.stderr();
        panic!("the log never said {wanted}:\n{said}");
    }

    /// The address that begins with this.
    fn address(&self, beginning: &str) -> String {
        let wanted = format!("{LISTENING}{beginning}");
        self.wait_for_log(&wanted, || self.ask());
        let said = self.running.stderr();
        let line = said.lines().find(|line| line.starts_with(&wanted));
        let address = &line.expect("the log has it")[LISTENING.len()..];
        address.trim_end_matches('/').to_owned()
    }

    /// Demands that the server still serves and never panicked.
    #[track_caller]
    fn is_well(&self) {
        self.ask();
        // Whatever was said before the reloading is here once that is.
        self.running.hang_up();
        self.wait_for_log(RELOADED, || self.ask());
        assert_calm(&self.running.stderr());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert_calm(&self.running.stderr());
        }
    }
}

#[track_caller]
fn assert_calm(said: &str) {
    assert!(!said.contains("panicked"), "{said}");
}

fn socket_to(base_url: &str) -> TcpStream {
    let address = base_url
        .split_once("://")
        .map_or(base_url, |(_, rest)| rest);
    let socket = TcpStream::connect(address).expect("the server accepts connections");
    let limits = [
        socket.set_nodelay(true),
        socket.set_read_timeout(Some(PATIENCE)),
        socket.set_write_timeout(Some(PATIENCE)),
    ];
    for limit in limits {
        limit.expect("a socket takes its options");
    }
    socket
}

/// The beginning of what was sent, for messages.
fn shown(bytes: &[u8]) -> String {
    bytes[..bytes.len().min(120)].escape_ascii().to_string()
}
