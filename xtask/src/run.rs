//! `cargo xtask run`: the program as a developer tries it, in the build that the tests use too.

use anyhow::Result;

use crate::workspace::{Workspace, succeed};

/// Builds the program and runs it with the given arguments.
pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    let mut command = workspace.cargo(&["run", "--locked", "--package", "counterfoil", "--"]);
    command.args(arguments);
    succeed(command, "counterfoil")
}
