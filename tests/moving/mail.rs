//! Links and mail of a database that was restored or copied: a drill writes to nobody, and opens
//! nothing.

use super::desk::{Desk, look_up};

const WORKING: &str = "SELECT count(*) FROM links WHERE ended_at IS NULL";
const PAUSED: &str = "SELECT sending_paused FROM installation";

/// An installation with a link that works and a mail that waits, which nobody sends.
fn with_mail() -> Desk {
    let desk = Desk::with_users(&["mona"]);
    desk.run(&["user", "reset", "mona"]);
    let mail = "INSERT INTO outbox (delivery_id, kind, subject, is_urgent, account_id, asked, made_at, next_at, tries)
        VALUES (x'01', 'reset', x'02', 1, 2, 1, 1, 1, 0)";
    let file = rusqlite::Connection::open(desk.database()).unwrap();
    file.execute_batch(mail).unwrap();
    desk
}

#[test]
fn a_restored_database_has_no_link_that_works_and_sends_nothing_until_it_is_told_to() {
    let desk = with_mail();
    assert_eq!((desk.look_up(WORKING), desk.look_up(PAUSED)), (1, 0));
    desk.run(&["db", "backup", "backup.db"]);
    desk.run(&["user", "reset", "mona"]);
    desk.run(&["db", "restore", "backup.db"]);
    assert_eq!((desk.look_up(WORKING), desk.look_up(PAUSED)), (0, 1));
    assert_eq!(desk.text("SELECT outcome FROM outbox"), "restored");
    assert_eq!(desk.text("SELECT end_reason FROM links"), "restored");
    let shown = desk.program.json(&["outbox", "show"], "");
    assert_eq!(
        (&shown["paused"], &shown["waiting"]),
        (&true.into(), &0.into())
    );
    let resumed = desk.program.json(&["outbox", "resume"], "");
    assert_eq!(resumed["changed"], true);
    assert_eq!(desk.look_up(PAUSED), 0);
    let again = desk.program.json(&["outbox", "resume"], "");
    assert_eq!(again["changed"], false);
}

#[test]
fn a_copy_sends_nothing_until_it_is_told_to() {
    let desk = with_mail();
    let copy = desk.path("copy.db");
    let to = format!("sqlite:{}", copy.display());
    desk.run(&["db", "copy", "--to", &to]);
    assert_eq!(look_up(&copy, PAUSED), 1);
    // What was copied waits, as it does where it came from.
    assert_eq!(
        look_up(
            &copy,
            "SELECT count(*) FROM outbox WHERE finished_at IS NULL"
        ),
        1
    );
    assert_eq!(desk.look_up(PAUSED), 0);
}
