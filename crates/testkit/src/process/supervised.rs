//! A server that is none of ours, such as PostgreSQL or a proxy, and that must not outlive the
//! test, however that ends.

use std::ffi::{OsStr, OsString};
use std::io::{BufRead, BufReader, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, ChildStderr, ChildStdin, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use parking_lot::Mutex;

use super::ending::finish;
use crate::unprivileged;

/// How long a start or an end may take before it counts as a hang.
const LIMIT: Duration = Duration::from_mins(1);
/// How many bytes of what it said are kept.
const SAID: usize = 16 * 1024;

/// The shell between the test and the server: one process reads the test's pipe, the other waits
/// for the server. The pipe brings the name of the signal to end the server by; when it just
/// closes, the test is gone, and the folder goes too.
const SUPERVISOR: &str = r#"
folder=$1 last=$2; shift 2
exec 3<&0
"$@" 3<&- </dev/null & server=$!
(
    exec 2>/dev/null
    if ! read -r signal <&3; then : >"$folder/abandoned"; signal=$last; fi
    kill -s "$signal" "$server"
) & reader=$!
exec 3<&- </dev/null
wait "$server"; status=$?
kill "$reader" 2>/dev/null
if [ -e "$folder/abandoned" ]; then rm -rf "$folder"; fi
exit "$status"
"#;

/// See the module. Dropping it ends the server at once.
#[derive(Debug)]
pub(crate) struct Supervised {
    name: String,
    /// The signal that ends it at once.
    last: &'static str,
    child: Option<Child>,
    stdin: Option<ChildStdin>,
    said: Arc<Mutex<String>>,
}

impl Supervised {
    /// Starts a server as a user without rights, in a folder that this user owns, and waits until
    /// it says on standard error what means that it is ready. What it said is the error if it ends
    /// instead. `last` is the signal that ends it at once.
    pub(crate) fn start(
        words: &[OsString],
        folder: &Path,
        last: &'static str,
        ready: &'static str,
    ) -> Result<Self, String> {
        Self::start_behind(&[], words, folder, last, ready)
    }

    /// [`Supervised::start`] behind words that lead to where the server is to run.
    pub(crate) fn start_behind(
        entry: &[OsString],
        words: &[OsString],
        folder: &Path,
        last: &'static str,
        ready: &'static str,
    ) -> Result<Self, String> {
        let mut command = unprivileged::command_behind(entry, OsStr::new("sh"));
        let child = command
            .args(["-c", SUPERVISOR, "sh"])
            .arg(folder)
            .arg(last)
            .args(words)
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            // Whoever interrupts the test at the terminal ends the test alone; the rest follows
            // from that.
            .process_group(0)
            .spawn();
        let mut child = child.map_err(|error| format!("sh cannot be started: {error}"))?;
        let stderr = child.stderr.take().expect("standard error was piped");
        let (said, is_ready) = follow(stderr, ready);
        let supervised = Self {
            name: words[0].to_string_lossy().into_owned(),
            last,
            stdin: child.stdin.take(),
            child: Some(child),
            said,
        };
        match is_ready.recv_timeout(LIMIT) {
            Ok(()) => Ok(supervised),
            // Either it ended, and the sender with it, or the time is up.
            Err(_) => Err(supervised.said()),
        }
    }

    /// What the server has said lately.
    pub(crate) fn said(&self) -> String {
        self.said.lock().clone()
    }

    /// Whether the server has ended by itself.
    pub(crate) fn has_ended(&mut self) -> bool {
        let child = self.child.as_mut();
        child.is_none_or(|child| !matches!(child.try_wait(), Ok(None)))
    }

    /// Ends the server by this signal, and waits until it has ended.
    pub(crate) fn end(mut self, signal: &str) {
        self.end_by(signal);
    }

    fn end_by(&mut self, signal: &str) {
        let (Some(child), Some(mut stdin)) = (self.child.take(), self.stdin.take()) else {
            return;
        };
        // A server that has ended by itself has no supervisor left to read this.
        let _ = writeln!(stdin, "{signal}");
        finish(child, &self.name, LIMIT);
    }
}

impl Drop for Supervised {
    fn drop(&mut self) {
        self.end_by(self.last);
    }
}

/// Reads standard error to its end in a thread, so that the server never waits for a reader.
fn follow(stderr: ChildStderr, ready: &'static str) -> (Arc<Mutex<String>>, Receiver<()>) {
    let said = Arc::new(Mutex::new(String::new()));
    let (sender, receiver): (Sender<()>, _) = channel();
    let kept = Arc::clone(&said);
    thread::spawn(move || {
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            let mut kept = kept.lock();
            if kept.len() > SAID {
                kept.clear();
            }
            kept.push_str(&line);
            kept.push('\n');
            if line.contains(ready) {
                // Nobody waits for the second time.
                let _ = sender.send(());
            }
        }
    });
    (said, receiver)
}
