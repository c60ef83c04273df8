//! `counterfoil session`: an operator sees where a user is signed in, and ends that.

use super::{Desk, text};

/// A session of the first user, as a sign-in leaves it now.
const SIGNED_IN: &str = "INSERT INTO sessions
    (account_id, digest, credential_version, created_at, confirmed_at, last_used_at, address, agent)
    SELECT id, zeroblob(32), credential_version, now, now, now, '192.0.2.7', 'Firefox on paper'
    FROM accounts, (SELECT unixepoch() * 1000000 AS now) WHERE login = 'mona'";

#[test]
fn an_operator_lists_sessions_and_ends_one() {
    let desk = Desk::with_files("it writes a row by hand").and_user();
    assert_eq!(
        desk.json(&["session", "list", "mona"], "").as_array(),
        Some(&vec![])
    );
    desk.program.database().run(SIGNED_IN);
    let listed = desk.json(&["session", "list", "mona"], "");
    let session = &listed[0];
    assert_eq!(text(&session["address"]), "192.0.2.7");
    assert_eq!(text(&session["agent"]), "Firefox on paper");
    let id = session["id"].to_string();
    let table = desk.printed(&["sessions", "ls", "mona"], "");
    assert!(table.contains("Firefox on paper"), "{table}");
    let done = desk.done(&["session", "end", &id], "");
    assert!(done.contains(&format!("ended session {id}")), "{done}");
    let gone = desk.refused(&["session", "end", &id], "");
    assert!(
        gone.contains(&format!("there is no live session {id}")),
        "{gone}"
    );
    let events = desk.events();
    let ended = events
        .iter()
        .find(|event| event["action"] == "session.ended");
    assert_eq!(
        ended.expect("it is told")["details"]["reason"],
        "revoked_by_operator"
    );
    let nobody = desk.refused(&["session", "list", "nobody"], "");
    assert!(nobody.contains("nobody"), "{nobody}");
}
