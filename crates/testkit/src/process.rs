//! The real program as a process of its own: for what cannot be seen from inside one, such as other
//! people's clients, the command line, signals and `kill -9`.
//!
//! Every wait here has a limit, nothing sleeps, and only processes that were started here are ended
//! here.

mod browser;
mod connection;
pub mod counted;
mod ending;
mod failing_calls;
mod flows;
mod holder;
mod mounts;
mod movable_clock;
mod namespace;
pub mod operators;
mod proxy;
mod setup;
mod supervised;
pub mod unsynced;

use std::borrow::Cow;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use parking_lot::Mutex;

use crate::engine::{self, Engine, TestDatabase};
use crate::installed;
use crate::secrets;
use crate::unprivileged;

pub use self::browser::Browser;
pub use self::connection::{Connection, Reply, basic, request};
pub use self::ending::{Output, finish};
pub use self::failing_calls::FailingCalls;
pub use self::mounts::MountNamespace;
pub use self::movable_clock::MovableClock;
pub use self::namespace::NetworkNamespace;
pub use self::proxy::{Loss, Manner, Proxy};
pub use self::setup::{ApiClient, FIRST_APPS, FIRST_EVENTS, OauthApp, Person};
pub(crate) use self::supervised::Supervised;

/// How long a start may take before it counts as a hang: a first start makes keys and a schema on a
/// busy machine.
const START_LIMIT: Duration = Duration::from_mins(1);

/// How long a command or a graceful stop may take before it counts as a hang.
const END_LIMIT: Duration = Duration::from_mins(2);

/// How much of what a server said is printed when the test that it ran for fails.
const LAST_LINES: usize = 40;

/// What `serve` prints, before the address, once it accepts connections.
const LISTENING: &str = "listening on ";

/// The database's file in a program's folder, where it is one.
const DATABASE_FILE: &str = "counterfoil-data/counterfoil.db";

/// The program, and the folder that it works in.
pub struct Program {
    binary: PathBuf,
    folder: PathBuf,
    prefix: Vec<OsString>,
    environment: Vec<(OsString, OsString)>,
    engine: Engine,
    in_namespace: bool,
}

/// A `serve` that accepts connections. Dropping it kills it.
pub struct Running {
    /// The first address that it listens on, without a slash at the end.
    pub base_url: String,
    child: Option<Child>,
    stderr: Arc<Mutex<String>>,
    follower: Option<JoinHandle<()>>,
}

impl Program {
    /// The program with this folder as its working directory, which is made if it is not there. Its
    /// data goes to `counterfoil-data` in it.
    pub fn build_in(folder: impl AsRef<Path>) -> Self {
        Self::of(installed::program(), folder)
    }

    /// Another program of ours in its place.
    pub fn of(binary: PathBuf, folder: impl AsRef<Path>) -> Self {
        let folder = folder.as_ref().to_path_buf();
        std::fs::create_dir_all(&folder).expect("the test's folder can be made");
        let hidden = MountNamespace::without_our_settings();
        Self {
            binary,
            prefix: hidden.map_or_else(Vec::new, |namespace| namespace.entry(&folder)),
            folder,
            environment: Vec::new(),
            engine: engine::chosen(),
            in_namespace: false,
        }
    }

    /// Keeps what it keeps in this engine, whatever the run is about.
    #[must_use]
    pub fn on(mut self, engine: Engine) -> Self {
        self.engine = engine;
        self
    }

    /// Runs the program inside a network namespace, where every port is free and may be bound.
    #[must_use]
    pub fn inside(mut self, namespace: &NetworkNamespace) -> Self {
        self.prefix = namespace.entry(&self.folder);
        self.in_namespace = true;
        self
    }

    /// Runs the program where disks are mounted that nobody else sees.
    #[must_use]
    pub fn inside_mounts(mut self, namespace: &MountNamespace) -> Self {
        self.prefix = namespace.entry(&self.folder);
        self
    }

    /// Runs the program under another one, which is given with its arguments and must leave the
    /// program a child of the test.
    #[must_use]
    pub fn under(mut self, words: &[OsString]) -> Self {
        self.prefix.extend_from_slice(words);
        self
    }

