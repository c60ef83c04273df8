//! `cargo xtask dist`: what a release consists of, from one build of the program: a Debian package,
//! a tarball, a container image, a list of what the program is made of, and the digests of them
//! all.
//!
//! The same sources make the same bytes, wherever the checkout lies: files are sorted, belong to
//! root and have the time of the commit, and no path of the machine is in the program. `--twice`
//! proves it.

mod bill;
mod build;
mod debian;
mod files;
mod image;
mod sums;
mod tar;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use self::files::Tree;
use crate::say;
use crate::workspace::{Workspace, output};

/// What is asked for.
pub(crate) struct Wanted {
    /// A program to pack in place of a release build.
    pub(crate) program: Option<PathBuf>,
    /// Where the release goes, in place of `dist` in the folder that cargo builds in.
    pub(crate) to: Option<PathBuf>,
    /// Whether it is made twice, from two builds, and compared.
    pub(crate) twice: bool,
}

/// What every part of a release is called after and dated by.
struct Release {
    version: String,
    /// Seconds since 1970: of the commit, or as `SOURCE_DATE_EPOCH` says.
    epoch: u64,
    /// As Debian and OCI call this machine's kind.
    architecture: &'static str,
    /// How hard archives are compressed, from 1 to [`tar::BEST`].
    compression: u8,
}

/// Makes a release.
pub(crate) fn run(workspace: &Workspace, wanted: &Wanted) -> Result<()> {
    let to = match &wanted.to {
        Some(folder) => std::path::absolute(folder)?,
        None => workspace.target_folder()?.join("dist"),
    };
    let mut release = Release::of(workspace)?;
    if wanted.twice {
        return twice(workspace, &release, &to);
    }
    let program = match &wanted.program {
        Some(program) => {
            // Nobody downloads it.
            release.compression = 1;
            std::path::absolute(program)?
        }
        None => build::build(workspace, release.epoch, "dist-build")?,
    };
    make(workspace, &release, &program, &to)
}

/// Makes the release from two builds in folders of their own, and compares all bytes.
fn twice(workspace: &Workspace, release: &Release, to: &Path) -> Result<()> {
    let mut made = Vec::new();
    for (build, folder) in [
        ("dist-build", to.to_owned()),
        ("dist-build-again", to.with_extension("again")),
    ] {
        let program = build::build(workspace, release.epoch, build)?;
        make(workspace, release, &program, &folder)?;
        made.push(sums::of_folder(&folder)?);
    }
    if made[0] != made[1] {
        bail!("the two builds differ:\n{}\n{}", made[0], made[1]);
    }
    say::line("both builds have the same bytes");
    Ok(())
}

fn make(workspace: &Workspace, release: &Release, program: &Path, to: &Path) -> Result<()> {
    say::step("dist");
    fs::create_dir_all(to).with_context(|| format!("{} cannot be made", to.display()))?;
    let work = to.join("work");
    if work.exists() {
        fs::remove_dir_all(&work)?;
    }
    fs::create_dir_all(&work)?;
    let bill = bill::Bill::of(workspace)?;
    let tree = Tree::stage(workspace, program, &bill, &work)?;
    let made = [
        debian::package(workspace, release, &tree, &work, to)?,
        tree.tarball(workspace, release, &work, to)?,
        image::image(release, &tree, &work, to)?,
        bill.write(release, to)?,
    ];
    fs::remove_dir_all(&work)?;
    sums::write(to, &made)?;
    for file in made {
        say::line(&file.display().to_string());
    }
    Ok(())
}

impl Release {
    fn of(workspace: &Workspace) -> Result<Self> {
        let manifest = fs::read_to_string(workspace.root().join("Cargo.toml"))?;
        let manifest: toml::Table = manifest.parse()?;
        let version = manifest["workspace"]["package"]["version"].as_str();
        Ok(Self {
            version: version.context("Cargo.toml has no version")?.to_owned(),
            epoch: epoch(workspace)?,
            architecture: match std::env::consts::ARCH {
                "x86_64" => "amd64",
                "aarch64" => "arm64",
                other => bail!("nothing is released for {other}"),
            },
            compression: tar::BEST,
        })
    }

    /// The name of a file of this release.
    fn file(&self, to: &Path, end: &str) -> PathBuf {
        let Self {
            version,
            architecture,
            ..
        } = self;
        to.join(format!("counterfoil-{version}-linux-{architecture}{end}"))
    }
}

/// What whoever makes a release has said in the environment.
#[expect(
    clippy::disallowed_methods,
    reason = "xtask has no settings, and these variables are others' conventions"
)]
fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

fn epoch(workspace: &Workspace) -> Result<u64> {
    if let Some(given) = variable("SOURCE_DATE_EPOCH") {
        return given
            .to_string_lossy()
            .parse()
            .context("SOURCE_DATE_EPOCH must be a number of seconds");
    }
    let mut git = Command::new("git");
    git.args(["log", "-1", "--format=%ct"])
        .current_dir(workspace.root());
    let time = output(git, "git log")?;
    time.trim().parse().context("git log printed no time")
}
