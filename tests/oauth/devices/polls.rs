//! Polls: how far apart they are, and what each is answered.

use std::time::Duration;

use counterfoil_domain::app::DeviceFlow;
use counterfoil_testkit::World;

use super::super::{Scene, error_in, token_in};
use super::Device;

#[tokio::test]
async fn a_poll_that_comes_too_early_is_slowed_even_if_the_user_has_said_yes() {
    let world = World::for_browsers().await;
    let scene = Scene::for_devices(&world).await;
    let device = scene.device("").await;
    assert_eq!(
        error_in(&scene.poll(&device).await),
        "authorization_pending"
    );
    scene.answers(&device, "allow").await.assert_status(303);
    world.advance(Duration::from_millis(4_999));
    // However often: it is raised once, so that a flood does not keep the device out.
    for _ in 0..3 {
        let slowed = scene.poll(&device).await;
        slowed.assert_status(200);
        let text = slowed.text();
        let expected = r#"{"error":"slow_down","error_description":"Too many requests have been made in the same timeframe.","error_uri":"https://docs.github.com","interval":10}"#;
        assert_eq!(text, expected);
    }
    world.advance(Duration::from_secs(10));
    token_in(&scene.poll(&device).await);
}

#[tokio::test]
async fn the_interval_grows_with_each_while_in_which_a_device_is_too_early_and_never_falls() {
    let world = World::for_browsers().await;
    let scene = Scene::for_devices(&world).await;
    let device = scene.device("").await;
    for interval in [10, 15, 20] {
        scene.poll(&device).await;
        let slowed = scene.poll(&device).await.json();
        assert_eq!(slowed["interval"], interval);
        world.advance(Duration::from_secs(interval));
    }
    for _ in 0..3 {
        let pending = error_in(&scene.poll(&device).await);
        assert_eq!(pending, "authorization_pending");
        world.advance(Duration::from_secs(20));
    }
}

#[tokio::test]
async fn a_code_is_over_after_a_quarter_of_an_hour() {
    let world = World::for_browsers().await;
    let scene = Scene::for_devices(&world).await;
    let device = scene.device("").await;
    world.advance(Duration::from_secs(899));
    assert_eq!(
        error_in(&scene.poll(&device).await),
        "authorization_pending"
    );
    scene.answers(&device, "allow").await.assert_status(303);
    world.advance(Duration::from_secs(1));
    assert_eq!(error_in(&scene.poll(&device).await), "expired_token");
    assert_eq!(scene.live().await, 0);
}

#[tokio::test]
async fn a_device_that_was_turned_away_is_told_so() {
    let world = World::for_browsers().await;
    let scene = Scene::for_devices(&world).await;
    let device = scene.device("").await;
    let answer = scene.answers(&device, "refuse").await;
    let done = scene.visitor.follow(&answer).await;
    assert!(done.text().contains("The code is dead"), "{}", done.text());
    for _ in 0..2 {
        assert_eq!(scene.next_poll(&device).await, "access_denied");
    }
    // The code leads nowhere any more, and is told in the words of a wrong one.
    let page = scene.types(&device.user_code).await;
    page.assert_status(422);
    assert!(
        world
            .audit_actions()
            .await
            .contains(&"device.denied".to_owned())
    );
}

#[tokio::test]
async fn another_app_another_code_and_no_code_are_one_and_the_same() {
    let world = World::for_browsers().await;
    let scene = Scene::for_devices(&world).await;
    let device = scene.device("").await;
    scene.answers(&device, "allow").await.assert_status(303);
    let another = world.app(&scene.hubot, "Another").await;
    let id = another.client_id.as_str();
    let fields = [
        ("client_id", id),
        ("device_code", &device.code),
        ("grant_type", super::GRANT),
    ];
    let foreign = scene.exchange_of(&fields).send_unchecked().await;
    assert_eq!(error_in(&foreign), "incorrect_device_code");
    for code in ["", "x", &"a".repeat(100_000), &"0".repeat(40)] {
        let unknown = Device {
            code: code.to_owned(),
            user_code: String::new(),
        };
        let answer = scene.poll(&unknown).await;
        assert_eq!(error_in(&answer), "incorrect_device_code");
    }
    // None of it has spent anything, nor has a wrong secret.
    let wrong = scene
        .poll_with(&device, &[("client_secret", "wrong")])
        .await;
    assert_eq!(error_in(&wrong), "incorrect_client_credentials");
    let secret = ("client_secret", scene.app.client_secret.as_str());
    token_in(&scene.poll_with(&device, &[secret]).await);
}

#[tokio::test]
async fn a_device_of_an_app_that_may_not_use_the_flow_any_more_waits_in_vain() {
    let world = World::for_browsers().await;
    let scene = Scene::for_devices(&world).await;
    let device = scene.device("").await;
    scene.answers(&device, "allow").await.assert_status(303);
    scene.set_device_flow(DeviceFlow::Disabled).await;
    assert_eq!(scene.next_poll(&device).await, "device_flow_disabled");
    assert_eq!(scene.live().await, 0);
}

#[tokio::test]
async fn of_polls_at_the_same_time_one_gets_the_token() {
    let world = World::for_browsers().await;
    let scene = Scene::for_devices(&world).await;
    for _ in 0..5 {
        let device = scene.device("").await;
        scene.answers(&device, "allow").await.assert_status(303);
        let (one, other) = tokio::join!(scene.poll(&device), scene.poll(&device));
        let tokens = [&one, &other].map(|answer| answer.json().get("access_token").is_some());
        assert_eq!(tokens.iter().filter(|has| **has).count(), 1);
    }
    assert_eq!(scene.live().await, 5);
}
