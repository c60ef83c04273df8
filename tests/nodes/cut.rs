//! A node that is cut off from its database answers nothing from memory after a second, refuses at
//! once instead of letting requests pile up, and recovers by itself.

use std::net::{SocketAddr, ToSocketAddrs};
use std::time::{Duration, Instant};

use counterfoil_testkit::postgres;
use counterfoil_testkit::process::operators::{WITH_OPS, metric, ops_url};
use counterfoil_testkit::process::{Connection, Manner, Proxy};

use super::stage::{Checker, Stage};

/// What is remembered is believed for a second; the rest is the test's own slowness.
const BOUND: Duration = Duration::from_millis(1100);
/// How long a refusal may take on a busy machine.
const AT_ONCE: Duration = Duration::from_millis(500);
/// Refusals that are looked at.
const REFUSALS: usize = 200;

#[test]
fn a_node_that_is_cut_off_refuses_after_a_second_and_recovers() {
    cut_off_by(Manner::Cut);
}

#[test]
fn a_node_whose_database_says_nothing_any_more_refuses_after_a_second_and_recovers() {
    cut_off_by(Manner::Silent);
}

#[test]
fn a_running_node_names_the_cause_of_an_outage_as_a_start_does() {
    let stage = Stage::set();
    let proxy = Proxy::to(database_address());
    let address = proxy.address();
    let url = format!("postgres://postgres@{address}/{}", stage.database.name());
    let program = stage.node_at("far", &url);
    let node = program.start_serve(&WITH_OPS);
    let operators = ops_url(&node);
    assert_eq!(readiness(&operators), 200);
    // Connections to it are refused from now on.
    drop(proxy);
    let begun = Instant::now();
    let cause = "cannot connect: Connection refused";
    while readiness(&operators) != 503 || !node.stderr().contains(cause) {
        assert!(
            begun.elapsed() < Duration::from_secs(30),
            "{}",
            node.stderr()
        );
    }
    let listed = program.command(&["user", "list"], "");
    let (_, said) = listed.stderr.split_once("error: ").expect("it fails");
    assert!(
        said.contains(&address.to_string()) && said.contains(cause),
        "{said}"
    );
    let log = node.stderr();
    assert!(log.contains(said.trim_end()), "{said} in\n{log}");
    // A stranger hears which kind of trouble it is, and nothing of where.
    for url in [&operators, &node.base_url] {
        let mut connection = Connection::open(url).expect("the node accepts");
        let reply = connection.ask("GET", "/readyz", &[], None);
        let reply = reply.expect("the node answers");
        assert_eq!(reply.status, 503);
        assert_eq!(reply.text(), "not ready: the database cannot be reached\n");
    }
    assert!(metric(&operators, "counterfoil_ready") < 1.0);
}

fn cut_off_by(manner: Manner) {
    let stage = Stage::set();
    let proxy = Proxy::to(database_address());
    let url = format!(
        "postgres://postgres@{}/{}",
        proxy.address(),
        stage.database.name()
    );
    let near = stage.node("near").start_serve(&[]);
    let node = stage.node_at("far", &url).start_serve(&WITH_OPS);
    let operators = ops_url(&node);
    let token = stage.token(&near, "remembered");
    let doomed = stage.token(&near, "doomed");
    let mut checker = Checker::of(&node.base_url);
    for known in [&token, &doomed] {
        assert_eq!(checker.status(&known.text), 200);
    }
    proxy.set(manner);
    let cut = Instant::now();
    let mut mona = stage
        .user
        .connect(&near.base_url)
        .expect("the node accepts");
    let path = format!("/authorizations/{}", doomed.id);
    mona.must("DELETE", &path, None).assert_status(204);
    let ended = Instant::now();
    // Every answer from memory was asked for within the second.
    let mut last_accepted = cut;
    loop {
        let asked = Instant::now();
        match checker.status(&doomed.text) {
            200 => last_accepted = asked,
            503 => break,
            other => panic!("{other} from a node that cannot know"),
        }
    }
    assert!(last_accepted < ended + BOUND, "{:?}", last_accepted - ended);
    refuses_at_once(&mut checker, &token.text);
    assert_eq!(readiness(&operators), 503);
    assert!(metric(&operators, "counterfoil_lease_remaining_seconds") <= 0.0);
    assert!(metric(&operators, "counterfoil_stale_refusals_total") >= 1.0);
    proxy.set(Manner::Pass);
    let took = checker.until(&token.text, 200);
    assert!(took < Duration::from_secs(5), "back after {took:?}");
    assert_eq!(checker.status(&doomed.text), 401);
    let begun = Instant::now();
    while readiness(&operators) != 200 {
        assert!(begun.elapsed() < Duration::from_secs(20), "never ready");
    }
}

/// Refusals while the reading of the feed hangs or fails: each says when to come again, and none
/// waits.
fn refuses_at_once(checker: &mut Checker, token: &str) {
    // The first may have to wait for the reading that was under way.
    checker.ask(token).assert_status(503);
    let mut slowest = Duration::ZERO;
    for _ in 0..REFUSALS {
        let asked = Instant::now();
        let reply = checker.ask(token);
        slowest = slowest.max(asked.elapsed());
        reply.assert_status(503);
        assert!(reply.header("retry-after").is_some());
    }
    assert!(slowest < AT_ONCE, "a refusal took {slowest:?}");
}

fn readiness(operators: &str) -> u16 {
    let mut connection = Connection::open(operators).expect("the node accepts");
    let reply = connection.ask("GET", "/readyz", &[], None);
    reply.expect("the node answers").status
}

fn database_address() -> SocketAddr {
    let address = ("127.0.0.1", postgres::shared().port());
    let mut found = address.to_socket_addrs().expect("an address");
    found.next().expect("an address")
}
