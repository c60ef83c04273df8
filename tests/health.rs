//! Health checks: what strangers may ask as often as they like.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

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