    /// The same program as a user who may not look into this folder: another one where the tests
    /// are root's, and else their own, to whom the folder is closed until its mode is set again.
    #[must_use]
    pub fn as_somebody_else(&self, folder: &Path) -> Self {
        let entry = unprivileged::entry();
        if entry.is_empty() {
            let closed = std::fs::Permissions::from_mode(0o000);
            std::fs::set_permissions(folder, closed).expect("the folder is the test's own");
        }
        Self {
            binary: self.binary.clone(),
            folder: self.folder.clone(),
            prefix: [self.prefix.clone(), entry].concat(),
            environment: self.environment.clone(),
            engine: self.engine,
            in_namespace: self.in_namespace,
        }
    }

    /// Sets a variable of the program's environment, which is empty otherwise.
    #[must_use]
    pub fn with_environment(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    /// The database that it uses unless its arguments name another one: all programs in one folder
    /// share it.
    pub fn database(&self) -> Arc<TestDatabase> {
        engine::database_of(self.engine, &self.folder, DATABASE_FILE)
    }

    /// The working directory.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Starts a command and waits for nothing.
    pub fn spawn(&self, arguments: &[&str]) -> Child {
        self.prepare(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program can be started")
    }

    /// Runs one command to its end, with this text as its standard input.
    pub fn command(&self, arguments: &[&str], stdin: &str) -> Output {
        // As `db copy` is told where to.
        for url in arguments.iter().filter(|url| url.starts_with("postgres:")) {
            secrets::keeps_in(&self.folder, url);
        }
        let mut child = self.spawn(arguments);
        let mut input = child.stdin.take().expect("standard input was piped");
        // A command that refuses its arguments never reads; that is not this function's failure.
        let _ = input.write_all(stdin.as_bytes());
        drop(input);
        let output = finish(child, &arguments.join(" "), END_LIMIT);
        self.hold_secrets(arguments, stdin, &output);
        output
    }

    /// Puts what a command was given and printed on the list of secrets.
    fn hold_secrets(&self, arguments: &[&str], stdin: &str, output: &Output) {
        let takes_secret = arguments
            .iter()
            .any(|argument| argument.ends_with("-stdin"));
        // One that is refused may be refused because it is no secret.
        if takes_secret && output.status.success() {
            self.hold_secret(stdin);
        }
        match serde_json::from_str(&output.stdout) {
            Ok(document) => secrets::hold_those_in(&self.folder, &document),
            Err(_) => secrets::hold_tokens_in(&self.folder, &output.stdout),
        }
    }

    /// Puts a secret on the list of those that nothing which the program writes may hold.
    pub fn hold_secret(&self, secret: &str) {
        secrets::hold(&self.folder, secret);
    }

    /// Runs one command that must succeed, and reads the one JSON document that it prints. Adds
    /// `--json` itself.
    pub fn json(&self, arguments: &[&str], stdin: &str) -> serde_json::Value {
        let arguments = [arguments, &["--json"]].concat();
        self.command(&arguments, stdin).succeeded().json()
    }

    /// Starts `serve` and waits until it accepts connections. Listens on a free port of loopback
    /// unless the arguments say otherwise.
    pub fn start_serve(&self, arguments: &[&str]) -> Running {
        let mut all = vec!["serve"];
        if !arguments.contains(&"--listen") {
            all.extend(["--listen", "127.0.0.1:0"]);
        }
        all.extend(arguments);
        self.start(&all)
    }

    /// Starts a command that serves (`serve`, `quickstart`) with exactly these arguments, and waits
    /// until it accepts connections.
    pub fn start(&self, arguments: &[&str]) -> Running {
        let mut child = self
            .prepare(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program can be started");
        let stderr = child.stderr.take().expect("standard error was piped");
        let (kept, listening, follower) = follow(stderr);
        let mut running = Running {
            base_url: String::new(),
            child: Some(child),
            stderr: kept,
            follower: Some(follower),
        };
        // Either the program ended, and the sender with it, or the time is up.
        let Ok(url) = listening.recv_timeout(START_LIMIT) else {
            panic!(
                "the program does not listen; it said:\n{}",
                running.stderr()
            );
        };
        secrets::serves(&self.folder, &url, &running.stderr);
        running.base_url = url;
        running
    }

    /// The program's file.
    pub fn binary(&self) -> &Path {
        &self.binary
    }

    /// The whole environment that it runs in.
    pub fn environment(&self) -> Vec<(OsString, OsString)> {
        let database = self.database().environment(self.in_namespace);
        let database = database
            .into_iter()
            .map(|(name, value)| (name.into(), value.into()));
        // The test's own words come last and win.
        database.chain(self.environment.iter().cloned()).collect()
    }

    /// Tells the search for secrets where this program keeps what it keeps, if that is in a server.
    fn say_where_it_keeps(&self) {
        let environment = self.environment();
        let last = |wanted: &str| {
            let mut named = environment.iter().rev();
            let found = named.find(|(name, _)| name == wanted);
            found.and_then(|(_, value)| value.to_str())
        };
        // Behind a pooler the second goes past it.
        let url = last("COUNTERFOIL_DATABASE__LISTEN_URL").or(last("COUNTERFOIL_DATABASE_URL"));
        if let Some(url) = url.filter(|url| url.starts_with("postgres")) {
            secrets::keeps_in(&self.folder, url);
        }
    }

    fn prepare(&self, arguments: &[&str]) -> Command {
        self.say_where_it_keeps();
        let mut command = match self.prefix.split_first() {
            None => Command::new(&self.binary),
            Some((first, rest)) => {
                let mut command = Command::new(first);
                command.args(rest).arg(&self.binary);
                command
            }
        };
        command
            .args(arguments)
            .current_dir(&self.folder)
            // Settings of the developer's own must not reach a test.
            .env_clear()
            .envs(self.environment());
        command
    }
}

/// Reads standard error to its end in a thread, so that the program never waits for a reader, and
/// tells the address once it is printed.
fn follow(stderr: ChildStderr) -> (Arc<Mutex<String>>, Receiver<String>, JoinHandle<()>) {
    let kept = Arc::new(Mutex::new(String::new()));
    let (sender, receiver): (Sender<String>, _) = channel();
    let writer = Arc::clone(&kept);
    let follower = thread::spawn(move || {
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            let _ = writeln!(writer.lock(), "{line}");
            if let Some(url) = message_of(&line).strip_prefix(LISTENING) {
                // Nobody listens for the second address.
                let _ = sender.send(url.trim_end_matches('/').to_owned());
            }
        }
    });
    (kept, receiver, follower)
}

/// What a line of the log says: all of it, or its message where it is JSON.
pub fn message_of(line: &str) -> Cow<'_, str> {
    let object = line.starts_with('{').then(|| serde_json::from_str(line));
    match object {
        Some(Ok(serde_json::Value::Object(mut object))) => match object.remove("message") {
            Some(serde_json::Value::String(message)) => message.into(),
            _ => line.into(),
        },
        Some(_) | None => line.into(),
    }
}

impl Running {
    /// The address of the REST API.
    pub fn api_url(&self) -> String {
        format!("{}/api/v3", self.base_url)
    }

