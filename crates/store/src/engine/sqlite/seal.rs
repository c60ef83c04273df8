//! The seal at the end of a backup: how long the database before it is, and its SHA-256 digest.
//!
//! SQLite finds a flipped bit only where it breaks the structure of a page; one in the middle of a
//! text it reads back as it stands. So a backup ends with a line of its own behind the last page,
//! where SQLite does not look: the file stays one file, and a database that any SQLite can open. It
//! shows damage, not malice: whoever can write the file can seal it again.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use data_encoding::HEXLOWER_PERMISSIVE;
use sha2::{Digest, Sha256};

/// What the line begins with.
const MARK: &str = "\ncounterfoil-backup 1 sha-256 ";
/// Hexadecimal digits of the digest.
const DIGEST_DIGITS: usize = 64;
/// Decimal digits of the length, with zeros in front.
const LENGTH_DIGITS: usize = 20;
/// Bytes of the whole line: a space stands between digest and length, and a line end comes last.
const LINE: usize = MARK.len() + DIGEST_DIGITS + 1 + LENGTH_DIGITS + 1;
/// Bytes that are read at a time.
const BLOCK: usize = 1 << 16;

/// What a seal says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seal {
    /// Bytes of the database before it.
    pub(crate) length: u64,
    /// Their digest.
    pub(crate) digest: [u8; 32],
}

/// Why a seal does not vouch for its file.
#[derive(Debug)]
pub(crate) enum BrokenSeal {
    /// There is none.
    Missing,
    /// It is another file's, or the file was changed.
    Broken,
    /// The file cannot be read.
    Unreadable(io::Error),
}

impl From<io::Error> for BrokenSeal {
    fn from(error: io::Error) -> Self {
        Self::Unreadable(error)
    }
}

/// Seals a file that has no seal, and syncs it.
pub(crate) fn seal(path: &Path) -> io::Result<Seal> {
    let mut file = OpenOptions::new().read(true).write(true).open(path)?;
    let length = file.metadata()?.len();
    let seal = Seal {
        length,
        digest: digest_of(&mut file, length)?,
    };
    file.seek(SeekFrom::End(0))?;
    file.write_all(line_of(&seal).as_bytes())?;
    file.sync_all()?;
    Ok(seal)
}

/// The seal of a file, if it vouches for all that stands before it.
pub(crate) fn check(path: &Path) -> Result<Seal, BrokenSeal> {
    let mut file = File::open(path)?;
    let seal = read(&mut file)?;
    file.seek(SeekFrom::Start(0))?;
    if digest_of(&mut file, seal.length)? == seal.digest {
        Ok(seal)
    } else {
        Err(BrokenSeal::Broken)
    }
}

fn read(file: &mut File) -> Result<Seal, BrokenSeal> {
    let whole = file.metadata()?.len();
    let Some(length) = whole.checked_sub(LINE as u64) else {
        return Err(BrokenSeal::Missing);
    };
    file.seek(SeekFrom::Start(length))?;
    let mut line = [0; LINE];
    file.read_exact(&mut line)?;
    let seal = parse(&line).ok_or(BrokenSeal::Missing)?;
    if seal.length == length {
        Ok(seal)
    } else {
        Err(BrokenSeal::Broken)
    }
}

fn line_of(seal: &Seal) -> String {
    let digest = HEXLOWER_PERMISSIVE.encode(&seal.digest);
    format!("{MARK}{digest} {:0LENGTH_DIGITS$}\n", seal.length)
}

fn parse(line: &[u8]) -> Option<Seal> {
    let text = std::str::from_utf8(line).ok()?;
    let (digest, length) = text
        .strip_prefix(MARK)?
        .strip_suffix('\n')?
        .split_once(' ')?;
    let digest = HEXLOWER_PERMISSIVE.decode(digest.as_bytes()).ok()?;
    Some(Seal {
        length: length.parse().ok()?,
        digest: digest.try_into().ok()?,
    })
}

fn digest_of(file: &mut File, length: u64) -> io::Result<[u8; 32]> {
    let mut digest = Sha256::new();
    let mut block = vec![0; BLOCK];
    let mut before = file.take(length);
    loop {
        match before.read(&mut block)? {
            0 => return Ok(digest.finalize().into()),
            read => digest.update(&block[..read]),
        }
    }
}
