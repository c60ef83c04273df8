//! Files with keys in them, which only their owner reads.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{
    DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, chown, fchown,
};
use std::path::Path;

use rustix::process::geteuid;

use super::certificate::TlsError;

/// Only the owner reads: the folder holds a private key.
const FOLDER_MODE: u32 = 0o700;
const FILE_MODE: u32 = 0o600;

/// Makes a folder that only its owner can look into, unless there is one. Its parent must exist.
pub(super) fn make_folder(folder: &Path) -> Result<(), TlsError> {
    let make = || match fs::DirBuilder::new().mode(FOLDER_MODE).create(folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
        Ok(()) => match owner_to_be(folder, &fs::metadata(folder)?)? {
            Some((user, group)) => chown(folder, Some(user), Some(group)),
            None => Ok(()),
        },
    };
    make().map_err(|source| cannot_write(folder, source))
}

/// Writes a file that only the owner can read, whole or not at all.
pub(super) fn write_private(path: &Path, content: &str) -> Result<(), TlsError> {
    let write = || {
        let unfinished = path.with_extension("new");
        let mut options = OpenOptions::new();
        options
            .write(true)
            .create(true)
            .truncate(true)
            .mode(FILE_MODE);
        let mut file = options.open(&unfinished)?;
        // The mode above counts only for a file that did not exist.
        file.set_permissions(Permissions::from_mode(FILE_MODE))?;
        give_away(path, &file)?;
        file.write_all(content.as_bytes())?;
        file.sync_all()?;
        fs::rename(&unfinished, path)
    };
    write().map_err(|source| cannot_write(path, source))
}

fn give_away(path: &Path, file: &File) -> io::Result<()> {
    match owner_to_be(path, &file.metadata()?)? {
        Some((user, group)) => fchown(file, Some(user), Some(group)),
        None => Ok(()),
    }
}

/// Whom something that was made at this path goes to, if to somebody else: what root makes in
/// somebody's folder belongs to that person, who could not go on with it otherwise.
fn owner_to_be(path: &Path, made: &fs::Metadata) -> io::Result<Option<(u32, u32)>> {
    let Some(parent) = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
    else {
        return Ok(None);
    };
    let folder = fs::metadata(parent)?;
    let owner = (folder.uid(), folder.gid());
    let is_another = owner != (made.uid(), made.gid());
    Ok((geteuid().is_root() && is_another).then_some(owner))
}

fn cannot_write(path: &Path, source: io::Error) -> TlsError {
    TlsError::Write {
        path: path.to_owned(),
        source,
    }
}
