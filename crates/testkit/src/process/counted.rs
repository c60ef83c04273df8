//! The program whose instructions are counted, and callgrind, which counts them.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::Program;
use crate::installed;

/// Checks before those that count: until everything that can be remembered is.
pub const WARMING: usize = 500;
/// Checks that count, at most.
pub const MOST: usize = 2_000;

/// What valgrind is told.
const COUNTING: [&str; 2] = ["--tool=callgrind", "--callgrind-out-file=/dev/null"];

/// What callgrind prints before the number of instructions.
const COLLECTED: &str = "Collected :";

/// A check whose instructions are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// `/gateway/verify`, a hit.
    Gateway,
    /// `POST /applications/{client_id}/token`, a hit.
    App,
}

impl Check {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Gateway, Self::App];

    /// As the program and the budget call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::App => "app",
        }
    }

    /// The instructions that one check takes: the difference of two runs, of which the second makes
    /// twice as many.
    pub fn instructions(self) -> u64 {
        let checks = MOST / 2;
        let more = self.count(2 * checks) - self.count(checks);
        more / u64::try_from(checks).expect("a count of checks")
    }

    fn count(self, checks: usize) -> u64 {
        let output = Command::new(installed::tool("valgrind"))
            .args(COUNTING)
            .arg(program())
            .args([self.name(), &checks.to_string()])
            .stdin(Stdio::null())
            .output()
            .expect("valgrind can be started");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success(),
            "counted-checks {} failed: {said}",
            self.name()
        );
        collected(&said)
    }
}

/// The number that callgrind says.
fn collected(said: &str) -> u64 {
    let counted = said
        .lines()
        .find_map(|line| line.split_once(COLLECTED)?.1.trim().parse().ok());
    counted.unwrap_or_else(|| panic!("callgrind counted nothing: {said}"))
}

/// The instructions that a command takes, which must succeed. It takes some fifty times as long as
/// without counting.
pub fn instructions_of(program: Program, arguments: &[&str]) -> u64 {
    let mut words = vec![installed::tool("valgrind").into_os_string()];
    words.extend(COUNTING.map(OsString::from));
    let output = program.under(&words).command(arguments, "").succeeded();
    collected(&output.stderr)
}

/// The program, in the build that is shipped: nobody waits for a debug build.
fn program() -> PathBuf {
    let program = installed::release_folder().join("counted-checks");
    assert!(
        program.is_file(),
        "{} is not built: run `cargo xtask test`, or `cargo build --release -p counterfoil-testkit --bin counted-checks`",
        program.display()
    );
    program
}
