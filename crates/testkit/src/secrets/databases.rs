//! Databases in servers that programs keep what they keep in: each is searched before it goes.

use std::collections::BTreeSet;
use std::path::Path;

use super::RUN;
use super::forms::Forms;

/// A database in a server, for as long as it is there.
#[derive(Clone)]
pub(super) struct Shared {
    url: String,
    read: fn(&str) -> Tables,
}

/// What a database in a server holds, by the names of its tables.
pub(crate) type Tables = Vec<(String, Vec<u8>)>;

/// A program in this folder keeps what it keeps in the database of this URL.
pub(crate) fn keeps_in(folder: &Path, url: &str) {
    let mut run = RUN.lock();
    let held = run.folders.entry(folder.to_path_buf()).or_default();
    held.databases.insert(url.to_owned());
}

/// There is a database of this name in the server that all tests share, and nowhere else. Its rows
/// are read by its URL, whatever way the programs take to it.
pub(crate) fn begins(name: &str, url: String, read: fn(&str) -> Tables) {
    let shared = Shared { url, read };
    RUN.lock().databases.insert(name.to_owned(), shared);
}

/// That database is about to go, and is searched before. Says what was found and where.
pub(crate) fn ends(name: &str) -> Vec<String> {
    let Some(shared) = RUN.lock().databases.remove(name) else {
        return Vec::new();
    };
    search_rows(|url| name_in(url) == name, || (shared.read)(&shared.url))
}

/// What is in the database that a URL leads to, if it is there still.
pub(super) fn rows_at(url: &str) -> Option<Tables> {
    let shared = RUN.lock().databases.get(name_in(url)).cloned()?;
    Some((shared.read)(&shared.url))
}

/// The name of a database in its URL.
fn name_in(url: &str) -> &str {
    let path = url.split('?').next().unwrap_or_default();
    path.rsplit('/').next().unwrap_or_default()
}

/// The databases with this in their URLs that programs keep what they keep in.
pub(crate) fn databases_at(place: &str) -> BTreeSet<String> {
    let run = RUN.lock();
    let all = run.folders.values().flat_map(|held| &held.databases);
    all.filter(|url| url.contains(place)).cloned().collect()
}

/// Searches a database in a server, which is about to go, for the secrets of the programs that keep
/// what they keep at a URL that is its. Its tables are read if there is one. Says what was found
/// and where, without the secret.
pub(crate) fn search_rows(
    is_its: impl Fn(&str) -> bool,
    read: impl FnOnce() -> Tables,
) -> Vec<String> {
    let sought: Vec<_> = {
        let mut run = RUN.lock();
        let folders = run.folders.iter_mut();
        let folders = folders.filter_map(|(folder, held)| {
            let its = held.databases.extract_if(.., |url| is_its(url));
            (its.count() > 0).then(|| (folder.clone(), held.secrets.clone()))
        });
        folders.collect()
    };
    if sought.is_empty() {
        return Vec::new();
    }
    let tables = read();
    let bytes: usize = tables.iter().map(|(_, rows)| rows.len()).sum();
    let mut found = Vec::new();
    for (folder, secrets) in sought {
        found.extend(found_in_tables(&Forms::of(&secrets), &tables));
        if let Some(held) = RUN.lock().folders.get_mut(&folder) {
            held.rows += bytes;
        }
    }
    found
}

pub(super) fn found_in_tables(forms: &Forms, tables: &[(String, Vec<u8>)]) -> Vec<String> {
    let found = tables
        .iter()
        .flat_map(|(table, rows)| forms.found_in(rows, &format!("the table {table}")));
    found.collect()
}
