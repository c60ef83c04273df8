//! Clients from npm, at the versions of the committed lock file, in a folder of the build.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use crate::say;
use crate::workspace::{Workspace, succeed};

/// Where the manifest and the lock file are committed, beside the drivers. Those are run where they
/// are: what is not copied cannot be out of date.
const SOURCE: &str = "tests/clients";

/// Where they are installed, below the folder that cargo builds in. The tests look there.
const INSTALLED: &str = "clients";

const MANIFEST: &str = "package.json";
const LOCK: &str = "package-lock.json";

/// A copy of the lock file that is written last, so that an installation cut short is not taken for
/// a whole one.
const DONE: &str = "installed-lock.json";

/// Installs the clients unless the installed lock file equals ours.
pub(crate) fn install(workspace: &Workspace) -> Result<()> {
    let source = workspace.root().join(SOURCE);
    let installed = workspace.target_folder()?.join(INSTALLED);
    fs::create_dir_all(&installed)
        .with_context(|| format!("{} could not be made", installed.display()))?;
    if is_installed(&source, &installed) {
        say::line("npm clients: nothing is missing");
        return Ok(());
    }
    say::line("npm clients: installing");
    for file in [MANIFEST, LOCK] {
        copy(&source.join(file), &installed.join(file))?;
    }
    let mut command = Command::new("npm");
    command
        // No package of ours needs its install script, and none of them is for us to run.
        .args([
            "ci",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--loglevel",
            "error",
        ])
        .current_dir(&installed)
        .stdin(Stdio::null());
    succeed(command, "npm ci")?;
    copy(&source.join(LOCK), &installed.join(DONE))
}

fn is_installed(source: &Path, installed: &Path) -> bool {
    let Ok(wanted) = fs::read(source.join(LOCK)) else {
        return false;
    };
    fs::read(installed.join(DONE)).is_ok_and(|have| have == wanted)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::copy(from, to)
        .with_context(|| format!("{} could not be copied to {}", from.display(), to.display()))?;
    Ok(())
}
