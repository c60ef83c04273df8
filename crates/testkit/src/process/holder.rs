//! A process that does nothing but hold namespaces open: what networks and mounts of a test's own
//! have in common.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use crate::installed;

/// An installation of this machine's own must not reach a test.
const HIDE_OUR_SETTINGS: &str =
    "if [ -d /etc/counterfoil ]; then mount -t tmpfs tmpfs /etc/counterfoil; fi";

/// The holder. The namespaces end with this value, unless a process is still in them.
#[derive(Debug)]
pub(super) struct Holder {
    child: Child,
    /// Closing it ends the holder, even when the test process is killed before it can do so itself.
    _stdin: ChildStdin,
    kinds: &'static [&'static str],
    right: Right,
}

/// How the right to make namespaces was had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Right {
    /// As root.
    Root,
    /// In a user namespace, where the caller counts as root.
    UserNamespace,
}

impl Holder {
    /// Makes namespaces of these kinds (`--net`, `--mount`) and runs a shell script in them, which
    /// must succeed. In it `$1` and so on are the given paths.
    pub(super) fn start(
        kinds: &'static [&'static str],
        script: &str,
        arguments: &[PathBuf],
    ) -> Self {
        let right = if is_root() {
            Right::Root
        } else {
            Right::UserNamespace
        };
        let mut command = Command::new(installed::tool("unshare"));
        if right == Right::UserNamespace {
            command.args(["--user", "--map-root-user"]);
        }
        // It says that it is done, and then waits for the end of its standard input.
        let script = format!("{HIDE_OUR_SETTINGS} && {script} && echo ready && exec cat");
        let mut child = command
            .args(kinds)
            .args(["--", "sh", "-c", &script, "sh"])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("unshare can be started");
        wait_until_ready(&mut child);
        let stdin = child.stdin.take().expect("standard input was piped");
        Self {
            child,
            _stdin: stdin,
            kinds,
            right,
        }
    }

    /// The words to put before a command so that it runs inside, in the given folder.
    pub(super) fn entry(&self, folder: &Path) -> Vec<OsString> {
        let mut words = vec![installed::tool("nsenter").into_os_string()];
        words.extend(self.kinds.iter().map(OsString::from));
        words.push("--target".into());
        words.push(self.child.id().to_string().into());
        if self.right == Right::UserNamespace {
            words.extend(["--user", "--preserve-credentials"].map(OsString::from));
        }
        // Entering a mount namespace leads to its root; this leads back, to what is mounted there
        // now.
        let lead_back = "cd \"$1\" && shift && exec \"$@\"";
        words.extend(["--", "sh", "-c", lead_back, "sh"].map(OsString::from));
        words.push(folder.into());
        words
    }

    /// A path inside, as processes outside reach it.
    pub(super) fn path_from_outside(&self, path: &Path) -> PathBuf {
        let inside = path
            .strip_prefix("/")
            .expect("paths of a test's folders are absolute");
        PathBuf::from(format!("/proc/{}/root", self.child.id())).join(inside)
    }
}

/// Reads the line that the holder prints, or says what stood in its way.
fn wait_until_ready(holder: &mut Child) {
    let stdout = holder.stdout.take().expect("standard output was piped");
    let mut line = String::new();
    let read = BufReader::new(stdout).read_line(&mut line);
    if read.is_ok() && line == "ready\n" {
        return;
    }
    let mut said = String::new();
    if let Some(mut stderr) = holder.stderr.take() {
        let _ = stderr.read_to_string(&mut said);
    }
    panic!(
        "this test makes namespaces of its own, which needs root or user namespaces; the system said: {said}"
    );
}

/// Whether this process may do what only an administrator may.
pub(super) fn is_root() -> bool {
    let user_id = Command::new("id").arg("-u").output();
    user_id.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

impl Drop for Holder {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
