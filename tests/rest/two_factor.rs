//! One-time codes beside a password (wire contract, section 4).

use std::time::Duration;

use counterfoil_testkit::{Answer, Authenticator, UserActor, World};
use http::Method;
use serde_json::json;

const MESSAGE: &str = "Must specify two-factor authentication OTP code.";
const STEP: Duration = Duration::from_secs(30);

#[track_caller]
fn assert_asks_for_a_code(answer: &Answer) {
    assert_eq!(answer.assert_status(401).message(), MESSAGE);
    assert_eq!(answer.header("x-github-otp"), "required; app");
}

#[tokio::test]
async fn a_right_password_alone_is_asked_for_a_code_everywhere() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    world.enable_two_factor(&mona).await;
    for (method, path) in [
        (Method::GET, "/authorizations"),
        (Method::POST, "/authorizations"),
        (Method::GET, "/authorizations/1"),
        (Method::DELETE, "/authorizations/1"),
        (Method::PATCH, "/authorizations/1"),
        (Method::PUT, "/authorizations/clients/0123456789abcdef0123"),
        (
            Method::PUT,
            "/authorizations/clients/0123456789abcdef0123/desk",
        ),
        (Method::GET, "/applications/grants"),
        (Method::DELETE, "/applications/grants/1"),
        (Method::GET, "/user"),
        // The probe of a client that wants to know before it asks its user.
        (Method::PATCH, "/authorizations"),
    ] {
        assert_asks_for_a_code(&mona.request(method, path).send().await);
    }
    assert_asks_for_a_code(&mona.named("mona@example.com").get("/user").await);
}

#[tokio::test]
async fn the_right_code_opens_what_the_password_alone_does_not() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let codes = world.enable_two_factor(&mona).await;
    let signed_in = mona.with_otp(&codes.code(&world));
    signed_in.get("/user").await.assert_status(200);
    let created = signed_in
        .post("/authorizations", json!({ "note": "laptop" }))
        .await;
    created.assert_status(201);
    signed_in
        .request(Method::PATCH, "/authorizations")
        .send()
        .await
        .assert_status(404);
    // The password that was right a moment ago is still not enough.
    assert_asks_for_a_code(&mona.get("/user").await);
    // A token needs no code, and one that comes along does not matter.
    world
        .anonymous()
        .get_with_token(&created.token(), "/user")
        .await
        .assert_status(200);
    let request = world
        .anonymous()
        .request(Method::GET, "/user")
        .header("x-github-otp", "nonsense");
    let request = request.header("authorization", &format!("token {}", created.token()));
    request.send().await.assert_status(200);
}

#[tokio::test]
async fn a_wrong_password_never_tells_that_there_are_two_factors() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let without = mona.with_password("wrong").get("/authorizations").await;
    let codes = world.enable_two_factor(&mona).await;
    let wrong = mona.with_password("wrong");
    for attempt in [
        wrong.clone(),
        wrong.with_otp(&codes.code(&world)),
        wrong.with_otp(""),
        wrong.with_otp("123456"),
    ] {
        let answer = attempt.get("/authorizations").await;
        assert_eq!(
            (answer.status, answer.text()),
            (without.status, without.text())
        );
        assert!(!answer.has("x-github-otp"));
    }
}

#[tokio::test]
async fn a_code_is_ignored_for_who_has_one_factor() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    for code in ["", "123456", "nonsense"] {
        mona.with_otp(code).get("/user").await.assert_status(200);
    }
}

#[tokio::test]
async fn wrong_codes_of_every_form_are_asked_for_again() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let codes = world.enable_two_factor(&mona).await;
    let right = codes.code(&world);
    for wrong in [
        String::new(),
        codes.wrong_code(&world),
        right[..5].to_owned(),
        format!("{right}0"),
        "abcdef".to_owned(),
        codes.code_ahead(&world, STEP * 2),
        codes.code_behind(&world, STEP * 2),
        "22222-22222".to_owned(),
    ] {
        assert_asks_for_a_code(&mona.with_otp(&wrong).get("/user").await);
    }
    let bytes = mona
        .request(Method::GET, "/user")
        .header_bytes("x-github-otp", b"\xff\xfe");
    assert_asks_for_a_code(&bytes.send().await);
    mona.with_otp(&right).get("/user").await.assert_status(200);
}

