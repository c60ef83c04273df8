//! Apps that an operator marked as resource servers: they are told of every live token.

use std::time::Duration;

use counterfoil_domain::app::{AppChange, SeenTokens};
use counterfoil_domain::audit::{Value, reading};
use counterfoil_domain::token::PlainToken;
use counterfoil_testkit::{GivenToken, RepeatableEntropy, World, WorldOptions};
use serde_json::json;

use super::Scene;
use super::standard::{INACTIVE, INTROSPECT, REVOKE};

impl Scene<'_> {
    /// Which tokens the app is told of from then on, as an operator says.
    async fn see(&self, seen: SeenTokens) {
        self.change_app(AppChange {
            seen_tokens: Some(seen),
            ..AppChange::default()
        })
        .await;
    }

    async fn is_told_of(&self, token: &str) -> bool {
        self.introspected(token).await.text() != INACTIVE
    }
}

#[tokio::test]
async fn a_resource_server_is_told_of_every_live_token_until_the_mark_is_taken_away() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    let other = world.app(&scene.hubot, "Other").await;
    let own = scene.mona.app_token(&scene.app, &["gist"]).await.token();
    let of_other = scene.mona.app_token(&other, &["repo"]).await.token();
    let personal = scene.mona.personal_token("laptop", &["user"]).await.token();
    let path = format!("/admin/users/{}/authorizations", scene.hubot.account.login);
    let root = world.administrator("root").await;
    let given = GivenToken {
        scopes: &["site_admin"],
        ..GivenToken::default()
    };
    let root = world.issue_token(&root, given).await;
    let root = world.anonymous().with_token(root.token.expose());
    let made = root.post(&path, json!({ "scopes": ["repo"] })).await;
    let by_administrator = made.assert_status(201).token();
    let foreign = [&of_other, &personal, &by_administrator];
    for token in foreign {
        assert!(!scene.is_told_of(token).await);
    }

    scene.see(SeenTokens::All).await;
    for (token, client_id, login, scope) in [
        (&own, Some(&scene.app.client_id), "mona", "gist"),
        (&of_other, Some(&other.client_id), "mona", "repo"),
        (&personal, None, "mona", "user"),
        (&by_administrator, None, "hubot", "repo"),
    ] {
        let told = scene.introspected(token).await.json();
        assert_eq!(told["active"], true, "{told}");
        assert_eq!(
            told.get("client_id"),
            client_id.map(|id| json!(id)).as_ref()
        );
        assert_eq!(told["username"], login, "{told}");
        assert_eq!(told["scope"], scope, "{told}");
        assert_eq!(told["iss"], "https://counterfoil.test/login/oauth");
    }
    // An app that is suspended begins nothing more, and what it was given lives on.
    let client_id = &other.app.summary.client_id;
    let operator = World::operator();
    let suspended = world.authority.suspend_app(client_id, &operator);
    assert!(suspended.await.expect("the app is there"));
    assert!(scene.accepts(&of_other).await && scene.is_told_of(&of_other).await);

    // Told at once, though all of them are remembered by now.
    scene.see(SeenTokens::Own).await;
    for token in foreign {
        assert!(!scene.is_told_of(token).await);
    }
    assert!(scene.is_told_of(&own).await);
}

#[tokio::test]
async fn a_mark_is_of_one_app_and_of_introspection_alone() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    let other = world.app(&scene.hubot, "Other").await;
    let own = scene.mona.app_token(&scene.app, &["gist"]).await.token();
    let of_other = scene.mona.app_token(&other, &["repo"]).await.token();
    let personal = scene.mona.personal_token("laptop", &["user"]).await.token();
    scene.see(SeenTokens::All).await;
    for token in [&of_other, &personal] {
        assert!(scene.is_told_of(token).await);
        scene.app.check(&world, token).await.assert_status(404);
        scene.app.reset(&world, token).await.assert_status(404);
        scene.app.revoke(&world, token).await.assert_status(404);
        let revoked = scene.asks_about(REVOKE, token).send_unchecked().await;
        revoked.assert_status(200);
        assert!(scene.accepts(token).await);
    }
    for token in [&own, &personal] {
        let body = format!("token={token}");
        let asked = scene.post(body.as_bytes()).to(INTROSPECT);
        let asked = asked.basic(&other.client_id, &other.client_secret);
        assert_eq!(asked.send_unchecked().await.text(), INACTIVE);
    }
    let revoked = scene.asks_about(REVOKE, &own).send_unchecked().await;
    revoked.assert_status(200);
    assert!(!scene.accepts(&own).await);
}

