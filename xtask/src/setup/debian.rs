//! Programs that come from Debian: looked for first, installed only when missing, and only with the right to do so
//! without being asked for a password.

use std::process::{Command, Stdio};

use anyhow::{Result, bail};

use crate::say;
use crate::workspace::succeed;

/// A program that some test starts, and the package that brings it.
struct Needed {
    program: &'static str,
    package: &'static str,
}

const NEEDED: &[Needed] = &[
    Needed {
        program: "caddy",
        package: "caddy",
    },
    Needed {
        program: "curl",
        package: "curl",
    },
    Needed {
        program: "gh",
        package: "gh",
    },
    Needed {
        program: "go",
        package: "golang-go",
    },
    Needed {
        program: "haproxy",
        package: "haproxy",
    },
    Needed {
        program: "hub",
        package: "hub",
    },
    Needed {
        program: "ip",
        package: "iproute2",
    },
    Needed {
        program: "nginx",
        package: "nginx",
    },
    Needed {
        program: "node",
        package: "nodejs",
    },
    Needed {
        program: "npm",
        package: "npm",
    },
    Needed {
        program: "nsenter",
        package: "util-linux",
    },
    Needed {
        program: "openssl",
        package: "openssl",
    },
    Needed {
        program: "python3",
        package: "python3-venv",
    },
    Needed {
        program: "strace",
        package: "strace",
    },
    Needed {
        program: "unshare",
        package: "util-linux",
    },
    Needed {
        program: "valgrind",
        package: "valgrind",
    },
];

/// Installs the packages of the programs that are not there.
pub(crate) fn install_missing() -> Result<()> {
    let missing = packages_of(|program| !is_there(program));
    if missing.is_empty() {
        say::line("Debian packages: nothing is missing");
        return Ok(());
    }
    let Some(right) = right_to_install() else {
        bail!(
            "missing packages, and no right to install them; run this once: sudo apt-get update && sudo apt-get install --yes {}",
            missing.join(" ")
        );
    };
    say::line(&format!(
        "Debian packages: installing {}",
        missing.join(" ")
    ));
    succeed(apt_get(right, &["update"]), "apt-get update")?;
    let mut install = apt_get(right, &["install", "--yes", "--no-install-recommends"]);
    install.args(&missing);
    succeed(install, "apt-get install")
}

/// How apt-get may be run here.
#[derive(Clone, Copy)]
enum Right {
    Root,
    Sudo,
}

fn right_to_install() -> Option<Right> {
    let user_id = Command::new("id").arg("-u").output().ok()?;
    if user_id.stdout.trim_ascii() == b"0" {
        return Some(Right::Root);
    }
    // `sudo -n` fails instead of asking for a password.
    quietly("sudo", &["-n", "true"]).then_some(Right::Sudo)
}

fn apt_get(right: Right, arguments: &[&str]) -> Command {
    let mut command = match right {
        Right::Root => Command::new("env"),
        Right::Sudo => {
            let mut sudo = Command::new("sudo");
            sudo.args(["-n", "env"]);
            sudo
        }
    };
    command
        .args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet"])
        .args(arguments)
        .stdin(Stdio::null());
    command
}

/// The packages of the programs that the given test picks, each once.
fn packages_of(picked: impl Fn(&str) -> bool) -> Vec<&'static str> {
    let mut packages: Vec<&str> = NEEDED
        .iter()
        .filter(|needed| picked(needed.program))
        .map(|needed| needed.package)
        .collect();
    packages.sort_unstable();
    packages.dedup();
    packages
}

/// Whether the shell finds the program, in the folders of administrators too.
fn is_there(program: &str) -> bool {
    let script = format!("PATH=\"$PATH:/usr/local/sbin:/usr/sbin:/sbin\" command -v {program}");
    quietly("sh", &["-c", &script])
}

fn quietly(program: &str, arguments: &[&str]) -> bool {
    Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_that_brings_two_programs_is_named_once() {
        let packages = packages_of(|program| program == "unshare" || program == "nsenter");
        assert_eq!(packages, ["util-linux"]);
    }

    #[test]
    fn nothing_missing_means_no_package() {
        assert!(packages_of(|_| false).is_empty());
    }

    #[test]
    fn a_program_that_does_not_exist_is_not_there() {
        assert!(is_there("sh"));
        assert!(!is_there("a-program-that-nobody-wrote"));
    }
}
