//! Runs `cargo test`, shows what it prints as it comes, and sums the results of its test binaries: cargo prints one
//! count for each binary and none for the whole.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use crate::say;

/// How many tests there were, by what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
}

/// A finished run.
pub(crate) struct Outcome {
    pub(crate) count: Count,
    /// The names of the tests that failed.
    pub(crate) failures: Vec<String>,
    /// Whether cargo itself ended well; it does not when a test fails to compile.
    pub(crate) succeeded: bool,
}

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

/// Runs the command to its end.
pub(crate) fn stream(mut command: Command) -> Result<Outcome> {
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .context("cargo test could not be started")?;
    let stdout = child
        .stdout
        .take()
        .expect("standard output was asked for as a pipe");
    let mut count = Count::default();
    let mut failures = Vec::new();
    for line in BufReader::new(stdout).split(b'\n') {
        let line = line.context("the output of cargo test could not be read")?;
        // A test may print what is no text; that must not end the run.
        let line = String::from_utf8_lossy(&line);
        say::line(&line);
        if let Some(more) = parse(&line) {
            count.add(more);
        }
        failures.extend(failed_test(&line).map(str::to_owned));
    }
    let status = child.wait().context("cargo test could not be waited for")?;
    Ok(Outcome {
        count,
        failures,
        succeeded: status.success(),
    })
}

/// The name in a line such as `test module::a_name ... FAILED`.
fn failed_test(line: &str) -> Option<&str> {
    line.strip_prefix("test ")?.strip_suffix(" ... FAILED")
}

/// Reads a line such as `test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 2 filtered out; …`.
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
    fn a_test_that_failed_is_named() {
        assert_eq!(failed_test("test a::b ... FAILED"), Some("a::b"));
        assert_eq!(failed_test("test a::b ... ok"), None);
        assert_eq!(
            failed_test("test result: FAILED. 1 passed; 2 failed;"),
            None
        );
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
