//! Why a data folder cannot be used.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use nix::unistd::{User, geteuid};

use super::shown;

/// How to name the right installation, and how to make one: the end of every sentence that says
/// that there is none.
const OTHER_WAYS: &str = "name its folder with --data-dir, COUNTERFOIL_DATA_DIR or a settings file (--config, COUNTERFOIL_CONFIG), or \
     make a new one with `counterfoil init`";

/// Why a data folder cannot be used. Each is one sentence that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum DataFolderError {
    /// There is none, or nothing in it.
    #[error("there is no installation in {}; {OTHER_WAYS}", .0.display())]
    Missing(PathBuf),
    /// There is no database, in the folder or elsewhere.
    #[error("there is no database {}; {OTHER_WAYS}", .0.display())]
    NoDatabase(PathBuf),
    /// Other things lie in it, and nothing of ours: a name that was mistyped, most likely.
    #[error(
        "{} holds other things and no data of Counterfoil; name a folder of its own with --data-dir, COUNTERFOIL_DATA_DIR or a \
         settings file (--config, COUNTERFOIL_CONFIG)",
        .0.display()
    )]
    NotOurs(PathBuf),
    /// The keys are there and the database is not: something was lost, and an empty database would
    /// hide that.
    #[error(
        "{} is there and the database {} is not; put the database back (`counterfoil db restore`), or make an empty one under \
         these keys with `counterfoil init`",
        keys.display(),
        database.display()
    )]
    KeysWithoutDatabase {
        /// The key file.
        keys: PathBuf,
        /// Where the database should be.
        database: PathBuf,
    },
    /// This user may not look into it.
    #[error("cannot look into {}: permission denied ({whose}, and this runs as {user}); run it as the folder's owner or as root", path.display())]
    NoPermission {
        /// The folder or file.
        path: PathBuf,
        /// Whose it is and its mode, or what is known of that.
        whose: String,
        /// Who asks.
        user: String,
    },
    /// Something else has its name.
    #[error("{} is no folder; name another with --data-dir", .0.display())]
    NotAFolder(PathBuf),
    /// Others may read or change an empty folder, in which an installation was to be made.
    #[error(
        "{} is open to other users (mode {mode:04o}); if it is for Counterfoil alone, run `chmod 700 {}`, else name a folder that \
         is not there yet",
        path.display(),
        path.display()
    )]
    EmptyAndOpen {
        /// The folder.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// Others may read or change it, or a file in it.
    #[error("{} is open to other users (mode {mode:04o}); run `chmod {wanted:o} {}`", path.display(), path.display())]
    TooOpen {
        /// The folder or file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
        /// The mode it should have.
        wanted: u32,
    },
    /// Another `serve` runs on the folder.
    #[error("a `counterfoil serve` runs on {}; stop it first, or name another folder with --data-dir", .0.display())]
    InUse(PathBuf),
    /// It cannot be made.
    #[error("cannot make the data folder {}", path.display())]
    NotMade {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The system refused.
    #[error("cannot use {}", path.display())]
    Unusable {
        /// The folder or file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

pub(super) fn unusable(path: &Path) -> impl FnOnce(io::Error) -> DataFolderError {
    let path = path.to_owned();
    move |source| match source.kind() {
        io::ErrorKind::PermissionDenied => no_permission(&path),
        _ => DataFolderError::Unusable { path, source },
    }
}

/// That this user may not look, with what can be found out about who may.
pub(super) fn no_permission(path: &Path) -> DataFolderError {
    let name = |uid: nix::unistd::Uid| {
        let found = User::from_uid(uid).ok().flatten();
        found.map_or_else(|| format!("uid {uid}"), |user| user.name)
    };
    let whose = match fs::metadata(path) {
        Ok(metadata) => format!(
            "it belongs to {}, mode {:04o}",
            name(metadata.uid().into()),
            metadata.mode() & 0o7777
        ),
        Err(_) => "a folder above it is closed".to_owned(),
    };
    DataFolderError::NoPermission {
        path: shown(path),
        whose,
        user: name(geteuid()),
    }
}
