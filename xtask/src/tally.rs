//! Runs `cargo test`, shows what it prints as it comes, and sums the results of its test binaries:
//! cargo prints one count for each binary and none for the whole.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::say;

/// How many tests there were, by what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
}

pub(crate) struct Outcome {
    pub(crate) count: Count,
    /// The tests that failed.
    pub(crate) failures: Vec<Failure>,
    /// Every test that ended, in the order in which they did.
    pub(crate) tests: Vec<Test>,
    /// Whether cargo itself ended well; it does not when a test fails to compile.
    pub(crate) succeeded: bool,
}

/// A test that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// Its modules and its own name.
    pub(crate) name: String,
    /// The first lines that it printed, [`SAID_AT_MOST`] or fewer.
    pub(crate) said: Vec<String>,
}

/// How many lines of a test that failed are repeated at the end of the run, where they are seen
/// without a search.
pub(crate) const SAID_AT_MOST: usize = 12;

/// A test that ended.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Test {
    /// The binary that it is in, as its crate or its file names it.
    pub(crate) binary: String,
    /// Its modules and its own name.
    pub(crate) name: String,
    /// How long it took, where the run was [`timed`].
    pub(crate) seconds: Option<f64>,
}

/// Has the tests of a `cargo test` say how long each took. It must be given before the arguments of
/// the tests, and [`REPORT_TIMES`] among those.
///
/// The harness of the stable toolchain can do that, and refuses to until it is told that it is not
/// one. That is said to the test binaries alone: what compiles them stays what it is.
pub(crate) fn timed(command: &mut Command) {
    command.args([
        "--config",
        "target.'cfg(all())'.runner = ['env', 'RUSTC_BOOTSTRAP=1']",
    ]);
}

/// See [`timed`].
pub(crate) const REPORT_TIMES: &[&str] = &["-Z", "unstable-options", "--report-time"];

impl Count {
    /// The line that closes a run.
    pub(crate) fn closing_line(self) -> String {
        let Self {
            passed,
            failed,
            skipped,
        } = self;
        format!("{passed} passed, {failed} failed, {skipped} skipped")
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

/// How long no test may end before the binary is taken to hang, and is ended: one test that waits
/// for what never comes would otherwise take all results along. The longest test takes less than
/// half of it.
const LONGEST_SILENCE: Duration = Duration::from_mins(20);

/// Runs the command to its end.
pub(crate) fn stream(command: Command) -> Result<Outcome> {
    stream_from(command, || ())
}

/// Runs the command to its end, and does something else as soon as its first test begins: what
/// there was to compile is compiled, and another cargo may use the folder that it was built in.
pub(crate) fn stream_from(command: Command, at_first_test: impl FnMut()) -> Result<Outcome> {
    stream_within(command, at_first_test, LONGEST_SILENCE)
}

fn stream_within(
    mut command: Command,
    mut at_first_test: impl FnMut(),
    longest_silence: Duration,
) -> Result<Outcome> {
    // One pipe for both, so that the name of a binary, which cargo says on standard error, comes
    // before its tests.
    let (reader, writer) = std::io::pipe().context("no pipe could be made")?;
    let twin = writer.try_clone().context("no pipe could be made")?;
    command.stdout(writer).stderr(twin);
    let mut child = command.spawn().context("cargo test could not be started")?;
    // It holds the writing ends, which would keep the pipe open.
    drop(command);
    let (sender, lines) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(reader).split(b'\n') {
            let is_over = line.is_err();
            if sender.send(line).is_err() || is_over {
                return;
            }
        }
    });
    let mut tally = Tally::default();
    let mut has_begun = false;
    loop {
        let line = match lines.recv_timeout(longest_silence) {
            Ok(line) => line.context("the output of cargo test could not be read")?,
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                // A compiler may be silent for as long as it takes.
                if has_begun {
                    end_binary(&child, &mut tally, longest_silence);
                }
                continue;
            }
        };
        // A test may print what is no text; that must not end the run.
        let line = String::from_utf8_lossy(&line);
        say::line(&line);
        if !has_begun && begins(&line) {
            has_begun = true;
            at_first_test();
        }
        tally.take(&line);
    }
    let status = child.wait().context("cargo test could not be waited for")?;
    Ok(Outcome {
        count: tally.count,
        failures: tally.failures,
        tests: tally.tests,
        succeeded: status.success(),
    })
}

/// Ends the test binary that cargo runs; cargo itself goes on with the next one. Those of its tests
/// that were called slow and never ended have failed.
fn end_binary(cargo: &Child, tally: &mut Tally, longest_silence: Duration) {
    let minutes = longest_silence.as_secs() / 60;
    let said = format!("it did not end, and no other test did for {minutes} minutes");
    say::problem(&format!("the tests hang and are ended: {:?}", tally.slow));
    for name in std::mem::take(&mut tally.slow) {
        tally.count.failed += 1;
        tally.failures.push(Failure {
            name,
            said: vec![said.clone()],
        });
    }
    for id in children(cargo.id()) {
        // `kill` is built into every shell, but a program of its own only on some systems.
        let kill = ["-c", "kill -s KILL \"$0\"", &id.to_string()];
        let killed = Command::new("sh").args(kill).status();
        if !killed.is_ok_and(|status| status.success()) {
            say::problem(&format!("process {id} could not be ended"));
        }
    }
}

