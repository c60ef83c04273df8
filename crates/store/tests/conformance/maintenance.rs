//! Backups, checks and the heartbeat.

use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use counterfoil_domain::audit::WriterId;
use counterfoil_store::{
    BackupError, DatabaseLocation, Durability, OpenOptions, SchemaState, Store, StoreError,
};

use crate::keys::initialised;
use crate::world::{World, new_account};

fn open(path: std::path::PathBuf) -> Store {
    let options = OpenOptions {
        location: DatabaseLocation::Sqlite(path),
        writer: WriterId("restored".to_owned()),
        schema: SchemaState::Require,
        durability: Durability::Full,
    };
    Store::open(&options).expect("a backup is a database")
}

#[tokio::test]
async fn a_backup_is_one_private_file_that_holds_everything() {
    let world = World::new();
    let user = world.user("mona").await;
    let token = world.make(world.personal(&user, "note", "repo")).await;
    let to = world.folder.file("backup.db");
    world.store.backup(to.clone()).await.unwrap();
    assert_eq!(
        std::fs::metadata(&to).unwrap().permissions().mode() & 0o777,
        0o600
    );
    // Nothing else came about, and later changes are not in it.
    let mut names: Vec<_> = std::fs::read_dir(world.folder.file(""))
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    names.sort();
    assert_eq!(
        names,
        [
            "backup.db",
            "counterfoil.db",
            "counterfoil.db-shm",
            "counterfoil.db-wal"
        ]
    );
    world.user("lisa").await;
    let copy = open(to);
    assert_eq!(copy.list_accounts().await.unwrap(), [user]);
    let found = copy
        .find_by_digest(token.token.digest, world.now())
        .await
        .unwrap();
    assert_eq!(found.unwrap().authorization, token);
    assert_eq!(copy.check_integrity().await.unwrap(), [] as [String; 0]);
}

#[tokio::test]
async fn a_backup_replaces_nothing_and_leaves_nothing_when_it_fails() {
    let world = World::new();
    let to = world.folder.file("precious");
    std::fs::write(&to, "precious").unwrap();
    let refused = world.store.backup(to.clone()).await;
    assert!(matches!(refused, Err(BackupError::Exists { path }) if path == to));
    assert_eq!(std::fs::read_to_string(&to).unwrap(), "precious");
    let nowhere = world.folder.file("missing").join("backup.db");
    let refused = world.store.backup(nowhere).await;
    assert!(matches!(refused, Err(BackupError::Unwritable { .. })));
    assert_eq!(std::fs::read_dir(world.folder.file("")).unwrap().count(), 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_under_way_holds_up_no_write() {
    let world = World::new();
    let backups = (0..4).map(|number| {
        let (store, to) = (
            world.store.clone(),
            world.folder.file(&format!("backup-{number}")),
        );
        tokio::spawn(async move { store.backup(to).await })
    });
    let backups: Vec<_> = backups.collect();
    for number in 0..50 {
        world.user(&format!("user{number}")).await;
    }
    for (number, backup) in backups.into_iter().enumerate() {
        backup.await.unwrap().unwrap();
        let copy = open(world.folder.file(&format!("backup-{number}")));
        let (accounts, events) = (
            copy.list_accounts().await.unwrap(),
            copy.list_events(
                counterfoil_domain::timestamp::Timestamp::from_seconds(0),
                1000,
            )
            .await
            .unwrap(),
        );
        assert_eq!(accounts.len(), events.len());
    }
}

on_each_engine! {
    a_heartbeat_is_written_and_needs_an_installation,
}

async fn a_heartbeat_is_written_and_needs_an_installation(world: World) {
    assert!(matches!(
        world.store.heartbeat(world.now()).await,
        Err(StoreError::Inconsistent { .. })
    ));
    let world = initialised(world).await;
    world.pass(Duration::from_secs(1));
    let events = world.events().await.len();
    world.store.heartbeat(world.now()).await.unwrap();
    let written = world.look_up("SELECT heartbeat_at FROM installation");
    assert_eq!(written, [world.now().microseconds().to_string()]);
    assert_eq!(world.events().await.len(), events);
}

#[tokio::test]
async fn a_check_tells_missing_events_and_rows_that_refer_to_nothing() {
    let world = World::new();
    world
        .store
        .create_account(new_account("mona"), world.operator())
        .await
        .unwrap();
    assert_eq!(
        world.store.check_integrity().await.unwrap(),
        [] as [String; 0]
    );
    let connection = rusqlite::Connection::open(world.folder.file("counterfoil.db")).unwrap();
    connection.execute_batch("PRAGMA foreign_keys = OFF; DELETE FROM audit_events; UPDATE audit_writers SET head = 7").unwrap();
    connection
        .execute(
            "INSERT INTO recovery_codes (account_id, digest, created_at) VALUES (4711, x'00', 0)",
            [],
        )
        .unwrap();
    let problems = world.store.check_integrity().await.unwrap();
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert!(problems[0].contains("recovery_codes"), "{problems:?}");
    assert!(
        problems[1].contains("should have 7 events and has 0"),
        "{problems:?}"
    );
}
