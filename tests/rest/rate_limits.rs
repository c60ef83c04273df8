//! Rate limits (wire contract, section 10): off unless they are set; counted by user, app or
//! address.

use std::time::Duration;

use counterfoil_domain::rate_limit::RateLimits;
use counterfoil_testkit::{Answer, World, WorldOptions};
use http::Method;
use serde_json::json;

/// When the worlds begin: 2026-01-02T03:04:05Z.
const BEGINNING: i64 = 1_767_323_045;
const HOUR: i64 = 3_600;

async fn limited(limits: RateLimits) -> World {
    let options = WorldOptions {
        rate_limits: Some(limits),
        ..WorldOptions::default()
    };
    World::with(options).await
}

fn few() -> RateLimits {
    RateLimits {
        anonymous: 2,
        authenticated: 3,
        ..RateLimits::default()
    }
}

/// Limit, used, remaining and reset as the headers say them.
fn said(answer: &Answer) -> [i64; 4] {
    assert_eq!(answer.header("x-ratelimit-resource"), "core");
    ["limit", "used", "remaining", "reset"].map(|name| {
        let value = answer.header(&format!("x-ratelimit-{name}"));
        value.parse().expect("a number")
    })
}

#[tokio::test]
async fn without_limits_nothing_is_said_of_them() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    for path in ["/user", "/rate_limit", "/nowhere"] {
        let answer = mona.get(path).await;
        let said = answer.headers.keys();
        assert!(
            !said
                .into_iter()
                .any(|name| name.as_str().contains("ratelimit"))
        );
    }
    let answer = mona.get("/rate_limit").await;
    assert_eq!(
        answer.assert_status(404).message(),
        "Rate limiting is not enabled."
    );
}

#[tokio::test]
async fn a_user_is_counted_with_password_and_all_tokens_together() {
    let world = limited(few()).await;
    let mona = world.user("mona").await;
    let hubot = world.user("hubot").await;
    let made = mona.personal_token("laptop", &[]).await;
    let reset = BEGINNING + HOUR;
    assert_eq!(said(&made), [3, 1, 2, reset]);
    let token = made.token();
    let anonymous = world.anonymous();
    assert_eq!(
        said(&anonymous.get_with_token(&token, "/user").await),
        [3, 2, 1, reset]
    );
    // Whatever else becomes of a request, it counts.
    assert_eq!(
        said(&mona.get("/authorizations/99").await),
        [3, 3, 0, reset]
    );
    for refused in [
        mona.get("/user").await,
        anonymous.get_with_token(&token, "/user").await,
        anonymous.get_with_token(&token, "/authorizations").await,
    ] {
        assert_eq!(said(&refused), [3, 3, 0, reset]);
        let body = refused.assert_status(403).text();
        let id = mona.account.id;
        let expected = format!(
            r#"{{"message":"API rate limit exceeded for user ID {id}.","documentation_url":"https://docs.github.com/enterprise-server@3.19/rest/overview/resources-in-the-rest-api#rate-limiting","status":"403"}}"#
        );
        assert_eq!(body, expected);
    }
    hubot.get("/user").await.assert_status(200);

    world.advance(Duration::from_hours(1));
    let reset = reset + HOUR;
    assert_eq!(said(&mona.get("/user").await), [3, 1, 2, reset]);
}

#[tokio::test]
async fn strangers_are_counted_by_address_and_so_is_who_fails_to_sign_in() {
    let world = limited(few()).await;
    let mona = world.user("mona").await;
    let reset = BEGINNING + HOUR;
    let anonymous = world.anonymous();
    let answer = anonymous.get("/user").await;
    assert_eq!(
        answer.assert_status(401).message(),
        "Requires authentication"
    );
    assert_eq!(said(&answer), [2, 1, 1, reset]);
    let wrong = mona.with_password("wrong");
    assert_eq!(
        said(wrong.get("/user").await.assert_status(401)),
        [2, 2, 0, reset]
    );
    let unknown = "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";
    for refused in [
        anonymous.get("/meta").await,
        anonymous.get("/nowhere").await,
        wrong.get("/user").await,
        anonymous.get_with_token(unknown, "/user").await,
    ] {
        assert_eq!(said(&refused), [2, 2, 0, reset]);
        let message = refused.assert_status(403).message();
        assert!(message.starts_with("API rate limit exceeded for 192.0.2.1. (But here's"));
    }
    // Who is right is counted as who they are, and other addresses are others.
    assert_eq!(said(&mona.get("/user").await), [3, 1, 2, reset]);
    let elsewhere = wrong.from_address("192.0.2.200");
    assert_eq!(
        said(elsewhere.get("/user").await.assert_status(401)),
        [2, 1, 1, reset]
    );
}

