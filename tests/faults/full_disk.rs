//! A disk without room.

use std::fs;

use counterfoil_testkit::TestFolder;
use counterfoil_testkit::process::{MountNamespace, Program};
use serde_json::json;

use super::{
    assert_does_not_start, assert_refused, assert_unavailable, connect, health, listed, program_in,
    token_with_note, wait_for_readiness,
};

/// A disk that is small enough to be filled in no time.
const DISK_KIBIBYTES: u32 = 4096;

/// A program on a small disk of its own.
struct SmallDisk {
    program: Program,
    mounts: MountNamespace,
    folder: TestFolder,
}

impl SmallDisk {
    fn new() -> Self {
        let folder = TestFolder::on_disk();
        let mounts = MountNamespace::with_small_disk(folder.path(), DISK_KIBIBYTES);
        let program = program_in(folder.path()).inside_mounts(&mounts);
        Self {
            program,
            mounts,
            folder,
        }
    }

    /// Takes all room that is left.
    fn fill(&self) {
        self.mounts.fill_disk(&self.folder.path().join("ballast"));
    }

    fn make_room(&self) {
        let ballast = self.folder.path().join("ballast");
        fs::remove_file(self.mounts.path_from_outside(&ballast))
            .expect("what the test wrote can be deleted");
    }
}

#[test]
fn a_full_disk_refuses_changes_serves_reads_and_recovers() {
    let disk = SmallDisk::new();
    let [mona, lisa] = ["mona", "lisa"].map(|login| disk.program.add_user(login));
    let app = disk.program.add_app(&mona, "An app");
    let server = disk.program.start_serve(&[]);
    let mut client = connect(&mona, &server);
    let made = client.must("POST", "/authorizations", Some(&token_with_note("before")));
    let (kept, token) = (made.assert_status(201).id(), made.token());
    assert_eq!(health(&server, "/readyz"), 200);

    disk.fill();
    let kept_path = format!("/authorizations/{kept}");
    let app_path = format!("/authorizations/clients/{}", app.client_id);
    let with_secret = json!({ "client_secret": app.client_secret });
    for _ in 0..3 {
        assert_unavailable(
            &mut client,
            "POST",
            "/authorizations",
            Some(&token_with_note("refused")),
        );
        assert_unavailable(&mut client, "PUT", &app_path, Some(&with_secret));
        assert_unavailable(
            &mut client,
            "PATCH",
            &kept_path,
            Some(&json!({ "scopes": ["repo"] })),
        );
        assert_unavailable(&mut client, "DELETE", &kept_path, None);
    }
    wait_for_readiness(&server, 503);
    assert_eq!(health(&server, "/healthz"), 200);
    // Reads go on: for a token, for whoever signed in before and for whoever did not.
    assert_eq!(listed(&mut client), [kept]);
    assert!(listed(&mut connect(&lisa, &server)).is_empty());
    let mut holder = counterfoil_testkit::process::ApiClient::with_token(&server.base_url, &token)
        .expect("a connection");
    holder.must("GET", "/user", None).assert_status(200);

    disk.make_room();
    wait_for_readiness(&server, 200);
    let made = client
        .must("POST", "/authorizations", Some(&token_with_note("after")))
        .assert_status(201)
        .id();
    assert!(!server.stderr().contains("panicked"), "{}", server.stderr());
    server.kill_nine();

    let server = disk.program.start_serve(&[]);
    let mut client = connect(&mona, &server);
    assert_eq!(
        listed(&mut client),
        [kept, made],
        "what was acknowledged is there, and nothing else"
    );
    let scopes = client.must("GET", &kept_path, None).json();
    assert_eq!(scopes["scopes"], json!(["gist"]));
}

#[test]
fn what_was_acknowledged_until_the_disk_was_full_is_there_after_a_crash() {
    let disk = SmallDisk::new();
    let mona = disk.program.add_user("mona");
    let server = disk.program.start_serve(&[]);
    let mut client = connect(&mona, &server);
    let mut acknowledged = Vec::new();
    // The log of the database grows with every change until there is no room for the next.
    for number in 0..1000 {
        let made = client.must(
            "POST",
            "/authorizations",
            Some(&token_with_note(&number.to_string())),
        );
        match made.status {
            201 => acknowledged.push(made.id()),
            503 => break,
            other => panic!("{other}: {}", made.text()),
        }
    }
    assert!(acknowledged.len() < 1000, "the disk should be full");
    assert!(!server.stderr().contains("panicked"), "{}", server.stderr());
    server.kill_nine();

    // There is no room still, and nothing was tidied up.
    let server = disk.program.start_serve(&[]);
    let mut client = connect(&mona, &server);
    let mut there = Vec::new();
    for page in 1..=acknowledged.len().div_ceil(100) {
        let list = client
            .must(
                "GET",
                &format!("/authorizations?per_page=100&page={page}"),
                None,
            )
            .json();
        there.extend(
            list.as_array()
                .expect("a list")
                .iter()
                .filter_map(|item| item["id"].as_i64()),
        );
    }
    there.sort_unstable();
    assert_eq!(there, acknowledged);
}

#[test]
fn an_installation_is_begun_on_a_full_disk_with_a_sentence_and_again_once_there_is_room() {
    let disk = SmallDisk::new();
    disk.fill();
    assert_does_not_start(&disk.program, &["counterfoil-data"]);
    assert_refused(&disk.program, &["init"], &["counterfoil-data"]);
    disk.make_room();
    disk.program.command(&["init"], "").succeeded();
    let mona = disk.program.add_user("mona");
    let server = disk.program.start_serve(&[]);
    assert!(listed(&mut connect(&mona, &server)).is_empty());
}
