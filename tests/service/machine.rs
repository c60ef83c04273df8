//! A Debian system with a systemd of its own, in namespaces: processes, mounts, names, messages,
//! network and control groups. What is written in it is gone with it, however the test ends.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use counterfoil_testkit::process::{Output, finish};
use counterfoil_testkit::{TestFolder, installed};

const BOOT: &str = include_str!("boot.sh");

/// How long a command in it, or its boot, may take before it counts as a hang.
const LIMIT: Duration = Duration::from_mins(1);

/// What the folders of control groups are called, before the id of the process that made them.
const GROUPS: &str = "counterfoil-tests-";

/// See the module.
pub(super) struct Machine {
    /// Holds the namespaces: when it is killed, their first process is, and all others with that.
    holder: Child,
    init: u32,
    group: Group,
    _folder: TestFolder,
}

impl Machine {
    /// Boots, and returns when systemd takes commands.
    pub(super) fn boot() -> Self {
        let folder = TestFolder::in_memory();
        let group = Group::make();
        // The program that runs in between ends with this thread, even if that is killed.
        let mut holder = Command::new(installed::tool("setpriv"))
            .args(["--pdeathsig", "KILL", "sh", "-c"])
            .arg("echo 0 >\"$1/cgroup.procs\" && shift && exec \"$@\"")
            .arg("sh")
            .arg(&group.0)
            .arg(installed::tool("unshare"))
            .args(["--pid", "--mount", "--uts", "--ipc", "--net", "--cgroup"])
            .args(["--propagation", "private", "--fork", "--kill-child"])
            .args(["sh", "-c", BOOT, "sh"])
            .arg(installed::debian_tree())
            .arg(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("setpriv can be started");
        let init = wait_for(|| first_child(holder.id()));
        let Some(init) = init else {
            let _ = holder.kill();
            let said = finish(holder, "the boot", LIMIT).stderr;
            panic!("no systemd started, which needs root; what started it said: {said}");
        };
        let machine = Self {
            holder,
            init,
            group,
            _folder: folder,
        };
        let up = wait_for(|| {
            let said = machine.run(&["systemctl", "is-system-running"], "");
            (said.stdout == "running\n").then_some(())
        });
        assert!(up.is_some(), "systemd is not up");
        machine
    }

    /// Runs a command in it, as root in root's folder.
    pub(super) fn run(&self, words: &[&str], stdin: &str) -> Output {
        let mut child = Command::new(installed::tool("nsenter"))
            .arg("--target")
            .arg(self.init.to_string())
            .args(["--all", "--root", "--wdns=/root", "--", "env", "-i"])
            .args(["HOME=/root", "LC_ALL=C.UTF-8", "SYSTEMD_COLORS=0"])
            .args(["PATH=/usr/sbin:/usr/bin:/sbin:/bin"])
            .args(words)
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("nsenter can be started");
        let mut input = child.stdin.take().expect("standard input was piped");
        // What reads nothing may have ended by now.
        let _ = input.write_all(stdin.as_bytes());
        drop(input);
        finish(child, &words.join(" "), LIMIT)
    }

    /// Runs a line of shell, which must succeed, and gives what it printed.
    #[track_caller]
    pub(super) fn shell(&self, line: &str) -> String {
        let output = self.run(&["bash", "-c", line], "");
        let Output { stdout, stderr, .. } = &output;
        assert!(output.status.success(), "{line}:\n{stdout}{stderr}");
        output.stdout
    }

    /// Runs a line of shell, which must fail, and gives what it said.
    #[track_caller]
    pub(super) fn fails(&self, line: &str) -> String {
        let output = self.run(&["bash", "-c", line], "");
        let Output { stdout, stderr, .. } = output;
        assert!(!output.status.success(), "{line}:\n{stdout}{stderr}");
        stdout + &stderr
    }

    /// What systemd says of a property of the service.
    pub(super) fn property(&self, name: &str) -> String {
        let line = format!("systemctl show --property={name} --value counterfoil");
        self.shell(&line).trim_end().to_owned()
    }

    /// Waits until a property of the service has this value.
    #[track_caller]
    pub(super) fn wait_until(&self, name: &str, value: &str) {
        let reached = wait_for(|| (self.property(name) == value).then_some(()));
        assert!(
            reached.is_some(),
            "{name} is {}: {}",
            self.property(name),
            self.shell("journalctl --no-pager --lines 30")
        );
    }

    /// What the service has logged since it was last started.
    pub(super) fn log(&self) -> String {
        let invocation = self.property("InvocationID");
        self.shell("journalctl --sync && true");
        self.shell(&format!(
            "journalctl --no-pager --output cat _SYSTEMD_INVOCATION_ID={invocation}"
        ))
    }

    /// Puts a file into it.
    pub(super) fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a file lies in a folder")).expect("root may");
        fs::write(path, content).expect("root can write a file");
    }

    /// A path in it, as the test reaches it.
    pub(super) fn path(&self, path: &str) -> PathBuf {
        PathBuf::from(format!("/proc/{}/root{path}", self.init))
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = self.holder.kill();
        let _ = self.holder.wait();
        self.group.remove();
    }
}

/// A control group for all processes of a machine.
struct Group(PathBuf);

impl Group {
    fn make() -> Self {
        let mounts = fs::read_to_string("/proc/self/mounts").expect("the system has mounts");
        let unified = mounts.lines().find_map(|line| {
            let mut words = line.split(' ');
            let at = words.nth(1)?;
            (words.next()? == "cgroup2").then(|| PathBuf::from(at))
        });
        let unified = unified.expect("this test needs control groups of version 2");
        remove_left_behind(&unified);
        let group = unified.join(format!("{GROUPS}{}", std::process::id()));
        fs::create_dir(&group).expect("this test makes a control group, which needs root");
        Self(group)
    }

    /// When its processes are gone. Those that were killed may take a moment.
    fn remove(&self) {
        let removed = wait_for(|| {
            remove_empty(&self.0);
            (!self.0.exists()).then_some(())
        });
        let group = self.0.display();
        assert!(
            removed.is_some() || thread::panicking(),
            "{group} has processes left"
        );
    }
}

/// Removes the groups of tests that were killed.
fn remove_left_behind(unified: &Path) {
    for entry in fs::read_dir(unified).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let of = name.to_str().and_then(|name| name.strip_prefix(GROUPS));
        if of.is_some_and(|id| !Path::new("/proc").join(id).exists()) {
            remove_empty(&entry.path());
        }
    }
}

fn remove_empty(group: &Path) {
    for entry in fs::read_dir(group).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            remove_empty(&entry.path());
        }
    }
    // One that has processes stays.
    drop(fs::remove_dir(group));
}

fn first_child(process: u32) -> Option<u32> {
    let list = fs::read_to_string(format!("/proc/{process}/task/{process}/children")).ok()?;
    list.split_whitespace().next()?.parse().ok()
}

/// Asks again and again, for a limited time.
fn wait_for<T>(ask: impl Fn() -> Option<T>) -> Option<T> {
    let begun = Instant::now();
    while begun.elapsed() < LIMIT {
        if let Some(found) = ask() {
            return Some(found);
        }
        thread::yield_now();
    }
    None
}
