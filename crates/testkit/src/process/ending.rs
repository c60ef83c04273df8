//! Waiting for a process to end, for a limited time, and what it leaves behind.

use std::process::{Child, Command, ExitStatus};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

/// What a finished process left.
#[derive(Debug)]
pub struct Output {
    /// How it ended.
    pub status: ExitStatus,
    /// What it printed on standard output.
    pub stdout: String,
    /// What it printed on standard error.
    pub stderr: String,
}

impl Output {
    /// The same output, once it is known that the process ended well.
    #[expect(
        clippy::return_self_not_must_use,
        reason = "a test often wants nothing but the assertion"
    )]
    pub fn succeeded(self) -> Self {
        assert!(
            self.status.success(),
            "ended with {} and said:\n{}{}",
            self.status,
            self.stdout,
            self.stderr
        );
        self
    }

    /// Standard output as the one JSON document that it must be.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("printed no JSON document ({error}):\n{}", self.stdout))
    }
}

/// Waits for a child to end and collects what it printed on the streams that were piped. A child
/// that outlives the limit is killed, and the test fails.
pub fn finish(child: Child, name: &str, limit: Duration) -> Output {
    let id = child.id();
    let (sender, receiver) = channel();
    // The standard library has no wait with a limit; a thread that waits and a channel with one
    // make it.
    let waiter = thread::spawn(move || {
        let _ = sender.send(child.wait_with_output());
    });
    let Ok(ended) = receiver.recv_timeout(limit) else {
        signal(id, "KILL");
        let _ = waiter.join();
        panic!("{name} had not ended after {} seconds", limit.as_secs());
    };
    let output = ended.expect("our own child can be waited for");
    Output {
        status: output.status,
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Sends a signal to a child of ours that has not been waited for, so that its id is still its own.
pub(super) fn signal(id: u32, name: &str) {
    // `kill` is built into every shell, but a program of its own only on some systems.
    let status = Command::new("sh")
        .args(["-c", "kill -s \"$0\" \"$1\"", name, &id.to_string()])
        .status()
        .expect("sh can be started");
    assert!(
        status.success(),
        "signal {name} could not be sent to process {id}"
    );
}
