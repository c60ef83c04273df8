//! Scopes for administrators: no device gets them, unless the settings say that it may.

use std::time::Duration;

use counterfoil_authority::Clock;
use counterfoil_domain::app::ExpiringTokens;
use counterfoil_testkit::{Answer, GivenToken, World, WorldOptions};

use super::super::refresh::pair_in;
use super::{CONFIRM, Device, Scene, error_in, token_in};

/// What the page says where another time such scopes could be given.
const NOT_PROVED: &str = "Not given, since only a site administrator gives it";
/// What it says where they never are.
const NEVER: &str = "Not given, since no device gets what only site administrators may do";
const ASKED: &str = "site_admin gist";

/// Where devices may get them.
async fn world_that_gives_them() -> World {
    let mut options = WorldOptions::for_browsers();
    options.settings.device_administrator_scopes = true;
    World::with(options).await
}

impl<'w> Scene<'w> {
    /// A scene whose user is a site administrator who has just signed in.
    async fn of_an_administrator(world: &'w World) -> Self {
        let mut scene = Self::for_devices(world).await;
        scene.mona = world.administrator("root").await;
        scene.visitor = world.visitor();
        scene.visitor.sign_in(&scene.mona).await;
        scene
    }

    /// The answer to a poll that brings the app's secret.
    async fn poll_with_secret(&self, device: &Device) -> Answer {
        let secret = [("client_secret", self.app.client_secret.as_str())];
        self.poll_with(device, &secret).await
    }

    /// The scopes that a device gets whose poll brings the app's secret.
    async fn given_to(&self, device: &Device) -> String {
        scopes_in(&self.poll_with_secret(device).await)
    }
}

fn scopes_in(answer: &Answer) -> String {
    token_in(answer);
    answer.json()["scope"].as_str().expect("a text").to_owned()
}

#[tokio::test]
async fn an_administrator_gives_a_device_such_scopes_where_the_settings_say_so() {
    let world = world_that_gives_them().await;
    let scene = Scene::of_an_administrator(&world).await;
    let device = scene.device(ASKED).await;
    let page = scene.types(&device.user_code).await;
    let text = page.assert_status(200).text();
    assert!(text.contains("site_admin") && !text.contains("Not given"));
    let allow = [("answer", "allow")];
    let answer = scene.visitor.submit(&page, CONFIRM, &allow).await;
    answer.assert_status(303);
    assert_eq!(scene.given_to(&device).await, "site_admin,gist");
}

#[tokio::test]
async fn no_device_gets_such_scopes_while_a_node_of_an_older_version_would_give_them_to_anybody() {
    let world = world_that_gives_them().await;
    let scene = Scene::of_an_administrator(&world).await;
    let device = scene.device(ASKED).await;
    let now = world.clock.now().microseconds();
    world.database().run(&format!(
        "INSERT INTO nodes (id, level, seen_at) VALUES ('older', 1, {now})"
    ));
    let answer = scene.answers(&device, "allow").await;
    let text = answer.assert_status(503).text();
    assert!(text.contains("This server is being updated"), "{text}");
    world.advance(Duration::from_secs(61));
    scene.answers(&device, "allow").await.assert_status(303);
    assert_eq!(scene.given_to(&device).await, "site_admin,gist");
}

#[tokio::test]
async fn no_device_gets_such_scopes_unless_the_settings_say_so() {
    let world = World::for_browsers().await;
    let scene = Scene::of_an_administrator(&world).await;
    let device = scene.device(ASKED).await;
    let text = scene.types(&device.user_code).await.text();
    assert!(text.contains(NEVER), "{text}");
    scene.answers(&device, "allow").await.assert_status(303);
    assert_eq!(scene.given_to(&device).await, "gist");
}

#[tokio::test]
async fn who_is_no_administrator_gives_a_device_no_such_scopes() {
    let world = world_that_gives_them().await;
    let scene = Scene::for_devices(&world).await;
    let device = scene.device(ASKED).await;
    let text = scene.types(&device.user_code).await.text();
    assert!(text.contains(NOT_PROVED), "{text}");
    scene.answers(&device, "allow").await.assert_status(303);
    assert_eq!(scene.given_to(&device).await, "gist");
}

