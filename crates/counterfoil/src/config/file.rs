//! The settings file: which one is read, and whose word it may be.
//!
//! A file says where the database is and with it who gets to see passwords and tokens, so it is
//! read only if nobody but root and the caller can have written it. One that is found because of
//! where the caller stands is looked at more closely than one that was named, since standing in a
//! folder is no consent to what lies there.

use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use nix::unistd::{Gid, Group, Uid, User, geteuid};

use super::error::{ConfigError, Distrust};
use super::{Environment, FILE_VARIABLE};

/// The settings files that are read if none is named: the first one that exists. The first lies in
/// the working directory.
pub const DEFAULT_FILES: [&str; 2] = ["counterfoil.toml", "/etc/counterfoil/counterfoil.toml"];

const GROUP_WRITES: u32 = 0o020;
const EVERYBODY_WRITES: u32 = 0o002;
/// In such a folder nobody replaces or removes what is somebody else's.
const STICKY: u32 = 0o1000;

/// A settings file, and how it came to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsFile {
    /// Where it is.
    pub path: PathBuf,
    /// Whether it was named, by `--config` or [`FILE_VARIABLE`], rather than found.
    pub was_named: bool,
}

impl SettingsFile {
    /// A file that was named.
    pub fn named(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            was_named: true,
        }
    }

    /// The file to read: the one given by flag, else the one that [`FILE_VARIABLE`] names, else the
    /// first of `defaults` that exists or that this user may not look for.
    pub fn find(
        given: Option<PathBuf>,
        environment: Environment<'_>,
        defaults: &[&str],
    ) -> Option<Self> {
        let variable = || environment(FILE_VARIABLE).filter(|name| !name.is_empty());
        if let Some(path) = given.or_else(|| variable().map(PathBuf::from)) {
            return Some(Self::named(path));
        }
        let found = defaults
            .iter()
            .find(|path| Path::new(path).try_exists().unwrap_or(true))?;
        Some(Self {
            path: found.into(),
            was_named: false,
        })
    }

    /// The text of the file, if it can be trusted.
    pub(super) fn read(&self) -> Result<String, ConfigError> {
        let unreadable = |source| ConfigError::Unreadable {
            file: self.path.clone(),
            source,
        };
        let mut file = File::open(&self.path).map_err(unreadable)?;
        // What is looked at is what is read, whatever is put in its place meanwhile.
        let metadata = file.metadata().map_err(unreadable)?;
        if let Some(why) = self.distrust(&metadata).map_err(unreadable)? {
            return Err(ConfigError::NotTrusted {
                file: self.path.clone(),
                why,
            });
        }
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(unreadable)?;
        Ok(text)
    }

    fn distrust(&self, opened: &Metadata) -> io::Result<Option<Distrust>> {
        // A pipe or a device that was named, such as /dev/stdin, is nobody's to change behind the
        // caller's back.
        if opened.is_file() && others_write(opened) {
            return Ok(Some(Distrust::Writable {
                mode: opened.mode() & 0o7777,
            }));
        }
        if self.was_named {
            return Ok(None);
        }
        // A link is a choice of file, and it is its owner's.
        for owner in [opened.uid(), fs::symlink_metadata(&self.path)?.uid()] {
            if !is_ours(owner) {
                return Ok(Some(Distrust::Owner(name_of(owner))));
            }
        }
        let folder = counterfoil_server::private_files::folder_of(&self.path);
        let around = fs::metadata(folder)?;
        let replaceable = others_write(&around) && around.mode() & STICKY == 0;
        Ok((!is_ours(around.uid()) || replaceable).then(|| Distrust::Folder(folder.to_owned())))
    }
}

/// Whether this owner may say what the settings are: root, or whoever runs this.
fn is_ours(owner: u32) -> bool {
    owner == 0 || owner == geteuid().as_raw()
}

/// Whether others than the owner and root may write. A group that has the owner's name and no other
/// members is the owner: many systems give each user one, and let it write by default.
fn others_write(metadata: &Metadata) -> bool {
    let mode = metadata.mode();
    mode & EVERYBODY_WRITES != 0
        || (mode & GROUP_WRITES != 0 && !is_private_group(metadata.gid(), metadata.uid()))
}

fn is_private_group(group: u32, owner: u32) -> bool {
    let group = Group::from_gid(Gid::from_raw(group)).ok().flatten();
    let owner = User::from_uid(Uid::from_raw(owner)).ok().flatten();
    group.zip(owner).is_some_and(|(group, owner)| {
        group.name == owner.name
            && owner.gid == group.gid
            && group.mem.iter().all(|member| *member == owner.name)
    })
}

fn name_of(uid: u32) -> String {
    let found = User::from_uid(Uid::from_raw(uid)).ok().flatten();
    found.map_or_else(|| format!("uid {uid}"), |user| user.name)
}
