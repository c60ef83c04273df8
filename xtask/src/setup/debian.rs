//! Programs that come from Debian: looked for first, installed only when missing, and only with the
//! right to do so without being asked for a password.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Result, bail};

use crate::say;
use crate::workspace::succeed;

/// A program that some test starts, and the package that brings it. What is no program is named by
/// the path of its file.
struct Needed {
    program: &'static str,
    package: &'static str,
}

/// PostgreSQL's server, which is not in the path.
const POSTGRES: &str = "postgres";
/// Debian's newest version of it.
const POSTGRESQL: &str = "postgresql";
/// What says whether installing it makes a database server that runs from then on, and the package
/// that brings this file.
const CLUSTERS: &str = "/etc/postgresql-common/createcluster.conf";
const CLUSTERS_PACKAGE: &str = "postgresql-common";
/// Says there that it does not: tests make their own.
const NO_CLUSTER: &str = "s/^#\\?create_main_cluster.*/create_main_cluster = false/";

const NEEDED: &[Needed] = &[
    // Pages are drawn with the fonts that they ask for, so that pictures of them are alike
    // everywhere.
    Needed {
        program: "/usr/share/fonts/opentype/inter/Inter-Regular.otf",
        package: "fonts-inter",
    },
    Needed {
        program: "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
        package: "fonts-noto-cjk",
    },
    Needed {
        program: "caddy",
        package: "caddy",
    },
    Needed {
        program: "chromium",
        package: "chromium",
    },
    Needed {
        program: "curl",
        package: "curl",
    },
    Needed {
        program: "dpkg-shlibdeps",
        package: "dpkg-dev",
    },
    Needed {
        program: "gh",
        package: "gh",
    },
    Needed {
        program: "git",
        package: "git",
    },
    Needed {
        program: "groff",
        package: "groff-base",
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
        program: "java",
        package: "default-jre-headless",
    },
    Needed {
        program: "javac",
        package: "default-jdk-headless",
    },
    Needed {
        program: "lintian",
        package: "lintian",
    },
    Needed {
        program: "mmdebstrap",
        package: "mmdebstrap",
    },
    Needed {
        program: "mvn",
        package: "maven",
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
        program: "pgbouncer",
        package: "pgbouncer",
    },
    Needed {
        program: POSTGRES,
        package: POSTGRESQL,
    },
    Needed {
        program: "python3",
        package: "python3-venv",
    },
    Needed {
        program: "skopeo",
        package: "skopeo",
    },
    Needed {
        program: "strace",
        package: "strace",
    },
    Needed {
        program: "strip",
        package: "binutils",
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
    let Some(right) = Right::here() else {
        bail!(
            "missing packages, and no right to install them; run this once: {}",
            by_hand(&missing)
        );
    };
    say::line(&format!(
        "Debian packages: installing {}",
        missing.join(" ")
    ));
    succeed(
        right.command(&["apt-get", "--quiet", "update"]),
        "apt-get update",
    )?;
    let (before, after) = in_order(&missing);
    install(right, &before)?;
    if !after.is_empty() {
        let sed = right.command(&["sed", "--in-place", NO_CLUSTER, CLUSTERS]);
        succeed(sed, "saying that PostgreSQL is to start no server")?;
        install(right, &after)?;
    }
    Ok(())
}

fn install(right: Right, packages: &[&str]) -> Result<()> {
    let mut command = right.command(&[
        "apt-get",
        "--quiet",
        "install",
        "--yes",
        "--no-install-recommends",
    ]);
    command.args(packages);
    succeed(command, "apt-get install")
}

/// Puts a package into a folder without installing it. Where the lists of packages are missing or
/// old they are fetched first, if there is a right to.
pub(crate) fn download(package: &str, folder: &Path) -> Result<()> {
    let command = || {
        let mut command = Command::new("apt-get");
        command
            .args(["--quiet", "download", package])
            .current_dir(folder)
            .stdin(Stdio::null());
        command
    };
    let Err(error) = succeed(command(), "apt-get download") else {
        return Ok(());
    };
    let Some(right) = Right::here() else {
        return Err(
            error.context("the lists of packages may be missing; run `sudo apt-get update`")
        );
    };
    let update = right.command(&["apt-get", "--quiet", "update"]);
    succeed(update, "apt-get update")?;
    succeed(command(), "apt-get download")
}

/// The same as one command, for somebody who has the right.
fn by_hand(missing: &[&str]) -> String {
    let (before, after) = in_order(missing);
    let install = "sudo apt-get install --yes --no-install-recommends";
    let command = format!("sudo apt-get update && {install} {}", before.join(" "));
    if after.is_empty() {
        return command;
    }
    let after = after.join(" ");
    format!("{command} && sudo sed -i '{NO_CLUSTER}' {CLUSTERS} && {install} {after}")
}

/// What may be installed at once, and what only after the file is there that says what installing
/// it does.
fn in_order<'a>(missing: &[&'a str]) -> (Vec<&'a str>, Vec<&'a str>) {
    let (after, mut before): (Vec<_>, Vec<_>) = missing
        .iter()
        .copied()
        .partition(|package| *package == POSTGRESQL);
    if !after.is_empty() {
        before.push(CLUSTERS_PACKAGE);
    }
    (before, after)
}

/// How apt-get may be run here.
#[derive(Clone, Copy)]
pub(super) enum Right {
    Root,
    Sudo,
}

impl Right {
    /// The right that this process has, if any.
    pub(super) fn here() -> Option<Self> {
        let user_id = Command::new("id").arg("-u").output().ok()?;
        if user_id.stdout.trim_ascii() == b"0" {
            return Some(Self::Root);
        }
        // `sudo -n` fails instead of asking for a password.
        quietly("sudo", &["-n", "true"]).then_some(Self::Sudo)
    }

    /// A command that asks nothing.
    pub(super) fn command(self, words: &[&str]) -> Command {
        let mut command = match self {
            Self::Root => Command::new("env"),
            Self::Sudo => {
                let mut sudo = Command::new("sudo");
                sudo.args(["-n", "env"]);
                sudo
            }
        };
        command
            .arg("DEBIAN_FRONTEND=noninteractive")
            .args(words)
            .stdin(Stdio::null());
        command
    }
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
    if program == POSTGRES {
        // Version 14 is the oldest that Counterfoil supports.
        let script = "ls /usr/lib/postgresql/*/bin/postgres | grep -Eq '/(1[4-9]|[2-9][0-9])/bin/'";
        return quietly("sh", &["-c", script]);
    }
    if program.starts_with('/') {
        return Path::new(program).is_file();
    }
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
    fn postgresql_comes_after_the_file_that_keeps_it_from_starting_a_server() {
        let command = by_hand(&["curl", "postgresql"]);
        let place = |text| command.find(text).expect(text);
        assert!(place("curl postgresql-common") < place("sed -i"));
        assert!(place("sed -i") < place("--no-install-recommends postgresql"));
        assert!(!by_hand(&["curl"]).contains("sed"));
    }

    #[test]
    fn nothing_missing_means_no_package() {
        assert!(packages_of(|_| false).is_empty());
    }

    #[test]
    fn a_program_that_does_not_exist_is_not_there() {
        assert!(is_there("sh"));
        assert!(!is_there("a-program-that-nobody-wrote"));
        assert!(is_there("/bin/sh"));
        assert!(!is_there("/bin/a-program-that-nobody-wrote"));
    }
}
