//! The root of the API, and what it says about itself (wire contract, sections 10 and 20).

use counterfoil_testkit::{GivenToken, World};
use http::Method;

#[tokio::test]
async fn the_root_lists_where_things_are() {
    let world = World::new().await;
    assert_answer!(world.anonymous().get("/").await);
}

#[tokio::test]
async fn the_root_may_do_without_its_slash() {
    let world = World::new().await;
    let anonymous = world.anonymous();
    let (with, without) = (anonymous.get("/").await, anonymous.get("").await);
    assert_eq!(
        with.assert_status(200).body,
        without.assert_status(200).body
    );
}

#[tokio::test]
async fn the_root_says_what_a_token_may() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let given = GivenToken {
        scopes: &["repo", "read:org", "gist"],
        ..GivenToken::default()
    };
    let token = world.issue_token(&mona, given).await.token;
    let anonymous = world.anonymous();
    let answer = anonymous.get_with_token(token.expose(), "/").await;
    assert_eq!(
        answer.assert_status(200).header("x-oauth-scopes"),
        "gist, read:org, repo"
    );
    assert!(answer.header("x-accepted-oauth-scopes").is_empty());
    assert!(!anonymous.get("/").await.has("x-oauth-scopes"));
    let by_password = mona.get("/").await;
    assert!(!by_password.assert_status(200).has("x-oauth-scopes"));
}

#[tokio::test]
async fn what_comes_with_a_public_request_must_be_right() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let unknown = "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";
    for path in ["/", "/meta", "/versions", "/rate_limit", "/users/mona"] {
        let anonymous = world.anonymous();
        let answer = anonymous.get_with_token(unknown, path).await;
        assert_eq!(answer.assert_status(401).message(), "Bad credentials");
        let answer = anonymous.get_with_token("nonsense", path).await;
        assert_eq!(answer.assert_status(401).message(), "Bad credentials");
    }
    let wrong = mona.with_password("wrong").get("/meta").await;
    assert_eq!(wrong.assert_status(401).message(), "Bad credentials");
}

#[tokio::test]
async fn clients_are_told_that_passwords_are_taken() {
    let world = World::new().await;
    let meta = world.anonymous().get("/meta").await;
    assert_eq!(
        meta.assert_status(200).text(),
        r#"{"verifiable_password_authentication":true,"installed_version":"3.19.0"}"#
    );
}

#[tokio::test]
async fn the_versions_of_the_api_are_listed() {
    let world = World::new().await;
    let versions = world.anonymous().get("/versions").await;
    assert_eq!(versions.assert_status(200).text(), r#"["2022-11-28"]"#);
}

#[tokio::test]
async fn without_limits_there_is_nothing_to_say_about_them() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    for answer in [
        world.anonymous().get("/rate_limit").await,
        mona.get("/rate_limit").await,
    ] {
        assert_eq!(
            answer.assert_status(404).text(),
            r#"{"message":"Rate limiting is not enabled.","documentation_url":"https://docs.github.com/enterprise-server@3.19/rest/rate-limit/rate-limit#get-rate-limit-status-for-the-authenticated-user","status":"404"}"#
        );
        assert!(!answer.has("x-ratelimit-limit"));
    }
}

#[tokio::test]
async fn head_answers_as_get_does_without_the_body() {
    let world = World::new().await;
    for path in ["/", "/meta", "/versions"] {
        let got = world.anonymous().get(path).await;
        let head = world.anonymous().request(Method::HEAD, path).send().await;
        assert!(head.assert_status(200).body.is_empty());
        assert_eq!(head.header("etag"), got.header("etag"), "{path}");
    }
}
