//! The secrets that programs of this run were given and issued, and the search for them in all that
//! those programs wrote down.
//!
//! What goes in and comes out where tests talk to a program ([`hold`] and its like) is put on a
//! list that only this process has. When the folder that programs ran in goes, their databases,
//! with what belongs to these, and their logs are searched for every secret on it, as it is, in
//! base 64 and as URLs and forms spell it. Of a database in a server every row of every table is
//! read, before it is dropped. How many were sought is added to a file where `cargo xtask test`
//! names one: a run that seeks too few fails.

mod databases;
mod forms;

use std::collections::{BTreeSet, HashMap};
use std::fs::{self, OpenOptions};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use data_encoding::{BASE32_NOPAD, BASE64};
use parking_lot::Mutex;
use serde_json::Value;

use self::databases::{Shared, found_in_tables, rows_at};
use self::forms::Forms;

pub(crate) use self::databases::{Tables, begins, databases_at, ends, keeps_in, search_rows};

/// The variable that names the file in which searches are counted.
const COUNTED_IN: &str = "COUNTERFOIL_TEST_SEARCHES";

/// Members of JSON documents that hold what only its owner may know.
const MEMBERS: &[&str] = &[
    "access_token",
    "client_secret",
    "device_code",
    "link",
    "password",
    "recovery_codes",
    "refresh_token",
    "secret",
    "token",
];

/// What is shorter stands in other texts by chance, or as a word of its own.
const SHORTEST: usize = 10;

/// What a database of SQLite's begins with.
const DATABASE: &[u8] = b"SQLite format 3\0";
/// What the names of the files beside it end with.
const COMPANIONS: [&str; 3] = ["-wal", "-shm", "-journal"];

/// Of one program's folder.
#[derive(Default)]
struct Held {
    secrets: BTreeSet<Vec<u8>>,
    logs: Vec<Arc<Mutex<String>>>,
    /// URLs of databases in servers that were not searched yet.
    databases: BTreeSet<String>,
    /// Bytes of rows that were searched.
    rows: usize,
}

#[derive(Default)]
struct Run {
    folders: HashMap<PathBuf, Held>,
    /// Databases in the server that all tests share, by their names.
    databases: HashMap<String, Shared>,
    /// In which folder whoever listens at an address runs.
    addresses: HashMap<String, PathBuf>,
}

static RUN: LazyLock<Mutex<Run>> = LazyLock::new(Mutex::default);

/// A server in this folder listens at this address, and keeps this log.
pub(crate) fn serves(folder: &Path, address: &str, log: &Arc<Mutex<String>>) {
    let mut run = RUN.lock();
    run.addresses
        .insert(address.to_owned(), folder.to_path_buf());
    let held = run.folders.entry(folder.to_path_buf()).or_default();
    held.logs.push(Arc::clone(log));
}

/// The folder of the program that listens at this address, if it is one of ours.
pub(crate) fn folder_at(address: &str) -> Option<PathBuf> {
    RUN.lock().addresses.get(address).cloned()
}

/// The program in this folder was given, or issued, this secret.
pub(crate) fn hold(folder: &Path, secret: &str) {
    let secret = secret.trim();
    if secret.len() < SHORTEST {
        return;
    }
    let mut run = RUN.lock();
    let held = run.folders.entry(folder.to_path_buf()).or_default();
    if held.secrets.insert(secret.as_bytes().to_vec())
        // A seed is kept as the bytes that its text spells.
        && let Ok(bytes) = BASE32_NOPAD.decode(secret.as_bytes())
        && bytes.len() >= SHORTEST
    {
        held.secrets.insert(bytes);
    }
}

/// The secrets in a JSON document that the program in this folder was given or answered with.
pub(crate) fn hold_those_in(folder: &Path, document: &Value) {
    match document {
        Value::Object(members) => {
            for (name, value) in members {
                if MEMBERS.contains(&name.as_str()) {
                    hold_value(folder, value);
                } else {
                    hold_those_in(folder, value);
                }
            }
        }
        Value::Array(values) => {
            for value in values {
                hold_those_in(folder, value);
            }
        }
        _ => {}
    }
}

