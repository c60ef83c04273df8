//! Headers of answers (wire contract, section 2).

use counterfoil_server::Origins;
use counterfoil_testkit::{World, WorldOptions};
use counterfoil_wire::base::ApiBase;
use http::Method;

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
        origins: Origins::public(ApiBase::parse("https://tokens.example.com").unwrap()),
        ..WorldOptions::default()
    };
    let world = World::with(options).await;
    let mona = world.user("mona").await;
    mona.personal_token("laptop", &[]).await;
    mona.personal_token("desk", &[]).await;
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