/// The processes that this one started.
fn children(parent: u32) -> Vec<u32> {
    let threads = fs::read_dir(format!("/proc/{parent}/task"));
    let listed = threads.into_iter().flatten().flatten().map(|thread| {
        let children = fs::read_to_string(thread.path().join("children"));
        children.unwrap_or_default()
    });
    listed
        .flat_map(|ids| {
            let ids = ids.split_whitespace().map(str::parse);
            ids.flatten().collect::<Vec<_>>()
        })
        .collect()
}

/// What the lines so far came to.
#[derive(Default)]
struct Tally {
    count: Count,
    failures: Vec<Failure>,
    tests: Vec<Test>,
    /// Those that were said to run for long, and have not ended.
    slow: Vec<String>,
    /// The binary that runs.
    binary: String,
    /// The failure whose output follows, by its place.
    telling: Option<usize>,
}

impl Tally {
    fn take(&mut self, line: &str) {
        // The harness repeats what failed tests printed when all of its binary have ended.
        if let Some(name) = told_test(line) {
            self.telling = self
                .failures
                .iter()
                .rposition(|failure| failure.name == name);
        } else if line == "failures:" {
            self.telling = None;
        } else if let Some(place) = self.telling {
            let said = &mut self.failures[place].said;
            if said.len() < SAID_AT_MOST && !line.is_empty() {
                said.push(line.to_owned());
            }
        } else if let Some(more) = parse(line) {
            self.count.add(more);
        } else if let Some(binary) = binary(line) {
            binary.clone_into(&mut self.binary);
        } else if let Some(name) = slow_test(line) {
            self.slow.push(name.to_owned());
        } else if let Some((name, end, seconds)) = ended_test(line) {
            self.slow.retain(|slow| slow != name);
            if end == "FAILED" {
                self.failures.push(Failure {
                    name: name.to_owned(),
                    said: Vec::new(),
                });
            }
            self.tests.push(Test {
                binary: self.binary.clone(),
                name: name.to_owned(),
                seconds,
            });
        }
    }
}

/// The binary in a line such as `Running unittests src/lib.rs
/// (target/debug/deps/counterfoil_domain-0123456789abcdef)`, and the whole of one such as
/// `Doc-tests counterfoil_domain`.
fn binary(line: &str) -> Option<&str> {
    let line = line.trim();
    if line.starts_with("Doc-tests ") {
        return Some(line);
    }
    let (_, path) = line.strip_prefix("Running ")?.rsplit_once('(')?;
    let (_, file) = path.strip_suffix(')')?.rsplit_once('/')?;
    Some(file.rsplit_once('-')?.0)
}

/// Whether it is the line with which a test binary begins: `running 12 tests`.
fn begins(line: &str) -> bool {
    let count = line.strip_prefix("running ");
    count.is_some_and(|count| count.ends_with(" tests") || count == "1 test")
}

/// The name, the end and the seconds in a line such as `test module::a_name ... FAILED <0.012s>`.
/// Without times there are none.
fn ended_test(line: &str) -> Option<(&str, &str, Option<f64>)> {
    let (name, end) = line.strip_prefix("test ")?.split_once(" ... ")?;
    let name = name.trim_end_matches(" - should panic");
    let (end, time) = match end.split_once(" <") {
        Some((end, time)) => (end, time.strip_suffix("s>")?.trim().parse().ok()),
        None => (end, None),
    };
    matches!(end, "ok" | "FAILED").then_some((name, end, time))
}

/// The name in a line such as `test module::a_name has been running for over 60 seconds`.
fn slow_test(line: &str) -> Option<&str> {
    let (name, _) = line
        .strip_prefix("test ")?
        .split_once(" has been running for over ")?;
    Some(name)
}

/// The name in a line such as `---- module::a_name stdout ----`, after which its output follows.
fn told_test(line: &str) -> Option<&str> {
    line.strip_prefix("---- ")?.strip_suffix(" stdout ----")
}