fn hold_value(folder: &Path, value: &Value) {
    match value {
        // The code of a link stands at its end.
        Value::String(text) if text.contains("://") => {
            hold(folder, text.rsplit('/').next().unwrap_or_default());
        }
        Value::String(text) => hold(folder, text),
        Value::Array(values) => {
            for value in values {
                hold_value(folder, value);
            }
        }
        other => hold_those_in(folder, other),
    }
}

/// What an `Authorization` header says that the program in this folder is sent.
pub(crate) fn hold_credential(folder: &Path, header: &str) {
    let Some((scheme, rest)) = header.split_once(' ') else {
        return;
    };
    if !scheme.eq_ignore_ascii_case("basic") {
        hold(folder, rest);
        return;
    }
    let Ok(decoded) = BASE64.decode(rest.trim().as_bytes()) else {
        return;
    };
    let decoded = String::from_utf8_lossy(&decoded);
    if let Some((login, password)) = decoded.split_once(':') {
        hold(folder, login_that_is_secret(login));
        hold(folder, password);
    }
}

/// Some clients send a token in place of the login.
fn login_that_is_secret(login: &str) -> &str {
    let is_token = login.starts_with("gh") && login.len() >= 40;
    if is_token { login } else { "" }
}

/// What stands somewhere in a text that the program in this folder printed and has the form of a
/// token.
pub(crate) fn hold_tokens_in(folder: &Path, text: &str) {
    let is_part = |character: char| character.is_ascii_alphanumeric() || character == '_';
    for word in text.split(|character| !is_part(character)) {
        let form = word.strip_prefix("gh").and_then(|rest| rest.get(1..2));
        if form == Some("_") && word.len() == 40 {
            hold(folder, word);
        }
    }
}

/// Searches what the programs at or below this folder wrote down for the secrets that they held,
/// and forgets these. Says what was found and where, without the secret.
pub(crate) fn search(folder: &Path) -> Vec<String> {
    let programs: Vec<_> = {
        let mut run = RUN.lock();
        run.addresses.retain(|_, at| !at.starts_with(folder));
        let folders = &mut run.folders;
        folders.extract_if(|at, _| at.starts_with(folder)).collect()
    };
    let mut found = Vec::new();
    for (at, held) in programs {
        if held.secrets.is_empty() {
            continue;
        }
        let forms = Forms::of(&held.secrets);
        let mut bytes = held.rows;
        // Those that outlive the folder.
        for tables in held.databases.iter().filter_map(|url| rows_at(url)) {
            bytes += tables.iter().map(|(_, rows)| rows.len()).sum::<usize>();
            found.extend(found_in_tables(&forms, &tables));
        }
        for file in written_in(&at) {
            // What goes away meanwhile is a socket or a companion of a database that was closed.
            let Ok(content) = fs::read(&file) else {
                continue;
            };
            bytes += content.len();
            found.extend(forms.found_in(&content, &file.display().to_string()));
        }
        for log in &held.logs {
            let log = log.lock();
            bytes += log.len();
            found.extend(forms.found_in(log.as_bytes(), "the log"));
        }
        count(held.secrets.len(), bytes);
    }
    found
}

/// The databases under a folder, with what belongs to them.
fn written_in(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for entry in entries.flatten() {
        let path = entry.path();
        let Ok(kind) = entry.file_type() else {
            continue;
        };
        if kind.is_dir() {
            found.extend(written_in(&path));
        } else if kind.is_file() && is_of_database(&path) {
            found.push(path);
        }
    }
    found
}

fn is_of_database(file: &Path) -> bool {
    let name = file.to_string_lossy();
    if COMPANIONS.iter().any(|companion| name.ends_with(companion)) {
        return true;
    }
    let mut beginning = [0; DATABASE.len()];
    let read = fs::File::open(file).and_then(|mut file| file.read_exact(&mut beginning));
    read.is_ok() && beginning == DATABASE
}

