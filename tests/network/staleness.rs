//! A node that is cut off from its database does not hear of what others revoke. It accepts what
//! ended elsewhere for a second at most, and answers 503 from then on until it hears from the
//! database again.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use counterfoil_testkit::process::{ApiClient, Manner};
use counterfoil_testkit::{StopAtEnd, TestFolder};
use serde_json::json;

use super::{ANSWER, PAUSE, RECOVERY, Site, program_in, wait_until_ready};
use crate::crash::say;

/// How long after its end a token may be accepted on another node.
const BOUND: Duration = Duration::from_secs(1);
/// How long it is tried after the bound.
const TRIED: Duration = Duration::from_secs(2);

/// When a token was last looked up.
const LAST_LOOK_UP: &str = "SELECT max(query_start)::text FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE '%FROM token_digests d %'";

/// One check: when it was sent, how long it took, and its status.
struct Check {
    sent: Instant,
    took: Duration,
    status: u16,
}

#[test]
fn a_node_that_is_cut_off_accepts_nothing_that_ended_a_second_ago() {
    cut_off_by(Manner::Cut);
}

#[test]
fn a_node_whose_database_is_silent_accepts_nothing_that_ended_a_second_ago() {
    cut_off_by(Manner::Silent);
}

#[test]
fn a_node_that_hears_too_late_accepts_nothing_that_ended_a_second_ago() {
    cut_off_by(Manner::Delay(Duration::from_millis(800)));
}

#[test]
fn a_node_that_hears_byte_by_byte_accepts_nothing_that_ended_a_second_ago() {
    cut_off_by(Manner::Drip(Duration::from_millis(10)));
}

fn cut_off_by(manner: Manner) {
    let site = Site::new();
    let user = site.operator.add_user("mona");
    let server = site.node.start_serve(&[]);
    let (other_folder, other) = other_node(&site);
    let mut elsewhere = user
        .connect(&other.base_url)
        .expect("the other node accepts connections");
    let mut make = |note: &str| {
        let body = json!({ "note": note, "scopes": [] });
        let made = elsewhere.must("POST", "/authorizations", Some(&body));
        (made.assert_status(201).id(), made.token())
    };
    let ((ends, ending), (_, staying)) = (make("ends"), make("stays"));
    let mut client =
        ApiClient::with_token(&server.base_url, &staying).expect("the server accepts connections");
    for token in [&ending, &staying] {
        // Remembered from then on.
        client.use_token(token);
        client.must("GET", "/user", None).assert_status(200);
    }

    let over = AtomicBool::new(false);
    let (ended, checks) = thread::scope(|scope| {
        let checking = scope.spawn(|| check_until(&server.base_url, &ending, &over));
        let asking = StopAtEnd(&over);
        site.proxy.set(manner);
        let deleted = elsewhere.must("DELETE", &format!("/authorizations/{ends}"), None);
        deleted.assert_status(204);
        let ended = Instant::now();
        while ended.elapsed() < BOUND + TRIED {
            let reply = client.must("GET", "/user", None);
            if ended.elapsed() > BOUND + TRIED / 2 {
                assert_eq!(reply.status, 503, "{manner:?}");
                assert!(reply.header("retry-after").is_some());
            }
        }
        drop(asking);
        (ended, checking.join().expect("checking does not panic"))
    });
    assert_bound_was_kept(ended, &checks, manner);

    site.proxy.set(Manner::Pass);
    let healed = Instant::now();
    // What dripped is still under way: requests and connections that were begun come to their own
    // ends first.
    let patience = match manner {
        Manner::Drip(_) => RECOVERY * 4,
        _ => RECOVERY,
    };
    while client.must("GET", "/user", None).status != 200 {
        assert!(healed.elapsed() < patience, "{manner:?}: no recovery");
        thread::sleep(PAUSE);
    }
    client.use_token(&ending);
    client.must("GET", "/user", None).assert_status(401);
    wait_until_ready(&server);
    drop(other_folder);
}