/// Reads a line such as `test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 2 filtered
/// out; …`.
fn parse(line: &str) -> Option<Count> {
    // With --nocapture the line can follow what a test printed without a line end.
    let (_, result) = line.split_once("test result: ")?;
    let (_, counts) = result.split_once(". ")?;
    let mut count = Count::default();
    for part in counts.split(';') {
        let mut words = part.split_whitespace();
        let number: u64 = words.next()?.parse().ok()?;
        match words.next()? {
            "passed" => count.passed = number,
            "failed" => count.failed = number,
            "ignored" => count.skipped = number,
            "filtered" => return Some(count),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_result_line_of_a_test_binary_is_read() {
        let line = "test result: ok. 12 passed; 0 failed; 3 ignored; 0 measured; 7 filtered out; finished in 0.01s";
        assert_eq!(
            parse(line),
            Some(Count {
                passed: 12,
                failed: 0,
                skipped: 3
            })
        );
    }

    #[test]
    fn a_failed_binary_counts_its_failures() {
        let line = "test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.20s";
        assert_eq!(
            parse(line),
            Some(Count {
                passed: 1,
                failed: 2,
                skipped: 0
            })
        );
    }

    #[test]
    fn what_waits_for_the_first_test_begins_once() {
        let mut command = Command::new("sh");
        command.args([
            "-c",
            "echo 'running 1 test'; echo 'test a ... ok'; echo 'running 12 tests'",
        ]);
        let mut begun = 0;
        stream_from(command, || begun += 1).expect("sh can be started");
        assert_eq!(begun, 1);
        assert!(!begins("test running 2 tests ... ok"));
    }

    #[test]
    fn tests_that_hang_are_ended_and_named() {
        let mut command = Command::new("sh");
        command.args([
            "-c",
            "echo 'running 3 tests'; echo 'test a ... ok'
            echo 'test b has been running for over 60 seconds'
            echo 'test c has been running for over 60 seconds'; echo 'test c ... ok'
            sleep 1000; echo 'cargo goes on'; exit 1",
        ]);
        let outcome = stream_within(command, || (), Duration::from_millis(500));
        let outcome = outcome.expect("sh can be started");
        let failed = outcome.failures.iter().map(|failure| failure.name.as_str());
        assert_eq!(failed.collect::<Vec<_>>(), ["b"]);
        assert_eq!(outcome.count.failed, 1);
        assert_eq!(outcome.tests.len(), 2);
        assert!(!outcome.succeeded);
    }

    #[test]
    fn a_test_that_ended_is_named_with_its_seconds() {
        for (line, expected) in [
            ("test a::b ... FAILED", ("a::b", "FAILED", None)),
            ("test a::b ... ok", ("a::b", "ok", None)),
            ("test a::b ... ok <1.234s>", ("a::b", "ok", Some(1.234))),
            ("test a ... FAILED <0.001s>", ("a", "FAILED", Some(0.001))),
            ("test a - should panic ... ok <2s>", ("a", "ok", Some(2.0))),
        ] {
            assert_eq!(ended_test(line), Some(expected), "{line}");
        }
        for line in [
            "test result: FAILED. 1 passed; 2 failed;",
            "test a ... ignored",
            "a test ... ok",
        ] {
            assert_eq!(ended_test(line), None, "{line}");
        }
    }

    #[test]
    fn tests_belong_to_the_binary_that_was_named_before_them_and_failures_are_told() {
        let mut tally = Tally::default();
        for line in [
            "     Running unittests src/lib.rs (target/debug/deps/counterfoil_domain-0123456789abcdef)",
            "test scope::tests::one ... ok <0.250s>",
            "     Running main.rs (/elsewhere/debug/deps/all-0123456789abcdef)",
            "test rest::two ... FAILED <1.000s>",
            "failures:",
            "",
            "---- rest::two stdout ----",
            "",
            "thread 'rest::two' panicked at tests/rest.rs:1:1:",
            "test a ... ok",
            "failures:",
            "    rest::two",
            "test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.20s",
            "   Doc-tests counterfoil_server",
            "test crates/server/src/lib.rs - three (line 7) ... ok",
        ] {
            tally.take(line);
        }
        let test = |binary: &str, name: &str, seconds| Test {
            binary: binary.to_owned(),
            name: name.to_owned(),
            seconds,
        };
        assert_eq!(
            tally.tests,
            [
                test("counterfoil_domain", "scope::tests::one", Some(0.25)),
                test("all", "rest::two", Some(1.0)),
                test(
                    "Doc-tests counterfoil_server",
                    "crates/server/src/lib.rs - three (line 7)",
                    None
                ),
            ]
        );
        let failure = Failure {
            name: "rest::two".to_owned(),
            said: vec![
                "thread 'rest::two' panicked at tests/rest.rs:1:1:".to_owned(),
                "test a ... ok".to_owned(),
            ],
        };
        assert_eq!(tally.failures, [failure]);
        assert_eq!((tally.count.passed, tally.count.failed), (1, 1));
    }

    #[test]
    fn any_other_line_is_not_a_count() {
        for line in [
            "",
            "running 3 tests",
            "test a_test ... ok",
            "test result: ok.",
            "test result: ok. x passed;",
        ] {
            assert_eq!(parse(line), None, "{line}");
        }
    }

    #[test]
    fn the_closing_line_has_the_three_numbers() {
        let count = Count {
            passed: 3,
            failed: 1,
            skipped: 0,
        };
        assert_eq!(count.closing_line(), "3 passed, 1 failed, 0 skipped");
    }
}
