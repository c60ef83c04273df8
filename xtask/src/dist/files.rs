//! The files of a release, laid out as they are installed.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use super::Release;
use super::bill::Bill;
use super::tar::{self, BEST};
use crate::workspace::{Workspace, output, succeed};

/// Where the program goes.
const PROGRAM: &str = "usr/bin/counterfoil";
/// Where its documents go.
const DOCUMENTS: &str = "usr/share/doc/counterfoil";
/// Where its manual pages go.
const MANUAL: &str = "usr/share/man/man1";
/// For each shell, where completions go.
const COMPLETIONS: [(&str, &str); 3] = [
    ("bash", "usr/share/bash-completion/completions/counterfoil"),
    (
        "fish",
        "usr/share/fish/vendor_completions.d/counterfoil.fish",
    ),
    ("zsh", "usr/share/zsh/vendor-completions/_counterfoil"),
];
/// From the checkout, and where they go.
const COPIED: [(&str, &str); 3] = [
    (
        "packaging/systemd/counterfoil.service",
        "lib/systemd/system/counterfoil.service",
    ),
    (
        "packaging/systemd/counterfoil.socket",
        "lib/systemd/system/counterfoil.socket",
    ),
    (
        "packaging/debian/counterfoil.toml",
        "etc/counterfoil/counterfoil.toml",
    ),
];

/// A folder with everything in its place.
pub(super) struct Tree {
    root: PathBuf,
}

impl Tree {
    /// Lays it out. The program itself makes its manual pages and completions.
    pub(super) fn stage(
        workspace: &Workspace,
        program: &Path,
        bill: &Bill,
        work: &Path,
    ) -> Result<Self> {
        let tree = Self {
            root: work.join("tree"),
        };
        let mut strip = Command::new("strip");
        strip.args(["--strip-unneeded", "--remove-section=.comment", "-o"]);
        strip.arg(tree.place(PROGRAM)?).arg(program);
        succeed(strip, "strip")?;
        for (from, to) in COPIED {
            let to = tree.place(to)?;
            fs::copy(workspace.root().join(from), to).with_context(|| from.to_owned())?;
        }
        tree.manual()?;
        for (shell, to) in COMPLETIONS {
            let script = output(tree.run(&["completions", shell]), "counterfoil completions")?;
            fs::write(tree.place(to)?, script)?;
        }
        for licence in ["LICENSE-APACHE", "LICENSE-MIT"] {
            fs::copy(workspace.root().join(licence), tree.document(licence)?)?;
        }
        let notices = tree.document("THIRD-PARTY-LICENSES")?;
        fs::write(&notices, bill.notices()?)?;
        tar::compress(&notices, BEST)?;
        let changes = tree.document("changelog")?;
        fs::copy(workspace.root().join("CHANGELOG.md"), &changes)?;
        tar::compress(&changes, BEST)?;
        set_modes(&tree.root)?;
        Ok(tree)
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    pub(super) fn program(&self) -> PathBuf {
        self.root.join(PROGRAM)
    }

    /// A path in it whose folder is there.
    pub(super) fn place(&self, path: &str) -> Result<PathBuf> {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().context("a file lies in a folder")?)?;
        Ok(path)
    }

    /// The path of a document.
    pub(super) fn document(&self, name: &str) -> Result<PathBuf> {
        self.place(&format!("{DOCUMENTS}/{name}"))
    }

    fn run(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.program());
        command.args(arguments);
        command
    }

    fn manual(&self) -> Result<()> {
        let folder = self.place(&format!("{MANUAL}/counterfoil.1"))?;
        let folder = folder.parent().context("a page lies in a folder")?;
        let mut man = self.run(&["man", "--dir"]);
        man.arg(folder);
        // It says that it is done.
        man.stderr(Stdio::null());
        succeed(man, "counterfoil man")?;
        // The page of the settings file lies beside those of the commands, in a section of its own.
        for section in [folder, &folder.with_file_name("man5")] {
            for page in fs::read_dir(section)? {
                tar::compress(&page?.path(), BEST)?;
            }
        }
        Ok(())
    }

    /// The same files in an archive, with a folder around them.
    pub(super) fn tarball(
        &self,
        workspace: &Workspace,
        release: &Release,
        work: &Path,
        to: &Path,
    ) -> Result<PathBuf> {
        let folder = work.join("tarball");
        let top = folder.join(format!("counterfoil-{}", release.version));
        fs::create_dir_all(&folder)?;
        let mut copy = Command::new("cp");
        copy.arg("--archive").arg(&self.root).arg(&top);
        succeed(copy, "cp")?;
        for page in ["README.md", "SECURITY.md"] {
            fs::copy(workspace.root().join(page), top.join(page))?;
        }
        set_modes(&top)?;
        let archive = release.file(to, ".tar");
        tar::write(&folder, &archive, release)?;
        tar::compress(&archive, release.compression)?;
        Ok(archive.with_extension("tar.gz"))
    }
}

/// What the mask of whoever runs this made of the modes is put right.
pub(super) fn set_modes(folder: &Path) -> Result<()> {
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755))?;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_symlink() {
            continue;
        }
        if path.is_dir() {
            set_modes(&path)?;
        } else {
            // The loader of programs is one.
            let runs = fs::metadata(&path)?.permissions().mode() & 0o100 != 0;
            let mode = if runs { 0o755 } else { 0o644 };
            fs::set_permissions(&path, fs::Permissions::from_mode(mode))?;
        }
    }
    Ok(())
}
