//! What an authorization that its app refreshes is to everything else: consent, limits, lists,
//! ends.

use std::time::Duration;

use counterfoil_domain::app::ExpiringTokens;
use counterfoil_domain::token_life::TokenLife;
use counterfoil_testkit::{Answer, World, WorldOptions};
use http::Method;
use serde_json::json;

use super::{Scene, encoded, location};

const DAY: Duration = Duration::from_hours(24);

impl Scene<'_> {
    /// Has the user signed in, whose session may be over.
    async fn come_back(&self) {
        if self.visitor.get("/login").await.status == 200 {
            self.visitor.sign_in(&self.mona).await;
        }
    }

    async fn says(&self, path: &str, token: &str) -> Answer {
        let body = format!("token={}", encoded(token));
        let request = self.post(body.as_bytes()).to(path);
        let request = request.basic(&self.app.client_id, &self.app.client_secret);
        request.send_unchecked().await
    }

    async fn is_active(&self, token: &str) -> bool {
        let told = self.says("/login/oauth/introspect", token).await;
        told.assert_status(200).json()["active"] == true
    }
}

#[tokio::test]
async fn who_let_an_app_in_is_not_asked_again_while_it_can_refresh() {
    let world = World::for_browsers().await;
    let scene = Scene::expiring(&world).await;
    let asked = scene.asks("&scope=repo").await.text();
    assert!(
        asked.contains(
            "Each token lasts 8 hours and is renewed while <bdi>Deployer</bdi> is in use"
        ),
        "{asked}"
    );
    scene.pair("repo").await;
    world.advance(DAY * 3);
    scene.come_back().await;
    let answer = scene.asks("&scope=repo").await;
    answer.assert_status(302);
    assert!(location(&answer).contains("code="));
    world.advance(DAY * 181);
    scene.come_back().await;
    scene.asks("&scope=repo").await.assert_status(200);
}

#[tokio::test]
async fn get_or_create_gives_no_token_that_an_app_refreshes() {
    let world = World::for_browsers().await;
    let scene = Scene::expiring(&world).await;
    let pair = scene.pair("repo").await;
    let made = scene.mona.get_or_create(&scene.app, json!({})).await;
    made.assert_status(201);
    let again = scene.mona.get_or_create(&scene.app, json!({})).await;
    assert_eq!(again.assert_status(200).json()["id"], made.json()["id"]);
    assert!(scene.accepts(&pair.access).await);
    assert_eq!(scene.live().await, 2);
}

#[tokio::test]
async fn a_refresh_counts_for_no_limit() {
    let mut options = WorldOptions::for_browsers();
    options.settings.token_limits.live_per_scope_set = 2;
    options.settings.token_limits.per_hour = 2;
    let world = World::with(options).await;
    let scene = Scene::expiring(&world).await;
    let other = scene.pair("repo").await;
    let mut pair = scene.pair("repo").await;
    for _ in 0..5 {
        pair = scene.refreshed(&pair.refresh).await;
    }
    assert!(scene.accepts(&other.access).await && scene.accepts(&pair.access).await);
    // One more than the bound ends the eldest, for good.
    world.advance(Duration::from_hours(2));
    scene.pair("repo").await;
    assert!(!scene.accepts(&other.access).await);
    scene.refused(&other.refresh).await;
    scene.refreshed(&pair.refresh).await;
}

#[tokio::test]
async fn whatever_ends_an_authorization_ends_its_refresh_token() {
    let world = World::for_browsers().await;
    let scene = Scene::expiring(&world).await;
    let (authority, operator) = (&world.authority, World::operator());
    let login = &scene.mona.account.login;

    let pair = scene.pair("repo").await;
    let answer = scene.app.revoke(&world, &pair.access).await;
    answer.assert_status(204);
    scene.refused(&pair.refresh).await;

    // By its user, after the access token is over.
    let pair = scene.pair("repo").await;
    world.advance(DAY);
    let id = scene.mona.ids("/authorizations").await[0];
    let deleted = scene.mona.delete(&format!("/authorizations/{id}")).await;
    deleted.assert_status(204);
    scene.refused(&pair.refresh).await;

    scene.come_back().await;
    let pair = scene.pair("repo").await;
    let answer = scene.app.revoke_grant(&world, &pair.access).await;
    answer.assert_status(204);
    scene.refused(&pair.refresh).await;

    let pair = scene.pair("repo").await;
    let suspended = authority.suspend_account(login, &operator).await;
    suspended.expect("the user is there");
    scene.refused(&pair.refresh).await;
    let lifted = authority.unsuspend_account(login, &operator).await;
    lifted.expect("the user is there");
    scene.refused(&pair.refresh).await;
    assert!(!scene.accepts(&pair.access).await);

    scene.come_back().await;
    let pair = scene.pair("repo").await;
    let page = "/settings/connections/applications";
    let revoke = format!("{page}/{}/revoke", scene.app.client_id);
    let asked = scene.visitor.get(&revoke).await;
    let answer = scene.visitor.submit(&asked, &revoke, &[]).await;
    answer.assert_status(303);
    scene.refused(&pair.refresh).await;

    let pair = scene.pair("repo").await;
    let client_id = &scene.app.app.summary.client_id;
    let deleted = authority.delete_app(client_id, &operator).await;
    deleted.expect("the app is there");
    let answer = scene.refreshing(&pair.refresh).send_unchecked().await;
    answer.assert_status(404);
    let live = "SELECT count(*) FROM authorizations WHERE ended_at IS NULL";
    assert_eq!(world.database().look_up(live).expect("a count"), "0");
}

