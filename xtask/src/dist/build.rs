//! The program as it is shipped, with the list of what it was made of inside.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::variable;
use crate::say;
use crate::workspace::{Workspace, succeed};

/// What puts the list into the program, where `cargo audit` and scanners of images look for it.
const AUDITABLE: &str = "cargo-auditable";
const AUDITABLE_VERSION: &str = "0.7.7";

/// Builds it in a folder of its own below the one that cargo builds in.
pub(super) fn build(workspace: &Workspace, epoch: u64, folder: &str) -> Result<PathBuf> {
    let target = workspace.target_folder()?;
    let tool = install(workspace)?;
    let into = target.join(folder);
    say::step("release build");
    let mut command = workspace.cargo(&["auditable", "build"]);
    command
        .args(["--release", "--locked", "--package", "counterfoil"])
        .args(["--bin", "counterfoil", "--target-dir"])
        .arg(&into)
        .env("PATH", path_with(&tool)?)
        .env("SOURCE_DATE_EPOCH", epoch.to_string())
        .env("CARGO_INCREMENTAL", "0");
    // Where the checkout, the registry and the build lie is nobody's business, and differs.
    let mut prefixes = vec![(into.clone(), "/build")];
    prefixes.push((workspace.root().to_owned(), "/source"));
    prefixes.push((cargo_home()?, "/cargo"));
    let (mut rust, mut c) = (String::new(), String::new());
    for (from, to) in prefixes {
        let from = from.display();
        let _ = write!(rust, "--remap-path-prefix={from}={to}\u{1f}");
        let _ = write!(c, "-ffile-prefix-map={from}={to} ");
    }
    command
        .env("CARGO_ENCODED_RUSTFLAGS", rust.trim_end_matches('\u{1f}'))
        .env("CFLAGS", c.trim_end());
    succeed(command, "cargo auditable build")?;
    Ok(into.join("release/counterfoil"))
}

/// Compiles the tool once. Only whoever makes a release needs it.
fn install(workspace: &Workspace) -> Result<PathBuf> {
    let root = workspace.target_folder()?.join(AUDITABLE);
    let mut command = Command::new("cargo");
    command
        .args(["install", "--quiet", "--locked", AUDITABLE])
        .args(["--version", AUDITABLE_VERSION, "--root"])
        .arg(&root);
    succeed(command, "cargo install")?;
    Ok(root.join("bin"))
}

fn path_with(folder: &Path) -> Result<OsString> {
    let path = variable("PATH").context("there is no PATH")?;
    let folders = std::iter::once(folder.to_owned()).chain(std::env::split_paths(&path));
    Ok(std::env::join_paths(folders)?)
}

fn cargo_home() -> Result<PathBuf> {
    if let Some(given) = variable("CARGO_HOME") {
        return Ok(given.into());
    }
    let home = variable("HOME").context("there is no HOME")?;
    Ok(PathBuf::from(home).join(".cargo"))
}
