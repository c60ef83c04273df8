//! Tokens and apps that are not remembered: many at once, and ones that do not exist.

use std::sync::Arc;
use std::time::Duration;

use counterfoil_authority::{Authority, ClientClaim, LookUpBounds, TokenError};
use counterfoil_domain::app::ClientSecret;
use counterfoil_domain::principal::Origin;
use counterfoil_domain::token::PlainToken;
use tokio::sync::Barrier;

use super::{here, issue, issue_given, unknown_tokens, verify, world_with};

/// How many ask at once.
const CROWD: usize = 1_000;

/// Lets one task for each of these tokens go at the same moment, and says what became of them.
async fn storm(
    authority: &Authority,
    tokens: impl IntoIterator<Item = PlainToken>,
) -> Vec<Result<(), TokenError>> {
    let check = |token: PlainToken| {
        let authority = authority.clone();
        async move {
            let checked = authority.authenticate_token(&token, here()).await;
            checked.map(drop)
        }
    };
    at_once(tokens.into_iter().map(check)).await
}

/// Runs all of these from the same moment on.
async fn at_once<F>(tasks: impl IntoIterator<Item = F>) -> Vec<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    let tasks: Vec<_> = tasks.into_iter().collect();
    let barrier = Arc::new(Barrier::new(tasks.len()));
    let tasks = tasks.into_iter().map(|task| {
        let barrier = Arc::clone(&barrier);
        tokio::spawn(async move {
            barrier.wait().await;
            task.await
        })
    });
    let mut outcomes = Vec::new();
    for task in tasks.collect::<Vec<_>>() {
        outcomes.push(task.await.expect("a check does not panic"));
    }
    outcomes
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn a_thousand_who_miss_one_token_at_once_make_one_look_up() {
    let world = world_with(|_| {}).await;
    let mona = world.user("mona").await;
    for round in 0..20 {
        let token = issue(&world.authority, &mona, round).await.token;
        let before = world.authority.check_stats().look_ups;
        let all = std::iter::repeat_n(token, CROWD);
        let outcomes = storm(&world.authority, all).await;
        assert!(outcomes.iter().all(Result::is_ok), "round {round}");
        let after = world.authority.check_stats().look_ups;
        assert_eq!(after - before, 1, "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn a_thousand_who_prove_one_app_at_once_make_one_look_up() {
    let world = world_with(|_| {}).await;
    let mona = world.user("mona").await;
    for round in 0..20 {
        let app = world.app(&mona, &format!("App {round}")).await;
        let claim = ClientClaim {
            client_id: app.app.summary.client_id.clone(),
            secret: ClientSecret::claimed(&app.client_secret),
        };
        let before = world.authority.check_stats().client_look_ups;
        let prove = |_| {
            let (authority, claim) = (world.authority.clone(), claim.clone());
            async move {
                let origin = Origin::new(here(), None);
                authority.authenticate_app(&claim, origin).await.map(drop)
            }
        };
        let outcomes = at_once((0..CROWD).map(prove)).await;
        assert!(outcomes.iter().all(Result::is_ok), "round {round}");
        let after = world.authority.check_stats().client_look_ups;
        assert_eq!(after - before, 1, "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn those_who_miss_different_tokens_make_a_look_up_each() {
    let world = world_with(|_| {}).await;
    let mona = world.user("mona").await;
    let mut tokens = Vec::new();
    for number in 0..100 {
        tokens.push(issue(&world.authority, &mona, number).await.token);
    }
    let outcomes = storm(&world.authority, tokens).await;
    assert!(outcomes.iter().all(Result::is_ok));
    assert_eq!(world.authority.check_stats().look_ups, 100);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn a_storm_beyond_the_bound_is_told_to_wait_and_never_that_a_token_is_wrong() {
    let world = world_with(|options| {
        options.settings.checks.look_ups = LookUpBounds {
            at_once: 2,
            unknown_per_second: 0,
        };
    })
    .await;
    let mona = world.user("mona").await;
    let mut tokens = Vec::new();
    for number in 0..500 {
        tokens.push(issue(&world.authority, &mona, number).await.token);
    }
    for outcome in storm(&world.authority, tokens.clone()).await {
        assert!(
            matches!(outcome, Ok(()) | Err(TokenError::Busy)),
            "{outcome:?}"
        );
    }
    // When it is over, everybody is known.
    for token in &tokens {
        verify(&world, token, "192.0.2.1").await.assert_status(200);
    }
}

#[tokio::test]
async fn a_flood_of_unknown_tokens_gets_503_for_its_surplus_and_hits_go_on() {
    let world = world_with(|options| {
        options.settings.checks.look_ups.unknown_per_second = 50;
    })
    .await;
    let mona = world.user("mona").await;
    let known = issue(&world.authority, &mona, 1).await.token;
    let forgotten = issue(&world.authority, &mona, 2).await.token;
    verify(&world, &known, "192.0.2.1").await.assert_status(200);
    for (number, unknown) in unknown_tokens().take(500).enumerate() {
        let answer = verify(&world, &unknown, "192.0.2.1").await;
        if number < 50 {
            answer.assert_status(401);
        } else {
            answer.assert_status(503);
            assert_eq!(answer.header("retry-after"), "1");
        }
        verify(&world, &known, "192.0.2.1").await.assert_status(200);
    }
    // Nobody knows whether this one is wrong, so nobody says so; elsewhere it is looked up.
    verify(&world, &forgotten, "192.0.2.1")
        .await
        .assert_status(503);
    verify(&world, &forgotten, "192.0.2.2")
        .await
        .assert_status(200);
    world.advance(Duration::from_secs(1));
    let unknown = unknown_tokens().next().expect("there are any number");
    verify(&world, &unknown, "192.0.2.1")
        .await
        .assert_status(401);
}

#[tokio::test]
async fn a_token_that_was_unknown_is_accepted_the_moment_it_is_issued() {
    let world = world_with(|_| {}).await;
    let mona = world.user("mona").await;
    let other = super::another_process(&world).await;
    let by = [&world.authority, &other];
    for (number, token) in unknown_tokens().take(20).enumerate() {
        for _ in 0..3 {
            verify(&world, &token, "192.0.2.1").await.assert_status(401);
        }
        issue_given(by[number % 2], &mona, number, Some(token.clone())).await;
        verify(&world, &token, "192.0.2.1").await.assert_status(200);
    }
}
