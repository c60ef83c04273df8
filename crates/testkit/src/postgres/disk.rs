//! A server whose data, log of changes or both are on a disk of its own, which a test can fill or
//! damage.

use std::fs;
use std::path::{Path, PathBuf};

use super::cluster::{Cluster, ClusterOptions, Place};
use crate::folder::TestFolder;
use crate::process::MountNamespace;
use crate::unprivileged;

/// What of a server's is on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnDisk {
    /// All but the log of changes.
    Data,
    /// The log of changes alone.
    Log,
    /// All of it.
    Everything,
}

/// The disk. Nobody but the server sees it.
#[derive(Debug)]
pub struct ClusterDisk {
    mounts: MountNamespace,
    /// Where it is mounted.
    at: PathBuf,
    /// The file that it lives in, if it can be damaged.
    file: PathBuf,
}

impl Cluster {
    /// [`Cluster::start`] on a disk of this size. There is none where this is not root: the server
    /// runs as another user, and in a namespace of one's own there is no other.
    pub fn start_on_small_disk(
        kibibytes: u32,
        what: OnDisk,
        options: ClusterOptions<'_>,
    ) -> Option<Self> {
        Self::start_on_disk(what, options, |at, _| {
            unprivileged::has_another_user().then(|| MountNamespace::with_small_disk(at, kibibytes))
        })
    }

    /// [`Cluster::start`] with everything on a disk that can be damaged. There is none where the
    /// system has no such disks, or where this is not root.
    pub fn start_on_damageable_disk(options: ClusterOptions<'_>) -> Option<Self> {
        Self::start_on_disk(
            OnDisk::Everything,
            options,
            MountNamespace::with_damageable_disk,
        )
    }

    fn start_on_disk(
        what: OnDisk,
        options: ClusterOptions<'_>,
        mount: impl FnOnce(&Path, &Path) -> Option<MountNamespace>,
    ) -> Option<Self> {
        let folder = TestFolder::on_disk();
        unprivileged::give(folder.path());
        let (at, file) = (folder.path().join("disk"), folder.path().join("disk-file"));
        fs::create_dir(&at).expect("the folder is the test's");
        let mounts = mount(&at, &file)?;
        let disk = ClusterDisk { mounts, at, file };
        unprivileged::give(&disk.mounts.path_from_outside(&disk.at));
        let (data, log) = match what {
            OnDisk::Data => (disk.at.join("data"), Some(folder.path().join("log"))),
            OnDisk::Log => (folder.path().join("data"), Some(disk.at.join("log"))),
            OnDisk::Everything => (disk.at.join("data"), None),
        };
        let place = Place {
            data,
            log,
            disk: Some(disk),
            folder,
        };
        Some(Self::make_in(place, options))
    }

    /// The disk of its own.
    pub fn disk(&self) -> &ClusterDisk {
        let disk = self.place.disk.as_ref();
        disk.expect("the server was started on a disk of its own")
    }
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

    pub(super) fn mounts(&self) -> &MountNamespace {
        &self.mounts
    }

    fn ballast(&self) -> PathBuf {
        self.at.join("ballast")
    }
}
