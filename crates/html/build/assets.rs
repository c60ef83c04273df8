//! The files that browsers load beside a page. A name holds a digest of the bytes, so that a
//! browser may keep what it loaded for ever.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

/// Digits of the digest in a name.
const DIGITS: usize = 12;

/// A list of Rust with every asset, and a constant with the path of each.
pub(crate) fn list(folder: &Path) -> Result<String, Vec<String>> {
    let said = |error: std::io::Error| vec![format!("{}: {error}", folder.display())];
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(said)? {
        let path = entry.map_err(said)?.path();
        files.push(fs::canonicalize(&path).map_err(said)?);
    }
    files.sort_unstable();
    let mut entries = String::new();
    let mut constants = String::new();
    for path in files {
        let bytes = fs::read(&path).map_err(said)?;
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let ending = path.extension().unwrap_or_default().to_string_lossy();
        let content_type = match ending.as_ref() {
            "css" => "text/css; charset=utf-8",
            "js" => "text/javascript; charset=utf-8",
            "svg" => "image/svg+xml",
            _ => {
                return Err(vec![format!(
                    "{}: an asset of no known type",
                    path.display()
                )]);
            }
        };
        let digest = HEXLOWER.encode(&Sha256::digest(&bytes));
        let name = format!("{stem}.{}.{ending}", &digest[..DIGITS]);
        let path = path.to_string_lossy();
        let _ = writeln!(
            entries,
            "    Asset {{ name: {name:?}, content_type: {content_type:?}, bytes: include_bytes!({path:?}) }},"
        );
        let constant = format!("{stem}_{ending}").to_uppercase();
        let _ = writeln!(
            constants,
            "pub(crate) const {constant}: &str = \"/assets/{name}\";"
        );
    }
    Ok(format!(
        "const ASSETS: &[Asset] = &[\n{entries}];\n{constants}"
    ))
}
