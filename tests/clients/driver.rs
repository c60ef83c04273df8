//! A client that runs on node, or as a program of its own, asked call by call.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use counterfoil_testkit::installed;
use counterfoil_testkit::process::{Running, finish};
use serde_json::{Value, json};

use super::installation::{LOGIN, PASSWORD};

/// How long one call may take before it counts as a hang. The first one waits until node, Python or
/// Java has started, for which a busy machine takes its time.
const ANSWER_LIMIT: Duration = Duration::from_mins(2);

/// How long the end of what a client that was ended has said is waited for.
const LAST_WORDS_LIMIT: Duration = Duration::from_secs(5);

/// A running driver from `drivers/`.
pub(super) struct Driver {
    child: Child,
    stdin: ChildStdin,
    lines: Receiver<String>,
    /// What it says on standard error, which is told only when it gives no answer.
    complaints: Receiver<String>,
}

/// What a call came to.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u64,
    pub(super) headers: Value,
    pub(super) data: Value,
    /// The `errors` of a refusal.
    pub(super) errors: Value,
    /// The message of a refusal, as the client words it.
    pub(super) message: String,
    /// The client's exception, where it tells refusals apart by that.
    pub(super) kind: String,
}

/// The settings that every client needs; the caller adds what is special.
pub(super) fn settings(server: &Running) -> Value {
    json!({ "base_url": server.api_url(), "login": LOGIN, "password": PASSWORD })
}

impl Driver {
    /// Starts a driver by the name of its file and tells it its settings.
    pub(super) fn start(name: &str, settings: &Value) -> Self {
        let mut node = Command::new(installed::tool("node"));
        node.arg(path_of(name))
            .env("NODE_PATH", installed::node_modules());
        Self::run(&mut node, settings)
    }

    /// Starts a program that answers line by line as the drivers do, and tells it its settings.
    pub(super) fn run(program: &mut Command, settings: &Value) -> Self {
        let mut driver = Self::spawn(program);
        // Whatever cannot be told is told at the first call, with what the client says of it.
        let _ = driver.write(settings);
        driver
    }

    /// Starts a program that answers line by line and has no settings.
    pub(super) fn spawn(program: &mut Command) -> Self {
        let mut child = program
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the client can be started");
        let stdin = child.stdin.take().expect("standard input was piped");
        let stdout = child.stdout.take().expect("standard output was piped");
        let stderr = child.stderr.take().expect("standard error was piped");
        Self {
            child,
            stdin,
            lines: lines_of(stdout),
            complaints: lines_of(stderr),
        }
    }

    /// Makes one call and waits for what it comes to.
    pub(super) fn call(&mut self, call: &Value) -> Answer {
        Answer::new(call, self.exchange(call))
    }

    /// Hands a call over and waits for the line that answers it. A client that gives none is ended,
    /// and why is told: it must not be asked again.
    pub(super) fn exchange(&mut self, call: &Value) -> Result<String, Silence> {
        let written = self.write(call).map_err(|error| error.to_string());
        let answer = written.and_then(|()| {
            let line = self.lines.recv_timeout(ANSWER_LIMIT);
            line.map_err(|error| match error {
                RecvTimeoutError::Timeout => format!("none in {} seconds", ANSWER_LIMIT.as_secs()),
                RecvTimeoutError::Disconnected => "what it writes has ended".to_owned(),
            })
        });
        answer.map_err(|error| Silence(format!("{error}\n{}", self.end())))
    }

    fn write(&mut self, line: &Value) -> io::Result<()> {
        writeln!(self.stdin, "{line}")
    }

    /// Ends the client, if it has not ended by itself, and tells how it ended and what it said.
    fn end(&mut self) -> String {
        let _ = self.child.kill();
        let ended = self.child.wait().expect("our own child can be waited for");
        let mut told = format!("the client ended with {ended}; it said:");
        while let Ok(line) = self.complaints.recv_timeout(LAST_WORDS_LIMIT) {
            told.push('\n');
            told.push_str(&line);
        }
        told
    }
}

/// Why a call has no answer, with all that the client said.
#[derive(Debug)]
pub(super) struct Silence(String);

impl Answer {
    /// What a line says; a call without one, and one that broke the client, end the test.
    pub(super) fn new(call: &Value, line: Result<String, Silence>) -> Self {
        let line = line.unwrap_or_else(|Silence(why)| panic!("no answer to {call}: {why}"));
        let mut answer: Value = serde_json::from_str(&line).expect("a driver answers with JSON");
        assert!(
            answer["broke"].is_null(),
            "{call} broke the client: {}",
            answer["broke"]
        );
        Self {
            status: answer["status"]
                .as_u64()
                .expect("a driver answers with a status"),
            headers: answer["headers"].take(),
            data: answer["data"].take(),
            errors: answer["errors"].take(),
            message: answer["message"].as_str().unwrap_or_default().to_owned(),
            kind: answer["kind"].as_str().unwrap_or_default().to_owned(),
        }
    }
}

/// The lines of a stream as they come, until it ends.
pub(super) fn lines_of(stream: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, lines) = channel();
    thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            let _ = sender.send(line);
        }
    });
    lines
}

impl Drop for Driver {
    fn drop(&mut self) {
        // A driver holds nothing that needs an orderly end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The one-time password of this moment, by other code than the program's.
pub(super) fn one_time_password(secret: &str) -> String {
    let mut child = Command::new(installed::tool("node"))
        .arg(path_of("print_totp.js"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("node can be started");
    let mut stdin = child.stdin.take().expect("standard input was piped");
    stdin
        .write_all(secret.as_bytes())
        .expect("the script reads the secret");
    drop(stdin);
    let output = finish(child, "print_totp.js", ANSWER_LIMIT).succeeded();
    output.stdout.trim().to_owned()
}

/// Where a driver is.
pub(super) fn path_of(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("clients/drivers")
        .join(name)
}

#[test]
fn a_client_that_ends_without_an_answer_is_told_with_how_it_ended_and_what_it_said() {
    let script = "read call; echo \"no room for $call\" >&2; exit 3";
    let mut driver = Driver::spawn(Command::new("sh").args(["-c", script]));
    let Silence(told) = driver
        .exchange(&json!("me"))
        .expect_err("it does not answer");
    assert!(told.contains("exit status: 3"), "{told}");
    assert!(told.ends_with("it said:\nno room for \"me\""), "{told}");
}
