//! How much somebody may change in an hour (wire contract, section 10).

use std::time::Duration;

use counterfoil_testkit::{Answer, GivenToken, World, WorldOptions};
use http::Method;
use serde_json::json;

async fn limited(writes_per_hour: u32) -> World {
    let options = WorldOptions {
        writes_per_hour,
        ..WorldOptions::default()
    };
    World::with(options).await
}

fn assert_refused(answer: &Answer) {
    assert_eq!(answer.assert_status(403).header("retry-after"), "60");
    assert_eq!(
        answer.message(),
        "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
    );
    let page = answer.json()["documentation_url"].clone();
    let page = page.as_str().expect("an address");
    assert!(page.ends_with("#secondary-rate-limits"), "{page}");
}

#[tokio::test]
async fn who_changed_as_much_as_one_may_changes_nothing_more_within_the_hour() {
    let world = limited(3).await;
    let (mona, hubot) = (world.user("mona").await, world.user("hubot").await);
    let id = mona.personal_token("one", &[]).await.id();
    let path = format!("/authorizations/{id}");
    let patched = mona.patch(&path, json!({ "note": "two" })).await;
    patched.assert_status(200);
    mona.personal_token("three", &[]).await;
    let before = world.events().await.len();
    assert_refused(
        &mona
            .post("/authorizations", json!({ "note": "four" }))
            .await,
    );
    assert_refused(&mona.patch(&path, json!({ "note": "four" })).await);
    assert_refused(&mona.delete(&path).await);
    assert_eq!(world.events().await.len(), before, "nothing was written");
    // Reading goes on, and nobody else pays.
    mona.get(&path).await.assert_status(200);
    hubot.personal_token("one", &[]).await;
    world.advance(Duration::from_mins(59));
    assert_refused(&mona.delete(&path).await);
    world.advance(Duration::from_mins(1));
    mona.delete(&path).await.assert_status(204);
}

#[tokio::test]
async fn what_changed_nothing_does_not_count() {
    let world = limited(2).await;
    let mona = world.user("mona").await;
    let token = mona.personal_token("laptop", &["repo"]).await.token();
    for _ in 0..3 {
        let refused = mona
            .post("/authorizations", json!({ "note": "laptop" }))
            .await;
        refused.assert_status(422);
        mona.delete("/authorizations/999").await.assert_status(404);
        // Somebody else's hands on a token of mona's use nothing of hers up.
        let holder = world.anonymous();
        let request = holder.request(Method::DELETE, "/authorizations/1");
        let refused = request.header("authorization", &format!("token {token}"));
        refused.send().await.assert_status(403);
    }
    mona.personal_token("desk", &[]).await;
    assert_refused(
        &mona
            .post("/authorizations", json!({ "note": "more" }))
            .await,
    );
}

#[tokio::test]
async fn an_app_that_acts_by_its_secret_is_counted_as_itself() {
    let world = limited(3).await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    let mut token = mona.app_token(&app, &[]).await.token();
    for _ in 0..3 {
        let body = json!({ "access_token": token });
        let reset = app.request(&world, Method::PATCH, "/token").json(&body);
        token = reset.send().await.assert_status(200).token();
    }
    let body = json!({ "access_token": token });
    for (method, path) in [
        (Method::PATCH, "/token"),
        (Method::DELETE, "/token"),
        (Method::DELETE, "/grant"),
    ] {
        let request = app.request(&world, method, path).json(&body);
        assert_refused(&request.send().await);
    }
    // Checks change nothing, and the app's owner has an hour of their own.
    let check = app.request(&world, Method::POST, "/token").json(&body);
    check.send().await.assert_status(200);
    mona.personal_token("laptop", &[]).await;
}

#[tokio::test]
async fn an_administrator_is_counted_like_everybody() {
    let world = limited(1).await;
    let admin = world.administrator("admin").await;
    world.user("mona").await;
    let given = GivenToken {
        scopes: &["site_admin"],
        ..GivenToken::default()
    };
    let issued = world.issue_token(&admin, given).await;
    let acting = world.anonymous().with_token(issued.token.expose());
    let suspend = || acting.request(Method::PUT, "/users/mona/suspended");
    suspend().send().await.assert_status(204);
    let lift = acting.request(Method::DELETE, "/users/mona/suspended");
    assert_refused(&lift.send().await);
}

#[tokio::test]
async fn without_a_bound_nothing_is_refused() {
    let world = limited(0).await;
    let mona = world.user("mona").await;
    for number in 0..20 {
        mona.personal_token(&format!("{number}"), &[]).await;
    }
}
