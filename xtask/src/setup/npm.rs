//! What comes from npm, at the versions of committed lock files, each in a folder of the build.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use crate::say;
use crate::workspace::{Workspace, succeed};

pub(crate) struct Modules {
    /// What they are, for whoever watches.
    name: &'static str,
    /// Where the manifest and the lock file are committed, beside the scripts that use them. Those
    /// are run where they are: what is not copied cannot be out of date.
    source: &'static str,
    /// Where they are installed, below the folder that cargo builds in. The tests look there.
    installed: &'static str,
}

/// The clients that tests start.
pub(crate) const CLIENTS: Modules = Modules {
    name: "npm clients",
    source: "tests/clients",
    installed: "clients",
};

/// What drives the browser and checks pages.
pub(crate) const BROWSER: Modules = Modules {
    name: "npm modules for the browser",
    source: "tests/browser",
    installed: "browser",
};

const MANIFEST: &str = "package.json";
const LOCK: &str = "package-lock.json";

/// A copy of the lock file that is written last, so that an installation cut short is not taken for
/// a whole one.
const DONE: &str = "installed-lock.json";

impl Modules {
    /// Installs them unless the installed lock file equals ours.
    pub(crate) fn install(&self, workspace: &Workspace) -> Result<()> {
        let name = self.name;
        let source = workspace.root().join(self.source);
        let installed = workspace.target_folder()?.join(self.installed);
        fs::create_dir_all(&installed)
            .with_context(|| format!("{} could not be made", installed.display()))?;
        if is_installed(&source, &installed) {
            say::line(&format!("{name}: nothing is missing"));
            return Ok(());
        }
        say::line(&format!("{name}: installing"));
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
