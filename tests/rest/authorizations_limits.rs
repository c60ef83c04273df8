//! How many tokens there may be (wire contract, section 7).

use std::time::Duration;

use counterfoil_domain::audit::{Value, reading};
use counterfoil_domain::digest::SecretDigest;
use counterfoil_store::StoredEvent;
use counterfoil_testkit::{AppActor, UserActor, World, WorldOptions};
use serde_json::json;

/// Makes `count` tokens of an app, and tells their ids.
async fn made(user: &UserActor<'_>, app: &AppActor, count: usize, scopes: &[&str]) -> Vec<i64> {
    let mut ids = Vec::new();
    for _ in 0..count {
        ids.push(user.app_token(app, scopes).await.id());
    }
    ids
}

#[tokio::test]
async fn the_eleventh_token_of_a_scope_set_ends_the_oldest() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    let oldest = mona.app_token(&app, &["repo", "gist"]).await;
    let mut kept = made(&mona, &app, 9, &["gist", "repo"]).await;
    world
        .anonymous()
        .get_with_token(&oldest.token(), "/user")
        .await
        .assert_status(200);

    // The same set in another order and with what it includes anyway.
    let newest = mona.app_token(&app, &["gist", "public_repo", "repo"]).await;
    kept.push(newest.id());
    assert_eq!(mona.ids("/authorizations").await, kept);
    // Who looks for the one that is gone finds it beside the event of the one that took its place,
    // as the work of the same request.
    let [.., made, ended] = &world.events().await[..] else {
        panic!("there are more events")
    };
    assert_eq!(
        [&made.action, &ended.action],
        ["authorization.created", "token.ended"]
    );
    assert_eq!(made.authorization, Some(newest.id()));
    assert_eq!(ended.authorization, Some(oldest.id()));
    let read = |event: &StoredEvent| reading::read(event.format, &event.bytes).expect("form 2");
    let (made, ended) = (read(made), read(ended));
    let reason = Value::Text("max_for_app".to_owned());
    assert_eq!(ended.details, [("reason".to_owned(), reason)]);
    let digest = SecretDigest::of(&oldest.token());
    assert_eq!(ended.token, Some(digest.to_hex()));
    assert!(made.request.is_some());
    assert_eq!(ended.request, made.request);
    world
        .anonymous()
        .get_with_token(&oldest.token(), "/user")
        .await
        .assert_status(401);
    world
        .anonymous()
        .get_with_token(&newest.token(), "/user")
        .await
        .assert_status(200);
}

#[tokio::test]
async fn the_ten_are_counted_for_each_user_app_and_scope_set() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let hubot = world.user("hubot").await;
    let app = world.app(&mona, "Deployer").await;
    let other = world.app(&mona, "Other").await;
    made(&mona, &app, 10, &["repo"]).await;
    made(&mona, &app, 10, &[]).await;
    made(&mona, &app, 10, &["public_repo"]).await;
    made(&mona, &other, 10, &["repo"]).await;
    made(&hubot, &app, 10, &["repo"]).await;
    assert_eq!(mona.ids("/authorizations?per_page=100").await.len(), 40);
    assert_eq!(hubot.ids("/authorizations?per_page=100").await.len(), 10);
}

#[tokio::test]
async fn fingerprints_do_not_make_room_for_more_than_ten() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    for number in 0..12 {
        let body = app.with_pair(json!({ "fingerprint": format!("host {number}") }));
        mona.post("/authorizations", body).await.assert_status(201);
    }
    assert_eq!(mona.ids("/authorizations").await.len(), 10);
    let first = mona
        .get_or_create(&app, json!({ "fingerprint": "host 0" }))
        .await;
    first.assert_status(201);
    let last = mona
        .get_or_create(&app, json!({ "fingerprint": "host 11" }))
        .await;
    last.assert_status(200);
}

#[tokio::test]
async fn personal_tokens_are_not_counted_by_scope_set() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    for number in 0..12 {
        mona.personal_token(&format!("number {number}"), &["repo"])
            .await;
    }
    assert_eq!(mona.ids("/authorizations").await.len(), 12);
}

#[tokio::test]
async fn a_user_has_a_bounded_number_of_live_tokens() {
    let mut options = WorldOptions::default();
    options.settings.token_limits.live_per_user = 2;
    let world = World::with(options).await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    let first = mona.personal_token("one", &[]).await;
    mona.app_token(&app, &[]).await;
    for body in [json!({ "note": "three" }), app.with_pair(json!({}))] {
        let refused = mona.post("/authorizations", body).await;
        let error = &refused.assert_status(422).json()["errors"][0];
        assert_eq!(
            (&error["resource"], &error["code"]),
            (&json!("OauthAccess"), &json!("custom"))
        );
    }
    mona.get_or_create(&app, json!({})).await.assert_status(200);
    mona.get_or_create(&app, json!({ "fingerprint": "x" }))
        .await
        .assert_status(422);

    mona.delete(&format!("/authorizations/{}", first.id()))
        .await
        .assert_status(204);
    mona.personal_token("three", &[]).await;
}

#[tokio::test]
async fn a_refused_token_leaves_the_others_alone() {
    let mut options = WorldOptions::default();
    options.settings.token_limits.live_per_user = 10;
    let world = World::with(options).await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    let ids = made(&mona, &app, 10, &["repo"]).await;
    // One more of the same set would take the oldest one's place; one of another set has no place
    // to take.
    let body = app.with_pair(json!({ "scopes": ["gist"] }));
    mona.post("/authorizations", body).await.assert_status(422);
    assert_eq!(mona.ids("/authorizations").await, ids);
    let body = app.with_pair(json!({ "scopes": ["repo"] }));
    mona.post("/authorizations", body).await.assert_status(201);
    assert_eq!(mona.ids("/authorizations").await[..9], ids[1..]);
}

#[tokio::test]
async fn the_bound_on_tokens_an_hour_is_off_unless_it_is_set() {
    let mut options = WorldOptions::default();
    options.settings.token_limits.per_hour = 2;
    let world = World::with(options).await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    let ids = made(&mona, &app, 2, &["repo"]).await;
    let body = app.with_pair(json!({ "scopes": ["repo"] }));
    let refused = mona.post("/authorizations", body.clone()).await;
    assert_eq!(
        refused.assert_status(422).json()["errors"][0]["code"],
        "custom"
    );
    // The bound refuses and revokes nothing; deleting makes no room within the hour.
    assert_eq!(mona.ids("/authorizations").await, ids);
    mona.delete(&format!("/authorizations/{}", ids[0]))
        .await
        .assert_status(204);
    mona.post("/authorizations", body.clone())
        .await
        .assert_status(422);
    mona.app_token(&app, &["gist"]).await;

    world.advance(Duration::from_hours(1));
    mona.post("/authorizations", body).await.assert_status(201);
}
