//! The browser: one process of node, which has one Chromium, for all tests of this process.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::Duration;

use counterfoil_testkit::installed;
use parking_lot::Mutex;
use serde_json::{Value, json};

/// How long a call may take before it counts as a hang. The driver itself gives up earlier, and
/// says on what.
const LIMIT: Duration = Duration::from_mins(1);

static BROWSER: LazyLock<Browser> = LazyLock::new(Browser::start);

/// See the module. It ends when its standard input does, with this process at the latest.
struct Browser {
    stdin: Mutex<ChildStdin>,
    waiting: Mutex<HashMap<u64, Sender<Value>>>,
    _node: Child,
}

/// Numbers calls and windows.
static NEXT: AtomicU64 = AtomicU64::new(1);

/// A number that nothing else in this run has.
pub(super) fn next_number() -> u64 {
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// Makes one call about a window and waits for what it comes to, or for why it failed.
pub(super) fn call(window: u64, name: &str, parameters: &Value) -> Result<Value, String> {
    let id = next_number();
    let mut parameters = parameters.clone();
    parameters["id"] = json!(id);
    parameters["window"] = json!(window);
    parameters["call"] = json!(name);
    let (sender, answer) = channel();
    BROWSER.waiting.lock().insert(id, sender);
    let written = writeln!(BROWSER.stdin.lock(), "{parameters}");
    written.expect("the driver of the browser reads");
    let answer = answer
        .recv_timeout(LIMIT)
        .map_err(|error| format!("the browser gave no answer: {error}"))?;
    match answer["error"].as_str() {
        Some(error) => Err(error.to_owned()),
        None => Ok(answer["value"].clone()),
    }
}

impl Browser {
    fn start() -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("browser/driver.js");
        let settings = json!({ "chromium": installed::tool("chromium") });
        let mut node = Command::new(installed::tool("node"))
            .arg(script)
            .arg(settings.to_string())
            .env("NODE_PATH", installed::browser_modules())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node can be started");
        let stdin = node.stdin.take().expect("standard input was piped");
        let stdout = node.stdout.take().expect("standard output was piped");
        thread::spawn(move || hand_out(stdout));
        Self {
            stdin: Mutex::new(stdin),
            waiting: Mutex::default(),
            _node: node,
        }
    }
}

/// Gives each answer to whoever waits for it. Those who still wait when there are no more answers
/// are told by the end of their channel.
fn hand_out(stdout: ChildStdout) {
    for line in BufReader::new(stdout).lines().map_while(Result::ok) {
        let answer: Value = serde_json::from_str(&line).expect("the driver answers with JSON");
        let id = answer["id"].as_u64().expect("an answer has a number");
        if let Some(waiting) = BROWSER.waiting.lock().remove(&id) {
            // Whoever waited may have given up.
            let _ = waiting.send(answer);
        }
    }
    BROWSER.waiting.lock().clear();
}