/// What is not remembered is looked up. The database answers while the token is live, and the
/// answer is long under way.
#[test]
fn an_answer_of_the_database_that_comes_late_accepts_nothing_that_ended_a_second_ago() {
    let site = Site::new();
    let server = site.node.start_serve(&[]);
    let (_folder, other) = other_node(&site);
    // The connection that looks up tokens stands from then on, with its statements.
    let (_, mut warm, _) = stranger(&site, &server.base_url, &other.base_url, "mona");
    warm.must("GET", "/user", None).assert_status(200);
    // A look-up is a question for the token and one for its owner, each of them a way there and one
    // back.
    for delay in (200..=500).step_by(50) {
        let login = format!("user-{delay}");
        let mut found = stranger(&site, &server.base_url, &other.base_url, &login);
        let late = answer_after_the_end(&site, Duration::from_millis(delay), &mut found);
        site.proxy.set(Manner::Pass);
        wait_until_ready(&server);
        let (_, mut client, _) = found;
        let healed = Instant::now();
        while client.must("GET", "/user", None).status != 401 {
            assert!(healed.elapsed() < RECOVERY, "{delay}: accepted for good");
        }
        say(&format!(
            "{delay} ms each way: accepted {late:?} after its end"
        ));
        assert!(late.unwrap_or_default() < BOUND, "{delay}: {late:?}");
    }
}

/// A new user at a node, who has a token that the other one, where it is presented, does not know
/// yet.
fn stranger(site: &Site, here: &str, there: &str, login: &str) -> (ApiClient, ApiClient, i64) {
    let user = site.operator.add_user(login);
    let mut owner = user
        .connect(there)
        .expect("the other node accepts connections");
    let body = json!({ "note": "laptop", "scopes": [] });
    let made = owner.must("POST", "/authorizations", Some(&body));
    let holder =
        ApiClient::with_token(here, &made.token()).expect("the server accepts connections");
    (owner, holder, made.id())
}

/// Has a token checked over a slow way to the database, ends it as soon as it was read there, and
/// says how long after that it was accepted, if it was.
fn answer_after_the_end(
    site: &Site,
    delay: Duration,
    (owner, holder, id): &mut (ApiClient, ApiClient, i64),
) -> Option<Duration> {
    let last_look_up = || site.database.look_up(LAST_LOOK_UP);
    let before = last_look_up();
    site.proxy.set(Manner::Delay(delay));
    thread::scope(|scope| {
        let checking = scope.spawn(|| {
            let status = holder.must("GET", "/user", None).status;
            (Instant::now(), status)
        });
        let begun = Instant::now();
        while last_look_up() == before {
            assert!(begun.elapsed() < RECOVERY, "the token was not looked up");
        }
        let path = format!("/authorizations/{id}");
        owner.must("DELETE", &path, None).assert_status(204);
        let ended = Instant::now();
        let (answered, status) = checking.join().expect("checking does not panic");
        (status == 200).then(|| answered.saturating_duration_since(ended))
    })
}

/// A node of its own folder, with the same key, that reaches the database past the proxy.
fn other_node(site: &Site) -> (TestFolder, counterfoil_testkit::process::Running) {
    let folder = TestFolder::in_memory();
    let data = folder.path().join("counterfoil-data");
    std::fs::create_dir(&data).expect("the folder is the test's own");
    std::fs::set_permissions(&data, std::os::unix::fs::PermissionsExt::from_mode(0o700))
        .expect("the folder is the test's own");
    let key = site.operator.folder().join("counterfoil-data/keys");
    std::fs::copy(key, data.join("keys")).expect("the installation has a key");
    let running = program_in(&folder, &site.database.url()).start_serve(&[]);
    (folder, running)
}

fn check_until(base_url: &str, token: &str, over: &AtomicBool) -> Vec<Check> {
    let mut client =
        ApiClient::with_token(base_url, token).expect("the server accepts connections");
    let mut checks = Vec::new();
    while !over.load(Ordering::Relaxed) {
        let sent = Instant::now();
        let status = client.must("GET", "/user", None).status;
        checks.push(Check {
            sent,
            took: sent.elapsed(),
            status,
        });
    }
    checks
}

fn assert_bound_was_kept(ended: Instant, checks: &[Check], manner: Manner) {
    let after = checks.iter().filter(|check| check.sent > ended);
    let accepted = after.clone().filter(|check| check.status == 200);
    let last = accepted.map(|check| check.sent - ended).max();
    let last = last.unwrap_or_default();
    assert!(last < BOUND, "{manner:?}: accepted {last:?} after its end");
    let refused = after.filter(|check| check.status != 200).count();
    assert!(refused > 0, "{manner:?}: nothing was refused");
    let slowest = checks.iter().map(|check| check.took).max();
    let slowest = slowest.unwrap_or_default();
    assert!(slowest < ANSWER, "{manner:?}: an answer took {slowest:?}");
    say(&format!(
        "{manner:?}: last accepted {last:?} after its end, {refused} checks refused, the slowest answer took {slowest:?}"
    ));
}
