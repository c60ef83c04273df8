//! `counterfoil db verify`: what is whole is told from what is not, and nothing is touched.

use std::fs;

use super::desk::{Desk, files_of};

fn with_backup() -> Desk {
    let desk = Desk::with_users(&["mona"]);
    desk.token("mona", "a note that can be altered");
    fs::create_dir(desk.path("kept")).unwrap();
    desk.run(&["db", "backup", "kept/backup.db"]);
    desk
}

#[test]
fn a_whole_backup_is_told_by_its_rows_schema_and_keys() {
    let desk = with_backup();
    let said = desk.program.json(&["db", "verify", "kept/backup.db"], "");
    // With the organization that owns the apps of the installation.
    assert_eq!(said["rows"]["accounts"], 2);
    assert_eq!(said["rows"]["token_digests"], 1);
    assert_eq!(said["schema"]["current"], true);
    assert_eq!(said["keys_at_hand"], true);
    assert_eq!(said["keys"].as_array().map(Vec::len), Some(1));
}

#[test]
fn verifying_changes_nothing_not_even_a_log_beside_the_file() {
    let desk = with_backup();
    fs::write(desk.path("kept/backup.db-wal"), "no log of this file").unwrap();
    let before = files_of(&desk.path("kept"));
    desk.program.json(&["db", "verify", "kept/backup.db"], "");
    assert_eq!(files_of(&desk.path("kept")), before);
}

#[test]
fn a_backup_can_be_verified_where_there_is_no_installation_and_lacks_its_key_there() {
    let desk = with_backup();
    let elsewhere = Desk::empty();
    let file = desk.path("kept/backup.db");
    let arguments = ["db", "verify", file.to_str().unwrap()];
    let output = elsewhere.program.command(&arguments, "").succeeded();
    assert!(
        output
            .stderr
            .contains("it cannot be served from here: the key "),
        "{}",
        output.stderr
    );
    assert_eq!(fs::read_dir(elsewhere.folder.path()).unwrap().count(), 0);
}

#[test]
fn a_value_that_is_sealed_under_a_key_that_the_backup_does_not_know_is_found() {
    for lost in [
        "UPDATE installation SET digest_key_id = '0badcafe'",
        "UPDATE audit_keys SET key_id = '0badcafe'",
    ] {
        let desk = with_backup();
        let database = rusqlite::Connection::open(desk.database()).unwrap();
        database.execute_batch(lost).unwrap();
        drop(database);
        desk.run(&["db", "backup", "lost.db"]);
        let sentence = desk.refused(&["db", "verify", "lost.db"]);
        assert!(
            sentence.contains("values are sealed under key 0badcafe, which it does not know"),
            "{lost}: {sentence}"
        );
    }
}

#[test]
fn a_flipped_byte_anywhere_is_found() {
    let desk = with_backup();
    let whole = fs::read(desk.path("kept/backup.db")).unwrap();
    let note = b"a note that can be altered";
    let text = whole.windows(note.len()).position(|window| window == note);
    let text = text.expect("the note stands in the file");
    // In a text, where SQLite itself finds nothing; at both ends; in the seal; and here and there.
    let places = [
        text,
        0,
        whole.len() - 1,
        whole.len() - 30,
        whole.len() - 100,
    ];
    let step = whole.len() / 40;
    for place in places
        .into_iter()
        .chain((1..40).map(|number| number * step))
    {
        let mut altered = whole.clone();
        altered[place] ^= 1;
        fs::write(desk.path("altered.db"), &altered).unwrap();
        let sentence = desk.refused(&["db", "verify", "altered.db"]);
        assert!(
            sentence.starts_with("altered.db was altered after it was made")
                || sentence.starts_with("altered.db is not a whole backup"),
            "{place}: {sentence}"
        );
    }
}

#[test]
fn a_file_that_was_cut_off_anywhere_is_refused() {
    let desk = with_backup();
    let whole = fs::read(desk.path("kept/backup.db")).unwrap();
    for length in [
        0,
        1,
        4096,
        whole.len() / 2,
        whole.len() - 121,
        whole.len() - 1,
    ] {
        fs::write(desk.path("short.db"), &whole[..length]).unwrap();
        let sentence = desk.refused(&["db", "verify", "short.db"]);
        assert!(
            sentence.starts_with("short.db is not a whole backup"),
            "{length}: {sentence}"
        );
    }
    fs::write(desk.path("long.db"), [&whole[..], b"more"].concat()).unwrap();
    assert!(
        desk.refused(&["db", "verify", "long.db"])
            .contains("is not a whole backup")
    );
}

#[test]
fn a_file_of_somebody_else_is_refused() {
    let desk = with_backup();
    let connection = rusqlite::Connection::open(desk.path("other.db")).unwrap();
    connection
        .execute_batch("CREATE TABLE other (id INTEGER)")
        .unwrap();
    drop(connection);
    for name in ["other.db", "counterfoil-data/keys"] {
        assert!(
            desk.refused(&["db", "verify", name])
                .contains("is not a whole backup")
        );
    }
    assert_eq!(
        desk.refused(&["db", "verify", "nothing.db"]),
        "cannot read nothing.db: No such file or directory (os error 2)"
    );
}