#[tokio::test]
async fn a_change_of_the_password_leaves_an_app_its_access() {
    let world = World::for_browsers().await;
    let scene = Scene::expiring(&world).await;
    let pair = scene.pair("repo").await;
    world.enable_two_factor(&scene.mona).await;
    scene.refreshed(&pair.refresh).await;
}

#[tokio::test]
async fn an_app_gives_its_access_back_by_either_token() {
    let world = World::for_browsers().await;
    let scene = Scene::expiring(&world).await;
    let other = world.app(&scene.hubot, "Other").await;
    for by_refresh in [true, false] {
        let pair = scene.pair("repo").await;
        let by = if by_refresh {
            &pair.refresh
        } else {
            &pair.access
        };
        let of_other = scene.post(format!("token={by}").as_bytes());
        let of_other = of_other.to("/login/oauth/revoke");
        let of_other = of_other.basic(&other.client_id, &other.client_secret);
        assert_eq!(
            of_other.send_unchecked().await.assert_status(200).text(),
            ""
        );
        assert!(scene.accepts(&pair.access).await);
        for _ in 0..2 {
            let answer = scene.says("/login/oauth/revoke", by).await;
            assert_eq!(answer.assert_status(200).text(), "");
        }
        assert!(!scene.accepts(&pair.access).await);
        scene.refused(&pair.refresh).await;
    }
    // One that was replaced is none, and its family stays.
    let first = scene.pair("repo").await;
    let second = scene.refreshed(&first.refresh).await;
    scene.says("/login/oauth/revoke", &first.refresh).await;
    assert!(scene.accepts(&second.access).await);
}

#[tokio::test]
async fn an_app_is_told_of_access_tokens_alone() {
    let world = World::for_browsers().await;
    let scene = Scene::expiring(&world).await;
    let pair = scene.pair("repo").await;
    let told = scene
        .says("/login/oauth/introspect", &pair.access)
        .await
        .json();
    let (made, expires) = (told["iat"].as_i64(), told["exp"].as_i64());
    assert_eq!(expires.zip(made).map(|(exp, iat)| exp - iat), Some(28_800));
    assert!(!scene.is_active(&pair.refresh).await);
    world.advance(Duration::from_hours(8));
    assert!(!scene.is_active(&pair.access).await);
    let next = scene.refreshed(&pair.refresh).await;
    assert!(scene.is_active(&next.access).await);
}

#[tokio::test]
async fn a_token_that_its_app_resets_expires_when_the_one_before_would_have() {
    let world = World::for_browsers().await;
    let scene = Scene::expiring(&world).await;
    let pair = scene.pair("repo").await;
    world.advance(Duration::from_hours(6));
    let answer = scene.app.reset(&world, &pair.access).await;
    let reset = answer.token();
    let expires = scene.app.check(&world, &reset).await.json()["expires_at"].clone();
    assert_eq!(answer.json()["expires_at"], expires);
    assert!(scene.accepts(&reset).await && !scene.accepts(&pair.access).await);
    world.advance(Duration::from_hours(2));
    assert!(!scene.accepts(&reset).await);
    // The refresh token is alive.
    let next = scene.refreshed(&pair.refresh).await;
    assert!(scene.accepts(&next.access).await);
}

