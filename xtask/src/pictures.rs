//! `cargo xtask pictures`: every page as people see it, on contact sheets.

use anyhow::{Result, ensure};

use crate::check;
use crate::say;
use crate::tally;
use crate::workspace::Workspace;

/// Below the folder that cargo builds in.
const FOLDER: &str = "pictures";

/// Takes the pictures anew. What is looked at is the list that tests go through.
pub(crate) fn take(workspace: &Workspace) -> Result<()> {
    check::build(workspace)?;
    let folder = workspace.target_folder()?.join(FOLDER);
    let mut command = workspace.integration_tests();
    command
        .args(["--", "--nocapture", "browser::gallery::"])
        .env("COUNTERFOIL_PICTURES", &folder);
    let outcome = tally::stream(command)?;
    ensure!(
        outcome.succeeded && outcome.count.passed > 0,
        "the pictures are not whole"
    );
    say::line(&format!(
        "a sheet for each page is in {}: look at them",
        folder.display()
    ));
    Ok(())
}
