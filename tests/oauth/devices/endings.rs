//! What ends that a device was let in before it has polled for its token.

use counterfoil_authority::RevokeTokens;
use counterfoil_domain::password::Password;
use counterfoil_testkit::World;

use super::super::{Scene, token_in};
use super::Device;

async fn let_in(scene: &Scene<'_>) -> Device {
    let device = scene.device("gist").await;
    scene.answers(&device, "allow").await.assert_status(303);
    device
}

#[tokio::test]
async fn what_was_given_to_a_device_ends_with_what_it_leans_on() {
    let world = World::for_browsers().await;
    let scene = Scene::for_devices(&world).await;
    let (login, operator) = (&scene.mona.account.login, World::operator());

    let device = let_in(&scene).await;
    let token = token_in(&scene.poll(&device).await);
    let device = let_in(&scene).await;
    let revoked = scene.app.revoke_grant(&world, &token).await;
    revoked.assert_status(204);
    assert_eq!(scene.next_poll(&device).await, "expired_token");

    let device = let_in(&scene).await;
    let suspended = world.authority.suspend_account(login, &operator).await;
    suspended.expect("the user is there");
    assert_eq!(scene.next_poll(&device).await, "expired_token");
    let unsuspended = world.authority.unsuspend_account(login, &operator).await;
    unsuspended.expect("the user is there");
    assert_eq!(scene.next_poll(&device).await, "expired_token");

    scene.visitor.sign_in(&scene.mona).await;
    let device = let_in(&scene).await;
    let password = Password::typed(&scene.mona.password);
    let set = world
        .authority
        .set_password(login, password, RevokeTokens::Keep, &operator);
    set.await.expect("a good password");
    assert_eq!(scene.next_poll(&device).await, "expired_token");

    scene.visitor.sign_in(&scene.mona).await;
    let device = let_in(&scene).await;
    let client_id = &scene.app.app.summary.client_id;
    let deleted = world.authority.delete_app(client_id, &operator).await;
    deleted.expect("the app is there");
    assert_eq!(scene.next_poll(&device).await, "Not Found");
    assert_eq!(scene.live().await, 0);
}

#[tokio::test]
async fn an_app_whose_owner_is_suspended_lets_no_device_wait() {
    let world = World::for_browsers().await;
    let scene = Scene::for_devices(&world).await;
    let device = let_in(&scene).await;
    let (login, operator) = (&scene.hubot.account.login, World::operator());
    let suspended = world.authority.suspend_account(login, &operator).await;
    suspended.expect("the user is there");
    let client = ("client_id", scene.app.client_id.as_str());
    let asked = scene.device_request(&[client]).send_unchecked().await;
    assert_eq!(super::error_in(&asked), "incorrect_client_credentials");
    assert_eq!(scene.next_poll(&device).await, "device_flow_disabled");
}

#[tokio::test]
async fn a_suspended_app_lets_no_device_wait() {
    let world = World::for_browsers().await;
    let scene = Scene::for_devices(&world).await;
    let (device, typed) = (let_in(&scene).await, scene.device("gist").await);
    assert!(scene.suspend_app().await);
    let client = ("client_id", scene.app.client_id.as_str());
    let asked = scene.device_request(&[client]).send_unchecked().await;
    assert_eq!(super::error_in(&asked), "incorrect_client_credentials");
    assert_eq!(scene.next_poll(&device).await, "device_flow_disabled");
    // Nobody is asked about one that waits already.
    let page = scene.types(&typed.user_code).await;
    assert!(!page.text().contains("Deployer"), "{}", page.text());
}

#[tokio::test]
async fn a_token_of_a_device_is_one_of_ten_and_gives_no_consent_on_pages() {
    let world = World::for_browsers().await;
    let scene = Scene::for_devices(&world).await;
    let mut tokens = Vec::new();
    for _ in 0..11 {
        let device = let_in(&scene).await;
        tokens.push(token_in(&scene.poll(&device).await));
    }
    assert_eq!(scene.live().await, 10);
    assert!(!scene.accepts(&tokens[0]).await);
    assert!(scene.accepts(&tokens[10]).await);
    // The web flow asks, though a device has as much.
    scene.asks("&scope=gist").await.assert_status(200);
}

#[tokio::test]
async fn what_was_given_to_a_device_ends_when_its_app_goes_to_another_owner() {
    let world = World::for_browsers().await;
    let scene = Scene::for_devices(&world).await;
    let device = let_in(&scene).await;
    let (login, operator) = (&scene.mona.account.login, World::operator());
    let client_id = &scene.app.app.summary.client_id;
    let given = world
        .authority
        .transfer_app(client_id, login, &operator)
        .await;
    assert_eq!(given.expect("both are there").owner, scene.mona.account.id);
    assert_eq!(scene.next_poll(&device).await, "expired_token");
}
