//! A server whose data, log of changes or both are on a disk of its own.

use std::fs;
use std::path::Path;

use super::cluster::{Cluster, ClusterOptions, Place};
use super::disk::ClusterDisk;
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
