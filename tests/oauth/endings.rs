//! What ends a code before it is exchanged.

use counterfoil_testkit::World;
use std::time::Duration;

use counterfoil_authority::RevokeTokens;
use counterfoil_domain::password::Password;

use super::Scene;

#[tokio::test]
async fn a_code_is_good_for_ten_minutes() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    let code = scene.code("").await;
    world.advance(Duration::from_secs(599));
    scene.token(&code, &[]).await;
    let code = scene.code("&prompt=select_account").await;
    world.advance(Duration::from_mins(10));
    assert_eq!(scene.error(&code, &[]).await, "bad_verification_code");
    for unknown in ["", "x", "0123456789abcdef0123", &"a".repeat(10_000)] {
        assert_eq!(scene.error(unknown, &[]).await, "bad_verification_code");
    }
}

#[tokio::test]
async fn a_code_ends_with_what_it_leans_on() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    let code = scene.code("").await;
    let token = scene.token(&code, &[]).await;
    let login = &scene.mona.account.login;
    let operator = World::operator();
    let more = "&prompt=select_account";

    let code = scene.code(more).await;
    scene
        .app
        .revoke_grant(&world, &token)
        .await
        .assert_status(204);
    assert_eq!(scene.error(&code, &[]).await, "bad_verification_code");

    let code = scene.code(more).await;
    world
        .authority
        .suspend_account(login, &operator)
        .await
        .expect("the user is there");
    assert_eq!(scene.error(&code, &[]).await, "bad_verification_code");
    world
        .authority
        .unsuspend_account(login, &operator)
        .await
        .expect("the user is there");
    assert_eq!(scene.error(&code, &[]).await, "bad_verification_code");

    scene.visitor.sign_in(&scene.mona).await;
    let code = scene.code(more).await;
    world.enable_two_factor(&scene.mona).await;
    assert_eq!(scene.error(&code, &[]).await, "bad_verification_code");

    world
        .authority
        .disable_two_factor(login, &operator)
        .await
        .expect("it is on");
    scene.visitor.sign_in(&scene.mona).await;
    let code = scene.code(more).await;
    let password = Password::typed(&scene.mona.password);
    let set = world
        .authority
        .set_password(login, password, RevokeTokens::Keep, &operator);
    set.await.expect("a good password");
    assert_eq!(scene.error(&code, &[]).await, "bad_verification_code");

    scene.visitor.sign_in(&scene.mona).await;
    let code = scene.code(more).await;
    let client_id = &scene.app.app.summary.client_id;
    world
        .authority
        .delete_app(client_id, &operator)
        .await
        .expect("the app is there");
    assert_eq!(scene.error(&code, &[]).await, "Not Found");
    assert_eq!(scene.live().await, 0);
}

#[tokio::test]
async fn an_eleventh_code_ends_the_eldest() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    let mut codes = Vec::new();
    for _ in 0..11 {
        codes.push(scene.code("&prompt=select_account").await);
        world.advance(Duration::from_secs(1));
    }
    assert_eq!(scene.error(&codes[0], &[]).await, "bad_verification_code");
    for code in &codes[1..3] {
        scene.token(code, &[]).await;
    }
    // Somebody else's stay.
    assert_eq!(scene.live().await, 2);
}

#[tokio::test]
async fn what_is_left_of_flows_goes_after_a_day() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    scene.code("").await;
    let rows = |table: &str| {
        let count = format!("SELECT count(*) FROM {table}");
        world.database().look_up(&count).expect("a count")
    };
    let both = || ["app_requests", "authorization_codes"].map(rows);
    world.advance(Duration::from_hours(23));
    world.authority.clean_up().await.expect("it can be done");
    assert_eq!(both(), ["1", "1"]);
    world.advance(Duration::from_hours(2));
    world.authority.clean_up().await.expect("it can be done");
    assert_eq!(both(), ["0", "0"]);
}
