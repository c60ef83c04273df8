//! The data folder and the database in it: what is made, what is refused, and `counterfoil db`.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::Path;

use serde_json::json;

use super::{Desk, PASSWORD};

/// Why these tests are about SQLite.
const FILES: &str = "the database is a file of the data folder";

fn mode(path: &Path) -> u32 {
    let metadata = fs::metadata(path).expect("it is there");
    metadata.permissions().mode() & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    let permissions = fs::Permissions::from_mode(mode);
    fs::set_permissions(path, permissions).expect("a test may change what it made");
}

#[test]
fn only_the_owner_may_read_what_is_made() {
    let desk = Desk::with_files(FILES).and_user();
    let server = desk.program.start_serve(&[]);
    let data = desk.folder.path().join("counterfoil-data");
    assert_eq!(mode(&data), 0o700);
    let mut names = Vec::new();
    for entry in fs::read_dir(&data).unwrap() {
        let entry = entry.unwrap();
        names.push(entry.file_name().into_string().unwrap());
        assert_eq!(mode(&entry.path()), 0o600, "{names:?}");
    }
    names.sort();
    assert_eq!(
        names,
        [
            "counterfoil.db",
            "counterfoil.db-shm",
            "counterfoil.db-wal",
            "keys",
            "serve.lock"
        ]
    );
    drop(server);
}

#[test]
fn a_command_that_only_looks_makes_nothing() {
    let desk = Desk::with_files(FILES);
    for command in [
        &["user", "list"][..],
        &["audit", "list"],
        &["db", "backup", "copy.db"],
        &["key", "add"],
    ] {
        assert_eq!(
            desk.refused(command, ""),
            "there is no data folder ./counterfoil-data; `counterfoil serve` and `counterfoil user add` make one, \
             --data-dir names another"
        );
    }
    let doctor = desk.run(&["doctor"], "");
    assert_eq!(doctor.status.code(), Some(1));
    assert_eq!(fs::read_dir(desk.folder.path()).unwrap().count(), 0);
}

#[test]
fn a_folder_without_a_database_is_not_filled_by_a_command_that_only_looks() {
    let desk = Desk::with_files(FILES);
    let data = desk.folder.path().join("counterfoil-data");
    fs::create_dir(&data).unwrap();
    set_mode(&data, 0o700);
    let sentence = desk.refused(&["user", "list"], "");
    assert!(
        sentence.starts_with("there is no database ./counterfoil-data/counterfoil.db;"),
        "{sentence}"
    );
    assert_eq!(fs::read_dir(&data).unwrap().count(), 0);
}

#[test]
fn what_others_may_read_is_refused_with_what_mends_it() {
    let desk = Desk::with_files(FILES).and_user();
    let data = desk.folder.path().join("counterfoil-data");
    for (name, open, closed) in [
        ("", 0o750, 0o700),
        ("counterfoil.db", 0o644, 0o600),
        ("keys", 0o640, 0o600),
    ] {
        let path = data.join(name);
        set_mode(&path, open);
        for command in [&["user", "list"][..], &["serve", "--listen", "127.0.0.1:0"]] {
            let sentence = desk.refused(command, "");
            let shown = Path::new("./counterfoil-data").join(name);
            let shown = shown.to_str().unwrap().trim_end_matches('/');
            let expected = format!(
                "{shown} is open to other users (mode {open:04o}); run `chmod {closed:o} {shown}`"
            );
            assert!(sentence.ends_with(&expected), "{sentence}");
        }
        set_mode(&path, closed);
    }
    desk.json(&["user", "list"], "");
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let desk = Desk::with_files(FILES);
    assert_eq!(
        desk.refused(&["user", "add", "mona", "--data-dir", "no/such"], PASSWORD),
        "cannot make the data folder no/such: No such file or directory (os error 2)"
    );
    desk.folder_file("file", "");
    assert_eq!(
        desk.refused(&["user", "add", "mona", "--data-dir", "file"], PASSWORD),
        "file is no folder; name another with --data-dir"
    );
}

