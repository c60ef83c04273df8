//! Says of which commit the program was built, where that is known: what `BUILD_COMMIT` says, else,
//! for a release build in a checkout of git, the commit that is checked out. A build of an unpacked
//! archive without either says nothing, and so does a debug build, which every commit would make
//! anew.

use std::path::Path;
use std::process::Command;

/// The variable by which a packager names the commit.
const GIVEN: &str = "BUILD_COMMIT";
/// Digits of a commit that are told.
const DIGITS: usize = 12;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed={GIVEN}");
    let commit = given().or_else(checked_out).unwrap_or_default();
    println!("cargo::rustc-env=COMMIT={commit}");
}

#[expect(
    clippy::disallowed_methods,
    reason = "a build script is told everything by its environment"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn given() -> Option<String> {
    let commit = variable(GIVEN)?;
    let is_one = commit.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_one.then(|| shortened(&commit))
}

fn checked_out() -> Option<String> {
    if variable("PROFILE")? != "release" {
        return None;
    }
    let folder = variable("CARGO_MANIFEST_DIR")?;
    let root = Path::new(&folder).ancestors().nth(2)?;
    // An archive may be unpacked inside the checkout of another project.
    let top = git(root, &["rev-parse", "--show-toplevel"])?;
    if Path::new(&top).canonicalize().ok()? != root.canonicalize().ok()? {
        return None;
    }
    // Git adds a line to this file whenever another commit is checked out.
    let log = git(root, &["rev-parse", "--git-path", "logs/HEAD"])?;
    println!("cargo::rerun-if-changed={}", root.join(log).display());
    git(root, &["rev-parse", "HEAD"]).map(|commit| shortened(&commit))
}

fn shortened(commit: &str) -> String {
    commit
        .chars()
        .take(DIGITS)
        .collect::<String>()
        .to_lowercase()
}

fn git(folder: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new("git")
        .current_dir(folder)
        .args(arguments)
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let text = text.trim();
    (output.status.success() && !text.is_empty()).then(|| text.to_owned())
}
