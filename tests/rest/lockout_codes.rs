//! Wrong codes after a right password, and the locks that they lead to (wire contract, section 10,
//! with its departures).

use std::time::Duration;

use counterfoil_testkit::{Authenticator, UserActor, World};

use super::locks::assert_locked;

/// Lets the time of a lock pass, which holds until then.
async fn wait_out(world: &World, user: &UserActor<'_>, lock: Duration) {
    let moment = Duration::from_millis(1);
    world.advance(lock.saturating_sub(moment));
    assert_locked(&user.get("/user").await);
    world.advance(moment);
}

/// Sends `times` wrong codes with the right password.
async fn fail_codes(world: &World, user: &UserActor<'_>, codes: &Authenticator, times: usize) {
    for _ in 0..times {
        let answer = user.with_otp(&codes.wrong_code(world)).get("/user").await;
        assert_eq!(
            answer.assert_status(401).header("x-github-otp"),
            "required; app"
        );
    }
}

#[tokio::test]
async fn wrong_codes_lock_as_wrong_passwords_do() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let codes = world.enable_two_factor(&mona).await;
    fail_codes(&world, &mona, &codes, 10).await;
    assert_locked(&mona.with_otp(&codes.code(&world)).get("/user").await);
    assert_locked(&mona.get("/user").await);
    let elsewhere = mona
        .from_address("198.51.100.7")
        .with_otp(&codes.code(&world));
    elsewhere.get("/user").await.assert_status(200);
}

#[tokio::test]
async fn passwords_and_codes_are_counted_together() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let codes = world.enable_two_factor(&mona).await;
    for _ in 0..5 {
        mona.with_password("wrong")
            .get("/user")
            .await
            .assert_status(401);
    }
    fail_codes(&world, &mona, &codes, 5).await;
    assert_locked(&mona.with_otp(&codes.code(&world)).get("/user").await);
}

#[tokio::test]
async fn each_lock_by_wrong_codes_is_twice_as_long_up_to_a_day() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let codes = world.enable_two_factor(&mona).await;
    // Ten more wrong codes would be a hundred, after which none is right.
    for minutes in [10, 20, 40, 80, 160, 320, 640, 1280, 1440] {
        fail_codes(&world, &mona, &codes, 10).await;
        wait_out(&world, &mona, Duration::from_mins(minutes)).await;
    }
    mona.with_otp(&codes.code(&world))
        .get("/user")
        .await
        .assert_status(200);
}

#[tokio::test]
async fn a_wrong_password_at_last_does_not_hide_wrong_codes() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let codes = world.enable_two_factor(&mona).await;
    for minutes in [10, 20, 40] {
        fail_codes(&world, &mona, &codes, 9).await;
        mona.with_password("wrong")
            .get("/user")
            .await
            .assert_status(401);
        wait_out(&world, &mona, Duration::from_mins(minutes)).await;
    }
}

#[tokio::test]
async fn a_day_of_peace_ends_the_doubling() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let codes = world.enable_two_factor(&mona).await;
    for minutes in [10, 20] {
        fail_codes(&world, &mona, &codes, 10).await;
        wait_out(&world, &mona, Duration::from_mins(minutes)).await;
    }
    world.advance(Duration::from_hours(24));
    fail_codes(&world, &mona, &codes, 10).await;
    wait_out(&world, &mona, Duration::from_mins(10)).await;
    fail_codes(&world, &mona, &codes, 1).await;
}

#[tokio::test]
async fn another_address_finds_the_doubled_lock_too() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let codes = world.enable_two_factor(&mona).await;
    fail_codes(&world, &mona, &codes, 10).await;
    // From whichever address and by whichever name: whoever sends a code has the password.
    let elsewhere = mona.from_address("198.51.100.7").named("mona@example.com");
    fail_codes(&world, &elsewhere, &codes, 10).await;
    wait_out(&world, &mona, Duration::from_mins(10)).await;
    fail_codes(&world, &mona, &codes, 1).await;
    wait_out(&world, &elsewhere, Duration::from_mins(10)).await;
    fail_codes(&world, &elsewhere, &codes, 1).await;
}

