//! The Debian package, made by dpkg's own tools from files of ours.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::Release;
use super::files::{Tree, set_modes};
use super::tar::{self, BEST};
use crate::workspace::{Workspace, output, succeed};

/// Where the files lie that only a Debian package has.
const SOURCE: &str = "packaging/debian";
/// What dpkg runs.
const SCRIPTS: [&str; 3] = ["postinst", "prerm", "postrm"];

/// Makes the package.
pub(super) fn package(
    workspace: &Workspace,
    release: &Release,
    tree: &Tree,
    work: &Path,
    to: &Path,
) -> Result<PathBuf> {
    let source = workspace.root().join(SOURCE);
    let version = format!("{}-1", release.version);
    let root = work.join("debian");
    let mut copy = Command::new("cp");
    copy.arg("--archive").arg(tree.root()).arg(&root);
    succeed(copy, "cp")?;
    documents(&source, release, &version, &root)?;
    set_modes(&root)?;
    let control = fs::read_to_string(source.join("control"))?;
    let control = control
        .replace("{version}", &version)
        .replace("{architecture}", release.architecture)
        .replace("{installed_size}", &kibibytes(&root)?.to_string())
        .replace("{depends}", &libraries(&tree.program(), work)?);
    let about = root.join("DEBIAN");
    fs::create_dir(&about)?;
    fs::write(about.join("control"), control)?;
    fs::write(
        about.join("conffiles"),
        "/etc/counterfoil/counterfoil.toml\n",
    )?;
    fs::write(about.join("md5sums"), md5_sums(&root)?)?;
    for name in ["control", "conffiles", "md5sums"] {
        fs::set_permissions(about.join(name), fs::Permissions::from_mode(0o644))?;
    }
    for script in SCRIPTS {
        fs::copy(source.join(script), about.join(script))?;
        fs::set_permissions(about.join(script), fs::Permissions::from_mode(0o755))?;
    }
    let architecture = release.architecture;
    let package = to.join(format!("counterfoil_{version}_{architecture}.deb"));
    let mut build = Command::new("dpkg-deb");
    // dpkg keeps no time later than this, and files staged now get it.
    build
        .env("SOURCE_DATE_EPOCH", release.epoch.to_string())
        .args(["--root-owner-group", "--threads-max=1"])
        .args(compression(release))
        .arg("--build")
        .arg(&root)
        .arg(&package)
        .stdout(std::process::Stdio::null());
    succeed(build, "dpkg-deb")?;
    Ok(package)
}

fn compression(release: &Release) -> Vec<String> {
    let kind = if release.compression == BEST {
        "-Zxz"
    } else {
        "-Zgzip"
    };
    vec![kind.to_owned(), format!("-z{}", release.compression.min(6))]
}

/// What Debian's policy wants among the documents.
fn documents(source: &Path, release: &Release, version: &str, root: &Path) -> Result<()> {
    let documents = root.join("usr/share/doc/counterfoil");
    fs::copy(source.join("copyright"), documents.join("copyright"))?;
    // Debian has one place for each.
    fs::remove_file(documents.join("LICENSE-APACHE"))?;
    fs::remove_file(documents.join("LICENSE-MIT"))?;
    let mut date = Command::new("date");
    date.args(["--utc", "--rfc-email"])
        .arg(format!("--date=@{}", release.epoch))
        .env("LC_ALL", "C");
    let date = output(date, "date")?;
    let changes = documents.join("changelog.Debian");
    let entry = format!(
        "counterfoil ({version}) unstable; urgency=medium\n\n  * Release {}: see changelog.gz.\n\n \
         -- Counterfoil developers <counterfoil@packages.invalid>  {}\n",
        release.version,
        date.trim()
    );
    fs::write(&changes, entry)?;
    tar::compress(&changes, BEST)?;
    let overrides = root.join("usr/share/lintian/overrides");
    fs::create_dir_all(&overrides)?;
    fs::copy(
        source.join("lintian-overrides"),
        overrides.join("counterfoil"),
    )?;
    Ok(())
}

/// The packages of the libraries that the program is linked with, at the versions that it needs.
fn libraries(program: &Path, work: &Path) -> Result<String> {
    // The tool wants to stand in a source package.
    let folder = work.join("shlibs");
    fs::create_dir_all(folder.join("debian"))?;
    fs::write(
        folder.join("debian/control"),
        "Source: counterfoil\n\nPackage: counterfoil\nArchitecture: any\n",
    )?;
    let mut tool = Command::new("dpkg-shlibdeps");
    tool.args(["-O", "-xcounterfoil"])
        .arg(program)
        .current_dir(&folder);
    let said = output(tool, "dpkg-shlibdeps")?;
    let depends = said.trim().strip_prefix("shlibs:Depends=");
    depends
        .context("dpkg-shlibdeps names no libraries")
        .map(str::to_owned)
}

/// The sum of all files, each rounded up.
fn kibibytes(folder: &Path) -> Result<u64> {
    let mut sum = 0;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        sum += if path.is_dir() {
            1 + kibibytes(&path)?
        } else {
            fs::symlink_metadata(&path)?.len().div_ceil(1024)
        };
    }
    Ok(sum)
}

/// What `dpkg --verify` compares.
fn md5_sums(root: &Path) -> Result<String> {
    let mut find = Command::new("sh");
    find.args([
        "-c",
        "find etc lib usr -type f ! -path 'etc/*' -print0 | LC_ALL=C sort -z | xargs -0 md5sum",
    ])
    .current_dir(root);
    output(find, "md5sum")
}
