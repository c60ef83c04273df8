//! `cargo xtask budget`: how many instructions one check takes, counted by callgrind and committed
//! as a budget. A test compares the program with it, and the same test records it when it is told
//! to.

use std::process::Command;

use anyhow::Result;

use crate::say;
use crate::workspace::{Workspace, succeed};

/// Tells the test to write what it would otherwise compare.
const RECORD: &str = "COUNTERFOIL_RECORD_BUDGET";

/// What builds the program whose instructions are counted: as it is shipped, since nobody runs a
/// debug build.
pub(crate) fn build(workspace: &Workspace) -> Command {
    workspace.cargo(&[
        "build",
        "--release",
        "--locked",
        "--package",
        "counterfoil-testkit",
        "--bin",
        "counted-checks",
    ])
}

/// Records the budget of this compiler.
pub(crate) fn record(workspace: &Workspace) -> Result<()> {
    say::step("build");
    succeed(build(workspace), "cargo build")?;
    say::step("count");
    let mut command = workspace.integration_tests();
    command.arg("budget::").env(RECORD, "1");
    succeed(command, "the test of the budget")
}
