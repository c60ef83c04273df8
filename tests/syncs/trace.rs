//! What `strace` saw a server do.

use std::cell::Cell;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use counterfoil_testkit::installed;
use counterfoil_testkit::process::{Program, Running};

/// Calls that make what was written last.
const SYNCS: &[&str] = &["fsync", "fdatasync", "sync_file_range", "msync"];
/// Calls that carry an answer to the client.
const SENDS: &[&str] = &["sendto", "sendmsg", "write", "writev"];
/// How long `strace` may take to write down what it saw.
const PATIENCE: Duration = Duration::from_secs(30);

/// The file that `strace` writes, and how much of it was looked at.
pub(super) struct Trace {
    path: PathBuf,
    read: Cell<usize>,
}

/// A server whose system calls are seen.
pub(super) struct Traced {
    pub(super) server: Running,
    trace: Trace,
}

/// Runs a server under `strace`, which leaves it a child of the test, so that it can be ended.
pub(super) fn server_under_strace(program: Program, folder: &Path) -> (Program, Trace) {
    under_strace(program, folder, &["-D"])
}

/// Runs commands under `strace`, which ends after each, when it has written down all that it saw
/// behind what was there.
pub(super) fn commands_under_strace(program: Program, folder: &Path) -> (Program, Trace) {
    under_strace(program, folder, &["-A"])
}

fn under_strace(program: Program, folder: &Path, flags: &[&str]) -> (Program, Trace) {
    let path = folder.join("strace.txt");
    let calls = [SYNCS, SENDS].concat().join(",");
    let mut words: Vec<OsString> = vec![installed::tool("strace").into()];
    words.extend(flags.iter().map(OsString::from));
    // Following threads, with the beginning of what is sent.
    words.extend(["-f", "-q", "-s", "16", "-e"].map(OsString::from));
    words.push(format!("trace={calls}").into());
    words.push("-o".into());
    words.push(path.clone().into());
    words.push("--".into());
    let read = Cell::new(0);
    (program.under(&words), Trace { path, read })
}

impl Traced {
    pub(super) fn new(server: Running, trace: Trace) -> Self {
        Self { server, trace }
    }

    /// How many syncs were complete when the answer was sent that the client has just got. To be
    /// asked after each answer, so that an earlier one is not taken for it.
    pub(super) fn syncs_before_answer(&self) -> usize {
        let begun = Instant::now();
        let mut seen = String::new();
        loop {
            seen.push_str(&self.trace.take());
            // `strace` writes a call down when it ends, which the client may see a moment earlier.
            if let Some(answer) = seen.lines().position(is_answer) {
                return seen
                    .lines()
                    .take(answer)
                    .filter(|line| is_sync(line))
                    .count();
            }
            assert!(
                begun.elapsed() < PATIENCE,
                "the answer is not in the trace:\n{seen}"
            );
            std::thread::yield_now();
        }
    }
}

impl Trace {
    /// How many syncs were complete since the last look.
    pub(super) fn take_syncs(&self) -> usize {
        self.take().lines().filter(|line| is_sync(line)).count()
    }

    /// The whole lines that were written since the last look.
    fn take(&self) -> String {
        let text = fs::read_to_string(&self.path).unwrap_or_default();
        let unread = &text[self.read.get()..];
        let whole = unread.rfind('\n').map_or(0, |end| end + 1);
        self.read.set(self.read.get() + whole);
        unread[..whole].to_owned()
    }
}

/// `1234 fdatasync(9) = 0`, or the end of one that was cut in two: `1234 <... fdatasync resumed>) =
/// 0`.
fn is_sync(line: &str) -> bool {
    let call = call_of(line).trim_start_matches("<... ");
    SYNCS.iter().any(|name| call.starts_with(name)) && line.ends_with("= 0")
}

/// A call that begins to send a response line.
fn is_answer(line: &str) -> bool {
    let call = call_of(line);
    let sends = SENDS
        .iter()
        .any(|name| call.split('(').next() == Some(name));
    sends && line.contains("\"HTTP/1.1 ")
}

/// A line without the id of the thread.
fn call_of(line: &str) -> &str {
    line.split_once(' ')
        .map_or(line, |(_, call)| call.trim_start())
}
