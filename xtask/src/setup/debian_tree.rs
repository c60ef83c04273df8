//! A bare Debian system in a folder: what a machine has on which the package of a release is
//! installed, with systemd and what the package depends on, since no network reaches into the tests
//! that boot it.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::debian::Right;
use crate::say;
use crate::workspace::{Workspace, output, succeed};

/// The release that packages are made for: the one with systemd 252.
const RELEASE: &str = "bookworm";
/// Beside what every system has: curl asks, and the certificates are recommended by the package.
const PACKAGES: &str = "ca-certificates,curl,systemd";
/// Where it is made, below the folder that cargo builds in. The tests look there.
const TREE: &str = "debian-tree";
/// Written last, beside it, so that a tree that was cut short is not taken for a whole one.
const DONE: &str = "debian-tree.done";

/// Makes the tree unless it is there.
pub(super) fn make(workspace: &Workspace) -> Result<()> {
    let target = workspace.target_folder()?;
    let (tree, done) = (target.join(TREE), target.join(DONE));
    let wanted = format!("{RELEASE} {PACKAGES}\n");
    if fs::read_to_string(&done).is_ok_and(|have| have == wanted) {
        say::line("Debian tree: nothing is missing");
        return Ok(());
    }
    let Some(right) = Right::here() else {
        bail!("a Debian tree is made by root; run this once as root: cargo xtask setup");
    };
    say::line("Debian tree: making");
    let mirror = mirror()?;
    fs::create_dir_all(&target)?;
    remove(right, &tree)?;
    let mut command = right.command(&[
        "mmdebstrap",
        "--quiet",
        "--mode=root",
        "--variant=minbase",
        // It is used once and made again if it is lost.
        "--dpkgopt=force-unsafe-io",
        "--aptopt=Acquire::Languages \"none\"",
        "--include",
        PACKAGES,
        RELEASE,
    ]);
    command.arg(&tree).arg(mirror);
    succeed(command, "mmdebstrap")?;
    fs::write(&done, wanted).with_context(|| format!("{} could not be written", done.display()))
}

/// Where this machine gets Debian's packages from.
fn mirror() -> Result<String> {
    let mut apt = Command::new("apt-get");
    apt.args(["indextargets", "--format", "$(REPO_URI) $(SUITE)"])
        .args(["Created-By: Packages", "Origin: Debian"]);
    let said = output(apt, "apt-get indextargets")?;
    let mirror = said.lines().find_map(|line| {
        let (mirror, suite) = line.split_once(' ')?;
        (!suite.contains('-')).then(|| mirror.to_owned())
    });
    mirror.context("apt knows no mirror of Debian; run apt-get update once")
}

fn remove(right: Right, tree: &Path) -> Result<()> {
    let mut command = right.command(&["rm", "--recursive", "--force", "--one-file-system"]);
    command.arg(tree);
    succeed(command, "rm")
}
