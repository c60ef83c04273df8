//! What is built in Go, at the versions of committed sums, into a folder of the build: a program of
//! ours over somebody else's module, and somebody else's programs.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::say;
use crate::workspace::{Workspace, succeed};

/// Where our program is committed, with the sums of what it needs.
const CLIENT: &str = "tests/clients/go_github";

/// Somebody else's program.
struct Foreign {
    /// What it is called, here and where it is built.
    name: &'static str,
    /// Where it is committed which one is built, with the sums of what it needs.
    source: &'static str,
    package: &'static str,
}

const FOREIGN: [Foreign; 2] = [
    Foreign {
        name: "oauth2-proxy",
        source: "tests/clients/oauth2_proxy",
        package: "github.com/oauth2-proxy/oauth2-proxy/v7",
    },
    Foreign {
        name: "pebble",
        source: "tests/acme/pebble",
        package: "github.com/letsencrypt/pebble/v2/cmd/pebble",
    },
];
/// The files of those folders.
const MODULE_FILES: [&str; 2] = ["go.mod", "go.sum"];

/// Where they are built, and where modules are kept, below the folder that cargo builds in. The
/// tests look there.
const BUILT: &str = "clients-go";

/// Builds all. Nothing is downloaded or compiled a second time unless something changed.
pub(crate) fn install(workspace: &Workspace) -> Result<()> {
    let built = workspace.target_folder()?.join(BUILT);
    fs::create_dir_all(&built).with_context(|| format!("{} could not be made", built.display()))?;
    let source = workspace.root().join(CLIENT);
    demand_version(&source)?;
    succeed(
        build(&source, &built, &built.join("go_github"), "."),
        "go build",
    )?;
    say::line("client in Go: built");
    for foreign in &FOREIGN {
        foreign.install(workspace, &built)?;
    }
    Ok(())
}

impl Foreign {
    /// Builds it unless the one that is there was built from the same sums. Its modules may be
    /// many, and are kept only while it is built.
    fn install(&self, workspace: &Workspace, built: &Path) -> Result<()> {
        let Self {
            name,
            source,
            package,
        } = self;
        let source = &workspace.root().join(source);
        let mut wanted = Vec::new();
        for file in MODULE_FILES {
            let path = source.join(file);
            let text =
                fs::read(&path).with_context(|| format!("{} could not be read", path.display()))?;
            wanted.extend(text);
        }
        // Written last, so that an installation cut short is not taken for a whole one.
        let done = built.join(format!("{name}.installed"));
        if fs::read(&done).is_ok_and(|have| have == wanted) {
            say::line(&format!("{name}: nothing is missing"));
            return Ok(());
        }
        say::line(&format!("{name}: building"));
        demand_version(source)?;
        let kept = built.join(format!("{name}-modules"));
        fs::create_dir_all(&kept)
            .with_context(|| format!("{} could not be made", kept.display()))?;
        succeed(build(source, &kept, &built.join(name), package), "go build")?;
        fs::remove_dir_all(&kept)
            .with_context(|| format!("{} could not be removed", kept.display()))?;
        fs::write(&done, wanted).with_context(|| format!("{} could not be written", done.display()))
    }
}

/// The command that builds a package of this folder's module into a program.
fn build(source: &Path, kept: &Path, program: &Path, package: &str) -> Command {
    let mut command = Command::new("go");
    command
        // What is downloaded can be removed like everything else that was built.
        .args(["build", "-modcacherw", "-trimpath", "-o"])
        .arg(program)
        .arg(package)
        .current_dir(source)
        .env("GOMODCACHE", kept.join("modules"))
        .env("GOCACHE", kept.join("cache"))
        .env("GOFLAGS", "-mod=readonly")
        .env("GOTOOLCHAIN", "local")
        .env("CGO_ENABLED", "0")
        .stdin(Stdio::null());
    command
}

/// Demands a Go that is new enough for the module, and says so in one sentence instead of many
/// errors.
fn demand_version(source: &Path) -> Result<()> {
    let module = fs::read_to_string(source.join("go.mod")).context("go.mod could not be read")?;
    let wanted = wanted_version(&module).context("go.mod names no version of Go")?;
    let output = Command::new("go")
        .args(["env", "GOVERSION"])
        .env("GOTOOLCHAIN", "local")
        .stdin(Stdio::null())
        .output()
        .context("go could not be started")?;
    let found = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let found = found.trim_start_matches("go");
    if parts(found) < parts(wanted) {
        bail!(
            "the clients in Go need Go {wanted} or newer, and this is {found}; install a newer one"
        );
    }
    Ok(())
}

fn wanted_version(module: &str) -> Option<&str> {
    module.lines().find_map(|line| line.strip_prefix("go "))
}

/// The numbers of a version, without what is appended to them.
fn parts(version: &str) -> Vec<u32> {
    let number = |part: &str| {
        let digits: String = part.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().unwrap_or(0)
    };
    version.split('.').map(number).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_number() {
        assert!(parts("1.9.9") < parts("1.25.0"));
        assert!(parts("1.26rc1") > parts("1.25.0"));
        assert_eq!(parts("1.25.0"), parts("1.25.0-X:nocoverageredesign"));
    }

    #[test]
    fn the_module_names_the_version_it_needs() {
        assert_eq!(wanted_version("module m\n\ngo 1.25.0\n"), Some("1.25.0"));
        assert_eq!(wanted_version("module m\n"), None);
    }
}
