//! Makes two files of Rust: a function for each message of the catalogues, and the list of assets
//! with names that change with their bytes.

#[path = "build/assets.rs"]
mod assets;
#[path = "build/catalogue.rs"]
mod catalogue;
#[path = "build/generate.rs"]
mod generate;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::exit;

use crate::catalogue::{Catalogue, Source};

#[expect(
    clippy::disallowed_methods,
    reason = "a build script is told where to write by the environment, and tells cargo by its output"
)]
fn main() {
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-changed=locales");
    println!("cargo::rerun-if-changed=assets");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo says where to write"));
    let made = messages(Path::new("locales")).and_then(|messages| {
        write(&out.join("messages.rs"), &messages)?;
        write(&out.join("assets.rs"), &assets::list(Path::new("assets"))?)
    });
    if let Err(problems) = made {
        for problem in problems {
            println!("cargo::error={problem}");
        }
        exit(1);
    }
}

fn write(path: &Path, text: &str) -> Result<(), Vec<String>> {
    fs::write(path, text).map_err(|error| vec![format!("{}: {error}", path.display())])
}

/// The functions for all messages, if the catalogues are as they must be.
fn messages(locales: &Path) -> Result<String, Vec<String>> {
    let mut sources = Vec::new();
    for language in catalogue::LANGUAGES {
        for (name, text) in read(&locales.join(language))? {
            sources.push(Source {
                language,
                name,
                text,
            });
        }
    }
    Ok(generate::functions(&Catalogue::of(&sources)?))
}

/// The Fluent files of a folder by their names without ending, sorted.
fn read(folder: &Path) -> Result<Vec<(String, String)>, Vec<String>> {
    let said = |error: std::io::Error| vec![format!("{}: {error}", folder.display())];
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(said)? {
        let path = entry.map_err(said)?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        if path.extension().is_some_and(|ending| ending == "ftl") {
            let text = fs::read_to_string(&path).map_err(said)?;
            files.push((name.into_owned(), text));
        }
    }
    files.sort_unstable();
    Ok(files)
}
