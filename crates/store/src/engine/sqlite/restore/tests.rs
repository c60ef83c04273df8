use std::cell::RefCell;
use std::fs::{self, File};
use std::path::Path;

use counterfoil_domain::audit::WriterId;
use counterfoil_domain::audit::form::AuditKey;
use counterfoil_domain::principal::{Attribution, Principal, Proof};
use counterfoil_domain::timestamp::Timestamp;
use rusqlite::{Connection, ErrorCode};

use super::old::attach;
use super::replace::copy_through;
use super::{Moment, RestoreError, carry_over};
use crate::engine::sqlite::tests::Database;
use crate::engine::sqlite::{Sqlite, all_tables, file, seal};
use crate::engine::{DatabaseLocation, Durability, OpenOptions};
use crate::error::OpenError;
use crate::migrations::{SchemaState, needed};
use crate::restore::{RestoreRequest, TrailKey, restore, restore_watched};
use crate::verify::verify_backup;

/// A database that nobody has open, with a backup of it beside it.
fn with_backup(name: &str) -> Database {
    let database = Database::new(name);
    let backup = database.folder.join("backup.db");
    database.sqlite.backup(&backup).unwrap();
    database.sqlite.close();
    database
}

fn with_restoration<T>(folder: &Path, work: impl FnOnce(&RestoreRequest<'_>) -> T) -> T {
    let by = Attribution {
        principal: Principal {
            proof: Proof::Operator("test".to_owned()),
            origin: None,
        },
        at: Timestamp::from_microseconds(1),
        personal_salt: [0; 16],
    };
    work(&RestoreRequest {
        backup: folder.join("backup.db"),
        database: folder.join("counterfoil.db"),
        set_aside: folder.join("counterfoil.db.replaced-1"),
        writer: WriterId("restoring".to_owned()),
        generation: [7; 16],
        by,
        open_keys: &|_, _| Ok(trail_key()),
    })
}

fn trail_key() -> TrailKey {
    TrailKey {
        key: AuditKey::from_parts([1; 4], [2; 16], &[3; 32]).unwrap(),
        made: None,
    }
}

/// What a stranger's program is told that wants to write to a file.
fn attempt(path: &Path) -> Option<ErrorCode> {
    let connection = Connection::open(path).unwrap();
    connection.busy_timeout(std::time::Duration::ZERO).unwrap();
    let begun = connection.execute_batch("BEGIN IMMEDIATE");
    begun.err().and_then(|error| error.sqlite_error_code())
}

#[test]
fn nobody_gets_at_the_replaced_database_until_the_new_one_is_in_its_place() {
    let database = with_backup("restore-lock");
    let seen = RefCell::new(Vec::new());
    with_restoration(&database.folder, |asked| {
        let watch = |moment| {
            // Before the rename both names are the old database's, after it the second one is.
            let told = attempt(&asked.set_aside);
            seen.borrow_mut().push((moment, told));
            for companion in ["-wal", "-shm", "-journal"] {
                let name = format!("counterfoil.db{companion}");
                assert!(!database.folder.join(&name).exists(), "{moment:?}: {name}");
            }
        };
        restore_watched(asked, &watch).unwrap();
        assert_eq!(
            attempt(&asked.database),
            None,
            "afterwards the database is free"
        );
    });
    let busy = Some(ErrorCode::DatabaseBusy);
    assert_eq!(
        seen.into_inner(),
        [
            (Moment::BeforeTheRename, busy),
            (Moment::AfterTheRename, busy)
        ]
    );
}

#[test]
fn a_database_is_not_opened_while_a_restore_goes_on() {
    let database = with_backup("restore-folder");
    let path = database.folder.join("counterfoil.db");
    let options = OpenOptions {
        location: DatabaseLocation::Sqlite(path.clone()),
        writer: WriterId("waiting".to_owned()),
        schema: SchemaState::Require,
        durability: Durability::None,
    };
    let restoring = File::open(file::folder_of(&path)).unwrap();
    restoring.try_lock().unwrap();
    let refused = Sqlite::open(&path, &options).unwrap_err().to_string();
    assert!(
        refused.contains("a backup is being put in its place"),
        "{refused}"
    );
    drop(restoring);
    Sqlite::open(&path, &options).unwrap();
}

#[test]
fn where_there_are_no_links_the_replaced_database_is_copied_under_its_lock() {
    let database = with_backup("restore-copy");
    let (old, copy) = (
        database.folder.join("counterfoil.db"),
        database.folder.join("copy.db"),
    );
    let connection = Connection::open_in_memory().unwrap();
    assert!(attach(&connection, &old).is_ok());
    file::create(&copy).unwrap();
    copy_through(&connection, &copy).unwrap();
    assert_eq!(attempt(&old), Some(ErrorCode::DatabaseBusy));
    let question = "SELECT count(*) FROM schema_migrations";
    let count = |path: &Path| -> i64 {
        let connection = Connection::open(path).unwrap();
        connection
            .query_row(question, [], |row| row.get(0))
            .unwrap()
    };
    let copied = count(&copy);
    drop(connection);
    assert_eq!(copied, count(&old));
    assert!(fs::metadata(&copy).unwrap().len() > 0);
}

/// Takes back what migrations made since the fourth.
const BACK_TO_SCHEMA_4: &str = concat!(
    include_str!("../../../../tests/back_to_schema_7.sql"),
    include_str!("../../../../tests/back_to_schema_4.sql")
);

#[test]
fn a_backup_of_an_older_schema_is_brought_up_to_date_and_an_older_database_is_not_replaced() {
    let database = Database::new("restore-older");
    database.sqlite.close();
    let (path, backup) = (
        database.folder.join("counterfoil.db"),
        database.folder.join("backup.db"),
    );
    let older = Connection::open(&path).unwrap();
    older.execute_batch(BACK_TO_SCHEMA_4).unwrap();
    older
        .execute("VACUUM INTO ?1", [backup.to_string_lossy()])
        .unwrap();
    older.close().unwrap();
    seal::seal(&backup).unwrap();
    let verified = verify_backup(&backup).unwrap();
    assert_eq!((verified.schema.number, verified.is_current), (4, false));
    with_restoration(&database.folder, |asked| {
        let refused = restore(asked).unwrap_err();
        assert!(
            matches!(
                refused,
                RestoreError::Open(OpenError::TooOld { found: 4, .. })
            ),
            "{refused}"
        );
        let options = OpenOptions {
            location: DatabaseLocation::Sqlite(path.clone()),
            writer: WriterId("migrating".to_owned()),
            schema: SchemaState::Migrate,
            durability: Durability::None,
        };
        Sqlite::open(&path, &options).unwrap().close();
        let restored = restore(asked).unwrap();
        assert_eq!(restored.schema.number, needed());
    });
    let restored = Connection::open(&path).unwrap();
    let question =
        "SELECT count(*) FROM pragma_table_info('accounts') WHERE name = 'administrator_epoch'";
    let columns: i64 = restored.query_row(question, [], |row| row.get(0)).unwrap();
    assert_eq!(columns, 1);
}

#[test]
fn every_table_is_thought_about_when_a_database_is_restored() {
    let mut names: Vec<_> = all_tables()
        .iter()
        .map(|table| table.name.as_str())
        .collect();
    names.sort_unstable();
    assert_eq!(names, carry_over::TABLES);
}
