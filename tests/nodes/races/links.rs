//! Links, each used by many at the same moment at both nodes: it works once.

use counterfoil_testkit::process::{Browser, Person, Reply, Running};

use super::{Stage, report};
use crate::mail::wait_for;
use crate::races::{CALLERS, at_once};

/// How many links there are in each direction.
const LINKS: usize = 3;

/// Browsers that opened a link and see what it asks, every other one at the other node.
fn opened(code: &str, nodes: [&Running; 2]) -> Vec<(Browser, Reply)> {
    let open = |number: usize| {
        let mut browser = Browser::at(&nodes[number % 2].base_url);
        let page = browser.open_link(code).expect("the node answers");
        page.assert_status(200);
        (browser, page)
    };
    (0..CALLERS).map(open).collect()
}

/// Lets all of them use the link at once, and says who of them did.
fn race(browsers: &mut [(Browser, Reply)], typed: impl Fn(usize) -> Person + Sync) -> usize {
    let replies = at_once(browsers, |number, (browser, page)| {
        let Person { login, password } = typed(number);
        let email = format!("{login}@example.org");
        let typed = [
            ("login", &*login),
            ("email", &*email),
            ("password", &*password),
        ];
        let reply = browser.submit(page, "/link", &typed);
        reply.expect("the node answers").status
    });
    let done = |(_, status): &(usize, &u16)| **status == 303;
    let winners: Vec<_> = replies.iter().enumerate().filter(done).collect();
    assert_eq!(winners.len(), 1, "{replies:?}");
    let lost = replies.iter().filter(|status| **status == 404).count();
    assert_eq!(lost, CALLERS - 1, "{replies:?}");
    winners[0].0
}

fn assert_signs_in(node: &Running, person: &Person, does: bool) {
    let reply = Browser::at(&node.base_url).sign_in(person);
    let status = if does { 303 } else { 422 };
    reply.expect("the node answers").assert_status(status);
}

fn code(made: &serde_json::Value) -> String {
    let link = made["link"].as_str().expect("it is shown");
    link.rsplit('/').next().expect("a code").to_owned()
}

#[test]
fn on_two_nodes_a_link_gives_one_password() {
    let stage = Stage::set();
    let nodes = ["one", "two"].map(|name| stage.node(name).with_patience().start_serve(&[]));
    for [one, other] in [[0, 1], [1, 0]] {
        let mut winners = Vec::new();
        for round in 0..LINKS {
            let made = stage.first().json(&["user", "reset", "mona"], "");
            let mut browsers = opened(&code(&made), [&nodes[one], &nodes[other]]);
            let choice = |number: usize| format!("choice {number} in round {one} {round}");
            let person = |number: usize| Person::new("mona", &choice(number));
            let winner = race(&mut browsers, person);
            assert_signs_in(&nodes[other], &person(winner), true);
            assert_signs_in(&nodes[one], &person((winner + 1) % CALLERS), false);
            winners.push(winner);
        }
        report("a link for another password", &winners);
    }
}

#[test]
fn on_two_nodes_the_set_up_link_makes_one_administrator() {
    let stage = Stage::set();
    let nodes = ["one", "two"].map(|name| stage.node(name).with_patience().start_serve(&[]));
    for node in &nodes {
        // It makes a link at its start, which would end a newer one.
        wait_for(node, "there is no administrator yet");
    }
    let made = stage.first().json(&["user", "setup-link"], "");
    let mut browsers = opened(&code(&made), nodes.each_ref());
    let person = |number: usize| Person::new(&format!("admin-{number}"), "three words together");
    let winner = race(&mut browsers, person);
    assert_signs_in(&nodes[1], &person(winner), true);
    assert_signs_in(&nodes[0], &person((winner + 1) % CALLERS), false);
    let count = "SELECT count(*)::text FROM accounts WHERE site_administrator = 1";
    assert_eq!(stage.database.look_up(count).as_deref(), Some("1"));
    report("the set-up link", &[winner]);
}
