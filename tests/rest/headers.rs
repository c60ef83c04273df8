//! Headers and forms of answers (wire contract, sections 1, 2, 9, 11 and 12).

use counterfoil_testkit::{Answer, UserActor, World, WorldOptions};
use http::Method;
use serde_json::json;

/// Asks for `path` with one header beside the credentials.
async fn ask(user: &UserActor<'_>, path: &str, name: &str, value: &str) -> Answer {
    user.request(Method::GET, path)
        .header(name, value)
        .send()
        .await
}

/// Makes so many tokens that a list is worth compressing.
async fn fill(user: &UserActor<'_>) {
    for number in 0..5 {
        user.personal_token(&format!("number {number}"), &["repo"])
            .await;
    }
}

#[tokio::test]
async fn libraries_get_compact_json_and_curl_gets_lines() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let id = mona
        .personal_token("lap\"top: [x], {y}", &["gist", "repo"])
        .await
        .id();
    let path = format!("/authorizations/{id}");
    let compact = mona.get(&path).await.text();
    assert!(
        !compact.contains('\n') && !compact.contains("\": "),
        "{compact}"
    );
    let pretty = ask(&mona, &path, "user-agent", "curl/8.5.0").await;
    let expected = serde_json::to_string_pretty(&pretty.json()).unwrap() + "\n";
    assert_eq!(pretty.text(), expected);
    assert_eq!(
        pretty.header("content-length"),
        pretty.body.len().to_string()
    );
    for agent in ["Mozilla/5.0", "curl", "Curl/8.5.0", "wget/1.21 curl/8", ""] {
        assert_eq!(
            ask(&mona, &path, "user-agent", agent).await.text(),
            compact,
            "{agent}"
        );
    }
}

#[tokio::test]
async fn errors_and_empty_lists_are_pretty_for_curl_too() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let empty = ask(&mona, "/authorizations", "user-agent", "curl/7.88.1").await;
    assert_eq!(empty.text(), "[]\n");
    let missing = ask(&mona, "/authorizations/1", "user-agent", "curl/7.88.1").await;
    assert!(
        missing
            .assert_status(404)
            .text()
            .starts_with("{\n  \"message\": \"Not Found\",\n"),
        "{}",
        missing.text()
    );
    assert!(missing.text().ends_with("\"status\": \"404\"\n}\n"));
}

#[tokio::test]
async fn nothing_is_asked_of_the_user_agent() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let bytes = mona
        .request(Method::GET, "/user")
        .header_bytes("user-agent", b"\xff\xfe")
        .header_bytes("user-agent", b"x");
    bytes.send().await.assert_status(200);
}

#[tokio::test]
async fn large_answers_are_compressed_and_their_tag_is_weak() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    fill(&mona).await;
    let plain = mona.get("/authorizations").await;
    let strong = plain.header("etag");
    assert!(strong.starts_with('"') && !plain.has("content-encoding"));
    let zipped = ask(&mona, "/authorizations", "accept-encoding", "gzip").await;
    assert_eq!(zipped.header("content-encoding"), "gzip");
    assert_eq!(zipped.header("etag"), format!("W/{strong}"));
    assert!(zipped.body.starts_with(&[0x1f, 0x8b]) && zipped.body.len() < plain.body.len());

    // A client that has the compressed form sends its weak tag and gets the strong one back.
    for tag in [zipped.header("etag"), strong.clone()] {
        let request = mona
            .request(Method::GET, "/authorizations")
            .header("accept-encoding", "gzip");
        let same = request.header("if-none-match", &tag).send().await;
        assert_eq!(same.assert_status(304).header("etag"), strong);
        assert!(!same.has("content-encoding"));
    }
}

#[tokio::test]
async fn what_holds_a_token_is_never_compressed() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    let note = "a note so long that it would be worth it ".repeat(6);
    let request = mona
        .request(Method::POST, "/authorizations")
        .header("accept-encoding", "gzip");
    let created = request
        .json(&json!({ "note": note, "note_url": note }))
        .send()
        .await;
    let request = mona
        .request(Method::PUT, &app.path())
        .header("accept-encoding", "gzip");
    let got = request
        .json(&app.with_secret(json!({ "note": note, "note_url": note })))
        .send()
        .await;
    for answer in [created, got] {
        assert!(answer.assert_status(201).body.len() > 900 && !answer.has("content-encoding"));
        assert_eq!(answer.header("cache-control"), "no-store");
        assert!(answer.header("etag").starts_with('"'));
    }
}

