//! What stands around a server that orders certificates: an authority that other people wrote,
//! Pebble, a front before it that behaves as a test says, and clients, all in a network of the
//! test's own.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use counterfoil_testkit::TestFolder;
use counterfoil_testkit::installed;
use counterfoil_testkit::process::{NetworkNamespace, Output, Program, Running, finish};
use serde_json::{Value, json};

/// The name that certificates are for.
pub(super) const NAME: &str = "tokens.example.org";
/// Another one that means the same machine.
pub(super) const OTHER_NAME: &str = "tokens.example.net";
const AUTHORITY: &str = "acme.example.test";
/// Where its front says what it can be asked.
pub(super) const DIRECTORY_URL: &str = "https://acme.example.test:14001/dir";
const OPERATORS: &str = "127.0.0.1:9090";
/// How long something may take that is done on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);
/// How often a server is asked that just starts.
const ATTEMPTS: usize = 1_000;

/// See the module.
pub(super) struct Stage {
    pub(super) program: Program,
    pebble: Option<Process>,
    _front: Process,
    namespace: NetworkNamespace,
    /// Dropped last, when nothing works in it any more.
    folder: TestFolder,
}

/// How the authority is set.
#[derive(Clone, Copy)]
pub(super) struct Authority {
    /// How long its certificates are valid, in seconds.
    pub(super) validity: u64,
    /// Where it looks for the answers to its challenges.
    pub(super) port: u16,
    /// The id and the key, in base64url, of the one account that it lets others be bound to.
    pub(super) account: Option<(&'static str, &'static str)>,
}

impl Default for Authority {
    fn default() -> Self {
        Self {
            validity: 86_400,
            port: 443,
            account: None,
        }
    }
}

