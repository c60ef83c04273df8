//! `PUT /authorizations/clients/{client_id}` and with a fingerprint: of all who ask at once one
//! gets a token, and all get the same authorization.

use counterfoil_testkit::engine::fewer_behind_a_pooler;
use counterfoil_testkit::process::OauthApp;
use counterfoil_testkit::{TestFolder, WorldOptions};
use serde_json::json;

use super::{Caller, Ground, Outcome, at_once, connections, installation, wanted};

const ROUNDS: usize = 200;

#[test]
fn with_a_fingerprint_one_of_all_makes_the_token() {
    let ground = Ground::new(WorldOptions::default());
    let mona = ground.user();
    let app = ground.app(&mona);
    race_with_fingerprint(
        &mut ground.crowd(&mona),
        &app,
        fewer_behind_a_pooler(ROUNDS),
    );
}

#[test]
fn without_a_fingerprint_one_of_all_makes_the_token() {
    let ground = Ground::new(WorldOptions::default());
    let mona = ground.user();
    let app = ground.app(&mona);
    race_without_fingerprint(
        &mut ground.crowd(&mona),
        &app,
        fewer_behind_a_pooler(ROUNDS),
    );
}

#[test]
fn a_deletion_in_between_leaves_one_token_or_none() {
    let ground = Ground::new(WorldOptions::default());
    let mona = ground.user();
    let app = ground.app(&mona);
    race_with_deletion(&mut ground.crowd(&mona), &app, fewer_behind_a_pooler(50));
}

#[test]
fn over_http_one_of_all_makes_the_token() {
    let folder = TestFolder::on_disk();
    let (program, user, app) = installation(folder.path());
    let server = program.start_serve(&[]);
    let mut callers = connections(&server.base_url, &user);
    race_with_fingerprint(&mut callers, &app, fewer_behind_a_pooler(ROUNDS));
    race_without_fingerprint(&mut callers, &app, fewer_behind_a_pooler(ROUNDS / 4));
    race_with_deletion(&mut callers, &app, fewer_behind_a_pooler(20));
}

/// In even rounds the fingerprint is new; in odd ones it is the same again and its token was
/// deleted. Tells the number of the caller who made the token in each.
pub(crate) fn race_with_fingerprint<C: Caller>(
    callers: &mut [C],
    app: &OauthApp,
    rounds: usize,
) -> Vec<usize> {
    let body = wanted(&app.client_secret);
    let round = |round: usize| {
        let path = format!(
            "/authorizations/clients/{}/machine-{}",
            app.client_id,
            round / 2
        );
        let outcomes = at_once(callers, |_, caller| caller.ask("PUT", &path, Some(&body)));
        let (winner, id) = assert_one_made(&outcomes);
        if round.is_multiple_of(2) {
            delete(&mut callers[0], id);
        }
        winner
    };
    (0..rounds).map(round).collect()
}

/// Without a fingerprint there is one token for a user and app, so each round ends by deleting it.
/// Tells the number of the caller who made it in each.
pub(crate) fn race_without_fingerprint<C: Caller>(
    callers: &mut [C],
    app: &OauthApp,
    rounds: usize,
) -> Vec<usize> {
    let (path, body) = (client_path(app), wanted(&app.client_secret));
    let round = |_| {
        let outcomes = at_once(callers, |_, caller| caller.ask("PUT", &path, Some(&body)));
        let (winner, id) = assert_one_made(&outcomes);
        delete(&mut callers[0], id);
        winner
    };
    (0..rounds).map(round).collect()
}

/// One caller deletes what is there while the others ask for it.
pub(crate) fn race_with_deletion<C: Caller>(callers: &mut [C], app: &OauthApp, rounds: usize) {
    let (path, body) = (client_path(app), wanted(&app.client_secret));
    for _ in 0..rounds {
        let before = callers[0].ask("PUT", &path, Some(&body)).id();
        let outcomes = at_once(callers, |number, caller| {
            if number == 0 {
                caller.ask("DELETE", &format!("/authorizations/{before}"), None)
            } else {
                caller.ask("PUT", &path, Some(&body))
            }
        });
        let (deletion, asked) = outcomes.split_first().expect("there are callers");
        deletion.assert_status(204);
        let made: Vec<i64> = with_status(asked, 201).map(Outcome::id).collect();
        assert!(made.len() <= 1, "made twice: {made:?}");
        assert!(!made.contains(&before), "an id is never used again");
        for found in asked.iter().filter(|outcome| outcome.status != 201) {
            found.assert_status(200);
            assert!(found.id() == before || made.contains(&found.id()));
        }
        let listed = callers[0].ask("GET", "/authorizations", None);
        let listed = listed.body.as_array().expect("a list").iter();
        // Those with a fingerprint are left over from other races.
        let listed: Vec<i64> = listed
            .filter(|item| item["fingerprint"].is_null())
            .filter_map(|item| item["id"].as_i64())
            .collect();
        assert_eq!(
            listed, made,
            "what was deleted is gone, what was made is there"
        );
        for id in made {
            delete(&mut callers[0], id);
        }
    }
}

/// One 201 with a token, and everybody else has the same id and no token. Tells the number of the
/// winner, and the id.
#[track_caller]
fn assert_one_made(outcomes: &[Outcome]) -> (usize, i64) {
    let made = outcomes.iter().enumerate();
    let mut made = made.filter(|(_, outcome)| outcome.status == 201);
    let (number, winner) = made.next().expect("one of the callers makes the token");
    assert!(made.next().is_none(), "the token was made twice");
    assert_ne!(winner.token(), "");
    for found in outcomes.iter().filter(|outcome| outcome.status != 201) {
        found.assert_status(200);
        assert_eq!((found.id(), found.token()), (winner.id(), ""));
        assert_eq!(found.body["scopes"], json!(["repo"]));
    }
    (number, winner.id())
}

fn with_status(outcomes: &[Outcome], status: u16) -> impl Iterator<Item = &Outcome> {
    outcomes
        .iter()
        .filter(move |outcome| outcome.status == status)
}

fn delete(caller: &mut impl Caller, id: i64) {
    caller
        .ask("DELETE", &format!("/authorizations/{id}"), None)
        .assert_status(204);
}

fn client_path(app: &OauthApp) -> String {
    format!("/authorizations/clients/{}", app.client_id)
}