#[tokio::test]
async fn small_answers_and_other_codings_are_left_alone() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let small = ask(&mona, "/authorizations", "accept-encoding", "gzip").await;
    assert!(!small.has("content-encoding"));
    fill(&mona).await;
    for coding in [
        "identity", "br", "zstd", "deflate", "gzip;q=0", "", "nonsense",
    ] {
        let answer = ask(&mona, "/authorizations", "accept-encoding", coding).await;
        assert!(!answer.has("content-encoding"), "{coding}");
    }
}

#[tokio::test]
async fn head_is_answered_like_get_on_every_resource() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    let id = mona.app_token(&app, &["repo"]).await.id();
    let grant = mona.ids("/applications/grants").await[0];
    fill(&mona).await;
    for path in [
        "/authorizations".to_owned(),
        "/authorizations?per_page=2&page=2".to_owned(),
        format!("/authorizations/{id}"),
        "/applications/grants".to_owned(),
        format!("/applications/grants/{grant}"),
        "/user".to_owned(),
        "/authorizations/999".to_owned(),
    ] {
        let got = mona.get(&path).await;
        let head = mona.request(Method::HEAD, &path).send().await;
        assert_eq!(head.status, got.status, "{path}");
        assert!(head.body.is_empty(), "{path}");
        for (name, value) in &got.headers {
            if name != "x-github-request-id" {
                assert_eq!(head.headers.get(name), Some(value), "{path} {name}");
            }
        }
    }
}

#[tokio::test]
async fn every_answer_has_an_id_of_its_own() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let mut ids = std::collections::HashSet::new();
    for _ in 0..50 {
        let answer = mona.get("/user").await;
        let id = answer.header("x-github-request-id");
        assert_eq!(id.len(), 36);
        assert!(
            id.bytes()
                .all(|byte| byte == b'-' || byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)),
            "{id}"
        );
        assert!(ids.insert(id));
    }
}

#[tokio::test]
async fn transport_security_is_promised_over_tls_only() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    for path in ["/user", "/nowhere"] {
        let plain = mona.get(path).await;
        assert!(!plain.has("strict-transport-security"));
        let secure = mona.request(Method::GET, path).over_tls().send().await;
        assert_eq!(
            secure.header("strict-transport-security"),
            "max-age=31536000; includeSubdomains"
        );
        // The word of a stranger about the connection counts for nothing.
        let claimed = mona
            .request(Method::GET, path)
            .header("x-forwarded-proto", "https")
            .send()
            .await;
        assert!(!claimed.has("strict-transport-security"));
    }
}

#[tokio::test]
async fn urls_come_from_the_public_url_and_never_from_the_host() {
    let options = WorldOptions {
        public_url: "https://tokens.example.com".to_owned(),
        ..WorldOptions::default()
    };
    let world = World::with(options).await;
    let mona = world.user("mona").await;
    fill(&mona).await;
    let request = mona
        .request(Method::GET, "/authorizations?per_page=1")
        .header("host", "evil.example");
    let list = request
        .header("x-forwarded-host", "evil.example")
        .send()
        .await;
    assert!(
        list.header("link")
            .starts_with("<https://tokens.example.com/api/v3/authorizations?per_page=1&page=2>")
    );
    assert!(!list.text().contains("evil.example") && !list.header("link").contains("evil.example"));
}

#[tokio::test]
async fn rate_limits_are_off_and_silent() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    for answer in [
        mona.get("/user").await,
        world.anonymous().get("/user").await,
        mona.get("/nowhere").await,
    ] {
        assert!(
            answer
                .headers
                .keys()
                .all(|name| !name.as_str().starts_with("x-ratelimit"))
        );
    }
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
            message.starts_with("Unsupported 'Accept' header: ") && message.len() < 300,
            "{message}"
        );
        assert_eq!(
            refused.header("content-type"),
            "application/json; charset=utf-8"
        );
    }
}

#[tokio::test]
async fn health_is_told_in_a_word() {
    let world = World::new().await;
    for target in ["/healthz", "/readyz"] {
        let answer = world
            .anonymous()
            .request_anywhere(Method::GET, target)
            .send()
            .await;
        assert_eq!(
            answer.assert_status(200).header("cache-control"),
            "no-store"
        );
        world.anonymous().get_ops(target).await.assert_status(200);
    }
    world
        .anonymous()
        .request_anywhere(Method::GET, "/metrics")
        .send()
        .await
        .assert_status(404);
    let metrics = world.anonymous().get_ops("/metrics").await;
    assert!(
        metrics
            .assert_status(200)
            .text()
            .contains("counterfoil_requests_total")
    );
}
