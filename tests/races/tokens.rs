//! `POST /authorizations`: a note is given once, and an app never has more than ten tokens of one
//! kind.

use counterfoil_testkit::engine::fewer_behind_a_pooler;
use counterfoil_testkit::process::OauthApp;
use counterfoil_testkit::{TestFolder, WorldOptions};
use serde_json::json;

use super::{CALLERS, Caller, Ground, at_once, connections, installation};

/// Live tokens of one user, app and set of scopes at most.
pub(crate) const LIVE_TOKENS: usize = 10;

#[test]
fn one_of_all_gets_the_note() {
    let ground = Ground::new(WorldOptions::default());
    let mona = ground.user();
    race_for_notes(&mut ground.crowd(&mona), fewer_behind_a_pooler(50));
}

#[test]
fn the_ten_newest_tokens_of_an_app_live() {
    let ground = Ground::new(WorldOptions::default());
    let mona = ground.user();
    let app = ground.app(&mona);
    for token in race_for_room(&mut ground.crowd(&mona), &app, "machine") {
        let somebody = ground.world.anonymous();
        let answer = ground
            .runtime
            .block_on(somebody.get_with_token(&token.secret, "/user"));
        answer.assert_status(if token.lives { 200 } else { 401 });
    }
}

#[test]
fn over_http_one_of_all_gets_the_note_and_ten_tokens_live() {
    let folder = TestFolder::on_disk();
    let (program, user, app) = installation(folder.path());
    let server = program.start_serve(&[]);
    let mut callers = connections(&server.base_url, &user);
    race_for_notes(&mut callers, fewer_behind_a_pooler(50));
    let tokens = race_for_room(&mut callers, &app, "machine");
    for token in tokens {
        callers[0].use_token(&token.secret);
        let answer = callers[0].must("GET", "/user", None);
        answer.assert_status(if token.lives { 200 } else { 401 });
    }
}

/// A new note each round, for which all callers ask. Tells the number of the caller who got it in
/// each.
pub(crate) fn race_for_notes<C: Caller>(callers: &mut [C], rounds: usize) -> Vec<usize> {
    let round = |round| {
        let body = json!({ "note": format!("laptop {round}"), "scopes": ["gist"] });
        let outcomes = at_once(callers, |_, caller| {
            caller.ask("POST", "/authorizations", Some(&body))
        });
        let made: Vec<usize> = (0..outcomes.len())
            .filter(|number| outcomes[*number].status == 201)
            .collect();
        assert_eq!(made.len(), 1, "round {round}");
        for refused in outcomes.iter().filter(|outcome| outcome.status != 201) {
            refused.assert_status(422);
            let error = &refused.body["errors"][0];
            assert_eq!(
                (&error["field"], &error["code"]),
                (&json!("description"), &json!("already_exists"))
            );
        }
        made[0]
    };
    (0..rounds).map(round).collect()
}

/// A token that was made, and whether it is to be accepted.
pub(crate) struct Made {
    pub(crate) secret: String,
    pub(crate) lives: bool,
}

/// All callers make a token of one app and one set of scopes, each with a fingerprint of its own
/// that begins with this name. Demands that the newest ten are live.
pub(crate) fn race_for_room<C: Caller>(callers: &mut [C], app: &OauthApp, name: &str) -> Vec<Made> {
    let outcomes = at_once(callers, |number, caller| {
        let body = json!({
            "client_id": app.client_id,
            "client_secret": app.client_secret,
            "fingerprint": format!("{name} {number}"),
            "scopes": ["repo"],
        });
        caller.ask("POST", "/authorizations", Some(&body))
    });
    let mut made: Vec<(i64, String)> = outcomes
        .iter()
        .map(|outcome| (outcome.assert_status(201).id(), outcome.token().to_owned()))
        .collect();
    made.sort_unstable();
    let path = format!("/authorizations?client_id={}&per_page=100", app.client_id);
    let listed = callers[0].ask("GET", &path, None);
    let mut listed: Vec<i64> = listed
        .body
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|item| item["id"].as_i64())
        .collect();
    listed.sort_unstable();
    let first_living = CALLERS - LIVE_TOKENS;
    let newest: Vec<i64> = made[first_living..].iter().map(|(id, _)| *id).collect();
    assert_eq!(listed, newest);
    let numbered = made.into_iter().enumerate();
    numbered
        .map(|(number, (_, secret))| Made {
            secret,
            lives: number >= first_living,
        })
        .collect()
}
