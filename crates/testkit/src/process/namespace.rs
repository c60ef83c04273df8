//! A network of the test's own: nothing in it but loopback, every port free, and a hosts file that
//! says what the test wants. Some clients insist on port 443 of a host name; here they can have it.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use super::holder::Holder;
use crate::TestFolder;
use crate::installed;

/// A network and a mount namespace, held open by a process that does nothing. They end with this
/// value.
pub struct NetworkNamespace {
    holder: Holder,
    _folder: TestFolder,
}

/// Brings loopback up and puts the hosts file in place.
const SET_UP: &str = "\"$1\" link set lo up && mount --bind \"$2\" /etc/hosts";

impl NetworkNamespace {
    /// Makes one in which each of these names means 127.0.0.1.
    pub fn with_hosts(names: &[&str]) -> Self {
        let folder = TestFolder::on_disk();
        let mut lines = String::from("127.0.0.1 localhost\n");
        for name in names {
            lines.push_str("127.0.0.1 ");
            lines.push_str(name);
            lines.push('\n');
        }
        let hosts = folder.path().join("hosts");
        std::fs::write(&hosts, lines).expect("the folder is the test's own");
        let holder = Holder::start(
            &["--net", "--mount"],
            SET_UP,
            &[installed::tool("ip"), hosts],
        );
        Self {
            holder,
            _folder: folder,
        }
    }

    /// A command that runs inside, in the given folder.
    pub fn command(&self, program: impl AsRef<Path>, folder: &Path) -> Command {
        let entry = self.entry(folder);
        let (first, rest) = entry
            .split_first()
            .expect("the entry names at least nsenter");
        let mut command = Command::new(first);
        command.args(rest).arg(program.as_ref()).current_dir(folder);
        command
    }

    /// The words to put before a command so that it runs inside, in the given folder.
    pub(super) fn entry(&self, folder: &Path) -> Vec<OsString> {
        self.holder.entry(folder)
    }
}
