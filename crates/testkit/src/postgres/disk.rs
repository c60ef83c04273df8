//! A disk of a server's own, which a test can fill or damage.

use std::fs;
use std::path::PathBuf;

use crate::process::MountNamespace;

/// The disk. Nobody but the server sees it.
#[derive(Debug)]
pub struct ClusterDisk {
    pub(super) mounts: MountNamespace,
    /// Where it is mounted.
    pub(super) at: PathBuf,
    /// The file that it lives in, if it can be damaged.
    pub(super) file: PathBuf,
}

impl ClusterDisk {
    /// Takes all room that is left.
    pub fn fill(&self) {
        self.mounts.fill_disk(&self.ballast());
    }

    /// Gives back what was taken.
    pub fn make_room(&self) {
        let ballast = self.mounts.path_from_outside(&self.ballast());
        fs::remove_file(ballast).expect("what the test wrote can be deleted");
    }

    /// Has the system find an error on it, upon which nobody can write to it.
    pub fn damage(&self) {
        self.mounts.damage(&self.file);
    }

    /// Mounts it again, after its server has ended.
    pub fn mount_again(&self) {
        self.mounts.mount_again(&self.at, &self.file);
    }

    fn ballast(&self) -> PathBuf {
        self.at.join("ballast")
    }
}
