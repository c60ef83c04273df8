//! A disk that fails to write, or to say that it has written: the calls of the running server fail,
//! which is all that a program sees of it.

use counterfoil_testkit::TestFolder;
use counterfoil_testkit::process::{
    ApiClient, FailingCalls, MountNamespace, Person, Program, Running,
};
use serde_json::json;

use super::{
    assert_unavailable, connect, health, listed, program_in, say, token_with_note,
    wait_for_readiness,
};

/// Calls that make what was written last.
const SYNCS: &str = "fsync,fdatasync";
/// Calls that write to the database's files. Answers to clients are written by others.
const WRITES: &str = "pwrite64,pwritev,ftruncate";

/// Creations while single calls fail.
const CREATIONS: usize = 60;

struct Serving {
    folder: TestFolder,
    program: Program,
    user: Person,
    server: Running,
}

fn serving() -> Serving {
    let folder = TestFolder::on_disk();
    let program = program_in(folder.path());
    let user = program.add_user("mona");
    let server = program.start_serve(&[]);
    Serving {
        folder,
        program,
        user,
        server,
    }
}

#[test]
fn nothing_is_acknowledged_while_syncs_fail_and_the_server_recovers() {
    refuses_while_calls_fail_and_recovers(SYNCS, "EIO");
}

#[test]
fn nothing_is_acknowledged_while_writes_fail_and_the_server_recovers() {
    refuses_while_calls_fail_and_recovers(WRITES, "EIO");
}

/// What a disk that its system has made read-only answers, whatever was opened before.
#[test]
fn nothing_is_acknowledged_while_the_disk_is_read_only_and_the_server_recovers() {
    refuses_while_calls_fail_and_recovers("pwrite64,pwritev,ftruncate,fsync,fdatasync", "EROFS");
}

fn refuses_while_calls_fail_and_recovers(calls: &str, error: &str) {
    let Serving {
        folder,
        program,
        user,
        server,
    } = serving();
    let mut client = connect(&user, &server);
    let made = client.must("POST", "/authorizations", Some(&token_with_note("before")));
    let (kept, token) = (made.assert_status(201).id(), made.token());
    let kept_path = format!("/authorizations/{kept}");

    let failing = FailingCalls::start(&server, calls, error, "1+", folder.path());
    for number in 0..3 {
        let refused = token_with_note(&format!("refused {number}"));
        assert_unavailable(&mut client, "POST", "/authorizations", Some(&refused));
        let scopes = json!({ "scopes": ["repo"] });
        assert_unavailable(&mut client, "PATCH", &kept_path, Some(&scopes));
        assert_unavailable(&mut client, "DELETE", &kept_path, None);
    }
    wait_for_readiness(&server, 503);
    assert_eq!(health(&server, "/healthz"), 200);
    assert_eq!(listed(&mut client), [kept], "reads go on");
    let mut holder =
        ApiClient::with_token(&server.base_url, &token).expect("the server accepts connections");
    holder.must("GET", "/user", None).assert_status(200);
    assert!(failing.stop() > 0, "no call failed");

    wait_for_readiness(&server, 200);
    let made = client.must("POST", "/authorizations", Some(&token_with_note("after")));
    let made = made.assert_status(201).id();
    assert!(!server.stderr().contains("panicked"), "{}", server.stderr());
    server.kill_nine();
    let server = program.start_serve(&[]);
    let mut client = connect(&user, &server);
    assert_eq!(listed(&mut client), [kept, made]);
    let kept = client.must("GET", &kept_path, None).json();
    assert_eq!(kept["scopes"], json!(["gist"]));
}

/// A commit whose sync failed may be found after a crash, or not. One that was acknowledged must
/// be.
#[test]
fn what_was_acknowledged_between_failures_is_there_after_a_crash() {
    for (calls, which) in [(SYNCS, "3+5"), (WRITES, "20+61")] {
        let Serving {
            folder,
            program,
            user,
            server,
        } = serving();
        let mut client = connect(&user, &server);
        let failing = FailingCalls::start(&server, calls, "EIO", which, folder.path());
        let (mut acknowledged, mut refused) = (Vec::new(), Vec::new());
        for number in 0..CREATIONS {
            let note = number.to_string();
            let reply = client.must("POST", "/authorizations", Some(&token_with_note(&note)));
            match reply.status {
                201 => acknowledged.push(note),
                503 => refused.push(note),
                other => panic!("{other}: {}", reply.text()),
            }
        }
        assert!(!server.stderr().contains("panicked"), "{}", server.stderr());
        server.kill_nine();
        let failed = failing.stop();
        let (done, not) = (acknowledged.len(), refused.len());
        say(&format!(
            "{failed} of {calls} failed: {done} acknowledged, {not} refused"
        ));
        assert!(!refused.is_empty() && !acknowledged.is_empty());

        let server = program.start_serve(&[]);
        let mut client = connect(&user, &server);
        let list = client.must("GET", "/authorizations?per_page=100", None);
        let list = list.assert_status(200).json();
        let list = list.as_array().expect("a list");
        let there: Vec<&str> = list
            .iter()
            .filter_map(|item| item["note"].as_str())
            .collect();
        for note in &acknowledged {
            assert!(there.contains(&note.as_str()), "{note} was acknowledged");
        }
        let asked = acknowledged.len() + refused.len();
        assert!(there.len() <= asked, "nobody asked for more");
        let events = program.audit_trail();
        let created = events
            .iter()
            .filter(|event| event["action"] == "authorization.created");
        assert_eq!(
            created.count(),
            there.len(),
            "the trail tells of what is there"
        );
    }
}

/// The real thing: a file system that finds itself damaged and goes read-only under the server.
#[test]
fn what_was_acknowledged_before_the_disk_became_read_only_is_there_when_it_is_mounted_again() {
    let folder = TestFolder::on_disk();
    let beside = TestFolder::on_disk();
    let disk = beside.path().join("disk");
    let Some(mounts) = MountNamespace::with_damageable_disk(folder.path(), &disk) else {
        say("a disk that is damaged was not tried: it needs root and /dev/loop-control");
        return;
    };
    let program = program_in(folder.path()).inside_mounts(&mounts);
    let user = program.add_user("mona");
    let server = program.start_serve(&[]);
    let mut client = connect(&user, &server);
    let made = client.must("POST", "/authorizations", Some(&token_with_note("before")));
    let kept = made.assert_status(201).id();

    mounts.damage(&disk);
    for number in 0..3 {
        let refused = token_with_note(&format!("refused {number}"));
        assert_unavailable(&mut client, "POST", "/authorizations", Some(&refused));
        assert_unavailable(
            &mut client,
            "DELETE",
            &format!("/authorizations/{kept}"),
            None,
        );
    }
    wait_for_readiness(&server, 503);
    assert_eq!(health(&server, "/healthz"), 200);
    assert!(!server.stderr().contains("panicked"), "{}", server.stderr());
    server.kill_nine();

    mounts.mount_again(folder.path(), &disk);
    let server = program.start_serve(&[]);
    let mut client = connect(&user, &server);
    assert_eq!(listed(&mut client), [kept]);
    let after = client.must("POST", "/authorizations", Some(&token_with_note("after")));
    after.assert_status(201);
    drop(server);
}
