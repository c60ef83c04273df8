//! Health checks: what strangers may ask as often as they like.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use counterfoil_domain::id::AuthorizationId;
use counterfoil_testkit::World;
use http::Method;

/// Requests of people who do not wait for the answer.
const ASKED: u64 = 50;

#[tokio::test(flavor = "multi_thread")]
async fn strangers_who_ask_and_go_away_cause_no_write_each() {
    let world = World::new().await;
    let before = world.store.stats().writes;
    let ask = || {
        let request = world.anonymous().request_anywhere(Method::GET, "/readyz");
        request.send()
    };
    for _ in 0..ASKED {
        // Dropped when the heartbeat is on its way and nobody has its outcome.
        let mut asking = pin!(ask());
        poll_fn(|cx| {
            let _ = asking.as_mut().poll(cx);
            Poll::Ready(())
        })
        .await;
    }
    ask().await.assert_status(200);
    // One a second, and this takes no ten seconds on the slowest of machines.
    let written = world.store.stats().writes - before;
    assert!((1..10).contains(&written), "{written} heartbeats");
}

#[tokio::test]
async fn a_method_that_health_checks_do_not_have_finds_nothing() {
    let world = World::new().await;
    for target in ["/healthz", "/readyz"] {
        for method in [Method::PATCH, Method::POST, Method::OPTIONS] {
            let request = world.anonymous().request_anywhere(method, target);
            let answer = request.send().await;
            assert_eq!(answer.assert_status(404).message(), "Not Found");
            assert!(!answer.has("allow"), "{target}");
        }
        let head = world.anonymous().request_anywhere(Method::HEAD, target);
        assert!(head.send().await.assert_status(200).body.is_empty());
    }
}

#[tokio::test]
async fn live_tokens_are_counted_by_kind_whole_or_a_piece_at_a_time() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "An app").await;
    for note in ["one", "two", "three"] {
        mona.personal_token(note, &["repo"])
            .await
            .assert_status(201);
    }
    mona.app_token(&app, &["repo"]).await.assert_status(201);
    let ended = mona.personal_token("four", &[]).await.id();
    let path = format!("/authorizations/{ended}");
    mona.delete(&path).await.assert_status(204);
    assert_eq!(world.authority.inventory(), None);
    let counted = world.authority.take_inventory().await;
    counted.expect("the database answers");
    let inventory = world.authority.inventory().expect("it was one piece");
    let tokens = inventory.tokens;
    assert_eq!(
        (tokens.personal, tokens.app, tokens.impersonation),
        (3, 1, 0)
    );
    assert!(inventory.database_bytes > 0);
    let (mut after, mut sum, mut pieces) = (Some(AuthorizationId(0)), 0, 0);
    while let Some(id) = after {
        let piece = world.store.count_tokens_after(id, 2, world.authority.now());
        let (counted, next) = piece.await.expect("the database answers");
        sum += counted.personal + counted.app;
        pieces += 1;
        after = next;
    }
    assert_eq!((sum, pieces), (4, 3));
}
