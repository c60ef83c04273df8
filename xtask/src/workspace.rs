//! Where the workspace is, and how programs are started in it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

/// What cargo tells xtask of itself when it runs it. Build scripts of dependencies ask for some of
/// these, and what they made is thrown away, with all that stands on it, when they say something
/// else: so cargo is to build the same whether xtask calls it or a person.
const TOLD_OF_XTASK: [&str; 9] = [
    "CARGO_MANIFEST_DIR",
    "CARGO_MANIFEST_LINKS",
    "CARGO_MANIFEST_PATH",
    "CARGO_PKG_NAME",
    "CARGO_PKG_VERSION_MAJOR",
    "CARGO_PKG_VERSION_MINOR",
    "CARGO_PKG_VERSION_PATCH",
    "CARGO_PKG_VERSION_PRE",
    "OUT_DIR",
];

/// The checkout that xtask was built from.
pub(crate) struct Workspace {
    root: PathBuf,
}

impl Workspace {
    /// The workspace of this very source: the folder above xtask's own.
    pub(crate) fn find() -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .context("xtask has no folder above it")?
            .to_path_buf();
        Ok(Self { root })
    }

    /// The folder that holds the workspace's manifest.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Where cargo builds, which the caller may have moved out of the tree.
    pub(crate) fn target_folder(&self) -> Result<PathBuf> {
        let metadata = output(
            self.cargo(&["metadata", "--format-version", "1", "--no-deps", "--locked"]),
            "cargo metadata",
        )?;
        let metadata: serde_json::Value =
            serde_json::from_str(&metadata).context("cargo metadata printed no JSON")?;
        let folder = metadata["target_directory"]
            .as_str()
            .context("cargo metadata names no target folder")?;
        Ok(PathBuf::from(folder))
    }

    /// A cargo command in the root of the workspace.
    pub(crate) fn cargo(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("cargo");
        command.args(arguments).current_dir(&self.root);
        for variable in TOLD_OF_XTASK {
            command.env_remove(variable);
        }
        command
    }

    /// A `cargo test` of the integration tests.
    ///
    /// The whole workspace is named, so that the binary is the one that all tests were built with.
    /// By itself its dependencies have other features, and it would be built once more.
    pub(crate) fn integration_tests(&self) -> Command {
        self.cargo(&["test", "--workspace", "--locked", "--test", "all"])
    }

    /// The files of the tree that git knows or would add, relative to the root and sorted.
    pub(crate) fn files(&self) -> Result<Vec<PathBuf>> {
        let mut command = Command::new("git");
        command
            .args([
                "ls-files",
                "-z",
                "--cached",
                "--others",
                "--exclude-standard",
            ])
            .current_dir(&self.root);
        let listed = output(command, "git ls-files")?;
        let mut files: Vec<PathBuf> = listed
            .split('\0')
            .filter(|name| !name.is_empty())
            .map(PathBuf::from)
            // A file that was deleted but not yet committed is still in git's index.
            .filter(|name| self.root.join(name).is_file())
            .collect();
        files.sort();
        files.dedup();
        Ok(files)
    }
}

/// Runs a command with its output shown, and fails when it does.
pub(crate) fn succeed(mut command: Command, name: &str) -> Result<()> {
    let status = command
        .status()
        .with_context(|| format!("{name} could not be started"))?;
    if !status.success() {
        bail!("{name} failed ({status})");
    }
    Ok(())
}

/// Runs a command and takes what it printed on standard output.
pub(crate) fn output(mut command: Command, name: &str) -> Result<String> {
    let output = command
        .stderr(std::process::Stdio::inherit())
        .output()
        .with_context(|| format!("{name} could not be started"))?;
    if !output.status.success() {
        bail!("{name} failed ({})", output.status);
    }
    String::from_utf8(output.stdout)
        .with_context(|| format!("{name} printed bytes that are no text"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Cargo runs this test as it runs xtask, and tells it the same of itself.
    #[test]
    fn what_builds_is_told_nothing_of_xtask() {
        let workspace = Workspace::find().expect("xtask lies in its workspace");
        let cargo = workspace.cargo(&[]);
        let mut listing = Command::new("env");
        for (name, value) in cargo.get_envs() {
            match value {
                Some(value) => listing.env(name, value),
                None => listing.env_remove(name),
            };
        }
        let told = output(listing, "env").expect("it lists variables");
        let names = told.lines().filter_map(|line| line.split_once('='));
        let left: Vec<_> = names
            .map(|(name, _)| name)
            .filter(|name| TOLD_OF_XTASK.contains(name))
            .collect();
        assert_eq!(left, [""; 0]);
    }
}
