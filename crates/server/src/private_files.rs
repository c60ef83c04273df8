//! Files and folders that only their owner opens, made in folders that may be somebody else's.
//!
//! Root runs commands on the folder of a service, and what root makes there belongs to the folder's
//! owner, who could not go on with it otherwise. Whoever got hold of that owner's account can put
//! links where root is about to write. So a folder is opened once and what lies in it is reached
//! from there, no link in it is followed, and only what was made here is given away.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, fchown};
use std::path::Path;

use rustix::fs::{AtFlags, Mode, OFlags, mkdirat, openat, renameat, unlinkat};
use rustix::io::Errno;
use rustix::process::geteuid;

/// An open folder.
#[derive(Debug)]
pub struct PrivateFolder {
    folder: File,
}

impl PrivateFolder {
    /// The folder at a path that whoever runs the program named: links in it are theirs, and are
    /// followed.
    pub fn open(path: &Path) -> io::Result<Self> {
        let folder = File::open(path)?;
        if !folder.metadata()?.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        Ok(Self { folder })
    }

    /// The folder at a path of which the last part is not followed if it is a link. Made unless it
    /// is there; the folder that it lies in must be.
    pub fn open_or_make(path: &Path) -> io::Result<Self> {
        Self::open(folder_of(path))?.open_or_make_in(name_of(path)?)
    }

    /// The same with a folder in this one.
    pub fn open_or_make_in(&self, name: &OsStr) -> io::Result<Self> {
        let is_made = match mkdirat(&self.folder, name, Mode::RWXU) {
            Err(Errno::EXIST) => false,
            outcome => outcome.map(|()| true)?,
        };
        let folder = self.open_in(name, OFlags::RDONLY | OFlags::DIRECTORY)?;
        if is_made {
            self.give_away(&folder)?;
        }
        Ok(Self { folder })
    }

    /// Replaces a file in it by one with this content: whole or not at all, and lasting when this
    /// returns.
    pub fn replace(&self, name: &OsStr, content: &[u8]) -> io::Result<()> {
        let mut unfinished = name.to_owned();
        unfinished.push(".new");
        // Whoever was to write it was stopped, or it is a trap.
        match unlinkat(&self.folder, unfinished.as_os_str(), AtFlags::empty()) {
            Err(Errno::NOENT) => {}
            outcome => outcome?,
        }
        let mut file = self.create(&unfinished)?;
        file.write_all(content)?;
        file.sync_all()?;
        renameat(&self.folder, unfinished.as_os_str(), &self.folder, name)?;
        self.folder.sync_all()
    }

    /// A file in it for reading and writing, made and empty if there is none.
    pub fn open_or_create(&self, name: &OsStr) -> io::Result<File> {
        match self.create(name) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                self.open_in(name, OFlags::RDWR)
            }
            outcome => outcome,
        }
    }

    /// Makes a file that is not there, not even as a link that leads nowhere.
    fn create(&self, name: &OsStr) -> io::Result<File> {
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW;
        let mode = Mode::RUSR | Mode::WUSR;
        let file = openat(&self.folder, name, flags | OFlags::CLOEXEC, mode)?;
        let file = File::from(file);
        self.give_away(&file)?;
        Ok(file)
    }

    fn open_in(&self, name: &OsStr, flags: OFlags) -> io::Result<File> {
        let flags = flags | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(File::from(openat(
            &self.folder,
            name,
            flags,
            Mode::empty(),
        )?))
    }

    /// What root made in somebody's folder belongs to that person.
    fn give_away(&self, made: &File) -> io::Result<()> {
        let (folder, own) = (self.folder.metadata()?, made.metadata()?);
        let owner = (folder.uid(), folder.gid());
        if geteuid().is_root() && owner != (own.uid(), own.gid()) {
            fchown(made, Some(owner.0), Some(owner.1))?;
        }
        Ok(())
    }
}

/// Replaces a file by one for its folder's owner only, as [`PrivateFolder::replace`] does. Links in
/// the folder's path are followed.
pub fn replace_file(path: &Path, content: &[u8]) -> io::Result<()> {
    PrivateFolder::open(folder_of(path))?.replace(name_of(path)?, content)
}

/// Opens a file for its folder's owner only, as [`PrivateFolder::open_or_create`] does. Links in
/// the folder's path are followed.
pub fn open_or_create_file(path: &Path) -> io::Result<File> {
    PrivateFolder::open(folder_of(path))?.open_or_create(name_of(path)?)
}

/// Refuses to let root be led by a link that somebody else made.
pub fn refuse_strange_link(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_symlink() && geteuid().is_root() && found.uid() != 0 => {
            Err(io::Error::other(
                "it is a symbolic link that root did not make, and root does not follow it",
            ))
        }
        _ => Ok(()),
    }
}

/// The folder that a file lies in.
pub fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        Some(_) | None => Path::new("."),
    }
}

fn name_of(path: &Path) -> io::Result<&OsStr> {
    let no_name = || io::Error::new(io::ErrorKind::InvalidInput, "the path ends in no name");
    path.file_name().ok_or_else(no_name)
}
