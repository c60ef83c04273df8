//! The clock of a program that runs as a process of its own, moved by a test.
//!
//! How far it is ahead stands in a file in the program's working folder, which is read whenever the
//! time is asked for: so a server, its commands and what is started later agree at once, and a move
//! is in force when the file has its name. Both times that a program asks for move, the time of day
//! and the one that leases run by; how long a wait takes does not.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use counterfoil::clock::SystemClock;
use counterfoil_authority::Clock;
use counterfoil_domain::timestamp::Timestamp;

use super::Program;
use crate::engine::{self, Engine};
use crate::installed;

/// The file, in which microseconds stand as digits.
const FILE: &str = "clock-is-ahead-by";

/// See the module.
#[derive(Debug)]
pub struct MovableClock {
    file: PathBuf,
    system: SystemClock,
}

impl MovableClock {
    /// The clock of whatever runs in this process's working folder.
    pub fn in_this_folder() -> Self {
        Self {
            file: PathBuf::from(FILE),
            system: SystemClock::default(),
        }
    }

    fn of(folder: &Path) -> Self {
        Self {
            file: folder.join(FILE),
            system: SystemClock::default(),
        }
    }

    fn ahead(&self) -> Duration {
        let digits = match fs::read_to_string(&self.file) {
            Ok(digits) => digits,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Duration::ZERO,
            Err(error) => panic!("{} cannot be read: {error}", self.file.display()),
        };
        let microseconds = digits.parse().expect("the file holds a number");
        Duration::from_micros(microseconds)
    }

    fn set(&self, ahead: Duration) {
        let written = self.file.with_extension("new");
        let digits = ahead.as_micros().to_string();
        fs::write(&written, digits).expect("the folder is the test's");
        fs::rename(&written, &self.file).expect("the folder is the test's");
    }
}

impl Clock for MovableClock {
    fn now(&self) -> Timestamp {
        self.system.now().plus(self.ahead())
    }

    fn monotonic(&self) -> Duration {
        self.system.monotonic() + self.ahead()
    }

    fn thread_time(&self) -> Duration {
        self.system.thread_time()
    }
}

impl Program {
    /// The program whose clock this test moves. It keeps what it keeps in SQLite: where nodes share
    /// a server they go by its clock, which no test moves.
    pub fn with_movable_clock(folder: impl AsRef<Path>) -> Self {
        let binary = installed::program().with_file_name("counterfoil-movable-clock");
        assert!(
            binary.is_file(),
            "{} is not built: run `cargo xtask test`, or `cargo build --workspace --bins`",
            binary.display()
        );
        let engine: Engine = engine::sqlite_only("a server's clock is not moved");
        Self::of(binary, folder).on(engine)
    }

    /// Moves the clock of everything that runs in this folder forward.
    pub fn advance(&self, by: Duration) {
        let clock = MovableClock::of(self.folder());
        clock.set(clock.ahead() + by);
    }

    /// The time that the program has now.
    pub fn now(&self) -> Timestamp {
        MovableClock::of(self.folder()).now()
    }
}
