//! Private mode: nobody is answered without credentials (wire contract, section 3).

use counterfoil_domain::rate_limit::RateLimits;
use counterfoil_server::Strangers;
use counterfoil_testkit::{World, WorldOptions};
use http::Method;
use serde_json::json;

fn private() -> WorldOptions {
    WorldOptions {
        strangers: Strangers::Refused,
        ..WorldOptions::default()
    }
}

#[tokio::test]
async fn a_stranger_learns_nothing_in_private_mode() {
    let world = World::with(private()).await;
    world.user("mona").await;
    world.organization("acme").await;
    let mut bodies = Vec::new();
    for path in [
        "/",
        "/meta",
        "/versions",
        "/rate_limit",
        "/user",
        "/users/mona",
        "/users/nobody",
        "/orgs/acme",
        "/orgs/nothing",
        "/authorizations",
        "/applications/0123456789abcdef0123/token",
        "/nowhere",
    ] {
        let refused = world.anonymous().get(path).await;
        let message = "Must authenticate to access this API.";
        assert_eq!(refused.assert_status(401).message(), message, "{path}");
        assert!(refused.has("x-github-media-type") && !refused.has("www-authenticate"));
        bodies.push(refused.body.clone());
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "they tell the paths apart");
    let body = json!({ "note": "x" });
    let request = world.anonymous().request(Method::POST, "/authorizations");
    request.json(&body).send().await.assert_status(401);
}

#[tokio::test]
async fn who_signs_in_is_served_in_private_mode() {
    let world = World::with(private()).await;
    let mona = world.user("mona").await;
    world.user("hubot").await;
    for path in ["/", "/meta", "/users/hubot", "/user", "/authorizations"] {
        mona.get(path).await.assert_status(200);
    }
    let token = mona.personal_token("laptop", &[]).await.token();
    let seen = world
        .anonymous()
        .get_with_token(&token, "/users/hubot")
        .await;
    seen.assert_status(200);
    let wrong = mona.with_password("wrong").get("/users/hubot").await;
    assert_eq!(wrong.assert_status(401).message(), "Bad credentials");
}

#[tokio::test]
async fn browsers_and_probes_are_answered_in_private_mode() {
    let world = World::with(private()).await;
    let preflight = world.anonymous().request(Method::OPTIONS, "/user");
    let preflight = preflight
        .header("origin", "https://app.example.com")
        .header("access-control-request-method", "GET");
    preflight.send().await.assert_status(204);
    let health = world.anonymous().request(Method::GET, "").to("/healthz");
    health.send().await.assert_status(200);
}

#[tokio::test]
async fn strangers_are_counted_in_private_mode_too() {
    let limits = RateLimits {
        anonymous: 1,
        ..RateLimits::default()
    };
    let world = World::with(WorldOptions {
        rate_limits: Some(limits),
        ..private()
    })
    .await;
    world.anonymous().get("/meta").await.assert_status(401);
    world.anonymous().get("/meta").await.assert_status(403);
}
