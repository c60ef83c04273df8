//! A row of the error tables each, for what may be wrong with a body (wire contract, sections 5 and
//! 15).

use counterfoil_testkit::{Answer, AppActor, UserActor, World, WorldOptions};
use http::Method;
use serde_json::json;

/// Creates an authorization from this body.
async fn create(user: &UserActor<'_>, body: &str) -> Answer {
    user.request(Method::POST, "/authorizations")
        .bytes(body.as_bytes())
        .send()
        .await
}

async fn user_and_app(world: &World) -> (UserActor<'_>, AppActor) {
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    (mona, app)
}

#[tokio::test]
async fn a_body_that_is_not_json_is_refused() {
    let world = World::new().await;
    assert_answer!(create(&world.user("mona").await, "note=laptop").await);
}

#[tokio::test]
async fn a_body_that_is_not_an_object_is_refused() {
    let world = World::new().await;
    assert_answer!(create(&world.user("mona").await, "[]").await);
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused() {
    let world = World::with(WorldOptions {
        body_bytes: 10,
        ..WorldOptions::default()
    })
    .await;
    assert_answer!(create(&world.user("mona").await, r#"{"note":"laptop"}"#).await);
}

#[tokio::test]
async fn a_missing_note_is_refused() {
    let world = World::new().await;
    assert_answer!(create(&world.user("mona").await, "{}").await);
}

#[tokio::test]
async fn a_note_that_is_taken_is_refused() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    mona.personal_token("laptop", &[]).await;
    assert_answer!(create(&mona, r#"{"note":"laptop"}"#).await);
}

#[tokio::test]
async fn a_note_that_is_too_long_is_refused() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    assert_answer!(
        mona.post("/authorizations", json!({ "note": "x".repeat(256) }))
            .await
    );
}

#[tokio::test]
async fn a_note_with_control_characters_is_refused() {
    let world = World::new().await;
    assert_answer!(create(&world.user("mona").await, r#"{"note":"lap\u0000top"}"#).await);
}

#[tokio::test]
async fn a_scope_that_does_not_exist_is_refused() {
    let world = World::new().await;
    assert_answer!(
        create(
            &world.user("mona").await,
            r#"{"note":"laptop","scopes":["user,repo,gist"]}"#
        )
        .await
    );
}

#[tokio::test]
async fn several_fields_that_break_rules_are_all_named() {
    let world = World::new().await;
    assert_answer!(
        create(
            &world.user("mona").await,
            r#"{"note_url":"\u0000","scopes":["nope"]}"#
        )
        .await
    );
}

#[tokio::test]
async fn a_fingerprint_that_is_taken_is_refused() {
    let world = World::new().await;
    let (mona, app) = user_and_app(&world).await;
    mona.get_or_create(&app, json!({ "fingerprint": "desk" }))
        .await
        .assert_status(201);
    assert_answer!(
        mona.post(
            "/authorizations",
            app.with_pair(json!({ "fingerprint": "desk" }))
        )
        .await
    );
}

#[tokio::test]
async fn a_client_secret_that_is_wrong_is_refused() {
    let world = World::new().await;
    let (mona, app) = user_and_app(&world).await;
    let body = json!({ "client_id": app.client_id, "client_secret": "0".repeat(40) });
    assert_answer!(mona.post("/authorizations", body).await);
}

#[tokio::test]
async fn a_client_secret_that_is_wrong_in_get_or_create_is_refused() {
    let world = World::new().await;
    let (mona, app) = user_and_app(&world).await;
    assert_answer!(
        mona.put(&app.path(), json!({ "client_secret": "0".repeat(40) }))
            .await
    );
}

#[tokio::test]
async fn a_client_that_does_not_exist_is_refused() {
    let world = World::new().await;
    let (mona, app) = user_and_app(&world).await;
    assert_answer!(
        mona.put(
            "/authorizations/clients/ffffffffffffffffffff",
            app.with_secret(json!({}))
        )
        .await
    );
}

#[tokio::test]
async fn a_key_that_is_not_permitted_is_refused() {
    let world = World::new().await;
    let (mona, app) = user_and_app(&world).await;
    assert_answer!(mona.put(&app.path(), app.with_pair(json!({}))).await);
}

#[tokio::test]
async fn a_key_that_is_not_permitted_beside_a_fingerprint_is_refused() {
    let world = World::new().await;
    let (mona, app) = user_and_app(&world).await;
    let path = format!("{}/desk", app.path());
    assert_answer!(
        mona.put(
            &path,
            app.with_secret(json!({ "fingerprint": "desk", "client_id": "x" }))
        )
        .await
    );
}

#[tokio::test]
async fn a_client_secret_that_is_missing_is_refused() {
    let world = World::new().await;
    let (mona, app) = user_and_app(&world).await;
    assert_answer!(mona.put(&app.path(), json!({})).await);
}

#[tokio::test]
async fn no_body_where_one_is_needed_is_refused() {
    let world = World::new().await;
    let (mona, app) = user_and_app(&world).await;
    assert_answer!(mona.request(Method::PUT, &app.path()).send().await);
}

#[tokio::test]
async fn scopes_that_are_no_list_are_refused() {
    let world = World::new().await;
    assert_answer!(
        create(
            &world.user("mona").await,
            r#"{"note":"laptop","scopes":"repo"}"#
        )
        .await
    );
}

#[tokio::test]
async fn a_note_that_is_no_text_is_refused() {
    let world = World::new().await;
    let (mona, app) = user_and_app(&world).await;
    assert_answer!(mona.get_or_create(&app, json!({ "note": null })).await);
}

#[tokio::test]
async fn scopes_beside_scopes_to_add_are_refused() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let id = mona.personal_token("laptop", &[]).await.id();
    let body = json!({ "scopes": ["repo"], "add_scopes": ["gist"], "remove_scopes": ["user"] });
    assert_answer!(mona.patch(&format!("/authorizations/{id}"), body).await);
}

#[tokio::test]
async fn a_note_taken_away_from_a_personal_token_is_refused() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let id = mona.personal_token("laptop", &[]).await.id();
    assert_answer!(
        mona.patch(&format!("/authorizations/{id}"), json!({ "note": "" }))
            .await
    );
}

#[tokio::test]
async fn a_user_whose_address_nobody_has_verified_is_refused() {
    let world = World::new().await;
    let mona = world.unverified_user("mona").await;
    assert_answer!(
        mona.post("/authorizations", json!({ "note": "laptop" }))
            .await
    );
}

#[tokio::test]
async fn one_token_too_many_is_refused() {
    let mut options = WorldOptions::default();
    options.settings.token_limits.live_per_user = 1;
    let world = World::with(options).await;
    let mona = world.user("mona").await;
    mona.personal_token("laptop", &[]).await;
    assert_answer!(create(&mona, r#"{"note":"desk"}"#).await);
}

#[tokio::test]
async fn one_token_too_many_an_hour_is_refused() {
    let mut options = WorldOptions::default();
    options.settings.token_limits.per_hour = 1;
    let world = World::with(options).await;
    let (mona, app) = user_and_app(&world).await;
    mona.app_token(&app, &[]).await;
    assert_answer!(mona.post("/authorizations", app.with_pair(json!({}))).await);
}
