//! SHA-256 digests, in the form that `sha256sum --check` reads.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

/// The list's name.
const LIST: &str = "SHA256SUMS";

/// The digest of a file.
pub(super) fn of_file(file: &Path) -> Result<String> {
    let mut digest = Sha256::new();
    let mut opened =
        File::open(file).with_context(|| format!("{} cannot be opened", file.display()))?;
    let mut piece = vec![0; 1 << 16];
    loop {
        let read = opened.read(&mut piece)?;
        if read == 0 {
            break;
        }
        digest.update(&piece[..read]);
    }
    Ok(HEXLOWER.encode(&digest.finalize()))
}

/// Writes the list of these files of a folder into it.
pub(super) fn write(folder: &Path, files: &[PathBuf]) -> Result<()> {
    fs::write(folder.join(LIST), list(files)?)?;
    Ok(())
}

/// The list of all that is in a folder.
pub(super) fn of_folder(folder: &Path) -> Result<String> {
    let entries = fs::read_dir(folder)?.map(|entry| Ok(entry?.path()));
    list(&entries.collect::<Result<Vec<_>>>()?)
}

fn list(files: &[PathBuf]) -> Result<String> {
    let mut files: Vec<_> = files.iter().collect();
    files.sort();
    let mut lines = String::new();
    for file in files {
        let name = file.file_name().context("a file has a name")?;
        let _ = writeln!(lines, "{}  {}", of_file(file)?, name.display());
    }
    Ok(lines)
}
