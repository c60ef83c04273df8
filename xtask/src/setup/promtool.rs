//! Prometheus's tool that checks metrics and rules. It comes in Debian's package of the server,
//! which would run from its installation on: so the package is unpacked and not installed.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use crate::say;
use crate::setup::debian;
use crate::workspace::{Workspace, succeed};

const PACKAGE: &str = "prometheus";
/// Where it is unpacked, below the folder that cargo builds in, and where it lies then. The tests
/// look there.
const FOLDER: &str = "promtool";
const PROGRAM: &str = "usr/bin/promtool";

/// Unpacks the tool unless it is there. No right is needed for that.
pub(crate) fn install(workspace: &Workspace) -> Result<()> {
    let folder = workspace.target_folder()?.join(FOLDER);
    if folder.join(PROGRAM).is_file() {
        say::line("promtool: nothing is missing");
        return Ok(());
    }
    say::line("promtool: unpacking");
    // One that was cut short leaves half a file.
    let unfinished = folder.with_extension("new");
    drop(fs::remove_dir_all(&unfinished));
    fs::create_dir_all(&unfinished)
        .with_context(|| format!("{} could not be made", unfinished.display()))?;
    debian::download(PACKAGE, &unfinished)?;
    unpack(&unfinished)?;
    fs::rename(&unfinished, &folder)
        .with_context(|| format!("{} could not be made", folder.display()))
}

/// Takes the one program out of the package in this folder, and removes the package.
fn unpack(folder: &Path) -> Result<()> {
    let script = format!("dpkg-deb --fsys-tarfile *.deb | tar -x ./{PROGRAM} && rm *.deb");
    let mut command = Command::new("sh");
    command
        .args(["-c", &script])
        .current_dir(folder)
        .stdin(Stdio::null());
    succeed(command, "unpacking promtool")
}