#[test]
fn a_database_that_is_none_of_ours_is_left_alone() {
    let desk = Desk::with_files(FILES).and_user();
    let database = desk.folder.path().join("counterfoil-data/counterfoil.db");
    fs::write(
        &database,
        "this is no database, only text that somebody keeps here",
    )
    .unwrap();
    let sentence = desk.refused(&["user", "list"], "");
    assert!(sentence.contains("counterfoil.db"), "{sentence}");
    assert!(
        fs::read_to_string(&database)
            .unwrap()
            .starts_with("this is no database")
    );
}

#[test]
fn a_database_that_is_newer_than_the_program_is_refused() {
    let desk = Desk::with_files(FILES).and_user();
    let database = desk.folder.path().join("counterfoil-data/counterfoil.db");
    let connection = rusqlite::Connection::open(&database).unwrap();
    let newer = "INSERT INTO schema_migrations SELECT number + 1, 'newer', '99.0.0', applied_at FROM schema_migrations ORDER BY number DESC LIMIT 1";
    connection.execute(newer, []).unwrap();
    drop(connection);
    for command in [
        &["user", "list"][..],
        &["serve", "--listen", "127.0.0.1:0"],
        &["db", "migrate"],
    ] {
        let sentence = desk.refused(command, "");
        assert!(
            sentence.starts_with("the database needs counterfoil 99.0.0 or newer"),
            "{sentence}"
        );
    }
}

#[test]
fn db_migrate_makes_a_database_and_says_where_it_stands() {
    let desk = Desk::with_files(FILES);
    let migrated = desk.json(&["db", "migrate"], "");
    assert_eq!(
        migrated["database"],
        "sqlite:./counterfoil-data/counterfoil.db"
    );
    assert!(migrated["schema"]["number"].as_i64().unwrap() >= 1);
    assert_eq!(desk.json(&["db", "migrate"], ""), migrated);
    assert_eq!(desk.json(&["user", "list"], ""), json!([]));
}

#[test]
fn a_backup_is_whole_private_and_never_replaces_a_file() {
    let desk = Desk::with_files(FILES).and_user();
    let server = desk.program.start_serve(&[]);
    let said = desk.done(&["db", "backup", "copy.db"], "");
    assert!(
        said.contains("the keys are not in it, back up ./counterfoil-data/keys too"),
        "{said}"
    );
    drop(server);
    let copy = desk.folder.path().join("copy.db");
    assert_eq!(mode(&copy), 0o600);
    let listed = desk.json(&["user", "list", "--database-url", "sqlite:copy.db"], "");
    assert_eq!(listed[0]["login"], "mona");
    assert_eq!(
        desk.refused(&["db", "backup", "copy.db"], ""),
        "copy.db exists; a backup never replaces a file"
    );
    let sentence = desk.refused(&["db", "backup", "no/such/copy.db"], "");
    assert!(
        sentence.starts_with("cannot write no/such/copy.db"),
        "{sentence}"
    );
}

#[test]
fn what_root_makes_belongs_to_the_owner_of_the_folder() {
    let desk = Desk::with_files(FILES);
    let data = desk.folder.path().join("counterfoil-data");
    fs::create_dir(&data).unwrap();
    set_mode(&data, 0o700);
    let own = fs::metadata(&data).unwrap().uid();
    // Anybody else may give nothing away, so then everything is their own.
    let owner = if own == 0 { 65_534 } else { own };
    let group = fs::metadata(&data).unwrap().gid();
    let group = if own == 0 { owner } else { group };
    chown(&data, Some(owner), Some(group)).unwrap();
    desk.done(&["user", "add", "mona"], PASSWORD);
    desk.json(&["key", "add"], "");
    drop(desk.program.start_serve(&[]));
    for entry in fs::read_dir(&data).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().uid(), owner, "{entry:?}");
    }
}

#[test]
fn a_start_that_was_cut_short_before_it_made_a_database_is_begun_again() {
    let desk = Desk::with_files(FILES);
    let data = desk.folder.path().join("counterfoil-data");
    fs::create_dir(&data).unwrap();
    set_mode(&data, 0o700);
    desk.data_file("counterfoil.db", "");
    let sentence = desk.refused(&["user", "list"], "");
    assert!(sentence.starts_with("there is no database"), "{sentence}");
    desk.done(&["user", "add", "mona"], PASSWORD);
}
