//! A network of the test's own: nothing in it but loopback, every port free, and a hosts file that says what the test
//! wants. Some clients insist on port 443 of a host name; here they can have it.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};

use crate::folder::TestFolder;
use crate::installed;

/// A network and a mount namespace, held open by a process that does nothing. They end with this value.
pub struct NetworkNamespace {
    holder: Child,
    /// Closing it ends the holder, even when the test process is killed before it can do so itself.
    _stdin: ChildStdin,
    _folder: TestFolder,
    kind: Kind,
}

/// How the right to make one was had.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// As root.
    Root,
    /// In a user namespace, where the caller counts as root.
    User,
}

/// Brings loopback up, puts the hosts file in place, says so, and waits for the end of its standard input.
const HOLD: &str =
    "\"$1\" link set lo up && mount --bind \"$2\" /etc/hosts && echo ready && exec cat";

impl NetworkNamespace {
    /// Makes one in which each of these names means 127.0.0.1.
    pub fn with_hosts(names: &[&str]) -> Self {
        let folder = TestFolder::on_disk();
        let mut lines = String::from("127.0.0.1 localhost\n");
        for name in names {
            lines.push_str("127.0.0.1 ");
            lines.push_str(name);
            lines.push('\n');
        }
        let hosts = folder.path().join("hosts");
        std::fs::write(&hosts, lines).expect("a file in the test's own folder can be written");
        let kind = if is_root() { Kind::Root } else { Kind::User };
        let mut command = Command::new(installed::tool("unshare"));
        if kind == Kind::User {
            command.args(["--user", "--map-root-user"]);
        }
        let mut holder = command
            .args(["--net", "--mount", "--", "sh", "-c", HOLD, "sh"])
            .arg(installed::tool("ip"))
            .arg(&hosts)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("unshare can be started");
        wait_until_ready(&mut holder);
        let stdin = holder.stdin.take().expect("standard input was piped");
        Self {
            holder,
            _stdin: stdin,
            _folder: folder,
            kind,
        }
    }

    /// A command that runs inside, in the given folder.
    pub fn command(&self, program: impl AsRef<Path>, folder: &Path) -> Command {
        let entry = self.entry(folder);
        let (first, rest) = entry
            .split_first()
            .expect("the entry names at least nsenter");
        let mut command = Command::new(first);
        command.args(rest).arg(program.as_ref()).current_dir(folder);
        command
    }

    /// The words to put before a command so that it runs inside, in the given folder.
    pub(super) fn entry(&self, folder: &Path) -> Vec<OsString> {
        let mut words = vec![installed::tool("nsenter").into_os_string()];
        words.extend(["--net", "--mount", "--target"].map(OsString::from));
        words.push(self.holder.id().to_string().into());
        if self.kind == Kind::User {
            words.extend(["--user", "--preserve-credentials"].map(OsString::from));
        }
        // Entering a mount namespace leads to its root; this leads back.
        let mut back = OsString::from("--wd=");
        back.push(folder);
        words.push(back);
        words.push("--".into());
        words
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
        "this test makes a network namespace, which needs root or user namespaces; the system said: {said}"
    );
}

fn is_root() -> bool {
    let user_id = Command::new("id").arg("-u").output();
    user_id.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

impl Drop for NetworkNamespace {
    fn drop(&mut self) {
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}
