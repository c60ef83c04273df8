//! Servers as processes: pinned to cores, watched, and ended with the run.

use std::fs::{self, File};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// Which cores a server has. The load gets the other one, or shares both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cores {
    /// The server on one core, the load on another.
    One,
    /// Server and load share two cores.
    Two,
}

impl Cores {
    /// How many the server has.
    pub(crate) fn of_server(self) -> u32 {
        match self {
            Self::One => 1,
            Self::Two => 2,
        }
    }

    /// In words.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::One => "one core",
            Self::Two => "both cores",
        }
    }

    /// A command of a server.
    pub(crate) fn server(self, program: impl AsRef<Path>) -> Command {
        pinned(
            match self {
                Self::One => "0",
                Self::Two => "0,1",
            },
            program.as_ref(),
        )
    }

    /// A command that loads it.
    pub(crate) fn load(self, program: impl AsRef<Path>) -> Command {
        pinned(
            match self {
                Self::One => "1",
                Self::Two => "0,1",
            },
            program.as_ref(),
        )
    }
}

fn pinned(cores: &str, program: &Path) -> Command {
    let mut command = Command::new("taskset");
    command.args(["--cpu-list", cores]).arg(program);
    command
}

/// How long a server may take to say where it listens.
const PATIENCE: Duration = Duration::from_mins(1);

pub(crate) struct Server {
    child: Child,
    address: SocketAddr,
    log: PathBuf,
}

impl Server {
    /// Starts a server whose standard error goes to a file, as a service manager would keep it, and
    /// waits until it says there that it is `listening on URL`.
    pub(crate) fn start(mut command: Command, log: PathBuf) -> Result<Self> {
        let child = spawn(&mut command, &log)?;
        let mut server = Self {
            child,
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            log,
        };
        server.address = server.said("listening on http://")?;
        Ok(server)
    }

    /// Starts a server that says nothing, at an address that is known, and waits until it accepts
    /// connections.
    pub(crate) fn start_at(
        mut command: Command,
        address: SocketAddr,
        log: PathBuf,
    ) -> Result<Self> {
        let child = spawn(&mut command, &log)?;
        let mut server = Self {
            child,
            address,
            log,
        };
        let since = Instant::now();
        while TcpStream::connect(address).is_err() {
            server.refuse_ended(since)?;
            thread::sleep(Duration::from_micros(200));
        }
        Ok(server)
    }

    /// The address behind these words in what the server has said, once it has said it.
    pub(crate) fn said(&mut self, words: &str) -> Result<SocketAddr> {
        let since = Instant::now();
        loop {
            let said = fs::read_to_string(&self.log).unwrap_or_default();
            let line = said
                .lines()
                .filter_map(|line| line.trim().strip_prefix(words))
                // A line that is not ended yet may lack digits of the port.
                .find(|_| said.ends_with('\n'));
            if let Some(line) = line {
                let address = line.replace("localhost", "127.0.0.1");
                return address
                    .parse()
                    .with_context(|| format!("{line} is no address"));
            }
            self.refuse_ended(since)?;
            thread::sleep(Duration::from_millis(2));
        }
    }

    fn refuse_ended(&mut self, since: Instant) -> Result<()> {
        let ended = self.child.try_wait()?;
        if ended.is_some() || since.elapsed() > PATIENCE {
            let said = fs::read_to_string(&self.log).unwrap_or_default();
            bail!("a server did not start; it said: {said}");
        }
        Ok(())
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn process_id(&self) -> u32 {
        self.child.id()
    }

    /// Seconds of all its threads on a core so far, in user and in kernel mode.
    pub(crate) fn cpu_seconds(&self) -> Result<f64> {
        let [user, kernel, _, _] = times(&format!("/proc/{}/stat", self.child.id()))?;
        Ok(user + kernel)
    }

    /// A figure of its memory in bytes, by the name that the kernel gives it.
    pub(crate) fn memory_bytes(&self, name: &str) -> Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
            .with_context(|| format!("no line {name} in the status of a process"))?;
        let kibibytes: f64 = line.trim().trim_end_matches(" kB").trim().parse()?;
        Ok(kibibytes * 1024.0)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The slice is over whatever these say.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn spawn(command: &mut Command, log: &Path) -> Result<Child> {
    let file = File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(file)
        .spawn()
        .context("a server could not be started")
}

/// Clock ticks in a second, of Linux on every machine that it is compiled for these days.
const TICKS: f64 = 100.0;

/// Seconds in user and kernel mode of a process, and of its children that have ended.
fn times(file: &str) -> Result<[f64; 4]> {
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {file}"))?;
    // The name of the program stands in brackets and may hold anything.
    let (_, fields) = text.rsplit_once(')').context("no name in the times")?;
    let mut fields = fields.split_whitespace().skip(11);
    let mut seconds = [0.0; 4];
    for place in &mut seconds {
        let ticks: f64 = fields.next().context("too few times")?.parse()?;
        *place = ticks / TICKS;
    }
    Ok(seconds)
}

/// Seconds on a core of all children that have ended so far: what a generator took is the
/// difference.
pub(crate) fn seconds_of_children() -> Result<f64> {
    let [_, _, user, kernel] = times("/proc/self/stat")?;
    Ok(user + kernel)
}
