//! Races between two nodes: clients who ask for the same thing at the same moment, every other one
//! at the other node. The database alone stands between them.

mod codes;
mod links;
mod redemptions;
mod replaced;

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use counterfoil_testkit::StopAtEnd;
use counterfoil_testkit::process::{ApiClient, OauthApp, Person, Running};

use super::stage::{Checker, Stage};
use crate::crash::say;
use crate::races::CALLERS;
use crate::races::get_or_create::{
    race_with_deletion, race_with_fingerprint, race_without_fingerprint,
};
use crate::races::tokens::{LIVE_TOKENS, race_for_notes, race_for_room};

/// How often each race is run in each direction.
const ROUNDS: usize = 20;

/// Two nodes, and an app of the user's.
struct Track {
    // First, so that they end before their database does.
    nodes: [Running; 2],
    app: OauthApp,
    stage: Stage,
}

impl Track {
    fn set() -> Self {
        let stage = Stage::set();
        let app = stage.first().add_app(&stage.user, "Racing app");
        let nodes = ["one", "two"].map(|name| stage.node(name).with_patience().start_serve(&[]));
        Self { nodes, app, stage }
    }

    /// The nodes, and the nodes the other way round.
    fn directions(&self) -> [[&Running; 2]; 2] {
        let [one, other] = &self.nodes;
        [[one, other], [other, one]]
    }

    /// Ends everything that is live, so that the next may ask for the same.
    fn end_all(&self) {
        self.stage.database.run(
            "UPDATE authorizations SET ended_at = created_at + 1, end_reason = 'revoked' WHERE ended_at IS NULL;
             UPDATE token_digests SET ended_at = created_at + 1, end_reason = 'revoked' WHERE ended_at IS NULL",
        );
    }

    /// How many tokens of the app are live.
    fn live(&self) -> usize {
        let count = "SELECT count(*)::text FROM authorizations WHERE app_id IS NOT NULL AND ended_at IS NULL";
        let count = self.stage.database.look_up(count);
        count
            .and_then(|count| count.parse().ok())
            .expect("a number")
    }
}

/// As many clients as race, every other one at the other node. The first is at the first of these
/// nodes.
fn crowd(person: &Person, nodes: [&Running; 2]) -> Vec<ApiClient> {
    let at = |number: usize| {
        let node = nodes[number % 2];
        person.connect(&node.base_url).expect("the node accepts")
    };
    (0..CALLERS).map(at).collect()
}

/// Says at which node the winners were.
fn report(what: &str, winners: &[usize]) {
    let first = winners.iter().filter(|number| **number % 2 == 0).count();
    say(&format!(
        "{what}: {} rounds of {CALLERS} clients, one winner in each, {first} of them at the first node",
        winners.len()
    ));
}

#[test]
fn on_two_nodes_one_of_all_makes_the_token_of_a_fingerprint() {
    let track = Track::set();
    for nodes in track.directions() {
        let mut callers = crowd(&track.stage.user, nodes);
        let winners = race_with_fingerprint(&mut callers, &track.app, ROUNDS);
        report("get or create, with a fingerprint", &winners);
        track.end_all();
    }
}

#[test]
fn on_two_nodes_one_of_all_makes_the_token_without_a_fingerprint() {
    let track = Track::set();
    for nodes in track.directions() {
        let mut callers = crowd(&track.stage.user, nodes);
        let winners = race_without_fingerprint(&mut callers, &track.app, ROUNDS);
        report("get or create", &winners);
        race_with_deletion(&mut callers, &track.app, ROUNDS);
    }
}

#[test]
fn on_two_nodes_one_of_all_gets_the_note() {
    let track = Track::set();
    for nodes in track.directions() {
        let mut callers = crowd(&track.stage.user, nodes);
        let winners = race_for_notes(&mut callers, ROUNDS);
        report("a note", &winners);
        track.end_all();
    }
}

/// However many are made at once, at no moment are there more than ten, and the ten newest are
/// accepted by both nodes.
#[test]
fn on_two_nodes_an_app_never_has_more_than_ten_tokens() {
    let track = Track::set();
    for nodes in track.directions() {
        let mut callers = crowd(&track.stage.user, nodes);
        let mut looks = Vec::new();
        for round in 0..ROUNDS {
            let name = format!("{} {round}", nodes[0].base_url);
            let over = AtomicBool::new(false);
            let made = thread::scope(|scope| {
                let looking = scope.spawn(|| {
                    let mut seen = Vec::new();
                    while !over.load(Ordering::Relaxed) {
                        seen.push(track.live());
                    }
                    seen
                });
                let racing = StopAtEnd(&over);
                let made = race_for_room(&mut callers, &track.app, &name);
                drop(racing);
                looks.extend(looking.join().expect("a look does not panic"));
                made
            });
            for node in nodes {
                let mut checker = Checker::of(&node.base_url);
                for token in &made {
                    let status = if token.lives { 200 } else { 401 };
                    assert_eq!(checker.status(&token.secret), status);
                }
            }
        }
        let most = looks.iter().max().copied().unwrap_or_default();
        assert_eq!(most, LIVE_TOKENS, "of {} looks", looks.len());
        say(&format!(
            "ten tokens: {ROUNDS} rounds of {CALLERS} clients, {} looks, never more than {most}",
            looks.len()
        ));
    }
}
