//! Where Debian puts the programs of PostgreSQL: in a folder for each version, none of them in the
//! path.

use std::fs;
use std::path::PathBuf;

/// Where each version has a folder.
const VERSIONS: &str = "/usr/lib/postgresql";
/// The oldest version that Counterfoil supports.
const OLDEST: u32 = 14;

/// A program of the newest version that is installed.
pub(super) fn program(name: &str) -> PathBuf {
    let program =
        version().map(|version| PathBuf::from(format!("{VERSIONS}/{version}/bin/{name}")));
    match program {
        Some(program) if program.is_file() => program,
        _ => panic!(
            "PostgreSQL {OLDEST} or newer is not installed below {VERSIONS}: run `cargo xtask setup`"
        ),
    }
}

/// The version that they are of.
pub(super) fn version() -> Option<u32> {
    installed_versions().into_iter().max()
}

fn installed_versions() -> Vec<u32> {
    let Ok(folders) = fs::read_dir(VERSIONS) else {
        return Vec::new();
    };
    let version = |name: &str| name.parse().ok().filter(|version| *version >= OLDEST);
    folders
        .filter_map(Result::ok)
        // The clients alone bring such a folder too, without the server.
        .filter(|folder| folder.path().join("bin/postgres").is_file())
        .filter_map(|folder| version(folder.file_name().to_str()?))
        .collect()
}
