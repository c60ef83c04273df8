//! What the program does when the world under it fails: the disk is full or refuses writes, files
//! vanish or are not what they should be. A start that cannot go well ends with one sentence; a
//! server that cannot store says so, goes on with what it can, and recovers by itself.

mod failing_calls;
mod full_disk;
mod lost_files;
mod postgres_disk;
mod unusable_files;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use counterfoil_testkit::process::{ApiClient, Connection, Person, Program, Running};
use serde_json::{Value, json};

/// How long a recovery may take that the server makes by itself.
const PATIENCE: Duration = Duration::from_secs(30);

fn program_in(folder: &Path) -> Program {
    Program::build_in(folder)
        .with_cheap_passwords()
        .with_any_number_of_changes()
}

/// The file of the database, under a program's folder.
fn database(folder: &Path) -> PathBuf {
    folder.join("counterfoil-data/counterfoil.db")
}

/// Demands that a command ends with status 1 and one sentence that has these words.
#[track_caller]
fn assert_refused(program: &Program, command: &[&str], words: &[&str]) {
    let output = program.command(command, "a password of some length");
    assert_eq!(output.status.code(), Some(1), "{}", output.stderr);
    assert_eq!(output.stderr.lines().count(), 1, "{}", output.stderr);
    assert!(!output.stderr.contains("panicked"), "{}", output.stderr);
    for word in words {
        assert!(
            output.stderr.contains(word),
            "{word:?} is not in: {}",
            output.stderr
        );
    }
}

/// Demands that `serve` does not start.
#[track_caller]
fn assert_does_not_start(program: &Program, words: &[&str]) {
    assert_refused(program, &["serve", "--listen", "127.0.0.1:0"], words);
}

fn connect(user: &Person, server: &Running) -> ApiClient {
    user.connect(&server.base_url)
        .expect("the server accepts connections")
}

/// The status of a path that needs no credentials.
fn health(server: &Running, path: &str) -> u16 {
    let mut connection =
        Connection::open(&server.base_url).expect("the server accepts connections");
    connection
        .ask("GET", path, &[], None)
        .expect("the server answers")
        .status
}

/// Asks until `/readyz` has this status. The server tries a write at most once a second, and
/// answers by the last one.
fn wait_for_readiness(server: &Running, status: u16) {
    let begun = Instant::now();
    while health(server, "/readyz") != status {
        assert!(
            begun.elapsed() < PATIENCE,
            "/readyz does not become {status}; the server said:\n{}",
            server.stderr()
        );
        std::thread::yield_now();
    }
}

/// Demands an answer that says that nothing was stored, and when to try again.
#[track_caller]
fn assert_unavailable(client: &mut ApiClient, method: &str, path: &str, body: Option<&Value>) {
    let answer = client.must(method, path, body);
    answer.assert_status(503);
    assert!(answer.header("retry-after").is_some(), "{method} {path}");
    assert!(answer.json()["message"].is_string());
}

/// The ids of a user's tokens.
fn listed(client: &mut ApiClient) -> Vec<i64> {
    let list = client.must("GET", "/authorizations?per_page=100", None);
    let list = list.assert_status(200).json();
    let mut ids: Vec<i64> = list
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|item| item["id"].as_i64())
        .collect();
    ids.sort_unstable();
    ids
}

/// The body that makes a personal token.
fn token_with_note(note: &str) -> Value {
    json!({ "note": note, "scopes": ["gist"] })
}

#[expect(clippy::print_stdout, reason = "the figures of a run are its result")]
fn say(line: &str) {
    println!("{line}");
}