#[tokio::test]
async fn an_app_is_counted_apart_from_users() {
    let world = limited(few()).await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    let token = mona.app_token(&app, &[]).await.token();
    let check = async || {
        let path = format!("/applications/{}/token", app.client_id);
        world
            .anonymous()
            .request(Method::POST, &path)
            .basic(&app.client_id, &app.client_secret)
            .json(&json!({ "access_token": token }))
            .send()
            .await
    };
    for used in 1..=3 {
        let answer = check().await;
        assert_eq!(said(answer.assert_status(200))[..3], [3, used, 3 - used]);
    }
    assert_eq!(
        check().await.assert_status(403).message(),
        format!("API rate limit exceeded for client ID {}.", app.client_id)
    );
    assert_eq!(said(&mona.get("/user").await)[1], 2);
}

#[tokio::test]
async fn what_has_not_changed_and_asking_how_one_stands_do_not_count() {
    let world = limited(few()).await;
    let mona = world.user("mona").await;
    let first = mona.get("/user").await;
    assert_eq!(said(&first)[1], 1);
    let tag = first.header("etag");
    for _ in 0..5 {
        let again = mona
            .request(Method::GET, "/user")
            .header("if-none-match", &tag)
            .send()
            .await;
        assert_eq!(said(again.assert_status(304))[1], 1);
    }
    for _ in 0..5 {
        let answer = mona.get("/rate_limit").await;
        assert_eq!(said(answer.assert_status(200)), [3, 1, 2, BEGINNING + HOUR]);
        assert_eq!(answer.header("cache-control"), "no-cache");
        let core = json!({"limit": 3, "used": 1, "remaining": 2, "reset": BEGINNING + HOUR});
        let body = answer.json();
        assert_eq!((&body["resources"]["core"], &body["rate"]), (&core, &core));
    }
    let stranger = world.anonymous().get("/rate_limit").await;
    assert_eq!(
        said(stranger.assert_status(200)),
        [2, 0, 2, BEGINNING + HOUR]
    );
}

#[tokio::test]
async fn bursts_are_refused_for_a_minute() {
    let world = limited(RateLimits {
        per_minute: 2,
        ..RateLimits::default()
    })
    .await;
    let mona = world.user("mona").await;
    for _ in 0..2 {
        mona.get("/user").await.assert_status(200);
    }
    let refused = mona.get("/user").await;
    assert_eq!(refused.header("retry-after"), "60");
    assert_eq!(said(&refused)[1], 2);
    assert_eq!(
        refused.assert_status(403).text(),
        r#"{"documentation_url":"https://docs.github.com/enterprise-server@3.19/rest/overview/resources-in-the-rest-api#secondary-rate-limits","message":"You have exceeded a secondary rate limit. Please wait a few minutes before you try again.","status":"403"}"#
    );
    world.advance(Duration::from_mins(1));
    mona.get("/user").await.assert_status(200);
}

#[tokio::test]
async fn requests_under_way_are_counted_until_they_end_or_their_client_goes() {
    let world = limited(RateLimits {
        at_a_time: 1,
        ..RateLimits::default()
    })
    .await;
    let mona = world.user("mona").await;
    for _ in 0..3 {
        mona.get("/user").await.assert_status(200);
    }
    // While somebody else writes, a request waits. The password is remembered by now, so it is
    // known and counted before.
    let held = world.database().hold();
    let request = mona.post("/authorizations", json!({ "note": "under way" }));
    let mut under_way = Box::pin(request);
    assert!(futures_util::poll!(&mut under_way).is_pending());
    let refused = mona.get("/user").await;
    let message = refused.assert_status(403).message();
    assert!(message.starts_with("You have exceeded a secondary rate limit."));
    // Its client goes away.
    drop(under_way);
    drop(held);
    mona.get("/user").await.assert_status(200);
}

#[tokio::test]
async fn gateways_are_not_limited() {
    let world = limited(few()).await;
    let mona = world.user("mona").await;
    let token = mona.personal_token("laptop", &[]).await.token();
    for _ in 0..10 {
        let answer = world
            .anonymous()
            .request_anywhere(Method::GET, "/gateway/verify")
            .header("authorization", &format!("Bearer {token}"))
            .send()
            .await;
        answer.assert_status(200);
        assert!(!answer.has("x-ratelimit-limit"));
    }
}
