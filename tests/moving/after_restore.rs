//! `counterfoil db after-restore`: a database that was restored by other means, on both engines.

use counterfoil_testkit::postgres::Database;

use super::desk::{Desk, status_of};

fn ends_every_token(desk: &Desk) {
    desk.program.add_user("mona");
    let (id, token) = desk.token("mona", "a token");
    let server = desk.program.start_serve(&[]);
    assert_eq!(status_of(&server, &token), 200);
    let said = desk
        .program
        .json(&["db", "after-restore", "--end-all-tokens"], "");
    assert_eq!(said["tokens_ended"], 1);
    // The exit of the command is the acknowledgement, on the server that remembers the token too.
    assert_eq!(status_of(&server, &token), 401);
    let trail = desk.program.audit_trail();
    assert_eq!(trail.last().unwrap()["action"], "installation.restored");
    let (next_id, next) = desk.token("mona", "another");
    assert!(
        next_id > id + 100_000,
        "nobody knows which ids were given: {next_id}"
    );
    assert_eq!(status_of(&server, &next), 200);
}

#[test]
fn every_token_of_a_file_ends() {
    ends_every_token(&Desk::empty());
}

#[test]
fn every_token_of_a_postgresql_database_ends() {
    let database = Database::empty();
    let desk = Desk::empty().on(&database);
    ends_every_token(&desk);
}

#[test]
fn nothing_ends_without_the_word() {
    let desk = Desk::with_users(&["mona"]);
    let (_, token) = desk.token("mona", "a token");
    let output = desk.program.command(&["db", "after-restore"], "");
    assert_eq!(output.status.code(), Some(2));
    assert!(desk.is_live(&token));
}
