//! System calls that fail in a running program: what a disk does that is breaking. `strace` puts
//! the error in their place, and lets the program go again when it is told to.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::{Running, ending};
use crate::installed;

/// How long `strace` may take to let go.
const END_LIMIT: Duration = Duration::from_secs(30);

/// As long as this value lives, these calls of one program fail.
pub struct FailingCalls {
    child: Option<Child>,
    log: PathBuf,
}

impl FailingCalls {
    /// From now on these calls (`fsync,fdatasync`) fail with this error (`EIO`). `which` says which
    /// of them, as `when=` of `strace` does: `1+` for all, `3+5` for the third and every fifth
    /// after it. What was seen is kept in the folder.
    pub fn start(server: &Running, calls: &str, error: &str, which: &str, folder: &Path) -> Self {
        Self::start_in(&[server.id()], calls, error, which, folder)
    }

    /// [`FailingCalls::start`] in these processes, and in those that come from them.
    pub fn start_in(
        processes: &[u32],
        calls: &str,
        error: &str,
        which: &str,
        folder: &Path,
    ) -> Self {
        let log = folder.join("failing-calls.txt");
        let ids = processes
            .iter()
            .flat_map(|id| ["-p".to_owned(), id.to_string()]);
        let mut child = Command::new(installed::tool("strace"))
            .args(["-f", "-e", &format!("trace={calls}"), "-e"])
            .arg(format!("inject={calls}:error={error}:when={which}"))
            .arg("-o")
            .arg(&log)
            .args(ids)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("strace can be started");
        let stderr = child.stderr.take().expect("standard error was piped");
        let mut stderr = BufReader::new(stderr);
        let mut said = String::new();
        let begun = Instant::now();
        // It says so for each process, once all its threads are under it.
        while said.matches(" attached").count() < processes.len() {
            let read = stderr.read_line(&mut said);
            let more = read.is_ok_and(|read| read > 0);
            assert!(
                more && begun.elapsed() < END_LIMIT,
                "calls of a program of one's own cannot be made to fail here: {said}"
            );
        }
        // Read to the end, so that it never waits for a reader.
        std::thread::spawn(move || std::io::copy(&mut stderr, &mut std::io::sink()));
        Self {
            child: Some(child),
            log,
        }
    }

    /// Lets calls succeed again. Tells how many failed.
    pub fn stop(mut self) -> usize {
        let child = self.child.take().expect("it is stopped once");
        ending::signal(child.id(), "TERM");
        ending::finish(child, "strace", END_LIMIT);
        let seen = std::fs::read_to_string(&self.log).unwrap_or_default();
        seen.matches("(INJECTED)").count()
    }
}

impl Drop for FailingCalls {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            // A tracer that is gone lets go of what it traced.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
