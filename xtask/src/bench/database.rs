//! Installations with many tokens, made once and kept in the build folder between runs.

use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::bench::Bench;
use crate::bench::scene::{Installation, LOGIN};
use crate::say;
use crate::workspace::succeed;

/// Tokens of each user in these databases.
pub(crate) const TOKENS_OF_A_USER: u64 = 100;

/// What the tokens follow from, and those that no database holds.
const KNOWN: &str = "known";
const UNKNOWN: &str = "unknown";

/// The migrations: databases made under others are made anew.
const MIGRATIONS: &str = "crates/store/migrations";

/// What passwords cost in such an installation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Passwords {
    /// What they cost as shipped.
    Shipped,
    /// As little as may be: for rows in which passwords are remembered and never computed.
    Cheap,
}

impl Passwords {
    /// The installation with this cost.
    pub(crate) fn of(self, installation: Installation) -> Installation {
        match self {
            Self::Shipped => installation,
            Self::Cheap => installation
                .with("COUNTERFOIL_PASSWORDS__MEMORY_KIB", "8")
                .with("COUNTERFOIL_PASSWORDS__ITERATIONS", "1")
                // All of them come from one address and at once.
                .with("COUNTERFOIL_PASSWORDS__QUEUE", "1024"),
        }
    }
}

/// An installation with many tokens.
pub(crate) struct Filled {
    pub(crate) folder: PathBuf,
    /// Its tokens, one on a line.
    pub(crate) tokens: PathBuf,
    /// The users whose tokens they are.
    pub(crate) users: u64,
}

/// Finds or makes an installation with so many tokens.
pub(crate) fn filled(bench: &Bench, tokens: u64, passwords: Passwords) -> Result<Filled> {
    let users = tokens.div_ceil(TOKENS_OF_A_USER);
    with_users(bench, tokens, users, passwords)
}

/// The same, with a number of users of its own.
pub(crate) fn with_users(
    bench: &Bench,
    tokens: u64,
    users: u64,
    passwords: Passwords,
) -> Result<Filled> {
    let schema = schema(&bench.root)?;
    let folder = bench.file(&format!(
        "filled-{tokens}-{users}-{passwords:?}-{schema:016x}"
    ));
    let lines = token_lines(bench, KNOWN, tokens)?;
    let filled = Filled {
        tokens: lines,
        users,
        folder,
    };
    // Renamed last, so that one cut short is not taken for a whole one.
    if filled.folder.exists() {
        return Ok(filled);
    }
    remove_outdated(bench, &format!("-{schema:016x}"))?;
    say::line(&format!("making a database with {tokens} tokens"));
    let making = passwords.of(Installation::empty(bench, "filling")?);
    filled_by(bench, &making, tokens, users)?;
    fs::rename(making.folder(), &filled.folder)?;
    Ok(filled)
}

/// Fills an empty installation, whose program makes the schema.
pub(crate) fn filled_by(
    bench: &Bench,
    making: &Installation,
    tokens: u64,
    users: u64,
) -> Result<()> {
    making.add_user()?;
    let mut command = Command::new(bench.program("bench-fill"));
    command.args(["database", "--key", KNOWN, "--password-of", LOGIN]);
    command.args(["--count", &tokens.to_string()]);
    command.args(["--users", &users.to_string(), "--file"]);
    command.arg(making.database());
    succeed(command, "bench-fill")
}

/// Removes databases that were made under another schema: each may have gigabytes.
fn remove_outdated(bench: &Bench, ending: &str) -> Result<()> {
    for entry in fs::read_dir(&bench.folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let outdated = name.starts_with("filled-") && !name.ends_with(ending);
        if outdated && entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

/// A file of so many tokens that no database holds.
pub(crate) fn unknown_tokens(bench: &Bench, count: u64) -> Result<PathBuf> {
    token_lines(bench, UNKNOWN, count)
}

/// The login of one of the users, by number from 0.
pub(crate) fn login(number: u64) -> String {
    format!("filled-{number:07}")
}

/// Copies an installation, so that what a slice adds to it is gone afterwards.
pub(crate) fn copy(from: &Path, bench: &Bench, name: &str) -> Result<PathBuf> {
    let to = bench.file(name);
    if to.exists() {
        fs::remove_dir_all(&to)?;
    }
    let mut command = Command::new("cp");
    command
        .args(["--archive", "--reflink=auto"])
        .arg(from)
        .arg(&to);
    succeed(command, "cp")?;
    Ok(to)
}

pub(crate) fn token_lines(bench: &Bench, key: &str, count: u64) -> Result<PathBuf> {
    let file = bench.file(&format!("tokens-{key}-{count}"));
    let length = fs::metadata(&file).map_or(0, |found| found.len());
    if length == count * 41 {
        return Ok(file);
    }
    let mut command = Command::new(bench.program("bench-fill"));
    command.args(["tokens", "--key", key, "--count", &count.to_string()]);
    command.arg("--out").arg(&file);
    succeed(command, "bench-fill")?;
    Ok(file)
}

/// A number that changes with the schema.
pub(crate) fn schema(root: &Path) -> Result<u64> {
    let mut files: Vec<PathBuf> = fs::read_dir(root.join(MIGRATIONS))
        .context("no migrations")?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    files.sort();
    ensure!(!files.is_empty(), "no migrations");
    let mut hasher = DefaultHasher::new();
    for file in files {
        fs::read(file)?.hash(&mut hasher);
    }
    Ok(hasher.finish())
}
