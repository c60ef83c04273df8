//! A row of the error tables each: status, headers and body (wire contract, sections 3, 4, 5, 10,
//! 11, 14 and 15). Errors of bodies have a file of their own.

use counterfoil_testkit::{GivenToken, World};
use http::Method;
use serde_json::json;

#[tokio::test]
async fn a_request_without_credentials_is_refused() {
    let world = World::new().await;
    assert_answer!(world.anonymous().get("/authorizations").await);
}

#[tokio::test]
async fn a_wrong_password_is_refused() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    assert_answer!(mona.with_password("wrong").get("/authorizations").await);
}

#[tokio::test]
async fn a_malformed_header_is_refused() {
    let world = World::new().await;
    let request = world
        .anonymous()
        .request(Method::GET, "/authorizations")
        .header("authorization", "Basic !");
    assert_answer!(request.send().await);
}

#[tokio::test]
async fn an_unknown_token_is_refused() {
    let world = World::new().await;
    let token = "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";
    assert_answer!(world.anonymous().get_with_token(token, "/user").await);
}

#[tokio::test]
async fn a_token_where_a_password_is_asked_for_is_refused() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let issued = world
        .issue_token(
            &mona,
            GivenToken {
                scopes: &["repo"],
                ..GivenToken::default()
            },
        )
        .await;
    assert_answer!(
        world
            .anonymous()
            .get_with_token(issued.token.expose(), "/authorizations")
            .await
    );
}

#[tokio::test]
async fn a_missing_code_is_asked_for() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    world.enable_two_factor(&mona).await;
    assert_answer!(
        mona.post("/authorizations", json!({ "note": "laptop" }))
            .await
    );
}

#[tokio::test]
async fn a_wrong_code_is_asked_for_again() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let codes = world.enable_two_factor(&mona).await;
    let attempt = mona.with_otp(&codes.wrong_code(&world));
    assert_answer!(
        attempt
            .post("/authorizations", json!({ "note": "laptop" }))
            .await
    );
}

#[tokio::test]
async fn a_wrong_password_of_a_user_with_two_factors_is_refused() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    world.enable_two_factor(&mona).await;
    assert_answer!(mona.with_password("wrong").get("/authorizations").await);
}

#[tokio::test]
async fn a_suspended_user_is_told_so() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    world
        .authority
        .suspend_account(&mona.account.login, &World::operator())
        .await
        .unwrap();
    assert_answer!(mona.get("/authorizations").await);
}

#[tokio::test]
async fn too_many_failures_lead_to_a_lock() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    for _ in 0..10 {
        mona.with_password("wrong")
            .get("/authorizations")
            .await
            .assert_status(401);
    }
    assert_answer!(mona.get("/authorizations").await);
}

#[tokio::test]
async fn an_unknown_path_is_not_found() {
    let world = World::new().await;
    assert_answer!(world.anonymous().get("/nowhere").await);
}

#[tokio::test]
async fn a_path_outside_the_api_is_not_found() {
    let world = World::new().await;
    assert_answer!(
        world
            .anonymous()
            .request_anywhere(Method::GET, "/nowhere")
            .send()
            .await
    );
}

#[tokio::test]
async fn a_method_without_an_operation_is_not_found() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    assert_answer!(mona.request(Method::PATCH, "/authorizations").send().await);
}

#[tokio::test]
async fn an_authorization_of_somebody_else_is_not_found() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let hubot = world.user("hubot").await;
    let id = hubot.personal_token("laptop", &[]).await.id();
    assert_answer!(mona.get(&format!("/authorizations/{id}")).await);
}

#[tokio::test]
async fn deleting_an_authorization_that_is_gone_finds_nothing() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    assert_answer!(mona.delete("/authorizations/1").await);
}

#[tokio::test]
async fn changing_an_authorization_that_is_gone_finds_nothing() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    assert_answer!(mona.patch("/authorizations/1", json!({})).await);
}

#[tokio::test]
async fn a_grant_that_is_gone_is_not_found() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    assert_answer!(mona.get("/applications/grants/1").await);
}

#[tokio::test]
async fn deleting_a_grant_that_is_gone_finds_nothing() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    assert_answer!(mona.delete("/applications/grants/1").await);
}

#[tokio::test]
async fn a_version_that_does_not_exist_is_refused() {
    let world = World::new().await;
    let request = world
        .anonymous()
        .request(Method::GET, "/user")
        .header("x-github-api-version", "v3");
    assert_answer!(request.send().await);
}

#[tokio::test]
async fn a_media_type_that_is_not_json_is_refused() {
    let world = World::new().await;
    let request = world
        .anonymous()
        .request(Method::GET, "/user")
        .header("accept", "text/html");
    assert_answer!(request.send().await);
}

#[tokio::test]
async fn a_database_that_is_closed_is_unavailable() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    world.store.close().await;
    assert_answer!(mona.get("/authorizations").await);
}
