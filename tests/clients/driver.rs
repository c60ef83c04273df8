//! A client that runs on node, or as a program of its own, asked call by call.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use counterfoil_testkit::installed;
use counterfoil_testkit::process::{Running, finish};
use serde_json::{Value, json};

use super::installation::{LOGIN, PASSWORD};

/// How long one call may take before it counts as a hang. The first one waits until node, Python or
/// Java has started, for which a busy machine takes its time.
const ANSWER_LIMIT: Duration = Duration::from_mins(2);

/// A running driver from `drivers/`.
pub(super) struct Driver {
    child: Child,
    stdin: ChildStdin,
    lines: Receiver<String>,
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
        let mut child = program
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the client can be started");
        let stdin = child.stdin.take().expect("standard input was piped");
        let stdout = child.stdout.take().expect("standard output was piped");
        let (sender, lines) = channel();
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        let mut driver = Self {
            child,
            stdin,
            lines,
        };
        driver.write(settings);
        driver
    }

    /// Makes one call and waits for what it comes to.
    pub(super) fn call(&mut self, call: &Value) -> Answer {
        self.write(call);
        let line = self
            .lines
            .recv_timeout(ANSWER_LIMIT)
            .unwrap_or_else(|error| panic!("no answer to {call}: {error}"));
        let mut answer: Value = serde_json::from_str(&line).expect("a driver answers with JSON");
        assert!(
            answer["broke"].is_null(),
            "{call} broke the client: {}",
            answer["broke"]
        );
        Answer {
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

    fn write(&mut self, line: &Value) {
        writeln!(self.stdin, "{line}").expect("the driver reads until it is told to end");
    }
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

fn path_of(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("clients/drivers")
        .join(name)
}
