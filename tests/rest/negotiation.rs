//! Versions of the API, media types, and what browsers ask first (wire contract, sections 11 and
//! 12).

use counterfoil_testkit::{Answer, UserActor, World};
use http::Method;

/// Asks for `path` with one header beside the credentials.
async fn ask(user: &UserActor<'_>, path: &str, name: &str, value: &str) -> Answer {
    user.request(Method::GET, path)
        .header(name, value)
        .send()
        .await
}

#[tokio::test]
async fn browsers_may_ask_before_they_ask() {
    let world = World::new().await;
    let request = world
        .anonymous()
        .request(Method::OPTIONS, "/authorizations")
        .header("origin", "https://page.example");
    let request = request.header("access-control-request-method", "POST");
    let preflight = request
        .header(
            "access-control-request-headers",
            "authorization, x-github-otp",
        )
        .send()
        .await;
    assert_answer!(preflight);
    assert!(preflight.assert_status(204).body.is_empty());
}

#[tokio::test]
async fn a_preflight_needs_no_credentials_version_or_media_type() {
    let world = World::new().await;
    for path in ["/user", "/authorizations/1", "/nowhere", ""] {
        let request = world
            .anonymous()
            .request(Method::OPTIONS, path)
            .header("origin", "null");
        let request = request
            .header("x-github-api-version", "v3")
            .header("accept", "text/html");
        request.send().await.assert_status(204);
    }
    let without_origin = world
        .anonymous()
        .request(Method::OPTIONS, "/authorizations")
        .send()
        .await;
    without_origin.assert_status(401);
}

#[tokio::test]
async fn pages_of_other_origins_may_read_the_api_and_nothing_else() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    for path in ["/user", "/nowhere"] {
        assert_eq!(
            mona.get(path).await.header("access-control-allow-origin"),
            "*"
        );
    }
    for target in [
        "/healthz",
        "/nowhere",
        "/",
        "/api",
        "/api/v3x",
        "/api/v30/user",
        "/api/v3.json",
    ] {
        let answer = world
            .anonymous()
            .request_anywhere(Method::GET, target)
            .header("origin", "https://page.example");
        let answer = answer.send().await;
        for name in [
            "access-control-allow-origin",
            "access-control-expose-headers",
            "x-github-enterprise-version",
        ] {
            assert!(!answer.has(name), "{target} {name}");
        }
        assert!(
            answer.has("x-github-request-id") && answer.has("x-frame-options"),
            "{target}"
        );
    }
}

#[tokio::test]
async fn the_version_of_the_api_may_be_named() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    for version in ["2022-11-28", "", " 2022-11-28 "] {
        let answer = ask(&mona, "/user", "x-github-api-version", version).await;
        assert_eq!(
            answer
                .assert_status(200)
                .header("x-github-api-version-selected"),
            "2022-11-28"
        );
    }
    for version in [
        "v3",
        "2026-03-10",
        "2022-11-28, 2022-11-28",
        "\u{e9}",
        &"x".repeat(50_000),
    ] {
        let refused = ask(&mona, "/user", "x-github-api-version", version).await;
        assert_eq!(refused.assert_status(400).message(), "Bad Request");
        assert!(refused.body.len() < 1_000);
        // The version is looked at before the credentials.
        let request = world
            .anonymous()
            .request(Method::GET, "/user")
            .header("x-github-api-version", version);
        request.send().await.assert_status(400);
    }
}

#[tokio::test]
async fn media_types_that_mean_json_are_welcome() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    for (accept, media_type) in [
        ("application/vnd.github+json", "github.v3; format=json"),
        ("application/vnd.github.v3+json", "github.v3; format=json"),
        ("application/json", "github.v3; format=json"),
        ("*/*", "github.v3; format=json"),
        ("", "github.v3; format=json"),
        ("text/html, */*;q=0.1", "github.v3; format=json"),
        (
            "application/vnd.github.v3.full+json",
            "github.v3; param=full; format=json",
        ),
        (
            "application/vnd.github.doctor-strange-preview+json",
            "github.v3; param=doctor-strange-preview; format=json",
        ),
        (
            "application/vnd.github.damage-preview",
            "github.v3; param=damage-preview; format=json",
        ),
        // As it stands in GitHub's pages, where VERSION stands for one.
        (
            "application/vnd.github.VERSION.raw",
            "github.v3; param=raw; format=json",
        ),
    ] {
        let answer = ask(&mona, "/user", "accept", accept).await;
        assert_eq!(
            answer.assert_status(200).header("x-github-media-type"),
            media_type,
            "{accept}"
        );
        assert_eq!(
            answer.header("content-type"),
            "application/json; charset=utf-8"
        );
    }
    for accept in [
        "text/html",
        "application/xml",
        "image/png, text/plain",
        "application/json;q=0",
        &"x".repeat(50_000),
    ] {
        let refused = ask(&mona, "/user", "accept", accept).await;
        let message = refused.assert_status(415).message();
        assert!(
            message.starts_with("Unsupported 'Accept' header: '") && message.len() < 300,
            "{message}"
        );
        assert_eq!(
            refused.header("content-type"),
            "application/json; charset=utf-8"
        );
    }
}
