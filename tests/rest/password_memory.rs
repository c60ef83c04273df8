//! A password that was right a moment ago costs no second computation, and counts for nothing once
//! anything changed.

use std::time::Duration;

use counterfoil_domain::password::Password;
use counterfoil_store::RevokeTokens;
use counterfoil_testkit::{UserActor, World, WorldOptions};
use futures_util::StreamExt as _;
use futures_util::future::join_all;
use futures_util::stream::FuturesUnordered;

/// How many password computations a request costs.
async fn cost(world: &World, user: &UserActor<'_>, status: u16) -> u64 {
    let before = world.authority.passwords_computed();
    user.get("/user").await.assert_status(status);
    world.authority.passwords_computed() - before
}

#[tokio::test]
async fn a_repeated_request_costs_no_second_computation() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    assert_eq!(cost(&world, &mona, 200).await, 1);
    for _ in 0..5 {
        assert_eq!(cost(&world, &mona, 200).await, 0);
    }
    assert_eq!(cost(&world, &mona.named("MONA"), 200).await, 0);
}

#[tokio::test]
async fn a_password_is_remembered_for_two_minutes() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    cost(&world, &mona, 200).await;
    world.advance(Duration::from_secs(119));
    assert_eq!(cost(&world, &mona, 200).await, 0);
    world.advance(Duration::from_secs(1));
    assert_eq!(cost(&world, &mona, 200).await, 1, "use does not prolong it");
}

#[tokio::test]
async fn the_memory_can_be_turned_off() {
    let mut options = WorldOptions::default();
    options.settings.password_memory = Duration::ZERO;
    let world = World::with(options).await;
    let mona = world.user("mona").await;
    for _ in 0..2 {
        assert_eq!(cost(&world, &mona, 200).await, 1);
    }
}

#[tokio::test]
async fn what_is_remembered_is_the_login_the_password_and_the_address() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let hubot = world.user("hubot").await;
    cost(&world, &mona, 200).await;
    assert_eq!(cost(&world, &mona.with_password("wrong"), 401).await, 1);
    assert_eq!(
        cost(&world, &hubot.with_password(&mona.password), 401).await,
        1
    );
    assert_eq!(
        cost(&world, &mona.from_address("198.51.100.7"), 200).await,
        1
    );
    assert_eq!(cost(&world, &mona, 200).await, 0);
}

#[tokio::test]
async fn wrong_passwords_and_unknown_logins_are_never_remembered() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    for wrong in [
        mona.with_password("wrong"),
        mona.named("nobody"),
        mona.named("nobody@example.com"),
    ] {
        for _ in 0..2 {
            assert_eq!(cost(&world, &wrong, 401).await, 1);
        }
    }
}

#[tokio::test]
async fn a_change_of_password_forgets_it() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    cost(&world, &mona, 200).await;
    let password = Password::choose("another password").unwrap();
    let login = &mona.account.login;
    world
        .authority
        .set_password(login, password, RevokeTokens::Keep, &World::operator())
        .await
        .unwrap();
    assert_eq!(cost(&world, &mona, 401).await, 1);
    assert_eq!(
        cost(&world, &mona.with_password("another password"), 200).await,
        1
    );
}

#[tokio::test]
async fn a_suspension_forgets_it() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let login = &mona.account.login;
    cost(&world, &mona, 200).await;
    world
        .authority
        .suspend_account(login, &World::operator())
        .await
        .unwrap();
    assert_eq!(cost(&world, &mona, 403).await, 1);
    world
        .authority
        .unsuspend_account(login, &World::operator())
        .await
        .unwrap();
    assert_eq!(cost(&world, &mona, 200).await, 1);
}

#[tokio::test]
async fn a_second_factor_forgets_it_and_is_asked_for_all_the_same() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    cost(&world, &mona, 200).await;
    let codes = world.enable_two_factor(&mona).await;
    assert_eq!(cost(&world, &mona, 401).await, 1);
    // The password is remembered from then on, and never stands in for the code.
    assert_eq!(cost(&world, &mona, 401).await, 0);
    assert_eq!(
        cost(&world, &mona.with_otp(&codes.code(&world)), 200).await,
        0
    );
    assert_eq!(cost(&world, &mona, 401).await, 0);
}

#[tokio::test]
async fn a_deleted_user_is_forgotten() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    cost(&world, &mona, 200).await;
    world
        .authority
        .delete_account(&mona.account.login, &World::operator())
        .await
        .unwrap();
    assert_eq!(cost(&world, &mona, 401).await, 1);
}

