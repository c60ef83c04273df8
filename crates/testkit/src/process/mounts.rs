//! Disks of the test's own: one that is small enough to be filled, one that cannot be written to. They are mounted where
//! nobody else sees them.

use std::ffi::OsString;
use std::fs::File;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use super::holder::Holder;

/// A mount namespace, held open by a process that does nothing. It ends with this value.
pub struct MountNamespace {
    holder: Holder,
}

impl MountNamespace {
    /// Makes one in which a new, empty disk of this size lies over a folder.
    pub fn with_small_disk(over: &Path, kibibytes: u32) -> Self {
        let script = format!("mount -t tmpfs -o size={kibibytes}k,mode=700 tmpfs \"$1\"");
        let holder = Holder::start(&["--mount"], &script, &[over.to_owned()]);
        Self { holder }
    }

    /// Makes one in which a folder can be read and not written to, not even by root.
    pub fn with_read_only(folder: &Path) -> Self {
        let script = "mount --bind \"$1\" \"$1\" && mount -o remount,bind,ro \"$1\"";
        let holder = Holder::start(&["--mount"], script, &[folder.to_owned()]);
        Self { holder }
    }

    /// A path inside, as the test itself reaches it.
    pub fn path_from_outside(&self, path: &Path) -> PathBuf {
        self.holder.path_from_outside(path)
    }

    /// Writes a file until not one more byte fits on its disk. Deleting it makes room again.
    pub fn fill_disk(&self, with: &Path) {
        let path = self.path_from_outside(with);
        let mut file =
            File::create(&path).expect("a disk that is to be filled has room for a name");
        for size in [64 * 1024, 4096, 1] {
            let piece = vec![b'x'; size];
            loop {
                match file.write_all(&piece) {
                    Ok(()) => {}
                    Err(error) if error.kind() == ErrorKind::StorageFull => break,
                    Err(error) => panic!("{} cannot be filled: {error}", path.display()),
                }
            }
        }
    }

    /// The words to put before a command so that it runs inside, in the given folder.
    pub(super) fn entry(&self, folder: &Path) -> Vec<OsString> {
        self.holder.entry(folder)
    }
}