    /// What the program has said on standard error so far.
    pub fn stderr(&self) -> String {
        self.stderr.lock().clone()
    }

    /// The process's id.
    pub fn id(&self) -> u32 {
        self.child().id()
    }

    /// Ends the process as a power cut would: it has no say in it.
    pub fn kill_nine(mut self) {
        let mut child = self.take_child();
        child.kill().expect("our own child can be killed");
        child.wait().expect("our own child can be waited for");
    }

    /// Asks the process to stop, and waits for it.
    pub fn terminate(mut self) -> ExitStatus {
        self.signal("TERM");
        let child = self.take_child();
        finish(child, "serve", END_LIMIT).status
    }

    /// [`Running::terminate`], and everything that the process has said to its very end.
    pub fn terminate_and_hear(mut self) -> (ExitStatus, String) {
        self.signal("TERM");
        let child = self.take_child();
        let status = finish(child, "serve", END_LIMIT).status;
        if let Some(follower) = self.follower.take() {
            follower.join().expect("reading lines does not panic");
        }
        (status, self.stderr())
    }

    /// Asks the process to read its settings and certificates again.
    pub fn hang_up(&self) {
        self.signal("HUP");
    }

    fn signal(&self, name: &str) {
        ending::signal(self.id(), name);
    }

    fn child(&self) -> &Child {
        self.child
            .as_ref()
            .expect("only the functions that end the process take it")
    }

    fn take_child(&mut self) -> Child {
        self.child
            .take()
            .expect("only the functions that end the process take it")
    }
}

impl Drop for Running {
    #[expect(clippy::print_stderr, reason = "a test that fails is read by people")]
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            // It may have ended by itself; there is nothing to be done about either failure here.
            let _ = child.kill();
            let _ = child.wait();
        }
        if thread::panicking() {
            let said = self.stderr();
            let lines: Vec<_> = said.lines().collect();
            let last = &lines[lines.len().saturating_sub(LAST_LINES)..];
            eprintln!("the program's last lines:\n{}", last.join("\n"));
        }
    }
}