#[tokio::test]
async fn a_code_works_again_while_its_step_and_a_neighbour_last() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let codes = world.enable_two_factor(&mona).await;
    // Tests begin five seconds into a step.
    let signed_in = mona.with_otp(&codes.code(&world));
    for _ in 0..3 {
        signed_in.get("/user").await.assert_status(200);
        signed_in
            .named("mona@example.com")
            .get("/user")
            .await
            .assert_status(200);
    }
    world.advance(Duration::from_secs(54));
    signed_in.get("/user").await.assert_status(200);
    world.advance(Duration::from_secs(1));
    assert_asks_for_a_code(&signed_in.get("/user").await);
}

#[tokio::test]
async fn clocks_may_differ_by_a_step() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let codes = world.enable_two_factor(&mona).await;
    mona.with_otp(&codes.code_ahead(&world, STEP))
        .get("/user")
        .await
        .assert_status(200);
    mona.with_otp(&codes.code_behind(&world, STEP))
        .get("/user")
        .await
        .assert_status(200);
}

#[tokio::test]
async fn a_code_that_was_used_serves_its_own_address_only() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let codes = world.enable_two_factor(&mona).await;
    let signed_in = mona.with_otp(&codes.code(&world));
    signed_in
        .from_address("2001:db8::1")
        .get("/user")
        .await
        .assert_status(200);
    // Another address of the same /64 is the same client.
    signed_in
        .from_address("2001:db8::ffff")
        .get("/user")
        .await
        .assert_status(200);
    assert_asks_for_a_code(&signed_in.from_address("2001:db8:0:1::1").get("/user").await);
    assert_asks_for_a_code(&signed_in.get("/user").await);
    // The neighbouring step has a code of its own.
    mona.with_otp(&codes.code_ahead(&world, STEP))
        .get("/user")
        .await
        .assert_status(200);
}

#[tokio::test]
async fn a_code_of_one_user_is_nothing_to_another() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let hubot = world.user("hubot").await;
    let codes = world.enable_two_factor(&mona).await;
    world.enable_two_factor(&hubot).await;
    assert_asks_for_a_code(&hubot.with_otp(&codes.code(&world)).get("/user").await);
    assert_asks_for_a_code(&hubot.with_otp(&codes.recovery_codes[0]).get("/user").await);
    mona.with_otp(&codes.recovery_codes[0])
        .get("/user")
        .await
        .assert_status(200);
}

#[tokio::test]
async fn a_recovery_code_serves_once() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let codes = world.enable_two_factor(&mona).await;
    assert_eq!(codes.recovery_codes.len(), 16);
    let [first, second, third] = [0, 1, 2].map(|place| codes.recovery_codes[place].clone());
    mona.with_otp(&first).get("/user").await.assert_status(200);
    assert_asks_for_a_code(&mona.with_otp(&first).get("/user").await);
    mona.with_otp(&second.replace('-', "").to_uppercase())
        .get("/user")
        .await
        .assert_status(200);
    assert_asks_for_a_code(&mona.with_otp(&second).get("/user").await);
    mona.with_otp(&format!(" {third} "))
        .get("/user")
        .await
        .assert_status(200);
    let used = world
        .audit_actions()
        .await
        .into_iter()
        .filter(|action| action == "user.recovery_code_used");
    assert_eq!(used.count(), 3);
}

#[tokio::test]
async fn of_two_who_use_a_recovery_code_at_once_one_gets_in() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let codes = world.enable_two_factor(&mona).await;
    let here = mona.with_otp(&codes.recovery_codes[0]);
    let there = here.from_address("198.51.100.7");
    let (first, second) = tokio::join!(here.get("/user"), there.get("/user"));
    let mut statuses = [first.status.as_u16(), second.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 401]);
}

