//! What the machine offers: room on the disk, and a file system that keeps its promises.

use std::path::Path;

use nix::sys::statfs::{NFS_SUPER_MAGIC, SMB_SUPER_MAGIC, statfs};
use nix::sys::statvfs::statvfs;
use nix::unistd::{AccessFlags, access};

use super::Finding;

/// Below this many bytes writes will soon fail.
const TOO_LITTLE_SPACE: u64 = 64 * 1024 * 1024;
/// Below this many bytes somebody should look.
const LITTLE_SPACE: u64 = 1024 * 1024 * 1024;

/// Whether this process may write there, and the file system takes writes at all.
pub(super) fn writable(folder: &Path) -> Finding {
    let path = folder.display();
    match access(folder, AccessFlags::W_OK | AccessFlags::X_OK) {
        Ok(()) => Finding::ok("data folder", format!("{path} can be written")),
        Err(error) => {
            let reason = error.desc();
            Finding::problem(
                "data folder",
                format!("{path} cannot be written ({reason}); nothing can be stored"),
            )
        }
    }
}

/// How much room is left for the data.
pub(super) fn free_space(folder: &Path) -> Finding {
    let free = match statvfs(folder) {
        Ok(found) => found
            .blocks_available()
            .saturating_mul(found.fragment_size()),
        Err(error) => return Finding::error("disk", error),
    };
    let megabytes = free / (1024 * 1024);
    let sentence = format!("{megabytes} MiB are free for {}", folder.display());
    if free < TOO_LITTLE_SPACE {
        Finding::problem(
            "disk",
            format!("only {sentence}; make room before writes fail"),
        )
    } else if free < LITTLE_SPACE {
        Finding::warning("disk", format!("only {sentence}"))
    } else {
        Finding::ok("disk", sentence)
    }
}

/// Whether the database lies where SQLite's log works: not on a share of another machine.
pub(super) fn file_system(folder: &Path) -> Finding {
    match statfs(folder) {
        Err(error) => Finding::error("disk", error),
        Ok(found) if [NFS_SUPER_MAGIC, SMB_SUPER_MAGIC].contains(&found.filesystem_type()) => {
            let path = folder.display();
            Finding::problem(
                "disk",
                format!(
                    "{path} lies on another machine, where a SQLite database is not safe; move it to a local disk"
                ),
            )
        }
        Ok(_) => Finding::ok("disk", format!("{} lies on a local disk", folder.display())),
    }
}
