//! Files that are taken from under a running server. What it writes from then on would be lost with
//! its end, so it must not acknowledge anything.

use std::fs;
use std::path::Path;

use counterfoil_testkit::TestFolder;
use counterfoil_testkit::process::{ApiClient, Person, Program, Running};

use super::{
    assert_unavailable, connect, database, health, listed, program_in, token_with_note,
    wait_for_readiness,
};

/// A server with one user, who made one token.
fn serving(folder: &Path) -> (Program, Person, Running) {
    let program = program_in(folder);
    let user = program.add_user("mona");
    let server = program.start_serve(&[]);
    let made =
        connect(&user, &server).must("POST", "/authorizations", Some(&token_with_note("before")));
    made.assert_status(201);
    (program, user, server)
}

#[test]
fn a_server_whose_database_was_removed_acknowledges_nothing() {
    let folder = TestFolder::on_disk();
    let (_, user, server) = serving(folder.path());
    fs::remove_file(database(folder.path())).expect("the database is there");
    assert_acknowledges_nothing(&user, &server);
}

#[test]
fn a_server_whose_database_was_replaced_acknowledges_nothing() {
    let folder = TestFolder::on_disk();
    let (program, user, server) = serving(folder.path());
    let copy = folder.path().join("counterfoil-data/copy.db");
    let copied = program.command(
        &["db", "backup", copy.to_str().expect("the path is plain")],
        "",
    );
    copied.succeeded();
    fs::rename(&copy, database(folder.path())).expect("the folder is the test's own");
    assert_acknowledges_nothing(&user, &server);
}

#[test]
fn a_server_whose_log_of_changes_was_removed_acknowledges_nothing() {
    let folder = TestFolder::on_disk();
    let (_, user, server) = serving(folder.path());
    let log = folder.path().join("counterfoil-data/counterfoil.db-wal");
    fs::remove_file(log).expect("a server that wrote has a log");
    assert_acknowledges_nothing(&user, &server);
}

#[test]
fn a_database_that_comes_back_is_written_to_again() {
    let folder = TestFolder::on_disk();
    let (program, user, server) = serving(folder.path());
    let (path, away) = (
        database(folder.path()),
        folder.path().join("counterfoil-data/away.db"),
    );
    fs::rename(&path, &away).expect("the folder is the test's own");
    assert_acknowledges_nothing(&user, &server);
    fs::rename(&away, &path).expect("the folder is the test's own");
    wait_for_readiness(&server, 200);
    let mut client = connect(&user, &server);
    client
        .must("POST", "/authorizations", Some(&token_with_note("after")))
        .assert_status(201);
    let before = listed(&mut client);
    server.kill_nine();
    let server = program.start_serve(&[]);
    assert_eq!(listed(&mut connect(&user, &server)), before);
}

/// What others revoke goes to the file that has the name now: a server that still reads the old one
/// would not hear of it.
#[test]
fn a_server_whose_database_was_replaced_stops_answering_from_memory() {
    let folder = TestFolder::on_disk();
    let (program, user, server) = serving(folder.path());
    let made =
        connect(&user, &server).must("POST", "/authorizations", Some(&token_with_note("known")));
    let (token, id) = (made.token(), made.id().to_string());
    let mut client =
        ApiClient::with_token(&server.base_url, &token).expect("the server accepts connections");
    client.must("GET", "/user", None).assert_status(200);
    let copy = folder.path().join("copy.db");
    let backup = ["db", "backup", copy.to_str().expect("the path is plain")];
    program.command(&backup, "").succeeded();
    let (data, away) = (
        folder.path().join("counterfoil-data"),
        folder.path().join("away"),
    );
    fs::create_dir(&away).expect("the folder is the test's own");
    let files = ["counterfoil.db", "counterfoil.db-wal", "counterfoil.db-shm"];
    for file in files {
        fs::rename(data.join(file), away.join(file)).expect("a server that wrote has them all");
    }
    fs::rename(&copy, database(folder.path())).expect("the folder is the test's own");
    // The command's exit is the acknowledgement, though no server could be told.
    program.command(&["token", "revoke", &id], "").succeeded();
    for _ in 0..3 {
        client.must("GET", "/user", None).assert_status(503);
    }
    for file in files {
        fs::rename(away.join(file), data.join(file)).expect("the folder is the test's own");
    }
    client.must("GET", "/user", None).assert_status(200);
}

fn assert_acknowledges_nothing(user: &Person, server: &Running) {
    let mut client = connect(user, server);
    for number in 0..3 {
        let body = token_with_note(&format!("refused {number}"));
        assert_unavailable(&mut client, "POST", "/authorizations", Some(&body));
    }
    wait_for_readiness(server, 503);
    assert_eq!(health(server, "/healthz"), 200);
    assert!(!server.stderr().contains("panicked"), "{}", server.stderr());
}