#[tokio::test]
async fn a_lock_forgets_it_for_the_locked_address() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let elsewhere = mona.from_address("198.51.100.7");
    cost(&world, &mona, 200).await;
    cost(&world, &elsewhere, 200).await;
    for _ in 0..10 {
        cost(&world, &mona.with_password("wrong"), 401).await;
    }
    assert_eq!(cost(&world, &mona, 403).await, 0);
    assert_eq!(cost(&world, &elsewhere, 200).await, 0);
    world.advance(Duration::from_mins(10));
    assert_eq!(cost(&world, &mona, 200).await, 1);
}

#[tokio::test]
async fn attempts_on_a_locked_login_forget_nobody_else_at_the_address() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let hubot = world.user("hubot").await.with_password("wrong");
    for _ in 0..10 {
        cost(&world, &hubot, 401).await;
    }
    assert_eq!(cost(&world, &mona, 200).await, 1);
    assert_eq!(cost(&world, &hubot, 403).await, 0);
    assert_eq!(cost(&world, &mona, 200).await, 0);
}

#[tokio::test]
async fn equal_requests_at_once_cost_one_computation() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let before = world.authority.passwords_computed();
    let answers = join_all((0..8).map(|_| mona.get("/user"))).await;
    for answer in answers {
        answer.assert_status(200);
    }
    assert_eq!(world.authority.passwords_computed() - before, 1);
}

/// One password is computed at a time, and one attempt may wait.
fn one_thread_and_one_place() -> WorldOptions {
    let mut options = WorldOptions::default();
    options.settings.hashing.threads = 1;
    options.settings.hashing.queue = 1;
    options
}

#[tokio::test]
async fn a_flood_of_sign_ins_beyond_the_queue_is_told_to_wait() {
    let world = World::with(one_thread_and_one_place()).await;
    let mona = world.user("mona").await;
    let attempts = ["a", "b", "c", "d", "e", "f", "g", "h"].map(|name| {
        let mona = mona.named(name);
        async move { mona.get("/user").await }
    });
    // One computes and one waits, for as long as they are held.
    world.clock.hold_computations();
    let mut attempts: FuturesUnordered<_> = attempts.into_iter().collect();
    let told = attempts.by_ref().take(6).collect::<Vec<_>>();
    let busy = tokio::time::timeout(Duration::from_mins(1), told).await;
    world.clock.let_computations_go();
    let wrong: Vec<_> = attempts.collect().await;
    let busy = busy.expect("whoever finds no room is answered at once");
    for answer in &busy {
        answer.assert_status(503);
    }
    for answer in &wrong {
        answer.assert_status(401);
    }
    assert_eq!((busy.len(), wrong.len()), (6, 2));
    assert_eq!(busy[0].header("retry-after"), "1");
}

/// Whoever needs no computation notices nothing of those who wait for one.
#[tokio::test]
async fn tokens_and_remembered_passwords_are_served_while_every_place_of_the_queue_is_taken() {
    let world = World::with(one_thread_and_one_place()).await;
    let mona = world.user("mona").await;
    let token = mona.personal_token("laptop", &[]).await.token();
    world.clock.hold_computations();
    let attempts = ["a", "b", "c"].map(|name| {
        let mona = mona.named(name);
        async move { mona.get("/user").await }
    });
    let mut attempts: FuturesUnordered<_> = attempts.into_iter().collect();
    let served = async {
        // That one is turned away shows that the others have the thread and the place.
        let busy = attempts.next().await.expect("there are three");
        busy.assert_status(503);
        let computed = world.authority.passwords_computed();
        let bearer = world.anonymous();
        for _ in 0..3 {
            let by_token = bearer.get_with_token(&token, "/user").await;
            by_token.assert_status(200);
            mona.get("/user").await.assert_status(200);
        }
        // Whatever has to be computed still finds no room.
        let one_more = mona.named("d");
        one_more.get("/user").await.assert_status(503);
        assert_eq!(world.authority.passwords_computed(), computed);
    };
    let served = tokio::time::timeout(Duration::from_mins(1), served).await;
    world.clock.let_computations_go();
    served.expect("they wait for nobody");
    let wrong: Vec<_> = attempts.collect().await;
    assert_eq!(wrong.len(), 2);
    for answer in &wrong {
        answer.assert_status(401);
    }
}
