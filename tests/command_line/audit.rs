//! `counterfoil audit`, where a newer program writes into the same trail.

use serde_json::{Value, json};

use super::Desk;

/// A newer program beside this one writes an event in a form of its own.
const NEWER_EVENT: &str = "INSERT INTO audit_writers (id, program, started_at, head) VALUES ('newer', 'counterfoil 9.0.0', 1, 1);
    INSERT INTO audit_events (writer_id, writer_number, format, bytes, happened_at, action, actor, account_id, personal_salt, address)
    SELECT 'newer', 1, 3, b.bytes, e.happened_at + 1, 'policy.agreed', 'session:5', 1, b.bytes, '192.0.2.7'
    FROM audit_events e, audit_events b WHERE b.action = 'user.created' ORDER BY e.happened_at DESC, e.id DESC LIMIT 1";

#[test]
fn an_event_in_a_form_that_this_program_does_not_know_is_listed_unread() {
    let desk = Desk::with_user();
    desk.program.database().run(NEWER_EVENT);
    let events = desk.json(&["audit", "list"], "");
    let events = events.as_array().expect("a list");
    let newer = events.last().expect("three events");
    assert_eq!(newer["format"], 3);
    // Its bytes would read like those of the form that is known: what they say may have another
    // meaning.
    assert_eq!(newer["details"], Value::Null);
    for (name, value) in [
        ("action", json!("policy.agreed")),
        ("actor", json!("session:5")),
        ("login", json!("mona")),
        ("address", json!("192.0.2.7")),
        ("writer", json!("newer")),
        ("writer_number", json!(1)),
    ] {
        assert_eq!(newer[name], value, "{name}");
    }
    let table = desk.printed(&["audit", "list"], "");
    let line = table.lines().last().expect("a line for each event");
    assert!(
        line.contains("user mona (details in form 3, not read)"),
        "{line}"
    );
    // An event in the known form says so, and is read.
    assert_eq!(events[1]["format"], 2);
    assert!(events[1]["details"].is_object());
}

#[test]
fn the_trail_is_whole_with_an_event_in_a_form_that_this_program_does_not_know() {
    let desk = Desk::with_user();
    desk.program.database().run(NEWER_EVENT);
    let said = desk.run(&["doctor"], "");
    let said = format!("{}{}", said.stdout, said.stderr);
    assert!(!said.contains("audit trail of"), "{said}");
    // And it is the trail that is looked at: an event that is missing is found.
    let lost = "UPDATE audit_writers SET head = 2 WHERE id = 'newer'";
    desk.program.database().run(lost);
    let said = desk.run(&["doctor"], "");
    let said = format!("{}{}", said.stdout, said.stderr);
    assert!(
        said.contains("the audit trail of newer should have 2 events and has 1"),
        "{said}"
    );
}
