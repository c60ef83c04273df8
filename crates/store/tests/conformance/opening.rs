//! Opening databases: new ones, our own, too new ones and those of other programs.

use std::os::unix::fs::PermissionsExt;

use counterfoil_store::{OpenError, SchemaState, Store};

use crate::world::{Folder, World, open};

fn mode(path: &std::path::Path) -> u32 {
    let metadata = std::fs::metadata(path).expect("the file is there");
    metadata.permissions().mode() & 0o777
}

fn refused(outcome: Result<Store, OpenError>) -> OpenError {
    outcome.expect_err("the database must be refused")
}

#[tokio::test]
async fn a_new_database_and_the_files_beside_it_are_its_owners_alone() {
    let world = World::new();
    world.user("mona").await;
    for name in ["counterfoil.db", "counterfoil.db-wal", "counterfoil.db-shm"] {
        assert_eq!(mode(&world.folder.file(name)), 0o600, "{name}");
    }
    let schema = world.store.schema().await.unwrap();
    assert_eq!(
        (schema.number, schema.name.as_str()),
        (20, "who_registered_apps")
    );
}

#[test]
fn a_database_that_is_not_there_is_not_made_unless_asked_for() {
    let folder = Folder::new();
    let error = refused(open(&folder, "first", SchemaState::Require));
    assert!(matches!(error, OpenError::Unusable { .. }), "{error}");
    assert!(!folder.file("counterfoil.db").exists());
}

#[test]
fn a_folder_that_is_not_there_is_told() {
    let folder = Folder::new();
    std::fs::remove_dir_all(folder.file("")).unwrap();
    let error = refused(open(&folder, "first", SchemaState::Migrate));
    assert!(matches!(error, OpenError::Unusable { .. }), "{error}");
}

#[test]
fn an_empty_file_has_no_schema_and_can_be_made_a_database() {
    let folder = Folder::new();
    std::fs::write(folder.file("counterfoil.db"), b"").unwrap();
    for schema in [SchemaState::Require, SchemaState::Update] {
        let error = refused(open(&folder, "first", schema));
        assert!(matches!(error, OpenError::NoSchema), "{error}");
    }
    open(&folder, "first", SchemaState::Migrate).unwrap();
    open(&folder, "second", SchemaState::Require).unwrap();
}

/// As a process leaves it that is killed before it has made the schema.
#[test]
fn a_database_without_a_schema_is_as_good_as_none() {
    let folder = Folder::new();
    let connection = rusqlite::Connection::open(folder.file("counterfoil.db")).unwrap();
    connection
        .pragma_update(None, "journal_mode", "WAL")
        .unwrap();
    drop(connection);
    open(&folder, "first", SchemaState::Make).unwrap();
    open(&folder, "second", SchemaState::Make).unwrap();
}

#[test]
fn a_database_that_needs_a_newer_program_is_refused_and_left_as_it_is() {
    let folder = Folder::new();
    drop(open(&folder, "first", SchemaState::Migrate).unwrap());
    let connection = rusqlite::Connection::open(folder.file("counterfoil.db")).unwrap();
    let insert =
        "INSERT INTO schema_migrations (number, name, oldest_program) VALUES (?1, 'later', ?2)";
    // Newer, but this program can use it: nodes are upgraded one by one.
    connection.execute(insert, (1000, "0.0.9")).unwrap();
    drop(open(&folder, "first", SchemaState::Migrate).unwrap());
    connection.execute(insert, (1001, "99.0.0")).unwrap();
    for schema in [SchemaState::Migrate, SchemaState::Require] {
        let error = refused(open(&folder, "first", schema));
        assert!(
            matches!(&error, OpenError::TooNew { needed, .. } if needed == "99.0.0"),
            "{error}"
        );
        assert!(error.to_string().contains("install the newer program"));
    }
}

#[test]
fn a_database_of_another_program_is_refused_and_left_as_it_is() {
    let folder = Folder::new();
    let path = folder.file("counterfoil.db");
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection
        .execute_batch("CREATE TABLE theirs (id INTEGER)")
        .unwrap();
    drop(connection);
    let before = std::fs::read(&path).unwrap();
    for schema in [SchemaState::Migrate, SchemaState::Require] {
        let error = refused(open(&folder, "first", schema));
        assert!(matches!(error, OpenError::Foreign { .. }), "{error}");
    }
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn a_file_that_is_no_database_is_refused_and_left_as_it_is() {
    let folder = Folder::new();
    let path = folder.file("counterfoil.db");
    let text = "not a database ".repeat(100);
    std::fs::write(&path, &text).unwrap();
    let error = refused(open(&folder, "first", SchemaState::Migrate));
    assert!(matches!(error, OpenError::Foreign { .. }), "{error}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
}

#[test]
fn processes_that_start_together_on_a_new_database_all_open_it() {
    let folder = std::sync::Arc::new(Folder::new());
    // As the first of several processes leaves it before it goes on: the file is there, and empty.
    std::fs::write(folder.file("counterfoil.db"), b"").unwrap();
    let starting = (0..8).map(|number| {
        let folder = std::sync::Arc::clone(&folder);
        std::thread::spawn(move || {
            open(&folder, &number.to_string(), SchemaState::Migrate).map(drop)
        })
    });
    for one in starting.collect::<Vec<_>>() {
        one.join().unwrap().unwrap();
    }
}
