//! Whether the service could read what the settings name. Root may read everything; the user that
//! the data folder belongs to, as which the server runs, may not.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use nix::unistd::{Gid, Group, Uid, User, geteuid, getgrouplist, setfsgid, setfsuid, setgroups};
use tokio::net::UnixStream;

use super::Finding;
use crate::config::Settings;
use crate::data_folder::{CONTROL_SOCKET, DataFolder};

const CHECK: &str = "service";
/// The unit's name, as the package has it.
const UNIT: &str = "counterfoil.service";

/// As whom the server runs, or would.
struct Service {
    user: Uid,
    group: Gid,
    groups: Vec<Gid>,
}

/// What the service cannot read, where this process is root and the service is not.
pub(super) async fn findings(settings: &Settings, folder: &DataFolder) -> Vec<Finding> {
    let service = match Service::of(folder).await {
        Ok(Some(service)) => service,
        Ok(None) => return Vec::new(),
        Err(error) => return vec![Finding::error(CHECK, error)],
    };
    let handed_over = handed_over();
    let unreadable: Vec<_> = files(settings)
        .into_iter()
        .filter(|file| !handed_over.contains(file))
        .filter_map(|file| Some((service.open(&file).err()?, file)))
        .map(|(error, file)| service.finding(&file, &error))
        .collect();
    if !unreadable.is_empty() {
        return unreadable;
    }
    let user = service.user;
    let sentence = format!("the service's user (uid {user}) can read all that the settings name");
    vec![Finding::ok(CHECK, sentence)]
}

/// What a server opens, beside its data folder.
fn files(settings: &Settings) -> Vec<PathBuf> {
    let named = [
        settings.file.as_ref(),
        settings.tls.cert.as_ref(),
        settings.tls.key.as_ref(),
        settings.keys.file.as_ref(),
        settings.database.password_file.as_ref(),
        settings.database.tls_ca_file.as_ref(),
        settings.mail.password_file.as_ref(),
        settings.mail.tls_ca_file.as_ref(),
        settings.acme.external_account_key_file.as_ref(),
        settings.acme.tls_ca_file.as_ref(),
        settings.pages.logo.as_ref(),
    ];
    named.into_iter().flatten().cloned().collect()
}

/// The files that systemd reads as root and hands to the service as credentials.
fn handed_over() -> Vec<PathBuf> {
    if !Path::new("/run/systemd/system").is_dir() {
        return Vec::new();
    }
    let unit = Command::new("systemctl")
        .args(["cat", UNIT])
        .stdin(Stdio::null())
        .output();
    let unit = unit.map(|output| output.stdout).unwrap_or_default();
    credentials(&String::from_utf8_lossy(&unit))
}

/// Reads each `LoadCredential=NAME:PATH` of a unit. One without a value takes those before it back.
fn credentials(unit: &str) -> Vec<PathBuf> {
    let mut paths = Vec::new();
    for line in unit.lines() {
        match line.strip_prefix("LoadCredential=").map(str::trim) {
            Some("") => paths.clear(),
            Some(credential) => {
                let path = credential.split_once(':').map(|(_, path)| path);
                paths.extend(path.map(PathBuf::from));
            }
            None => {}
        }
    }
    paths
}

impl Service {
    /// None where this process sees what the service sees.
    async fn of(folder: &DataFolder) -> io::Result<Option<Self>> {
        use std::os::unix::fs::MetadataExt as _;

        let owner = fs::metadata(folder.path())?;
        if !geteuid().is_root() || owner.uid() == 0 {
            return Ok(None);
        }
        // One that runs shows which groups its unit adds.
        if let Some(running) = Self::running(folder).await {
            return Ok(Some(running));
        }
        let (user, group) = (Uid::from_raw(owner.uid()), Gid::from_raw(owner.gid()));
        Ok(Some(Self {
            user,
            group,
            groups: groups_of(user, group).unwrap_or_default(),
        }))
    }

    async fn running(folder: &DataFolder) -> Option<Self> {
        let stream = UnixStream::connect(folder.path().join(CONTROL_SOCKET)).await;
        let peer = stream.ok()?.peer_cred().ok()?;
        let status = fs::read_to_string(format!("/proc/{}/status", peer.pid()?)).ok()?;
        let groups = status
            .lines()
            .find_map(|line| line.strip_prefix("Groups:"))?;
        let groups = groups.split_whitespace().filter_map(|id| id.parse().ok());
        Some(Self {
            user: Uid::from_raw(peer.uid()),
            group: Gid::from_raw(peer.gid()),
            groups: groups.map(Gid::from_raw).collect(),
        })
    }

    /// Opens a file with the service's rights, which the system judges as it judges the service:
    /// path, owner, groups and access lists.
    fn open(&self, file: &Path) -> io::Result<()> {
        // Root may read without any group, so nothing else of this command needs its own.
        setgroups(&self.groups)?;
        thread::scope(|scope| {
            let opened = scope.spawn(|| {
                // For this thread alone, which ends here. The user goes last, since it takes the
                // right to change the group.
                setfsgid(self.group);
                setfsuid(self.user);
                // A user that cannot be is refused, and the answer says who it is now.
                if setfsuid(Uid::from_raw(u32::MAX)) != self.user {
                    let sentence = "root may not look with other users' eyes here";
                    return Err(io::Error::other(sentence));
                }
                File::open(file).map(drop)
            });
            opened
                .join()
                .unwrap_or_else(|_| Err(io::Error::other("the thread that looked panicked")))
        })
    }

    fn finding(&self, file: &Path, error: &io::Error) -> Finding {
        use std::os::unix::fs::MetadataExt as _;

        let shown = file.display();
        let user = self.user;
        if error.kind() != io::ErrorKind::PermissionDenied {
            return Finding::problem(CHECK, format!("{shown} cannot be read: {error}"));
        }
        let sentence = format!("{shown} cannot be read by the service's user (uid {user})");
        let metadata = fs::metadata(file);
        let group = metadata
            .ok()
            .filter(|metadata| metadata.mode() & 0o040 != 0 && metadata.gid() != 0)
            .and_then(|metadata| {
                Group::from_gid(Gid::from_raw(metadata.gid()))
                    .ok()
                    .flatten()
            });
        match group {
            // A unit that adds the group is believed once its service runs.
            Some(group) => Finding::warning(
                CHECK,
                format!(
                    "{sentence} unless its unit has SupplementaryGroups={}",
                    group.name
                ),
            ),
            None => Finding::problem(
                CHECK,
                format!(
                    "{sentence}; hand it over with LoadCredential= in the unit, or have a group of the service's read it"
                ),
            ),
        }
    }
}

/// The groups of a user that the system knows by name.
fn groups_of(user: Uid, group: Gid) -> Option<Vec<Gid>> {
    let known = User::from_uid(user).ok()??;
    let name = std::ffi::CString::new(known.name).ok()?;
    getgrouplist(&name, group).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_found_by_the_files_that_they_come_from() {
        let unit = "# /etc/systemd/system/counterfoil.service\n[Service]\n\
                    #LoadCredential=keys:/etc/counterfoil/keys\n\
                    LoadCredential=tls.crt:/etc/counterfoil/tls.crt\n\
                    LoadCredential=tls.key:/etc/counterfoil/tls.key\n";
        assert_eq!(
            credentials(unit),
            [
                Path::new("/etc/counterfoil/tls.crt"),
                Path::new("/etc/counterfoil/tls.key")
            ]
        );
        assert!(credentials(&format!("{unit}LoadCredential=\n")).is_empty());
    }
}
