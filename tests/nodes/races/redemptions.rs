//! A code that is brought to both nodes at the same moment: one of them gives a token.
//!
//! Each lane has a user of its own, so that lanes race beside each other and not with each other.

use std::thread;

use counterfoil_testkit::process::{
    Browser, Connection, OauthApp, Person, Reply, Running, request,
};
use serde_json::json;

use super::Stage;
use crate::crash::say;
use crate::nodes::stage::Checker;

/// How many race at the same time.
const LANES: usize = 4;
/// How many codes each of them brings twice.
const CODES: usize = 250;
/// How many codes each of them brings once as it should, and once with another redirect URI.
const WRONG: usize = 25;
/// How often it is looked whether both nodes know the token.
const LOOK_EVERY: usize = 10;

/// Where the code was sent to, and where it was not.
const RIGHT: &str = "http://app.example.org/";
const OTHER: &str = "http://app.example.org/other";

/// Somebody who allows an app over and over, and the app with a connection to each node.
struct Lane<'n> {
    nodes: [&'n Running; 2],
    app: &'n OauthApp,
    browser: Browser,
    connections: [Connection; 2],
}

impl<'n> Lane<'n> {
    fn open(nodes: [&'n Running; 2], app: &'n OauthApp, person: &Person) -> Self {
        let mut browser = Browser::at(&nodes[0].base_url);
        let signed_in = browser.sign_in(person).expect("the node answers");
        signed_in.assert_status(303);
        Self {
            nodes,
            app,
            browser,
            connections: nodes
                .map(|node| Connection::open(&node.base_url).expect("the node accepts")),
        }
    }

    /// A code that the user allows on the page.
    fn code(&mut self) -> String {
        let allowed = self.browser.allow(self.app, "");
        allowed.expect("the node answers").code()
    }

    /// Brings a code to both nodes, with these redirect URIs, before either of them has answered.
    fn redeem_twice(&mut self, code: &str, redirects: [&str; 2]) -> [Reply; 2] {
        for (connection, redirect) in self.connections.iter_mut().zip(redirects) {
            let body = json!({
                "client_id": self.app.client_id,
                "client_secret": self.app.client_secret,
                "code": code,
                "redirect_uri": redirect,
            });
            let headers = [("accept", "application/json")];
            let bytes = request("POST", "/login/oauth/access_token", &headers, Some(&body));
            connection.send(&bytes).expect("the node takes it");
        }
        let [one, other] = &mut self.connections;
        [one, other].map(|connection| connection.reply().expect("the node answers"))
    }

    /// Which node gave the token, and the token.
    fn race(&mut self) -> (usize, String) {
        let code = self.code();
        let replies = self.redeem_twice(&code, [RIGHT; 2]).map(|reply| {
            reply.assert_status(200);
            reply.json()
        });
        let token = |place: usize| replies[place]["access_token"].as_str().map(str::to_owned);
        let (winner, token) = match (token(0), token(1)) {
            (Some(token), None) => (0, token),
            (None, Some(token)) => (1, token),
            (Some(_), Some(_)) => panic!("both nodes gave a token for one code"),
            (None, None) => panic!("a right code was refused by both: {replies:?}"),
        };
        assert_eq!(replies[1 - winner]["error"], "bad_verification_code");
        (winner, token)
    }

    /// The token, if the right one came first: it must have ended.
    fn race_with_a_wrong_one(&mut self, number: usize) -> Option<String> {
        let code = self.code();
        let redirects = [[RIGHT, OTHER], [OTHER, RIGHT]][number % 2];
        let replies = self.redeem_twice(&code, redirects);
        let right = replies[number % 2].assert_status(200).json();
        let wrong = replies[1 - number % 2].assert_status(200).json();
        assert!(wrong["access_token"].is_null(), "a wrong one got a token");
        right["access_token"].as_str().map(str::to_owned)
    }

    /// Races as often as there are codes. Tells how often the first node won.
    fn run(&mut self) -> usize {
        let mut checkers = self.nodes.map(|node| Checker::of(&node.base_url));
        let mut won_by_first = 0;
        for number in 0..CODES {
            let (winner, token) = self.race();
            won_by_first += usize::from(winner == 0);
            if number % LOOK_EVERY == 0 {
                for checker in &mut checkers {
                    assert_eq!(checker.status(&token), 200);
                }
            }
        }
        for number in 0..WRONG {
            if let Some(token) = self.race_with_a_wrong_one(number) {
                for checker in &mut checkers {
                    checker.until(&token, 401);
                }
            }
        }
        won_by_first
    }
}

#[test]
fn on_two_nodes_a_code_that_is_redeemed_twice_at_once_gives_one_token_or_none() {
    let stage = Stage::set();
    let app = stage.first().add_app(&stage.user, "Racing app");
    let people = (0..LANES).map(|number| stage.first().add_user(&format!("racer-{number}")));
    let people: Vec<Person> = people.collect();
    let nodes = ["one", "two"].map(|name| stage.node(name).with_patience().start_serve(&[]));
    let won: usize = thread::scope(|scope| {
        let (nodes, app) = (nodes.each_ref(), &app);
        let run = |person| scope.spawn(move || Lane::open(nodes, app, person).run());
        let lanes: Vec<_> = people.iter().map(run).collect();
        let won = lanes
            .into_iter()
            .map(|lane| lane.join().expect("every code gives one token"));
        won.sum()
    });
    let count = |of: &str| {
        let count = format!("SELECT count(*)::text FROM {of}");
        stage.database.look_up(&count).expect("a number")
    };
    // What was made beyond ten ended the eldest, and no second token was made and taken back.
    let made = "authorizations WHERE end_reason IS DISTINCT FROM 'code_repeated'";
    assert_eq!(count(made), (LANES * CODES).to_string());
    let ended = "authorizations WHERE ended_at IS NOT NULL AND end_reason NOT IN ('max_for_app', 'code_repeated')";
    assert_eq!(count(ended), "0");
    say(&format!(
        "a code brought to two nodes at once: {} races, one token in each, {won} of them at the first node; {} with a wrong one, none left",
        LANES * CODES,
        LANES * WRONG
    ));
}
