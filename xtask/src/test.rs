//! `cargo xtask test`: what continuous integration runs, and what a person runs before a push.

use std::process::Command;

use anyhow::{Result, bail};

use crate::budget;
use crate::check::{self, Extent};
use crate::say;
use crate::setup;
use crate::tally;
use crate::workspace::Workspace;

/// Modules of the integration tests that the inner loop leaves out, because they start real programs and take long.
const SLOW_MODULES: &[&str] = &[
    "budget::",
    "clients::",
    "crash::",
    "faults::",
    "races::",
    "staleness::",
    "syncs::",
];

/// Sets up, checks, builds, tests. The last line on standard output is the count of all test binaries together.
pub(crate) fn run(workspace: &Workspace, extent: Extent) -> Result<()> {
    say::step("setup");
    setup::run(workspace)?;
    let mut failed = check::failures(workspace, extent);
    say::step("build");
    if let Err(error) = check::build(workspace) {
        say::problem(&format!("{error:#}"));
        failed.push("build");
    }
    if extent == Extent::Full
        && let Err(error) = budget::build(workspace)
    {
        say::problem(&format!("{error:#}"));
        failed.push("release build");
    }
    say::step("tests");
    let outcome = tally::stream(tests(workspace, extent))?;
    if !outcome.succeeded {
        failed.push("tests");
    }
    if !failed.is_empty() {
        say::line(&format!("\nfailed: {}", failed.join(", ")));
    }
    say::line("");
    say::line(&outcome.count.closing_line());
    if !failed.is_empty() {
        bail!("{} failed", failed.join(", "));
    }
    if outcome.count.passed == 0 {
        bail!("no test ran");
    }
    Ok(())
}

fn tests(workspace: &Workspace, extent: Extent) -> Command {
    let mut command = workspace.cargo(&["test", "--workspace", "--locked", "--no-fail-fast"]);
    if extent == Extent::Quick {
        // Naming the targets leaves out the examples in the docs, each of which is a program of its own to link.
        command.args(["--lib", "--bins", "--tests", "--"]);
        for module in SLOW_MODULES {
            command.args(["--skip", module]);
        }
    }
    command
}
