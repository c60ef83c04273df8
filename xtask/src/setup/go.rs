//! The client in Go: a program of ours over somebody else's module, built into a folder of the
//! build.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::say;
use crate::workspace::{Workspace, succeed};

/// Where the program is committed, with the sums of what it needs.
const SOURCE: &str = "tests/clients/go_github";

/// Where it is built, and where modules are kept, below the folder that cargo builds in. The tests
/// look there.
const BUILT: &str = "clients-go";

/// Builds the client. Nothing is downloaded or compiled a second time unless something changed.
pub(crate) fn install(workspace: &Workspace) -> Result<()> {
    let source = workspace.root().join(SOURCE);
    let built = workspace.target_folder()?.join(BUILT);
    fs::create_dir_all(&built).with_context(|| format!("{} could not be made", built.display()))?;
    demand_version(&source)?;
    let mut command = Command::new("go");
    command
        // What is downloaded can be removed like everything else that was built.
        .args(["build", "-modcacherw", "-trimpath", "-o"])
        .arg(built.join("go_github"))
        .arg(".")
        .current_dir(&source)
        .env("GOMODCACHE", built.join("modules"))
        .env("GOCACHE", built.join("cache"))
        .env("GOFLAGS", "-mod=readonly")
        .env("GOTOOLCHAIN", "local")
        .env("CGO_ENABLED", "0")
        .stdin(Stdio::null());
    succeed(command, "go build")?;
    say::line("client in Go: built");
    Ok(())
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
            "the client in Go needs Go {wanted} or newer, and this is {found}; install a newer one"
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
