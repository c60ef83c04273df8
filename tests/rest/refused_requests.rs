//! Client secrets that are wrong, and administration by those who may not: bounded, and told to the
//! audit trail by counts.

use std::time::Duration;

use counterfoil_store::StoredEvent;
use counterfoil_testkit::{Answer, AppActor, World};
use http::Method;
use serde_json::json;

const TOKEN: &str = "gho_16C7e42F292c6912E7710c838347Ae178B4a";
/// Answered as wrong within a minute, for one app and address.
const BOUND: usize = 60;

async fn check(world: &World, app: &AppActor, secret: &str, address: &str) -> Answer {
    let path = format!("/applications/{}/token", app.client_id);
    let request = world.anonymous().request(Method::POST, &path);
    let request = request.basic(&app.client_id, secret);
    let request = request.json(&json!({ "access_token": TOKEN }));
    request.from_address(address).send().await
}

async fn told(world: &World, action: &str) -> Vec<StoredEvent> {
    let flushed = world.authority.flush_counted_requests(false).await;
    flushed.expect("the trail takes events");
    let events = world.events().await;
    let is_it = |event: &StoredEvent| event.action == action;
    events.into_iter().filter(is_it).collect()
}

fn count(event: &StoredEvent) -> String {
    let text = String::from_utf8_lossy(&event.bytes).into_owned();
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("number.count "));
    let value = line.and_then(|line| line.split_once(' '));
    value.expect("it says how often").1.to_owned()
}

#[tokio::test]
async fn a_flood_of_wrong_secrets_keeps_no_app_out() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "An app").await;
    let other = world.app(&mona, "Another app").await;
    let (here, there) = ("192.0.2.1", "192.0.2.2");
    for number in 0..BOUND {
        let secret = format!("{number:040}");
        let wrong = check(&world, &app, &secret, here).await;
        assert_eq!(wrong.assert_status(401).message(), "Bad credentials");
    }
    let beyond = check(&world, &app, "0", here).await;
    assert_eq!(
        beyond.assert_status(403).message(),
        "Maximum number of login attempts exceeded. Please try again later."
    );
    // Elsewhere, of another app, and with the right secret even here, nothing is different.
    check(&world, &app, "0", there).await.assert_status(401);
    check(&world, &other, "0", here).await.assert_status(401);
    for address in [here, there] {
        let right = check(&world, &app, &app.client_secret, address).await;
        right.assert_status(404);
    }
    // Nobody's sign-in suffers.
    mona.from_address(here)
        .get("/user")
        .await
        .assert_status(200);
    world.advance(Duration::from_mins(1));
    check(&world, &app, "0", here).await.assert_status(401);
}

#[tokio::test]
async fn wrong_secrets_are_one_event_a_minute_for_each_app_and_address() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "An app").await;
    for _ in 0..5 {
        check(&world, &app, "wrong", "192.0.2.1")
            .await
            .assert_status(401);
    }
    let public = world.anonymous().request(Method::GET, "/meta");
    let public = public
        .basic(&app.client_id, "wrong")
        .from_address("192.0.2.1");
    public.send().await.assert_status(401);
    let body = json!({ "client_id": app.client_id, "client_secret": "wrong" });
    let asked = mona
        .from_address("192.0.2.1")
        .post("/authorizations", body)
        .await;
    asked.assert_status(422);
    check(&world, &app, "wrong", "192.0.2.2")
        .await
        .assert_status(401);
    assert!(
        told(&world, "app.refused").await.is_empty(),
        "not before the minute is over"
    );
    world.advance(Duration::from_mins(1));
    let mut events = told(&world, "app.refused").await;
    let address = |event: &StoredEvent| event.personal("address").map(str::to_owned);
    events.sort_by_key(address);
    let seen: Vec<_> = events
        .iter()
        .map(|event| (event.app, address(event), count(event)))
        .collect();
    let id = Some(app.app.summary.id.0);
    assert_eq!(
        seen,
        [
            (id, Some("192.0.2.1".to_owned()), "7".to_owned()),
            (id, Some("192.0.2.2".to_owned()), "1".to_owned()),
        ]
    );
    let failed = |action: &String| action.starts_with("sign_in.") && action != "sign_in.succeeded";
    assert!(!world.audit_actions().await.iter().any(failed));
}

#[tokio::test]
async fn apps_that_nobody_knows_are_one_event_for_the_address_whatever_ids_are_invented() {
    let world = World::new().await;
    for number in 0..30 {
        let client_id = format!("{number:020x}");
        let path = format!("/applications/{client_id}/token");
        let request = world.anonymous().request(Method::POST, &path);
        let request = request.basic(&client_id, "wrong").from_address("192.0.2.1");
        let answer = request.json(&json!({ "access_token": TOKEN })).send().await;
        assert!([401, 503].contains(&answer.status.as_u16()));
    }
    world.advance(Duration::from_mins(1));
    let events = told(&world, "app.refused").await;
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].app, None);
}

#[tokio::test]
async fn administration_by_those_who_may_not_is_one_event_a_minute_for_each_token() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let admin = world.administrator("admin").await;
    let carrying = mona.personal_token("carrying", &["site_admin"]).await;
    let lacking = admin.personal_token("lacking", &["repo"]).await;
    for token in [carrying.token(), lacking.token()] {
        let actor = world.anonymous().with_token(&token);
        for _ in 0..3 {
            actor.get("/admin/tokens").await.assert_status(404);
            actor.put("/users/mona/site_admin").await.assert_status(404);
        }
    }
    admin.get("/admin/tokens").await.assert_status(404);
    world.advance(Duration::from_mins(1));
    let mut events = told(&world, "administration.refused").await;
    events.sort_by_key(|event| event.authorization);
    let seen: Vec<_> = events
        .iter()
        .map(|event| (event.account, event.authorization, count(event)))
        .collect();
    let [mona, admin] = [&mona, &admin].map(|user| Some(user.account.id.0));
    assert_eq!(
        seen,
        [
            (admin, None, "1".to_owned()),
            (mona, Some(carrying.id()), "6".to_owned()),
            (admin, Some(lacking.id()), "6".to_owned()),
        ]
    );
}
