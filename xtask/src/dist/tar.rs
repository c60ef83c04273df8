//! Archives with the same bytes whoever makes them: sorted, of root, at one time.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::Release;
use crate::workspace::succeed;

/// As small as gzip makes it.
pub(super) const BEST: u8 = 9;

/// Puts everything in a folder into an archive.
pub(super) fn write(folder: &Path, archive: &Path, release: &Release) -> Result<()> {
    let mut tar = Command::new("tar");
    tar.args(["--create", "--sort=name", "--format=gnu"])
        .args(["--owner=0", "--group=0", "--numeric-owner"])
        .arg(format!("--mtime=@{}", release.epoch))
        .arg("--file")
        .arg(archive)
        .arg("--directory")
        .arg(folder)
        .arg(".");
    succeed(tar, "tar")
}

/// Compresses a file in its place: it ends in `.gz` then. Neither its name nor a time is in it.
pub(super) fn compress(file: &Path, level: u8) -> Result<()> {
    let mut gzip = Command::new("gzip");
    gzip.args(["--no-name", "--force"])
        .arg(format!("-{level}"))
        .arg(file);
    succeed(gzip, "gzip")
}
