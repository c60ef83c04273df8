//! A token that an app replaces while it is revoked, and one that is replaced twice at once:
//! exactly one wins.

use counterfoil_testkit::WorldOptions;
use counterfoil_testkit::engine::fewer_behind_a_pooler;
use counterfoil_testkit::{AppActor, UserActor, World};
use http::Method;

use super::{CALLERS, Ground, at_once};

/// How often each race is run.
const ROUNDS: usize = 20;

/// What one of many asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    Reset,
    Revoke,
    RevokeGrant,
    DeleteByOwner,
}

struct Track<'g> {
    ground: &'g Ground,
    mona: UserActor<'g>,
    app: AppActor,
}

impl<'g> Track<'g> {
    fn new(ground: &'g Ground) -> Self {
        let mona = ground.user();
        let app = ground
            .runtime
            .block_on(ground.world.app(&mona, "Racing app"));
        Self { ground, mona, app }
    }

    fn world(&self) -> &'g World {
        &self.ground.world
    }

    /// A new token, with the id of its record.
    fn token(&self) -> (i64, String) {
        let made = self
            .ground
            .runtime
            .block_on(self.mona.app_token(&self.app, &["repo"]));
        (made.id(), made.token())
    }

    /// Has all wishes come at the same moment, and says with which status and which new token each
    /// was answered.
    fn race(&self, wishes: &[Wish], id: i64, token: &str) -> Vec<(Wish, u16, Option<String>)> {
        let mut turns: Vec<_> = wishes.to_vec();
        at_once(&mut turns, |_, wish| {
            let answer = self.ground.runtime.block_on(async {
                match wish {
                    Wish::Reset => self.app.reset(self.world(), token).await,
                    Wish::Revoke => self.app.revoke(self.world(), token).await,
                    Wish::RevokeGrant => self.app.revoke_grant(self.world(), token).await,
                    Wish::DeleteByOwner => {
                        let path = format!("/authorizations/{id}");
                        self.mona.request(Method::DELETE, &path).send().await
                    }
                }
            });
            let new = (*wish == Wish::Reset && answer.status == 200).then(|| answer.token());
            (*wish, answer.status.as_u16(), new)
        })
    }

    fn is_live(&self, token: &str) -> bool {
        let checked = self
            .ground
            .runtime
            .block_on(self.app.check(self.world(), token));
        checked.status == 200
    }
}

#[test]
fn of_all_who_replace_a_token_one_wins() {
    let ground = Ground::new(WorldOptions::default());
    let track = Track::new(&ground);
    for round in 0..fewer_behind_a_pooler(ROUNDS) {
        let (id, token) = track.token();
        let outcomes = track.race(&[Wish::Reset; CALLERS], id, &token);
        let won: Vec<_> = outcomes
            .iter()
            .filter(|(_, status, _)| *status == 200)
            .collect();
        assert_eq!(won.len(), 1, "round {round}: {outcomes:?}");
        let lost = outcomes
            .iter()
            .filter(|(_, status, _)| *status == 404)
            .count();
        assert_eq!(lost, CALLERS - 1, "round {round}");
        let new = won[0].2.as_deref().expect("a new token");
        assert!(
            track.is_live(new) && !track.is_live(&token),
            "round {round}"
        );
    }
}

#[test]
fn a_token_that_is_replaced_while_it_is_revoked_has_one_fate() {
    let ground = Ground::new(WorldOptions::default());
    let track = Track::new(&ground);
    for rival in [Wish::Revoke, Wish::RevokeGrant] {
        for round in 0..fewer_behind_a_pooler(ROUNDS) {
            let (id, token) = track.token();
            let outcomes = track.race(&[Wish::Reset, rival], id, &token);
            let [(_, reset, new), (_, revoked, _)] = outcomes.as_slice() else {
                panic!("two asked: {outcomes:?}");
            };
            assert!(!track.is_live(&token), "round {round}");
            match (reset, revoked) {
                // Replaced first: what the rival named was gone by then.
                (200, 404) => assert!(
                    track.is_live(new.as_deref().expect("a token")),
                    "round {round}"
                ),
                (404, 204) => {}
                other => panic!("round {round}: {other:?} against {rival:?}"),
            }
        }
    }
}

#[test]
fn the_owner_who_deletes_it_ends_whatever_it_became() {
    let ground = Ground::new(WorldOptions::default());
    let track = Track::new(&ground);
    for round in 0..fewer_behind_a_pooler(ROUNDS) {
        let (id, token) = track.token();
        let outcomes = track.race(&[Wish::Reset, Wish::DeleteByOwner], id, &token);
        let [(_, reset, new), (_, deleted, _)] = outcomes.as_slice() else {
            panic!("two asked: {outcomes:?}");
        };
        // The record is the same before and after: its owner always finds it.
        assert_eq!(*deleted, 204, "round {round}");
        assert!(matches!(reset, 200 | 404), "round {round}: {reset}");
        assert!(!track.is_live(&token), "round {round}");
        assert!(
            new.as_deref().is_none_or(|new| !track.is_live(new)),
            "round {round}"
        );
    }
}