#[tokio::test]
async fn what_is_no_live_token_is_the_same_to_a_resource_server_byte_for_byte() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    scene.see(SeenTokens::All).await;
    let other = world.app(&scene.hubot, "Other").await;
    let ended = scene.mona.app_token(&other, &["user"]).await.token();
    other.revoke(&world, &ended).await.assert_status(204);
    let short = GivenToken {
        lifetime: Some(Duration::from_mins(1)),
        ..GivenToken::default()
    };
    let expired = world.issue_token(&scene.mona, short).await;
    let expired = expired.token.expose().to_owned();
    assert!(scene.is_told_of(&expired).await);
    world.advance(Duration::from_mins(1));
    let of_suspended = scene.mona.personal_token("laptop", &["repo"]).await.token();
    assert!(scene.is_told_of(&of_suspended).await);
    let login = &scene.mona.account.login;
    let operator = World::operator();
    let suspended = world.authority.suspend_account(login, &operator);
    suspended.await.expect("the user is there");
    let unknown = "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";
    for nothing in [
        ended.as_str(),
        &expired,
        &of_suspended,
        unknown,
        &scene.app.client_secret,
        "x",
        "\u{1f600}",
    ] {
        let answer = scene.introspected(nothing).await;
        assert_eq!(answer.text(), INACTIVE, "{nothing}");
        let type_of = answer.header("content-type");
        assert_eq!(type_of, "application/json; charset=utf-8");
    }
}

#[tokio::test]
async fn a_resource_server_proves_who_it_is_by_a_secret_of_its_own() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    scene.see(SeenTokens::All).await;
    let personal = scene.mona.personal_token("laptop", &["repo"]).await.token();
    let refused = async || {
        let answer = scene.asks_about(INTROSPECT, &personal);
        let answer = answer.send_unchecked().await;
        answer.assert_status(401).json()["error"] == "invalid_client"
    };
    assert!(scene.is_told_of(&personal).await);
    assert!(scene.suspend_app().await);
    assert!(refused().await);
    assert!(scene.unsuspend_app().await);
    assert!(scene.is_told_of(&personal).await);
    scene.publish().await;
    assert!(refused().await);
}

#[tokio::test]
async fn an_app_that_goes_to_another_owner_is_no_resource_server_any_more() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    let acme = world.organization("acme").await;
    let own = scene.mona.app_token(&scene.app, &["gist"]).await.token();
    let personal = scene.mona.personal_token("laptop", &["repo"]).await.token();
    scene.see(SeenTokens::All).await;
    assert!(scene.is_told_of(&personal).await);
    scene.transfer(&acme.login).await;
    assert!(!scene.is_told_of(&personal).await);
    assert!(scene.is_told_of(&own).await);
    // What became of the mark is told, and only where there was one.
    scene.transfer(&scene.hubot.account.login).await;
    let events = world.events().await;
    let given = events
        .iter()
        .filter(|event| event.action == "app.transferred");
    let marks: Vec<_> = given
        .map(|event| {
            let read = reading::read(event.format, &event.bytes).expect("form 2");
            let mut details = read.details.into_iter();
            details.find(|(name, _)| name == "resource_server")
        })
        .collect();
    let taken_away = ("resource_server".to_owned(), Value::Flag(false));
    assert_eq!(marks, [Some(taken_away), None]);
}

#[tokio::test]
async fn an_owner_neither_marks_an_app_nor_takes_the_mark_away() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    let personal = scene.mona.personal_token("laptop", &["repo"]).await.token();
    let owner = world.visitor();
    owner.sign_in(&scene.hubot).await;
    let path = format!("/settings/developers/{}", scene.app.client_id);
    let edit = async |field: &[(&str, &str)]| {
        let typed = [
            ("name", "Renamed"),
            ("website", "https://app.example.com"),
            ("callbacks", super::CALLBACK),
        ];
        let page = owner.get(&path).await;
        let typed = [&typed[..], field].concat();
        owner.submit(&page, &path, &typed).await
    };
    edit(&[("resource_server", "on"), ("seen_tokens", "all")]).await;
    assert!(!scene.is_told_of(&personal).await);
    scene.see(SeenTokens::All).await;
    edit(&[]).await.assert_status(303);
    assert!(scene.is_told_of(&personal).await);
}

#[tokio::test]
async fn a_resource_server_that_asks_about_what_there_is_not_is_bounded_and_others_go_on() {
    let mut options = WorldOptions::for_browsers();
    options.settings.checks.look_ups.unknown_per_second = 5;
    let world = World::with(options).await;
    let scene = Scene::new(&world).await;
    scene.see(SeenTokens::All).await;
    let personal = scene.mona.personal_token("laptop", &["repo"]).await.token();
    assert!(scene.is_told_of(&personal).await);
    let entropy = RepeatableEntropy::new(88);
    let prefix = &world.authority.settings().token_formats.personal;
    let unknown = || PlainToken::generate(prefix, &entropy);
    let ask = async |address: &str, token: &str| {
        let asked = scene.asks_about(INTROSPECT, token).from_address(address);
        asked.send_unchecked().await
    };
    let mut statuses = Vec::new();
    for _ in 0..10 {
        let answer = ask("198.51.100.7", unknown().expose()).await;
        statuses.push(answer.status.as_u16());
    }
    assert_eq!(statuses[..5], [200; 5], "{statuses:?}");
    assert_eq!(statuses[5..], [503; 5], "{statuses:?}");
    // What is remembered is told there all the same, and what is not to who asks elsewhere.
    let known = ask("198.51.100.7", &personal).await;
    assert_eq!(known.assert_status(200).json()["active"], true);
    let elsewhere = ask("203.0.113.9", unknown().expose()).await;
    assert_eq!(elsewhere.assert_status(200).text(), INACTIVE);
}
