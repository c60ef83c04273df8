//! A release, packed from the program that the tests were built with, once for all tests.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use counterfoil_testkit::installed;
use counterfoil_testkit::process::{Output, finish};

const LIMIT: Duration = Duration::from_mins(3);

/// The folder with everything in it.
pub(super) fn folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = installed::profile_folder().join("dist");
        if folder.exists() {
            fs::remove_dir_all(&folder).expect("what an earlier run made can go");
        }
        pack(&folder);
        folder
    })
}

/// Packs it.
pub(super) fn pack(to: &Path) {
    let mut pack = Command::new(installed::xtask());
    pack.args(["dist", "--program"])
        .arg(installed::program())
        .arg("--to")
        .arg(to);
    run(pack, "xtask dist").succeeded();
}

/// The one file of a release whose name ends so.
pub(super) fn file(end: &str) -> PathBuf {
    let entries = fs::read_dir(folder()).expect("the release is there");
    let mut found: Vec<_> = entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.to_string_lossy().ends_with(end))
        .collect();
    assert_eq!(found.len(), 1, "{end}: {found:?}");
    found.remove(0)
}

/// Runs a program to its end.
pub(super) fn run(mut command: Command, name: &str) -> Output {
    let child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{name} cannot be started: {error}"));
    finish(child, name, LIMIT)
}