/// Adds a search to the count of the run.
fn count(secrets: usize, bytes: usize) {
    #[expect(
        clippy::disallowed_methods,
        reason = "where a run is counted is no setting of the program"
    )]
    let Some(file) = std::env::var_os(COUNTED_IN) else {
        return;
    };
    let file = OpenOptions::new().append(true).create(true).open(file);
    // One write, so that no other process comes between.
    let written =
        file.and_then(|mut file| file.write_all(format!("{secrets} {bytes}\n").as_bytes()));
    written.expect("the file of the run can be added to");
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "ghp_0123456789abcdefghijABCDEFGHIJ012345";

    /// Searches a program's folder whose database has these bytes in it, and whose log is this.
    fn searched(name: &str, database: &[u8], log: &str) -> Vec<String> {
        let folder = std::env::temp_dir().join(format!("secrets-{}-{name}", std::process::id()));
        fs::create_dir_all(folder.join("data")).unwrap();
        let file = folder.join("data/counterfoil.db");
        fs::write(&file, [DATABASE, database].concat()).unwrap();
        fs::write(folder.join("notes"), SECRET).unwrap();
        let log = Arc::new(Mutex::new(log.to_owned()));
        serves(&folder, &format!("http://{name}"), &log);
        hold(&folder, SECRET);
        hold(&folder, "a password: with blanks");
        let found = search(folder.parent().unwrap());
        fs::remove_dir_all(folder).unwrap();
        found
    }

    #[test]
    fn a_secret_is_found_in_each_form_and_place() {
        assert_eq!(
            searched("clean", b"nothing of it", "a line"),
            [] as [&str; 0]
        );
        for planted in [SECRET.to_owned(), format!("token={SECRET}&")] {
            assert_eq!(
                searched("plain", planted.as_bytes(), "").len(),
                1,
                "{planted}"
            );
            assert_eq!(searched("log", b"", &planted).len(), 1, "{planted}");
        }
        for before in ["", "m", "mo", "mona:"] {
            let encoded = BASE64.encode(format!("{before}{SECRET}").as_bytes());
            assert_eq!(
                searched("base64", encoded.as_bytes(), "").len(),
                1,
                "{before}"
            );
        }
        for planted in [
            "a%20password%3A%20with%20blanks",
            "a+password%3A+with+blanks",
        ] {
            assert_eq!(searched("url", b"", planted).len(), 1, "{planted}");
        }
    }

    #[test]
    fn what_was_found_is_told_without_the_secret() {
        let found = searched("told", SECRET.as_bytes(), "");
        assert!(found[0].contains("as it is in "), "{found:?}");
        assert!(!found[0].contains(SECRET));
    }

    #[test]
    fn secrets_of_documents_headers_and_texts_are_held() {
        let folder = Path::new("/nowhere/documents");
        let document = serde_json::json!({
            "id": 1,
            "token": "t-0123456789",
            "app": {"client_secret": "s-0123456789", "name": "0123456789"},
            "recovery_codes": ["c-0123456789"],
            "link": "https://host/link/l-0123456789",
        });
        hold_those_in(folder, &document);
        hold_credential(
            folder,
            &format!("Basic {}", BASE64.encode(b"mona:p-0123456789")),
        );
        hold_credential(folder, "token b-0123456789");
        hold_tokens_in(folder, &format!("your token is {SECRET}."));
        let held = RUN.lock().folders.remove(folder).unwrap().secrets;
        let held: Vec<_> = held
            .iter()
            .map(|secret| String::from_utf8_lossy(secret))
            .collect();
        let expected = ["b", "c"].map(|name| format!("{name}-0123456789"));
        let rest = ["l", "p", "s", "t"].map(|name| format!("{name}-0123456789"));
        let expected = [expected.as_slice(), &[SECRET.to_owned()], &rest].concat();
        assert_eq!(held, expected);
    }
}