#[tokio::test]
async fn new_codes_end_the_old_ones_and_turning_off_ends_all() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let old = world.enable_two_factor(&mona).await;
    let new = world.enable_two_factor(&mona).await;
    assert_asks_for_a_code(&mona.with_otp(&old.code(&world)).get("/user").await);
    assert_asks_for_a_code(&mona.with_otp(&old.recovery_codes[0]).get("/user").await);
    mona.with_otp(&new.code(&world))
        .get("/user")
        .await
        .assert_status(200);
    let login = &mona.account.login;
    world
        .authority
        .disable_two_factor(login, &World::operator())
        .await
        .unwrap();
    mona.get("/user").await.assert_status(200);
}

#[tokio::test]
async fn the_first_use_of_a_code_is_recorded_and_no_other() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let codes = world.enable_two_factor(&mona).await;
    let signed_in = mona.with_otp(&codes.code(&world));
    for _ in 0..3 {
        signed_in.get("/user").await.assert_status(200);
    }
    let actions = world.audit_actions().await;
    assert_eq!(
        actions
            .iter()
            .filter(|action| *action == "user.otp_used")
            .count(),
        1
    );
}

#[tokio::test]
async fn a_code_with_blanks_in_it_is_the_same_code() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let codes = world.enable_two_factor(&mona).await;
    let code = codes.code(&world);
    let (first, last) = code.split_at(3);
    for shown in [
        format!("{first} {last}"),
        format!(" {code} "),
        format!("{first}\t{last}"),
    ] {
        let answer = mona.with_otp(&shown).get("/user").await;
        answer.assert_status(200);
    }
    let recovery = codes.recovery_codes[0].replace('-', " ");
    mona.with_otp(&recovery)
        .get("/user")
        .await
        .assert_status(200);
}

/// Sends a wrong code from so many addresses that none of them is locked.
async fn guess(world: &World, user: &UserActor<'_>, codes: &Authenticator, times: usize) {
    for number in 0..times {
        let address = format!("198.51.100.{}", number / 5);
        let guess = user
            .from_address(&address)
            .with_otp(&codes.wrong_code(world));
        assert_asks_for_a_code(&guess.get("/user").await);
        // Long enough for the bound on a login's failures of an hour.
        world.advance(Duration::from_mins(1));
    }
}

#[tokio::test]
async fn after_a_hundred_wrong_codes_only_a_recovery_code_or_an_operator_helps() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let codes = world.enable_two_factor(&mona).await;
    guess(&world, &mona, &codes, 99).await;
    // A right one clears the count, however many were wrong.
    let right = async || mona.with_otp(&codes.code(&world)).get("/user").await;
    right().await.assert_status(200);
    guess(&world, &mona, &codes, 100).await;
    assert_asks_for_a_code(&right().await);
    let exhausted = async || {
        let actions = world.audit_actions().await;
        let told = actions.iter().filter(|one| *one == "user.otp_exhausted");
        told.count()
    };
    assert_eq!(exhausted().await, 1);
    // Time does not help.
    world.advance(Duration::from_hours(400 * 24));
    assert_asks_for_a_code(&right().await);
    let recovery = &codes.recovery_codes[0];
    let recovered = mona.with_otp(recovery).get("/user").await;
    recovered.assert_status(200);
    right().await.assert_status(200);
    guess(&world, &mona, &codes, 100).await;
    assert_asks_for_a_code(&right().await);
    let login = &mona.account.login;
    let unlocked = world
        .authority
        .unlock_account(login, &World::operator())
        .await;
    unlocked.unwrap();
    right().await.assert_status(200);
    assert_eq!(exhausted().await, 2);
}

#[tokio::test]
async fn who_knows_only_the_login_cannot_use_up_somebodys_codes() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let codes = world.enable_two_factor(&mona).await;
    for number in 0..110 {
        let address = format!("198.51.100.{}", number / 5);
        let stranger = mona.from_address(&address).with_password("wrong");
        let guess = stranger.with_otp(&codes.wrong_code(&world));
        guess.get("/user").await.assert_status(401);
        // And being asked for a code is no wrong one.
        assert_asks_for_a_code(&mona.from_address(&address).get("/user").await);
        world.advance(Duration::from_mins(1));
    }
    let counted = world.authority.wrong_codes_of(&mona.account).await;
    assert_eq!(counted.unwrap(), (0, false));
    mona.with_otp(&codes.code(&world))
        .get("/user")
        .await
        .assert_status(200);
}
