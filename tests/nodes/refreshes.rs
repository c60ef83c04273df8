//! A refresh token counts once, whichever node is asked, and one that comes again ends the same
//! everywhere.

use std::thread;

use counterfoil_testkit::process::{Browser, OauthApp, Program, Running};
use serde_json::Value;

use super::stage::Stage;

/// How often all nodes are asked at once.
const ROUNDS: usize = 12;

/// Three nodes, and an app whose tokens expire.
struct Site {
    // First, so that they end before their database does.
    nodes: [Running; 3],
    elsewhere: Program,
    app: OauthApp,
    browser: Browser,
    _stage: Stage,
}

impl Site {
    fn new() -> Self {
        let stage = Stage::set();
        let nodes = ["one", "two", "three"].map(|name| stage.node(name).start_serve(&[]));
        let elsewhere = stage.node("elsewhere");
        let app = elsewhere.add_app(&stage.user, "Board");
        let edit = ["app", "edit", &app.client_id, "--expiring-tokens"];
        elsewhere.command(&edit, "").succeeded();
        let mut browser = Browser::at(&nodes[0].base_url);
        let done = browser.sign_in(&stage.user).expect("the node answers");
        done.assert_status(303);
        Self {
            nodes,
            elsewhere,
            app,
            browser,
            _stage: stage,
        }
    }

    /// What a node answers the app.
    fn asks(&self, node: usize, members: &[(&str, &str)]) -> Value {
        ask(&self.nodes[node].base_url, &self.app, members)
    }

    /// A refresh token of a user who lets the app in at the first node, from the second one.
    fn refresh_token(&mut self) -> String {
        let allowed = self.browser.allow(&self.app, "");
        let code = allowed.expect("the node answers").code();
        refresh_in(&self.asks(1, &[("code", &code)]))
    }

    fn refresh(&self, node: usize, token: &str) -> Value {
        self.asks(node, &refreshing(token))
    }
}

fn refreshing(token: &str) -> [(&str, &str); 2] {
    [("grant_type", "refresh_token"), ("refresh_token", token)]
}

/// What the node at this address answers an app.
fn ask(base_url: &str, app: &OauthApp, members: &[(&str, &str)]) -> Value {
    let reply = app.ask_for_token(base_url, members);
    reply.expect("the node answers").assert_status(200).json()
}

#[track_caller]
fn refresh_in(answer: &Value) -> String {
    let token = answer["refresh_token"].as_str();
    token.unwrap_or_else(|| panic!("{answer}")).to_owned()
}

#[test]
fn of_refreshes_at_all_nodes_at_once_one_gets_tokens() {
    let mut site = Site::new();
    let mut token = site.refresh_token();
    for _ in 0..ROUNDS {
        let answers: Vec<_> = thread::scope(|scope| {
            let (app, members) = (&site.app, refreshing(&token));
            let addresses = site.nodes.each_ref().map(|node| node.base_url.clone());
            let asked = addresses.map(|address| scope.spawn(move || ask(&address, app, &members)));
            let answers = asked.map(|asked| asked.join().expect("an answer"));
            answers.into_iter().collect()
        });
        let (won, lost): (Vec<_>, Vec<_>) = answers
            .into_iter()
            .partition(|answer| answer["error"].is_null());
        assert_eq!((won.len(), lost.len()), (1, 2));
        for answer in lost {
            assert_eq!(answer["error"], "bad_refresh_token");
        }
        token = refresh_in(&won[0]);
    }
}

#[test]
fn what_one_node_replaced_ends_the_access_when_it_comes_to_another_one_after_that() {
    let mut site = Site::new();
    for round in 0..3 {
        let first = site.refresh_token();
        let second = refresh_in(&site.refresh(round, &first));
        let third = refresh_in(&site.refresh((round + 1) % 3, &second));
        let again = site.refresh((round + 2) % 3, &first);
        assert_eq!(again["error"], "bad_refresh_token");
        for node in 0..3 {
            assert_eq!(site.refresh(node, &third)["error"], "bad_refresh_token");
        }
    }
    let ended = site.elsewhere.audit_trail();
    let ended = ended
        .iter()
        .filter(|event| event["action"] == "refresh.family_ended");
    assert_eq!(ended.count(), 3);
}