#[tokio::test]
async fn a_missing_code_never_counts() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let codes = world.enable_two_factor(&mona).await;
    for _ in 0..3 {
        for _ in 0..30 {
            mona.get("/user").await.assert_status(401);
        }
        world.advance(Duration::from_mins(1));
    }
    mona.with_otp(&codes.code(&world))
        .get("/user")
        .await
        .assert_status(200);
    assert!(
        !world
            .audit_actions()
            .await
            .iter()
            .any(|action| action.starts_with("sign_in.") && action != "sign_in.succeeded")
    );
}

#[tokio::test]
async fn who_asks_for_the_question_on_and_on_is_told_to_wait() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let codes = world.enable_two_factor(&mona).await;
    for _ in 0..30 {
        mona.get("/user").await.assert_status(401);
    }
    assert_locked(&mona.get("/user").await);
    world.advance(Duration::from_millis(59_999));
    assert_locked(&mona.get("/user").await);
    // It is no lock: an answer is taken at any time, and other addresses are asked.
    mona.with_otp(&codes.code(&world))
        .get("/user")
        .await
        .assert_status(200);
    mona.from_address("198.51.100.7")
        .get("/user")
        .await
        .assert_status(401);
    world.advance(Duration::from_millis(1));
    mona.get("/user").await.assert_status(401);
}

#[tokio::test]
async fn hammering_empty_codes_is_stopped() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let codes = world.enable_two_factor(&mona).await;
    for _ in 0..10 {
        let answer = mona.with_otp("").get("/user").await;
        assert_eq!(
            answer.assert_status(401).header("x-github-otp"),
            "required; app"
        );
    }
    for _ in 0..3 {
        assert_locked(&mona.with_otp("").get("/user").await);
    }
    world.advance(Duration::from_mins(10));
    mona.with_otp(&codes.code(&world))
        .get("/user")
        .await
        .assert_status(200);
}

#[tokio::test]
async fn a_used_code_from_elsewhere_counts_as_wrong() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let codes = world.enable_two_factor(&mona).await;
    let code = codes.code(&world);
    mona.with_otp(&code).get("/user").await.assert_status(200);
    let thief = mona.from_address("198.51.100.7").with_otp(&code);
    for _ in 0..10 {
        thief.get("/user").await.assert_status(401);
    }
    assert_locked(&thief.get("/user").await);
    mona.with_otp(&code).get("/user").await.assert_status(200);
}

#[tokio::test]
async fn recovery_codes_cannot_be_guessed_past_a_lock() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let codes = world.enable_two_factor(&mona).await;
    for _ in 0..10 {
        mona.with_otp("22222-22222")
            .get("/user")
            .await
            .assert_status(401);
    }
    assert_locked(&mona.with_otp(&codes.recovery_codes[0]).get("/user").await);
    world.advance(Duration::from_mins(10));
    mona.with_otp(&codes.recovery_codes[0])
        .get("/user")
        .await
        .assert_status(200);
}

#[tokio::test]
async fn who_has_the_password_only_is_not_a_known_address() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let codes = world.enable_two_factor(&mona).await;
    let (thief, home) = (
        mona.from_address("203.0.113.66"),
        mona.from_address("203.0.113.1"),
    );
    thief.get("/user").await.assert_status(401);
    home.with_otp(&codes.code(&world))
        .get("/user")
        .await
        .assert_status(200);
    for number in 0..100 {
        let wrong = mona
            .with_password("wrong")
            .from_address(&format!("198.51.100.{number}"));
        wrong.get("/user").await.assert_status(401);
    }
    // One attempt a minute is left there, and it is spent.
    fail_codes(&world, &thief, &codes, 1).await;
    assert_locked(
        &thief
            .with_otp(&codes.code_ahead(&world, Duration::from_secs(30)))
            .get("/user")
            .await,
    );
    home.with_otp(&codes.code(&world))
        .get("/user")
        .await
        .assert_status(200);
}

#[tokio::test]
async fn the_trail_says_that_codes_were_wrong() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let codes = world.enable_two_factor(&mona).await;
    let before = world.events().await.len();
    fail_codes(&world, &mona, &codes, 10).await;
    let events = world.events().await.split_off(before);
    assert_eq!(events.len(), 10);
    for event in &events {
        let text = String::from_utf8(event.bytes.clone()).unwrap();
        assert!(text.contains("text.kind 4 code\n"), "{text}");
        assert_eq!(event.account, Some(mona.account.id.0));
    }
    assert_eq!(events[9].action, "sign_in.locked");
}
