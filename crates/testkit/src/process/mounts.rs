//! Disks of the test's own: one that is small enough to be filled, one that cannot be written to.
//! They are mounted where nobody else sees them.

use std::ffi::OsString;
use std::fs::File;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use std::process::Command;
use std::sync::OnceLock;

use super::holder::{Holder, is_root};

/// The size of a disk that can be damaged.
const DAMAGEABLE_BYTES: u64 = 192 << 20;
/// Mounts the disk in the file `$2` over the folder `$1`.
const MOUNT_DAMAGEABLE: &str = "mount -t ext4 -o loop,errors=remount-ro \"$2\" \"$1\"";

/// A mount namespace, held open by a process that does nothing. It ends with this value.
#[derive(Debug)]
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

    /// Makes one in which a folder of the test's own is `/etc`, and holds nothing but what is put
    /// into it.
    pub fn with_etc(etc: &Path) -> Self {
        let script = "mount --bind \"$1\" /etc";
        let holder = Holder::start(&["--mount"], script, &[etc.to_owned()]);
        Self { holder }
    }

    /// The one in which no settings of this machine's own are found, where there are some.
    pub(super) fn without_our_settings() -> Option<&'static Self> {
        static HIDDEN: OnceLock<Option<MountNamespace>> = OnceLock::new();
        let hide = || {
            Path::new("/etc/counterfoil").exists().then(|| Self {
                holder: Holder::start(&["--mount"], "true", &[]),
            })
        };
        HIDDEN.get_or_init(hide).as_ref()
    }

    /// Makes one in which a new, empty disk lies over a folder that can be damaged, and mounted
    /// again afterwards. It lives in a file, which is made here. There is none where the system has
    /// no such disks, or where this is not root.
    pub fn with_damageable_disk(over: &Path, file: &Path) -> Option<Self> {
        if !is_root() || !Path::new("/dev/loop-control").exists() {
            return None;
        }
        let disk = File::create(file).expect("the test can make a file");
        disk.set_len(DAMAGEABLE_BYTES)
            .expect("a file can have holes");
        let script = format!("mkfs.ext4 -q \"$2\" && {MOUNT_DAMAGEABLE} && chmod 700 \"$1\"");
        let arguments = [over.to_owned(), file.to_owned()];
        let holder = Holder::start(&["--mount"], &script, &arguments);
        Some(Self { holder })
    }

    /// Has the system find an error on the damageable disk that lives in this file, upon which
    /// nobody can write to it, not even to what is open.
    pub fn damage(&self, file: &Path) {
        let script = "device=$(losetup --noheadings --output NAME --associated \"$1\") &&
            echo 1 > /sys/fs/ext4/$(basename $device)/trigger_fs_error";
        self.run(script, &[file]);
    }

    /// Mounts the damageable disk again, whatever it went through. Nobody may use it meanwhile.
    pub fn mount_again(&self, over: &Path, file: &Path) {
        self.run(
            &format!("umount \"$1\" && {MOUNT_DAMAGEABLE}"),
            &[over, file],
        );
    }

    /// Runs a script inside.
    fn run(&self, script: &str, arguments: &[&Path]) {
        let entry = self.holder.entry(Path::new("/"));
        let ran = Command::new(&entry[0])
            .args(&entry[1..])
            .args(["sh", "-c", script, "sh"])
            .args(arguments)
            .output()
            .expect("nsenter can be started");
        let said = String::from_utf8_lossy(&ran.stderr);
        assert!(ran.status.success(), "{script} failed: {said}");
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
    pub(crate) fn entry(&self, folder: &Path) -> Vec<OsString> {
        self.holder.entry(folder)
    }
}
