//! Events in a form that only a newer program knows are moved as they are.

use counterfoil_testkit::postgres::Database;
use rusqlite::Connection;

use super::desk::Desk;

/// What a newer program wrote: nothing in it can be read by this one.
const BYTES: [u8; 7] = [0xff, 0x00, 0xfe, b'f', b'2', 0x0a, 0x80];

/// Has a newer program write such an event among those of the installation.
fn write_newer_event(desk: &Desk) {
    let connection = Connection::open(desk.database()).unwrap();
    let writer = "INSERT INTO audit_writers (id, program, started_at, head) VALUES ('newer', 'counterfoil 9.0.0', 1, 1)";
    connection.execute_batch(writer).unwrap();
    let event = "INSERT INTO audit_events (writer_id, writer_number, format, bytes, happened_at, action, actor, personal_salt,
        address) VALUES ('newer', 1, 3, ?1, 5, 'policy.agreed', 'session:5', ?1, '192.0.2.7')";
    connection.execute(event, [BYTES]).unwrap();
}

/// The event as it stands in a file.
const IN_A_FILE: &str = "SELECT writer_number || ' ' || format || ' ' || lower(hex(bytes)) || ' ' || happened_at || ' ' || action
    || ' ' || actor || ' ' || lower(hex(personal_salt)) || ' ' || address FROM audit_events WHERE writer_id = 'newer'";

/// The same on PostgreSQL.
const IN_POSTGRESQL: &str = "SELECT writer_number || ' ' || format || ' ' || encode(bytes, 'hex') || ' ' || happened_at || ' '
    || action || ' ' || actor || ' ' || encode(personal_salt, 'hex') || ' ' || address FROM audit_events WHERE writer_id = 'newer'";

const AS_IT_IS: &str = "1 3 ff00fe66320a80 5 policy.agreed session:5 ff00fe66320a80 192.0.2.7";

#[test]
fn an_event_in_an_unknown_form_is_copied_to_the_other_engine_and_back_as_it_is() {
    let desk = Desk::with_users(&["mona"]);
    write_newer_event(&desk);
    assert_eq!(desk.text(IN_A_FILE), AS_IT_IS);
    let there = Database::empty();
    let url = there.url();
    desk.run(&["db", "copy", "--to", &url]);
    assert_eq!(there.look_up(IN_POSTGRESQL).as_deref(), Some(AS_IT_IS));
    let back = desk.path("counterfoil-data/back.db");
    let to = format!("sqlite:{}", back.display());
    desk.run(&["db", "copy", "--to", &to, "--database-url", &url]);
    let connection = Connection::open(back).unwrap();
    let found: String = connection
        .query_row(IN_A_FILE, [], |row| row.get(0))
        .unwrap();
    assert_eq!(found, AS_IT_IS);
}

#[test]
fn an_event_in_an_unknown_form_is_backed_up_verified_and_restored_as_it_is() {
    let desk = Desk::with_users(&["mona"]);
    write_newer_event(&desk);
    let events = desk.look_up("SELECT count(*) FROM audit_events");
    desk.run(&["db", "backup", "backup.db"]);
    let verified = desk.program.json(&["db", "verify", "backup.db"], "");
    assert_eq!(verified["rows"]["audit_events"].as_i64(), Some(events));
    desk.run(&["db", "restore", "backup.db"]);
    assert_eq!(desk.text(IN_A_FILE), AS_IT_IS);
}

#[test]
fn an_event_in_an_unknown_form_that_came_after_the_backup_is_carried_over_as_it_is() {
    let desk = Desk::with_users(&["mona"]);
    desk.run(&["db", "backup", "backup.db"]);
    write_newer_event(&desk);
    desk.run(&["db", "restore", "backup.db"]);
    assert_eq!(desk.text(IN_A_FILE), AS_IT_IS);
}
