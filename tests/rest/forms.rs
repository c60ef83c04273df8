//! The forms of a body: compact or in lines, plain or compressed, with or without itself (wire
//! contract, sections 1 and 9).

use counterfoil_testkit::{Answer, UserActor, World};
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
    assert_eq!(zipped.header("vary"), plain.header("vary"));
    assert!(
        !zipped.has("content-length"),
        "the length is not known beforehand"
    );
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
