//! `cargo xtask pictures`: every page as people see it, on contact sheets.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};

use crate::check;
use crate::say;
use crate::setup;
use crate::tally;
use crate::workspace::Workspace;

/// Below the folder that cargo builds in.
const FOLDER: &str = "pictures";

/// Takes the pictures anew. What is looked at is the list that tests go through.
pub(crate) fn take(workspace: &Workspace) -> Result<()> {
    setup::for_pages(workspace)?;
    check::build(workspace)?;
    let folder = workspace.target_folder()?.join(FOLDER);
    clear(&folder)?;
    let mut command = workspace.integration_tests();
    command
        .args(["--", "--nocapture", "browser::gallery::"])
        .env("COUNTERFOIL_PICTURES", &folder);
    let outcome = tally::stream(command)?;
    ensure!(
        outcome.succeeded && outcome.count.passed > 0,
        "the pictures are not whole"
    );
    let folder = folder.display();
    say::line(&format!(
        "a sheet for each page is in {folder}: look at them"
    ));
    say::line(&format!(
        "{folder}/docs has what the README shows: copy it to docs/images where it looks otherwise"
    ));
    Ok(())
}

/// A page that is no more would keep its sheet.
fn clear(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("{} could not be removed", folder.display()))
        }
        _ => Ok(()),
    }
}