#[tokio::test]
async fn a_device_whose_poll_does_not_prove_its_app_gets_no_such_scopes() {
    let world = world_that_gives_them().await;
    let scene = Scene::of_an_administrator(&world).await;
    let [named, published] = [scene.device(ASKED).await, scene.device(ASKED).await];
    for device in [&named, &published] {
        scene.answers(device, "allow").await.assert_status(303);
    }
    assert_eq!(scopes_in(&scene.poll(&named).await), "gist");
    scene.publish().await;
    assert_eq!(scene.given_to(&published).await, "gist");
    // Nobody is shown them any more.
    let device = scene.device(ASKED).await;
    let text = scene.types(&device.user_code).await.text();
    assert!(text.contains(NOT_PROVED), "{text}");
}

#[tokio::test]
async fn what_a_device_would_get_is_shown_anew_where_it_is_not_what_was_shown() {
    let world = world_that_gives_them().await;
    let scene = Scene::of_an_administrator(&world).await;
    let (allow, device) = ([("answer", "allow")], scene.device(ASKED).await);
    let page = scene.types(&device.user_code).await;
    // A form that showed no such scope is no answer to a question that shows some.
    let less = [("answer", "allow"), ("for_administrators", "")];
    let anew = scene.visitor.submit(&page, CONFIRM, &less).await;
    assert!(!anew.assert_status(200).text().contains(NOT_PROVED));
    assert_eq!(
        error_in(&scene.poll_with_secret(&device).await),
        "authorization_pending"
    );
    // The proof grew old while the page was read.
    world.advance(Duration::from_mins(5));
    let anew = scene.visitor.submit(&anew, CONFIRM, &allow).await;
    let text = anew.assert_status(200).text();
    assert!(text.contains(NOT_PROVED), "{text}");
    let pending = scene.poll_with_secret(&device).await;
    assert_eq!(error_in(&pending), "authorization_pending");
    let answer = scene.visitor.submit(&anew, CONFIRM, &allow).await;
    answer.assert_status(303);
    world.advance(super::INTERVAL);
    assert_eq!(scene.given_to(&device).await, "gist");
    // No field widens it.
    let device = scene.device(ASKED).await;
    let page = scene.types(&device.user_code).await;
    let more = [("answer", "allow"), ("for_administrators", "site_admin")];
    let anew = scene.visitor.submit(&page, CONFIRM, &more).await;
    assert!(anew.assert_status(200).text().contains(NOT_PROVED));
}

#[tokio::test]
async fn what_an_administrator_gave_a_device_is_lost_with_the_rights() {
    let world = world_that_gives_them().await;
    let scene = Scene::of_an_administrator(&world).await;
    let boss = world.administrator("boss").await;
    let given = GivenToken {
        scopes: &["site_admin"],
        ..GivenToken::default()
    };
    let boss = world.issue_token(&boss, given).await;
    let boss = world.anonymous().with_token(boss.token.expose());
    let [demoted, promoted] = [scene.device(ASKED).await, scene.device(ASKED).await];
    for device in [&demoted, &promoted] {
        scene.answers(device, "allow").await.assert_status(303);
    }
    let path = "/users/root/site_admin";
    boss.delete(path).await.assert_status(204);
    let answer = scene.poll_with_secret(&demoted).await;
    assert_eq!(error_in(&answer), "expired_token");
    // Rights that come back wake nothing.
    boss.put(path).await.assert_status(204);
    let answer = scene.poll_with_secret(&promoted).await;
    assert_eq!(error_in(&answer), "expired_token");
}

#[tokio::test]
async fn such_scopes_of_a_device_are_refreshed_by_the_app_s_secret_alone() {
    let world = world_that_gives_them().await;
    let scene = Scene::of_an_administrator(&world).await;
    scene.let_expire(ExpiringTokens::Enabled).await;
    let [device, ordinary] = [scene.device(ASKED).await, scene.device("gist").await];
    for device in [&device, &ordinary] {
        scene.answers(device, "allow").await.assert_status(303);
    }
    let pair = pair_in(&scene.poll_with_secret(&device).await);
    let without = scene.refreshed_without_secret(&pair.refresh).await;
    assert_eq!(error_in(&without), "bad_refresh_token");
    scene.refreshed(&pair.refresh).await;
    let pair = pair_in(&scene.poll(&ordinary).await);
    pair_in(&scene.refreshed_without_secret(&pair.refresh).await);
}