#[tokio::test]
async fn no_token_outlives_what_the_settings_allow() {
    let mut options = WorldOptions::for_browsers();
    options.settings.token_life = TokenLife {
        default: None,
        maximum: Some(Duration::from_hours(4)),
        idle: None,
    };
    let world = World::with(options).await;
    let scene = Scene::expiring(&world).await;
    let asked = scene.asks("&scope=repo").await.text();
    assert!(asked.contains("Each token lasts 4 hours"), "{asked}");
    let pair = scene.pair("repo").await;
    world.advance(Duration::from_hours(3));
    let answer = scene.refreshing(&pair.refresh).send_unchecked().await;
    let json = answer.json();
    let left = (&json["expires_in"], &json["refresh_token_expires_in"]);
    assert_eq!(left, (&json!(14_400), &json!(14_400)));
}

#[tokio::test]
async fn what_nobody_uses_is_idle_unless_its_app_refreshes_it() {
    let mut options = WorldOptions::for_browsers();
    options.settings.token_life = TokenLife {
        default: None,
        maximum: None,
        idle: Some(DAY),
    };
    let world = World::with(options).await;
    let scene = Scene::expiring(&world).await;
    let (mut used, unused) = (scene.pair("repo").await, scene.pair("gist").await);
    for _ in 0..3 {
        world.advance(Duration::from_hours(20));
        used = scene.refreshed(&used.refresh).await;
    }
    scene.refused(&unused.refresh).await;
    assert_eq!(scene.live().await, 1);
}

#[tokio::test]
async fn the_page_of_an_app_switches_it_and_that_of_its_user_shows_it() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    let owner = world.visitor();
    owner.sign_in(&scene.hubot).await;
    let path = format!("/settings/developers/{}", scene.app.client_id);
    let page = owner.get(&path).await;
    assert!(page.text().contains("Expiring tokens"));
    assert!(!page.text().contains("checked"));
    let typed = [
        ("name", "Deployer"),
        ("website", "https://app.example.com"),
        ("callbacks", super::CALLBACK),
    ];
    let on = [&typed[..], &[("expiring_tokens", "on")]].concat();
    owner.submit(&page, &path, &on).await.assert_status(303);
    let page = owner.get(&path).await;
    assert!(page.text().contains("checked"));
    let pair = scene.pair("repo").await;
    let access = format!("/settings/connections/applications/{}", scene.app.client_id);
    world.advance(Duration::from_hours(9));
    scene.come_back().await;
    let shown = scene.visitor.get(&access).await.assert_status(200).text();
    assert!(shown.contains("renewed while in use"), "{shown}");
    let owner = world.visitor();
    owner.sign_in(&scene.hubot).await;
    let page = owner.get(&path).await;
    owner.submit(&page, &path, &typed).await.assert_status(303);
    let kept = world.store.find_app(&scene.app.app.summary.client_id).await;
    let kept = kept.expect("it can be read").expect("it is there");
    assert_eq!(kept.expiring_tokens, ExpiringTokens::Disabled);
    scene.refreshed(&pair.refresh).await;
}

#[tokio::test]
async fn what_was_replaced_is_removed_long_after_and_what_counts_stays() {
    let world = World::for_browsers().await;
    let scene = Scene::expiring(&world).await;
    let first = scene.pair("repo").await;
    let second = scene.refreshed(&first.refresh).await;
    let rows = || {
        let count = "SELECT count(*) FROM refresh_tokens";
        world.database().look_up(count).expect("a count")
    };
    world.authority.clean_up().await.expect("it can be done");
    assert_eq!(rows(), "2");
    let kept = world.authority.settings().retention.ended;
    world.advance(kept + DAY);
    while world.authority.clean_up().await.expect("it can be done")
        == counterfoil_authority::MoreToClean::Soon
    {}
    assert_eq!(rows(), "1");
    // What nobody knows any more means nothing.
    scene.refused(&first.refresh).await;
    scene.refreshed(&second.refresh).await;
}

#[tokio::test]
async fn no_other_method_refreshes() {
    let world = World::for_browsers().await;
    let scene = Scene::expiring(&world).await;
    let pair = scene.pair("repo").await;
    let target = format!(
        "/login/oauth/access_token?grant_type=refresh_token&client_id={}&client_secret={}&refresh_token={}",
        scene.app.client_id, scene.app.client_secret, pair.refresh
    );
    for method in [Method::GET, Method::HEAD, Method::PUT] {
        let request = world.anonymous().request_anywhere(method, &target);
        request.send_unchecked().await.assert_status(404);
    }
    scene.refreshed(&pair.refresh).await;
}
