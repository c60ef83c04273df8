//! Scopes and life never widen from the making of a token over any resets to its checks, whoever
//! asks. As many tokens as `PROPTEST_CASES` says.

use std::time::Duration;

use counterfoil_domain::scope::Scope;
use counterfoil_domain::timestamp::Timestamp;
use counterfoil_testkit::{AppActor, GivenToken, UserActor, World};
use http::Method;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::Value;

use super::{is_within, reach, scopes};

/// What happens to a token.
#[derive(Clone, Copy, Debug)]
enum Step {
    Check,
    Reset,
    Wait(u64),
}

/// A token and its fate.
#[derive(Clone, Debug)]
struct Drawn {
    scopes: Vec<Scope>,
    /// In minutes; none is for ever.
    lifetime: Option<u64>,
    steps: Vec<Step>,
}

fn drawn() -> impl Strategy<Value = Drawn> {
    let step = prop_oneof![
        2 => Just(Step::Check),
        2 => Just(Step::Reset),
        1 => (1_u64..60).prop_map(Step::Wait),
    ];
    let steps = proptest::collection::vec(step, 1..8);
    let lifetime = proptest::option::of(1_u64..120);
    (scopes(), lifetime, steps).prop_map(|(scopes, lifetime, steps)| Drawn {
        scopes,
        lifetime,
        steps,
    })
}

/// A user who is no administrator, with an app.
struct Scene<'w> {
    world: &'w World,
    mona: UserActor<'w>,
    app: AppActor,
}

impl Scene<'_> {
    /// Follows one token to its end, or as far as the steps go.
    async fn follow(&self, drawn: &Drawn) {
        let names: Vec<_> = drawn.scopes.iter().map(|scope| scope.name()).collect();
        let lifetime = drawn
            .lifetime
            .map(|minutes| Duration::from_secs(60 * minutes));
        let given = GivenToken {
            app: Some(&self.app),
            scopes: &names,
            lifetime,
            ..GivenToken::default()
        };
        let made = self.world.issue_token(&self.mona, given).await;
        let end = made.authorization.expires_at;
        let mut token = made.token.expose().to_owned();
        for step in &drawn.steps {
            let answer = match step {
                Step::Wait(minutes) => {
                    self.world.advance(Duration::from_secs(60 * minutes));
                    continue;
                }
                Step::Check => self.app.check(self.world, &token).await,
                Step::Reset => self.app.reset(self.world, &token).await,
            };
            if end.is_some_and(|end| end <= self.world.authority.now()) {
                answer.assert_status(404);
                continue;
            }
            let body = answer.assert_status(200).json();
            assert_eq!(body["id"], made.authorization.id.0, "{drawn:?}");
            does_not_widen(drawn, end, &body);
            token = answer.token();
            self.opens_no_more_than_given(drawn, end, &token).await;
        }
        // What is left of it must not fill the user's account.
        let _ = self.app.revoke(self.world, &token).await;
    }

    /// What the token itself is told agrees, and what a gateway is told of it, and nothing of
    /// administrators opens.
    async fn opens_no_more_than_given(&self, drawn: &Drawn, end: Option<Timestamp>, token: &str) {
        let bearer = self.world.anonymous().with_token(token);
        let user = bearer.get("/user").await;
        let told = user.assert_status(200).header("x-oauth-scopes");
        let told = told.split(", ").filter_map(Scope::find);
        assert!(
            is_within(reach(told), reach(drawn.scopes.clone())),
            "{drawn:?}"
        );
        bearer.get("/admin/tokens").await.assert_status(404);
        let gateway = self
            .world
            .anonymous()
            .request_anywhere(Method::GET, "/gateway/verify")
            .header("authorization", &format!("Bearer {token}"));
        let admitted = gateway.send_unchecked().await;
        let counting = admitted.assert_status(200).header("x-auth-scopes");
        let counting = counting.split(", ").filter_map(Scope::find);
        assert!(
            is_within(reach(counting), reach(drawn.scopes.clone())),
            "{drawn:?}"
        );
        let end = end.map_or(String::new(), |end| end.to_string());
        assert_eq!(admitted.header("x-auth-expires"), end, "{drawn:?}");
    }
}

fn does_not_widen(drawn: &Drawn, end: Option<Timestamp>, body: &Value) {
    let shown = body["scopes"].as_array().expect("a list").iter();
    let shown = shown.map(|name| Scope::find(name.as_str().expect("a name")).expect("a scope"));
    assert!(
        is_within(reach(shown), reach(drawn.scopes.clone())),
        "{drawn:?}: {body}"
    );
    let end = end.map_or(Value::Null, |end| Value::String(end.to_string()));
    assert_eq!(body["expires_at"], end, "{drawn:?}");
}

#[tokio::test]
async fn neither_scopes_nor_life_widen_from_making_over_resets_to_checks() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    let scene = Scene {
        world: &world,
        mona,
        app,
    };
    let mut runner = TestRunner::deterministic();
    for _ in 0..ProptestConfig::default().cases {
        let drawn = drawn().new_tree(&mut runner).expect("a value").current();
        scene.follow(&drawn).await;
    }
}
