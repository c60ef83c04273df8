//! `cargo xtask reference`: the pages that are made from the program are committed, a test compares
//! them with the program, and the same test writes them anew when it is told to.

use anyhow::Result;

use crate::workspace::{Workspace, succeed};

/// Tells the reference test to write what it would otherwise compare.
const UPDATE: &str = "COUNTERFOIL_UPDATE_REFERENCE";

/// Rewrites `docs/reference`.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let mut command = workspace.integration_tests();
    command.arg("reference").env(UPDATE, "1");
    succeed(command, "the reference test")
}
