//! The client from `PyPI`, at the versions of the committed list, in an environment of its own below the folder of the build.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use crate::say;
use crate::workspace::{Workspace, succeed};

/// The list of what is installed, each at one version.
const LIST: &str = "tests/clients/drivers/requirements.txt";

/// Where it is installed, below the folder that cargo builds in. The tests look there.
const INSTALLED: &str = "clients-python";

/// A copy of the list that is written last, so that an installation cut short is not taken for a whole one.
const DONE: &str = "installed-requirements.txt";

/// Installs the client unless the installed list equals ours.
pub(crate) fn install(workspace: &Workspace) -> Result<()> {
    let list = workspace.root().join(LIST);
    let installed = workspace.target_folder()?.join(INSTALLED);
    let wanted = fs::read(&list).with_context(|| format!("{LIST} could not be read"))?;
    let done = installed.join(DONE);
    if fs::read(&done).is_ok_and(|have| have == wanted) {
        say::line("PyPI client: nothing is missing");
        return Ok(());
    }
    say::line("PyPI client: installing");
    let mut environment = Command::new("python3");
    environment
        .args(["-m", "venv", "--clear"])
        .arg(&installed)
        .stdin(Stdio::null());
    succeed(environment, "python3 -m venv")?;
    pip(&installed, &list)?;
    fs::write(&done, wanted).with_context(|| format!("{} could not be written", done.display()))
}

fn pip(environment: &Path, list: &Path) -> Result<()> {
    let mut command = Command::new(environment.join("bin/python"));
    command
        // What the list does not name is not installed, and nothing is compiled.
        .args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-deps",
            "--only-binary",
            ":all:",
        ])
        .args(["--disable-pip-version-check", "--requirement"])
        .arg(list)
        .stdin(Stdio::null());
    succeed(command, "pip install")
}