/// A program that serves until it is dropped.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Stage {
    /// With an installation, and settings by which it orders.
    pub(super) fn set(authority: Authority) -> Self {
        let mut stage = Self::without_settings(authority);
        stage.program = stage
            .program
            .with_environment("COUNTERFOIL_PUBLIC_URL", &format!("https://{NAME}"))
            .with_environment("COUNTERFOIL_ACME__DIRECTORY_URL", DIRECTORY_URL)
            .with_environment("COUNTERFOIL_ACME__TERMS_AGREED", "true")
            .with_environment("COUNTERFOIL_ACME__TLS_CA_FILE", "authority.crt");
        stage.program.init();
        stage
    }

    pub(super) fn without_settings(authority: Authority) -> Self {
        let namespace = NetworkNamespace::with_hosts(&[NAME, OTHER_NAME, AUTHORITY]);
        let folder = TestFolder::in_memory();
        make_certificate(folder.path());
        let program = Program::with_movable_clock(folder.path())
            .with_cheap_passwords()
            .inside(&namespace);
        let front = start_front(&namespace, folder.path());
        let mut stage = Self {
            program,
            pebble: None,
            _front: front,
            namespace,
            folder,
        };
        stage.be("pass");
        stage.start_authority(authority);
        stage
    }

    /// Has the front behave so from here on.
    pub(super) fn be(&self, manner: &str) {
        let written = self.path("manner.new");
        fs::write(&written, manner).expect("the folder is the test's own");
        fs::rename(written, self.path("manner")).expect("the folder is the test's own");
    }

    /// How often the front was asked this, such as `POST /order-plz`.
    pub(super) fn times_asked(&self, request: &str) -> usize {
        let asked = fs::read_to_string(self.path("asked")).unwrap_or_default();
        asked.lines().filter(|line| *line == request).count()
    }

    /// Starts the authority, which remembers nothing of an earlier one.
    pub(super) fn start_authority(&mut self, authority: Authority) {
        self.stop_authority();
        let file = self.path("pebble.json");
        fs::write(&file, settings(authority).to_string()).expect("the folder is the test's own");
        let log = fs::File::create(self.path("pebble.log")).expect("the folder is the test's own");
        let child = self
            .namespace
            .command(installed::pebble(), self.folder.path())
            .args(["-config", "pebble.json"])
            // It would wait for seconds before each look, and refuse some requests and skip some
            // looks by chance.
            .envs([
                ("PEBBLE_VA_NOSLEEP", "1"),
                ("PEBBLE_WFE_NONCEREJECT", "0"),
                ("PEBBLE_AUTHZREUSE", "0"),
            ])
            .stdin(Stdio::null())
            .stdout(log)
            .spawn()
            .expect("pebble can be started");
        self.pebble = Some(Process(child));
        let directory = "https://127.0.0.1:14000/dir";
        self.ask_until(&["--cacert", "authority.crt", directory], "newOrder");
        let root = "https://127.0.0.1:15000/roots/0";
        let root = self.ask_until(&["--cacert", "authority.crt", root], "CERTIFICATE");
        fs::write(self.path("root.crt"), root).expect("the folder is the test's own");
    }

    pub(super) fn stop_authority(&mut self) {
        self.pebble = None;
    }

    pub(super) fn serve(&self) -> Running {
        let listen = ["--listen", "127.0.0.1:443", "--ops-listen", OPERATORS];
        self.program.start_serve(&listen)
    }

    /// What curl prints of an answer that must hold this text, however often it must be asked for.
    #[track_caller]
    fn ask_until(&self, arguments: &[&str], wanted: &str) -> String {
        for _ in 0..ATTEMPTS {
            let answer = self.curl(arguments);
            if answer.stdout.contains(wanted) {
                return answer.stdout;
            }
        }
        panic!("nobody answers {arguments:?} with {wanted}");
    }

    fn curl(&self, arguments: &[&str]) -> Output {
        let mut command = self
            .namespace
            .command(installed::tool("curl"), self.folder.path());
        command.args(["-q", "--silent", "--max-time", "30", "--noproxy", "*"]);
        run(command.args(arguments), "curl")
    }

    /// What is answered on the operators' port.
    pub(super) fn ask_operators(&self, path: &str) -> String {
        self.curl(&[&format!("http://{OPERATORS}{path}")]).stdout
    }

    /// The value of a metric.
    #[track_caller]
    pub(super) fn metric(&self, name: &str) -> String {
        let told = self.ask_operators("/metrics");
        let mut lines = told.lines();
        let value = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        value
            .unwrap_or_else(|| panic!("{name} is not told: {told}"))
            .to_owned()
    }

    /// Asks the server as clients do that trust the authority, by this name.
    pub(super) fn ask_as_client(&self, name: &str) -> String {
        let url = format!("https://{name}/healthz");
        self.curl(&["--cacert", "root.crt", &url]).stdout
    }

    /// The certificate that clients are shown, in PEM; none if they are refused.
    pub(super) fn shown(&self) -> Option<String> {
        let mut command = self.client();
        let said = run(command.stdin(Stdio::null()), "openssl").stdout;
        let (_, rest) = said.split_once("-----BEGIN CERTIFICATE-----")?;
        let (body, _) = rest.split_once("-----END CERTIFICATE-----")?;
        Some(body.to_owned())
    }

    fn client(&self) -> Command {
        let mut command = self
            .namespace
            .command(installed::tool("openssl"), self.folder.path());
        command.args(["s_client", "-connect", "127.0.0.1:443"]);
        command.args(["-servername", NAME, "-alpn", "http/1.1"]);
        command
    }

    /// A client that keeps its connection.
    pub(super) fn connect(&self) -> Kept {
        let mut child = self
            .client()
            .arg("-quiet")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("openssl can be started");
        let stdin = child.stdin.take().expect("standard input was piped");
        let stdout = child.stdout.take().expect("standard output was piped");
        let (line, lines) = channel();
        thread::spawn(move || {
            for read in BufReader::new(stdout).lines().map_while(Result::ok) {
                // Nobody listens any more.
                let _ = line.send(read);
            }
        });
        Kept {
            stdin,
            lines,
            _process: Process(child),
        }
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// A connection that is open as long as this lives.
pub(super) struct Kept {
    stdin: ChildStdin,
    lines: Receiver<String>,
    _process: Process,
}

impl Kept {
    /// Asks for something that every server answers with `ok`.
    #[track_caller]
    pub(super) fn ask(&mut self) {
        let request = format!("GET /healthz HTTP/1.1\r\nHost: {NAME}\r\n\r\n");
        self.stdin
            .write_all(request.as_bytes())
            .expect("the connection is open");
        loop {
            let line = self.lines.recv_timeout(PATIENCE);
            if line.expect("the server answers") == "ok" {
                return;
            }
        }
    }
}

/// Waits until the log has a sentence so often.
#[track_caller]
pub(super) fn wait_for(server: &Running, sentence: &str, times: usize) {
    let begun = std::time::Instant::now();
    while server.stderr().matches(sentence).count() < times {
        assert!(
            begun.elapsed() < PATIENCE,
            "the log does not say {times} times: {sentence}\n{}",
            server.stderr()
        );
        thread::yield_now();
    }
}

fn start_front(namespace: &NetworkNamespace, folder: &Path) -> Process {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("acme/front.py");
    let mut child = namespace
        .command(installed::python(), folder)
        .arg(script)
        .arg(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the front can be started");
    let stdout = child.stdout.take().expect("standard output was piped");
    let mut ready = String::new();
    let read = BufReader::new(stdout).read_line(&mut ready);
    assert!(read.is_ok() && ready == "ready\n", "the front says {ready}");
    Process(child)
}

fn settings(authority: Authority) -> Value {
    let keys = authority
        .account
        .map(|(id, key)| (id.to_owned(), json!(key)));
    let keys: serde_json::Map<String, Value> = keys.into_iter().collect();
    json!({"pebble": {
        "listenAddress": "127.0.0.1:14000",
        "managementListenAddress": "127.0.0.1:15000",
        "certificate": "authority.crt",
        "privateKey": "authority.key",
        "httpPort": 80,
        "tlsPort": authority.port,
        "externalAccountBindingRequired": authority.account.is_some(),
        "externalAccountMACKeys": keys,
        "retryAfter": {"authz": 1, "order": 1},
        "keyAlgorithm": "ecdsa",
        "profiles": {"default": {"description": "the one", "validityPeriod": authority.validity}},
    }})
}

/// Makes the certificate by which the authority itself is encrypted.
fn make_certificate(folder: &Path) {
    let mut command = Command::new(installed::tool("openssl"));
    let words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -extensions usr_cert \
                 -keyout authority.key -out authority.crt";
    command
        .current_dir(folder)
        .args(words.split_whitespace())
        .args(["-subj", &format!("/CN={AUTHORITY}"), "-addext"])
        .arg(format!("subjectAltName=DNS:{AUTHORITY},IP:127.0.0.1"));
    run(&mut command, "openssl").succeeded();
}

fn run(command: &mut Command, name: &str) -> Output {
    let child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the tool can be started");
    finish(child, name, PATIENCE)
}
