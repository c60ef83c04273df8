//! A start over files that cannot be used: it ends with one sentence that says which and why, and
//! changes nothing.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use counterfoil_testkit::TestFolder;
use counterfoil_testkit::process::{MountNamespace, Program};
use rusqlite::Connection;

use super::{assert_does_not_start, assert_refused, connect, database, program_in};

/// An installation with one user, which nothing serves.
fn installation() -> (TestFolder, Program) {
    let folder = TestFolder::on_disk();
    let program = program_in(folder.path());
    program.add_user("mona");
    (folder, program)
}

#[test]
fn a_read_only_data_folder_is_refused_by_name() {
    let (folder, _) = installation();
    let before = everything_in(folder.path());
    let mounts = MountNamespace::with_read_only(folder.path());
    let program = program_in(folder.path()).inside_mounts(&mounts);
    assert_does_not_start(&program, &["counterfoil-data", "Read-only file system"]);
    assert_refused(
        &program,
        &["user", "create", "lisa", "--password-stdin"],
        &["counterfoil-data"],
    );
    assert_refused(
        &program,
        &["user", "suspend", "mona"],
        &["counterfoil-data"],
    );
    assert_eq!(everything_in(folder.path()), before);
}

#[test]
fn a_database_of_a_newer_program_is_refused_with_the_version_it_needs() {
    let (folder, program) = installation();
    let connection = Connection::open(database(folder.path())).expect("the database is there");
    let updated = connection.execute("UPDATE schema_migrations SET oldest_program = '9.1.0'", []);
    assert!(updated.expect("the migrations are listed") > 0);
    drop(connection);
    assert_unchanged_by_refusals(folder.path(), &program, &["9.1.0", "newer"]);
}

#[test]
fn a_database_of_another_program_is_left_alone() {
    let (folder, program) = installation();
    let path = database(folder.path());
    fs::remove_file(&path).expect("the database is there");
    let connection = Connection::open(&path).expect("a database can be made");
    connection
        .execute_batch("CREATE TABLE notes (text TEXT)")
        .expect("a table can be made");
    drop(connection);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600))
        .expect("the file is the test's own");
    assert_unchanged_by_refusals(
        folder.path(),
        &program,
        &["counterfoil.db", "another program"],
    );
}

#[test]
fn a_file_that_is_no_database_is_left_alone() {
    let (folder, program) = installation();
    fs::write(
        database(folder.path()),
        "Not a database, but precious all the same.\n".repeat(1000),
    )
    .expect("the file is the test's own");
    assert_unchanged_by_refusals(folder.path(), &program, &["counterfoil.db"]);
}

#[test]
fn a_database_that_was_cut_short_is_refused() {
    let (folder, program) = installation();
    let path = database(folder.path());
    let whole = fs::read(&path).expect("the database is there");
    fs::write(&path, &whole[..whole.len() / 3]).expect("the file is the test's own");
    assert_unchanged_by_refusals(folder.path(), &program, &["counterfoil.db", "malformed"]);
}

#[test]
fn a_key_file_that_is_none_is_named_with_its_line() {
    let (folder, program) = installation();
    let keys = folder.path().join("counterfoil-data/keys");
    let whole = fs::read_to_string(&keys).expect("there is a key");
    fs::write(&keys, "a secret that is no key\n").expect("the file is the test's own");
    assert_unchanged_by_refusals(folder.path(), &program, &["line 1 of", "keys is no key"]);
    let output = program.command(&["serve"], "");
    assert!(!output.stderr.contains("secret"), "{}", output.stderr);
    // Half of a key is none either.
    fs::write(&keys, &whole[..whole.len() / 2]).expect("the file is the test's own");
    assert_unchanged_by_refusals(folder.path(), &program, &["line 1 of", "keys is no key"]);
}

#[test]
fn a_database_does_not_open_with_another_key_or_none() {
    let (folder, program) = installation();
    let keys = folder.path().join("counterfoil-data/keys");
    let right = fs::read_to_string(&keys).expect("there is a key");
    let id = right.split(':').next().expect("a key has an id").to_owned();

    let (other_folder, _) = installation();
    let other = fs::read_to_string(other_folder.path().join("counterfoil-data/keys"))
        .expect("there is a key");
    fs::write(&keys, &other).expect("the file is the test's own");
    assert_unchanged_by_refusals(folder.path(), &program, &["sealed under key", &id]);

    let secret = other.split(':').nth(1).expect("a key has a secret");
    fs::write(&keys, format!("{id}:{secret}")).expect("the file is the test's own");
    assert_unchanged_by_refusals(folder.path(), &program, &["not the one", &id]);

    fs::remove_file(&keys).expect("the file is the test's own");
    assert_unchanged_by_refusals(folder.path(), &program, &["sealed under key", &id]);

    fs::write(&keys, &right).expect("the file is the test's own");
    fs::set_permissions(&keys, fs::Permissions::from_mode(0o600))
        .expect("the file is the test's own");
    let server = program.start_serve(&[]);
    assert_eq!(super::health(&server, "/readyz"), 200);
}

#[test]
fn a_second_server_on_one_folder_is_refused_and_the_first_goes_on() {
    let (_folder, program) = installation();
    let lisa = program.add_user("lisa");
    let server = program.start_serve(&[]);
    assert_does_not_start(
        &program,
        &["a `counterfoil serve` runs", "counterfoil-data"],
    );
    connect(&lisa, &server)
        .must("GET", "/user", None)
        .assert_status(200);
}

/// Demands that `serve` and a command that writes refuse, and leave every file as it is.
#[track_caller]
fn assert_unchanged_by_refusals(folder: &Path, program: &Program, words: &[&str]) {
    let before = everything_in(folder);
    assert_does_not_start(program, words);
    assert_refused(
        program,
        &["user", "create", "lisa", "--password-stdin"],
        words,
    );
    assert_eq!(everything_in(folder), before, "a refusal changes nothing");
}

/// The names and contents of the files in the data folder. The lock and the database's shared
/// memory hold nothing that lasts.
fn everything_in(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(folder.join("counterfoil-data")).expect("the data folder is there");
    let mut files: Vec<_> = entries
        .map(|entry| entry.expect("the folder can be read"))
        .map(|entry| {
            (
                entry.file_name().to_string_lossy().into_owned(),
                entry.path(),
            )
        })
        .filter(|(name, _)| name != "serve.lock" && !name.ends_with("-shm"))
        .map(|(name, path)| (name, fs::read(path).expect("the file can be read")))
        .collect();
    files.sort();
    files
}
