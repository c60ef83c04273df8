//! When a user is asked again, and when not.

use counterfoil_testkit::World;
use std::time::Duration;

use serde_json::json;

use super::{AUTHORIZE, CALLBACK, Scene, location, parameter};

impl Scene<'_> {
    /// Lets the app in with a token of these scopes.
    async fn let_in(&self, scopes: &str) -> String {
        let code = self.code(&format!("&scope={scopes}")).await;
        self.token(&code, &[]).await
    }

    /// Whether the user is asked for it, or the app gets a code at once.
    async fn is_asked(&self, more: &str) -> bool {
        let answer = self.asks(more).await;
        match answer.status.as_u16() {
            200 => true,
            302 => {
                assert!(location(&answer).contains("code="));
                false
            }
            other => panic!("{other}: {}", answer.text()),
        }
    }
}

#[tokio::test]
async fn who_allowed_as_much_before_is_not_asked_again() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    let code = scene.code("&scope=repo,user:email").await;
    // A code is no token yet.
    assert!(scene.is_asked("&scope=repo").await);
    scene.token(&code, &[]).await;
    for more in [
        "&scope=repo",
        "&scope=user:email+public_repo",
        "",
        "&scope=",
    ] {
        assert!(!scene.is_asked(more).await, "{more}");
    }
    for more in [
        "&scope=gist",
        "&scope=user",
        "&scope=repo&prompt=select_account",
        "&scope=repo&login=hubot",
    ] {
        assert!(scene.is_asked(more).await, "{more}");
    }
    assert!(!scene.is_asked("&scope=repo&login=Mona").await);
    // No scopes by name are those that were allowed.
    let answer = scene.asks("").await;
    let code = parameter(&location(&answer), "code").expect("a code");
    let answer = scene.exchange(&code, &[]).send_unchecked().await;
    assert_eq!(answer.json()["scope"], "repo,user:email");
    let actions = world.audit_actions().await;
    let silent = actions.iter().filter(|action| *action == "consent.reused");
    assert_eq!(silent.count(), 6);
}

#[tokio::test]
async fn an_app_that_asks_for_more_says_what_is_new() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    scene.let_in("repo").await;
    let text = scene
        .asks("&scope=repo,gist")
        .await
        .assert_status(200)
        .text();
    let (new, already) = text.split_once("Already allowed").expect("both lists");
    assert!(
        new.contains("<bdi>Deployer</bdi> asks for more access"),
        "{text}"
    );
    assert!(
        new.contains("<code class=\"chip\">gist</code>") && !new.contains("chip\">repo<"),
        "{text}"
    );
    assert!(
        already.contains("<code class=\"chip\">repo</code>"),
        "{text}"
    );
    assert!(
        already.contains("If you cancel, what it has now stays."),
        "{text}"
    );
    assert!(text.contains("1 person here uses it."), "{text}");
}

#[tokio::test]
async fn nothing_but_a_page_and_a_live_token_stand_for_consent() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    // A token by password.
    scene.mona.app_token(&scene.app, &["gist"]).await;
    assert!(scene.is_asked("&scope=gist").await);
    assert!(scene.is_asked("").await);
    let token = scene.let_in("repo").await;
    // Scopes that were added afterwards.
    let ids = scene.mona.ids("/authorizations").await;
    let path = format!("/authorizations/{}", ids[1]);
    let more = json!({ "add_scopes": ["user"] });
    scene.mona.patch(&path, more).await.assert_status(200);
    assert!(scene.is_asked("&scope=user").await);
    assert!(!scene.is_asked("&scope=repo").await);
    // The grant is gone.
    scene
        .app
        .revoke_grant(&world, &token)
        .await
        .assert_status(204);
    assert!(scene.is_asked("&scope=repo").await);
}

#[tokio::test]
async fn a_callback_that_is_newer_than_the_consent_is_asked_about() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    scene.let_in("repo").await;
    world.advance(Duration::from_mins(1));
    scene
        .change_callbacks(&[CALLBACK, "https://evil.example/"])
        .await;
    assert!(scene.is_asked("&scope=repo").await);
    scene.let_in("repo").await;
    assert!(!scene.is_asked("&scope=repo").await);
}

#[tokio::test]
async fn an_app_that_asks_unusually_often_shows_its_page() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    scene.let_in("repo").await;
    for _ in 0..9 {
        let answer = scene.asks("&scope=repo").await;
        let code = parameter(&location(&answer), "code").expect("a code");
        scene.token(&code, &[]).await;
    }
    let text = scene.asks("&scope=repo").await.assert_status(200).text();
    let often = "<bdi>Deployer</bdi> asks unusually often. Allow it only if you are using it now.";
    assert!(text.contains(often), "{text}");
    assert_eq!(scene.live().await, 10);
    // Another set of scopes is counted for itself, and an hour later nothing is.
    assert!(!scene.is_asked("&scope=public_repo").await);
    world.advance(Duration::from_hours(1));
    assert!(!scene.is_asked("&scope=repo").await);
}

#[tokio::test]
async fn scopes_for_administrators_are_given_by_one_who_proved_it_lately() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    let admin = world.administrator("admin").await;
    let boss = world.visitor();
    boss.sign_in(&admin).await;
    let address = scene.address("&scope=site_admin,gist");
    let withheld = "Not given, since only a site administrator gives it";
    // Who is none.
    let text = scene
        .asks("&scope=site_admin,gist")
        .await
        .assert_status(200)
        .text();
    assert!(
        text.contains(withheld) && text.contains("<code>site_admin</code>"),
        "{text}"
    );
    let code = scene.code("&scope=site_admin,gist").await;
    let answer = scene.exchange(&code, &[]).send_unchecked().await;
    assert_eq!(answer.json()["scope"], "gist");
    // Who is one.
    let page = boss.get(&address).await;
    assert!(!page.assert_status(200).text().contains(withheld));
    let back = boss.submit(&page, AUTHORIZE, &[("answer", "allow")]).await;
    let code = parameter(&location(&back), "code").expect("a code");
    let answer = scene.exchange(&code, &[]).send_unchecked().await;
    assert_eq!(answer.json()["scope"], "site_admin,gist");
    // Never without a page.
    let page = boss.get(&address).await;
    page.assert_status(200);
    // Who proved it too long ago, before the page or while it was read.
    world.advance(Duration::from_mins(5));
    let anew = boss.submit(&page, AUTHORIZE, &[("answer", "allow")]).await;
    let page = boss.follow(&anew).await;
    assert!(page.assert_status(200).text().contains(withheld));
}
