//! Which origin URLs begin with where there is no public URL: the name of loopback that the client
//! asked for (some clients refuse URLs of another host).

use counterfoil_server::{Origins, Scheme};
use counterfoil_testkit::{Answer, GivenToken, RequestBuilder, World, WorldOptions};
use http::Method;
use serde_json::{Value, json};

const HOSTS: [&str; 3] = ["localhost:8080", "127.0.0.1:8080", "[::1]:8080"];

async fn on_loopback() -> World {
    World::with(WorldOptions {
        origins: Origins::loopback(Scheme::Http, 8080),
        ..WorldOptions::default()
    })
    .await
}

/// Everything in an answer that has the form of an origin of loopback.
fn origins_in(answer: &Answer) -> Vec<String> {
    let mut text = answer.text();
    for header in ["link", "location"] {
        if answer.has(header) {
            text.push_str(&answer.header(header));
        }
    }
    let starts = text.match_indices("http://").map(|(at, _)| at);
    let origin = |at: usize| {
        let rest = &text[at + "http://".len()..];
        let end = rest.find(['/', '"', '>', '?']).unwrap_or(rest.len());
        rest[..end].to_owned()
    };
    // The app of these tests has a URL of its own.
    let all = starts.map(origin);
    all.filter(|origin| origin.contains("8080")).collect()
}

/// Sends one request to each name, again and again, so that each finds what another one left in
/// memory.
async fn assert_urls_follow_the_host<'w>(what: &str, request: impl Fn() -> RequestBuilder<'w>) {
    for round in 0..3 {
        for host in HOSTS {
            let answer = request().header("host", host).send().await;
            let status = answer.status.as_u16();
            assert!(status < 300, "{what}: {status} {}", answer.text());
            let origins = origins_in(&answer);
            assert!(!origins.is_empty(), "{what} has no URLs: {}", answer.text());
            assert!(
                origins.iter().all(|origin| origin == host),
                "{what} to {host}, round {round}: {origins:?}"
            );
        }
    }
}

#[tokio::test]
async fn urls_have_the_name_of_loopback_that_was_asked_for_on_a_warm_cache() {
    let world = on_loopback().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Board").await;
    let token = mona.app_token(&app, &["repo"]).await.token();
    let id = mona.personal_token("laptop", &["user"]).await.json()["id"].clone();
    let one = format!("/authorizations/{id}");
    for path in [
        "/",
        "/authorizations?per_page=1",
        &one,
        "/applications/grants",
        "/user",
    ] {
        assert_urls_follow_the_host(path, || mona.request(Method::GET, path)).await;
    }
    assert_urls_follow_the_host("an app's check", || {
        app.request(&world, Method::POST, "/token")
            .json(&json!({"access_token": token}))
    })
    .await;
    let viewer = json!({"query": "{viewer{login url avatarUrl}}"});
    assert_urls_follow_the_host("GraphQL", || {
        world
            .anonymous()
            .request_anywhere(Method::POST, "/api/graphql")
            .header("authorization", &format!("bearer {token}"))
            .json(&viewer)
    })
    .await;
    for host in HOSTS {
        let made = mona
            .request(Method::POST, "/authorizations")
            .header("host", host)
            .json(&json!({"note": host}))
            .send()
            .await;
        let location = made.assert_status(201).header("location");
        assert!(
            location.starts_with(&format!("http://{host}/api/v3/authorizations/")),
            "{location}"
        );
    }
}

#[tokio::test]
async fn a_host_that_is_no_name_of_loopback_gets_urls_of_localhost() {
    let world = on_loopback().await;
    let mona = world.user("mona").await;
    for host in ["evil.example:8080", "127.0.0.1:9090", "127.0.0.2:8080"] {
        let answer = mona
            .request(Method::GET, "/user")
            .header("host", host)
            .send()
            .await;
        let origins = origins_in(&answer);
        assert!(!origins.is_empty());
        assert!(
            origins.iter().all(|origin| origin == "localhost:8080"),
            "{host}: {origins:?}"
        );
    }
}

#[tokio::test]
async fn a_gateways_answer_is_the_same_under_every_name_of_loopback() {
    let world = on_loopback().await;
    let mona = world.user("mona").await;
    let issued = world.issue_token(&mona, GivenToken::default()).await;
    let mut told: Vec<Value> = Vec::new();
    for host in HOSTS.into_iter().chain(HOSTS) {
        let answer = world
            .anonymous()
            .request_anywhere(Method::GET, "/gateway/verify")
            .header("host", host)
            .header("authorization", &format!("token {}", issued.token.expose()))
            .send()
            .await;
        let login = answer.assert_status(200).header("x-auth-login");
        told.push(json!([login, answer.header("x-auth-user-id")]));
    }
    told.dedup();
    assert_eq!(told.len(), 1);
}
