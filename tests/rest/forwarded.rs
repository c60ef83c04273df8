//! Forwarded headers that lie: nothing that a stranger writes about itself is believed, and of a
//! trusted proxy's list only what the proxy itself has seen.

use counterfoil_testkit::{Answer, GivenToken, World, WorldOptions};
use http::Method;
use serde_json::json;

/// What a client may claim, in every way that some server believes.
const LIES: [(&str, &str); 13] = [
    ("x-forwarded-for", "203.0.113.9"),
    ("x-forwarded-host", "evil.example"),
    ("x-forwarded-proto", "ftp"),
    ("x-forwarded-port", "1"),
    ("x-forwarded-prefix", "/evil"),
    ("forwarded", "for=203.0.113.9;host=evil.example;proto=ftp"),
    ("x-real-ip", "203.0.113.9"),
    ("x-original-uri", "/?access_token=evil"),
    ("x-original-method", "DELETE"),
    ("x-http-method-override", "DELETE"),
    ("x-auth-login", "root"),
    ("x-auth-scopes", "site_admin"),
    ("x-github-request-id", "evil"),
];

async fn ask(world: &World, target: &str, token: &str, headers: &[(&str, &str)]) -> Answer {
    let request = world
        .anonymous()
        .request_anywhere(Method::GET, target)
        .header("authorization", &format!("Bearer {token}"));
    let request = headers.iter().fold(request, |request, (name, value)| {
        request.header(name, value)
    });
    request.send_unchecked().await
}

/// From where a token was last used, as it is written down.
async fn last_address(world: &World) -> String {
    let flushed = world.authority.flush_last_used().await;
    flushed.expect("the database can be written to");
    let question =
        "SELECT last_used_address FROM authorizations WHERE last_used_address IS NOT NULL";
    let found = world.database().look_up(question);
    found.expect("a token was used")
}

async fn behind(proxies: &[&str]) -> World {
    let mut options = WorldOptions {
        trusted_proxies: proxies.iter().map(|&proxy| proxy.to_owned()).collect(),
        ..WorldOptions::default()
    };
    options.settings.checks.look_ups.unknown_per_second = 5;
    World::with(options).await
}

#[tokio::test]
async fn answers_are_the_same_whatever_a_stranger_claims() {
    let world = behind(&[]).await;
    let mona = world.user("mona").await;
    let token = mona
        .personal_token("laptop", &["repo", "user"])
        .await
        .token();
    for target in [
        "/api/v3/",
        "/api/v3/user",
        "/api/v3/users/mona",
        "/api/v3/user/orgs?per_page=1",
        "/api/v3/nowhere",
        "/gateway/verify",
        "/gateway/verify?scopes=site_admin",
    ] {
        let plain = ask(&world, target, &token, &[]).await.snapshot();
        let lying = ask(&world, target, &token, &LIES).await.snapshot();
        assert_eq!(lying, plain, "{target}");
        assert!(!lying.contains("evil"), "{lying}");
    }
    assert_eq!(last_address(&world).await, "192.0.2.1");
    let mut request = mona.request(Method::POST, "/authorizations");
    for (name, value) in LIES {
        request = request.header(name, value);
    }
    let made = request.json(&json!({ "note": "desk" })).send().await;
    let location = made.assert_status(201).header("location");
    let id = made.id();
    assert_eq!(
        location,
        format!("http://counterfoil.test/api/v3/authorizations/{id}")
    );
}

#[tokio::test]
async fn of_a_trusted_proxys_list_only_what_it_saw_itself_counts() {
    let world = behind(&["192.0.2.0/24"]).await;
    let mona = world.user("mona").await;
    let token = world.issue_token(&mona, GivenToken::default()).await.token;
    for (claimed, address) in [
        ("203.0.113.9, 198.51.100.7", "198.51.100.7"),
        ("203.0.113.9, 198.51.100.8, 192.0.2.5", "198.51.100.8"),
        ("198.51.100.9, nonsense", "192.0.2.1"),
        ("nonsense, 198.51.100.9:4711", "198.51.100.9"),
        ("203.0.113.9, [2001:db8::7]", "2001:db8::7"),
        ("", "192.0.2.1"),
    ] {
        world.next_second();
        let headers = [("x-forwarded-for", claimed)];
        let answer = ask(&world, "/gateway/verify", token.expose(), &headers).await;
        answer.assert_status(200);
        assert_eq!(last_address(&world).await, address, "{claimed}");
    }
}

/// The bound on unknown tokens is each client's own: nobody evades it by lies, and nobody is made
/// to pay for others.
#[tokio::test]
async fn a_flood_is_counted_for_the_address_that_the_proxy_saw() {
    let world = behind(&["192.0.2.1"]).await;
    let mona = world.user("mona").await;
    let token = world.issue_token(&mona, GivenToken::default()).await.token;
    let unknown = "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";
    let mut statuses = Vec::new();
    for number in 0..10 {
        let claimed = format!("203.0.113.{number}, 198.51.100.7");
        let headers = [("x-forwarded-for", claimed.as_str())];
        let answer = ask(&world, "/gateway/verify", unknown, &headers).await;
        statuses.push(answer.status.as_u16());
    }
    assert_eq!(statuses[..5], [401; 5]);
    assert_eq!(statuses[5..], [503; 5]);
    for claimed in ["198.51.100.7, 203.0.113.1", "203.0.113.2"] {
        let headers = [("x-forwarded-for", claimed)];
        let answer = ask(&world, "/gateway/verify", token.expose(), &headers).await;
        answer.assert_status(200);
    }
}
