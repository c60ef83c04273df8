//! A token that its app replaces at one node while it is deleted at the other, and one that is
//! replaced at both at once: exactly one wins, and both nodes know it.

use counterfoil_testkit::process::{ApiClient, Person, Reply, Running};
use serde_json::{Value, json};

use super::{ROUNDS, Track, crowd, report};
use crate::crash::say;
use crate::nodes::stage::Checker;
use crate::races::{CALLERS, at_once};

/// What one of two asks for while the other replaces the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rival {
    Delete,
    DeleteGrant,
    DeleteByOwner,
}

/// A token of the app's.
struct Given {
    id: i64,
    secret: String,
}

impl Track {
    /// The app, which signs in by its secret.
    fn app_itself(&self) -> Person {
        Person::new(&self.app.client_id, &self.app.client_secret)
    }

    fn path(&self, what: &str) -> String {
        format!("/applications/{}/{what}", self.app.client_id)
    }

    /// A new token, made at this node.
    fn give(&self, at: &Running, name: &str) -> Given {
        let mut user = self
            .stage
            .user
            .connect(&at.base_url)
            .expect("the node accepts");
        let body = json!({
            "client_id": self.app.client_id,
            "client_secret": self.app.client_secret,
            "fingerprint": name,
            "scopes": ["repo"],
        });
        let made = user.must("POST", "/authorizations", Some(&body));
        made.assert_status(201);
        Given {
            id: made.id(),
            secret: made.token(),
        }
    }

    /// Demands that both nodes say this to a token, the one that did not answer within a second.
    fn assert_known(&self, token: &str, status: u16) {
        for node in &self.nodes {
            let took = Checker::of(&node.base_url).until(token, status);
            assert!(took.as_millis() < 1000, "{status} after {took:?}");
        }
    }

    /// Asks for what the rival wants.
    fn ask(&self, client: &mut ApiClient, rival: Rival, given: &Given) -> Reply {
        let body = json!({ "access_token": given.secret });
        let owned = format!("/authorizations/{}", given.id);
        let (path, body) = match rival {
            Rival::Delete => (self.path("token"), Some(&body)),
            Rival::DeleteGrant => (self.path("grant"), Some(&body)),
            Rival::DeleteByOwner => (owned, None),
        };
        client.must("DELETE", &path, body)
    }
}

#[test]
fn on_two_nodes_one_of_all_replaces_a_token() {
    let track = Track::set();
    let path = track.path("token");
    for nodes in track.directions() {
        let mut callers = crowd(&track.app_itself(), nodes);
        let round = |round: usize| {
            let given = track.give(nodes[0], &format!("round {round}"));
            let body = json!({ "access_token": given.secret });
            let outcomes = at_once(&mut callers, |_, caller| {
                caller.must("PATCH", &path, Some(&body))
            });
            let with = |status| -> Vec<usize> {
                let numbers = 0..outcomes.len();
                numbers
                    .filter(|number| outcomes[*number].status == status)
                    .collect()
            };
            let won = with(200);
            assert_eq!(
                (won.len(), with(404).len()),
                (1, CALLERS - 1),
                "round {round}"
            );
            track.assert_known(&given.secret, 401);
            track.assert_known(&outcomes[won[0]].token(), 200);
            won[0]
        };
        let winners: Vec<usize> = (0..ROUNDS).map(round).collect();
        report("reset", &winners);
        track.end_all();
    }
}

#[test]
fn a_token_that_is_replaced_at_one_node_while_it_is_deleted_at_the_other_has_one_fate() {
    let track = Track::set();
    for rival in [Rival::Delete, Rival::DeleteGrant, Rival::DeleteByOwner] {
        for nodes in track.directions() {
            let mut replaced_first = 0;
            for round in 0..ROUNDS {
                replaced_first += u32::from(meet(&track, nodes, rival, round));
            }
            say(&format!(
                "reset at one node against {rival:?} at the other: {ROUNDS} rounds, {replaced_first} of them replaced first"
            ));
        }
    }
}

/// Replaces a token at the first node while it is ended at the second. Tells whether it was
/// replaced.
fn meet(track: &Track, nodes: [&Running; 2], rival: Rival, round: usize) -> bool {
    let given = track.give(nodes[1], &format!("{rival:?} {round}"));
    track.assert_known(&given.secret, 200);
    let connect =
        |person: &Person, node: &Running| person.connect(&node.base_url).expect("the node accepts");
    let ends = match rival {
        Rival::DeleteByOwner => &track.stage.user,
        Rival::Delete | Rival::DeleteGrant => &track.app_itself(),
    };
    let mut callers = [
        connect(&track.app_itself(), nodes[0]),
        connect(ends, nodes[1]),
    ];
    let (path, body) = (track.path("token"), json!({ "access_token": given.secret }));
    let replies = at_once(&mut callers, |number, client| match number {
        0 => client.must("PATCH", &path, Some(&body)),
        _ => track.ask(client, rival, &given),
    });
    let new = replies[0].json()["token"].as_str().map(str::to_owned);
    track.assert_known(&given.secret, 401);
    match (replies[0].status, replies[1].status, rival) {
        // Replaced first: what the rival named was gone by then.
        (200, 404, Rival::Delete | Rival::DeleteGrant) => {
            track.assert_known(&new.expect("a token"), 200);
            let list: Value = json!({ "access_token": replies[0].token() });
            callers[0]
                .must("DELETE", &path, Some(&list))
                .assert_status(204);
            true
        }
        // Its owner names the record, which is the same before and after.
        (200, 204, Rival::DeleteByOwner) => {
            track.assert_known(&new.expect("a token"), 401);
            true
        }
        (404, 204, _) => false,
        (reset, ended, _) => panic!("round {round}: {reset} and {ended} against {rival:?}"),
    }
}
