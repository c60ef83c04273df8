//! `PUT /authorizations/clients/{client_id}` and `…/{client_id}/{fingerprint}` (wire contract,
//! section 15.3).

use std::time::Duration;

use counterfoil_testkit::{GivenToken, World};
use http::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn the_first_request_makes_a_token_and_the_next_finds_it() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    let created = mona
        .get_or_create(&app, json!({ "scopes": ["repo"], "note": "ci" }))
        .await;
    created.assert_status(201);
    assert!(created.token().starts_with("gho_"));
    assert_eq!(
        created.header("location"),
        created.json()["url"].as_str().unwrap()
    );
    assert_eq!(created.header("cache-control"), "no-store");

    world.next_second();
    let found = mona
        .get_or_create(&app, json!({ "scopes": ["repo"], "note": "ci" }))
        .await;
    assert_eq!(found.assert_status(200).token(), "");
    assert!(!found.has("location"), "only what is new has a place");
    assert_eq!(found.id(), created.id());
    assert_eq!(found.json()["hashed_token"], created.json()["hashed_token"]);
    world
        .anonymous()
        .get_with_token(&created.token(), "/user")
        .await
        .assert_status(200);
}

#[tokio::test]
async fn an_existing_token_is_not_changed() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    let created = mona
        .get_or_create(
            &app,
            json!({ "scopes": ["repo"], "note": "ci", "note_url": "" }),
        )
        .await;
    let changes = async || {
        let actions = world.audit_actions().await.into_iter();
        // Somebody who signs in again a day later leaves an event of that.
        actions
            .filter(|action| action != "sign_in.succeeded")
            .count()
    };
    let before_them = changes().await;
    let before = mona.get(&format!("/authorizations/{}", created.id())).await;
    world.advance(Duration::from_hours(24));
    for members in [
        json!({}),
        json!({ "scopes": ["user"], "note": "other", "note_url": "http://x" }),
        json!({ "scopes": [] }),
    ] {
        let found = mona.get_or_create(&app, members).await;
        assert_eq!(found.assert_status(200).json(), before.json());
        assert_eq!(found.header("etag"), before.header("etag"));
    }
    assert_eq!(changes().await, before_them);
}

#[tokio::test]
async fn the_fingerprint_is_part_of_the_match_in_either_place() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    let path = format!("{}/desk", app.path());
    let without = mona.get_or_create(&app, json!({})).await;
    let desk = mona.put(&path, app.with_secret(json!({}))).await;
    let phone = mona
        .get_or_create(&app, json!({ "fingerprint": "phone" }))
        .await;
    for created in [&without, &desk, &phone] {
        created.assert_status(201);
    }
    assert_eq!(desk.json()["fingerprint"], "desk");
    assert_eq!(without.json()["fingerprint"], Value::Null);

    for (members, expected) in [
        (json!({}), without.id()),
        (json!({ "fingerprint": "" }), without.id()),
        (json!({ "fingerprint": "desk" }), desk.id()),
        (json!({ "fingerprint": "phone" }), phone.id()),
    ] {
        assert_eq!(
            mona.get_or_create(&app, members)
                .await
                .assert_status(200)
                .id(),
            expected
        );
    }
    assert_eq!(
        mona.put(&path, app.with_secret(json!({})))
            .await
            .assert_status(200)
            .id(),
        desk.id()
    );
    mona.get_or_create(&app, json!({ "fingerprint": "Desk" }))
        .await
        .assert_status(201);
}

#[tokio::test]
async fn a_fingerprint_in_the_path_is_decoded() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    for (segment, fingerprint) in [
        ("a%2Fb", "a/b"),
        ("a%2fb%2F", "a/b/"),
        ("100%25", "100%"),
        ("%252F", "%2F"),
        ("a+b", "a+b"),
        ("a%20b", "a b"),
        ("%C3%A9", "\u{e9}"),
        ("%F0%9F%94%91", "\u{1f511}"),
        ("..%2F..", "../.."),
        ("a;b=c", "a;b=c"),
        ("%3Fx", "?x"),
    ] {
        let path = format!("{}/{segment}", app.path());
        let created = mona.put(&path, app.with_secret(json!({}))).await;
        assert_eq!(
            created.assert_status(201).json()["fingerprint"],
            fingerprint,
            "{segment}"
        );
        let found = mona
            .get_or_create(&app, json!({ "fingerprint": fingerprint }))
            .await;
        assert_eq!(found.assert_status(200).id(), created.id(), "{segment}");
    }
}

#[tokio::test]
async fn an_empty_fingerprint_in_the_path_is_no_place() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    let path = format!("{}/", app.path());
    mona.put(&path, app.with_secret(json!({})))
        .await
        .assert_status(404);
    mona.put("/authorizations/clients/", app.with_secret(json!({})))
        .await
        .assert_status(404);
    mona.put("/authorizations/clients//desk", app.with_secret(json!({})))
        .await
        .assert_status(404);
    assert!(mona.ids("/authorizations").await.is_empty());
}

#[tokio::test]
async fn of_several_that_match_the_oldest_is_found() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    let oldest = mona.app_token(&app, &["repo"]).await;
    let newer = mona.app_token(&app, &["gist"]).await;
    assert_eq!(
        mona.get_or_create(&app, json!({ "scopes": ["gist"] }))
            .await
            .id(),
        oldest.id()
    );
    mona.delete(&format!("/authorizations/{}", oldest.id()))
        .await
        .assert_status(204);
    assert_eq!(mona.get_or_create(&app, json!({})).await.id(), newer.id());
}

#[tokio::test]
async fn only_the_callers_own_live_token_of_the_app_matches() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let hubot = world.user("hubot").await;
    let app = world.app(&mona, "Deployer").await;
    let other = world.app(&mona, "Other").await;
    let first = mona.get_or_create(&app, json!({})).await;
    hubot
        .get_or_create(&app, json!({}))
        .await
        .assert_status(201);
    mona.get_or_create(&other, json!({}))
        .await
        .assert_status(201);
    mona.personal_token("laptop", &[]).await;

    mona.delete(&format!("/authorizations/{}", first.id()))
        .await
        .assert_status(204);
    let again = mona.get_or_create(&app, json!({})).await;
    again.assert_status(201);
    assert!(again.id() > first.id() && again.token() != first.token());
}

#[tokio::test]
async fn an_expired_token_is_not_found_but_replaced() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    let lifetime = Some(Duration::from_hours(1));
    let issued = world
        .issue_token(
            &mona,
            GivenToken {
                app: Some(&app),
                lifetime,
                ..GivenToken::default()
            },
        )
        .await;
    let found = mona.get_or_create(&app, json!({})).await;
    assert_eq!(found.assert_status(200).id(), issued.authorization.id.0);
    assert_eq!(found.json()["expires_at"], "2026-01-02T04:04:05Z");
    world.advance(Duration::from_hours(1));
    mona.get_or_create(&app, json!({})).await.assert_status(201);
}

#[tokio::test]
async fn a_wrong_secret_and_an_unknown_client_are_refused_alike() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    mona.get_or_create(&app, json!({})).await.assert_status(201);
    let unknown = "/authorizations/clients/ffffffffffffffffffff".to_owned();
    let ill_formed = "/authorizations/clients/x".to_owned();
    let personal = "/authorizations/clients/00000000000000000000".to_owned();
    let wrong = json!({ "client_secret": "0".repeat(40) });
    for (path, body) in [
        (app.path(), wrong.clone()),
        (format!("{}/desk", app.path()), wrong),
        (unknown, app.with_secret(json!({}))),
        (ill_formed, app.with_secret(json!({}))),
        (personal, app.with_secret(json!({}))),
        (
            "/authorizations/clients/%FF".to_owned(),
            app.with_secret(json!({})),
        ),
    ] {
        let refused = mona.put(&path, body).await;
        let expected = if path.ends_with("%FF") { 404 } else { 422 };
        refused.assert_status(expected);
    }
    assert_eq!(mona.ids("/authorizations").await.len(), 1);
}

#[tokio::test]
async fn a_rotated_secret_is_refused_at_once() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    mona.get_or_create(&app, json!({})).await.assert_status(201);
    let client_id = &app.app.summary.client_id;
    let secret = world
        .authority
        .rotate_app_secret(client_id, None, &World::operator())
        .await
        .unwrap();
    mona.get_or_create(&app, json!({})).await.assert_status(422);
    let body = json!({ "client_secret": secret.expose() });
    mona.put(&app.path(), body).await.assert_status(200);
}

#[tokio::test]
async fn unknown_members_are_refused_by_name() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    let with_fingerprint = format!("{}/desk", app.path());
    for (path, member) in [
        (app.path(), "client_id"),
        (app.path(), "scope"),
        (app.path(), "add_scopes"),
        (with_fingerprint.clone(), "fingerprint"),
        (with_fingerprint, "client_id"),
    ] {
        let refused = mona
            .put(&path, app.with_secret(json!({ member: "x" })))
            .await;
        let expected = format!("Invalid request.\n\n\"{member}\" is not a permitted key.");
        assert_eq!(refused.assert_status(422).message(), expected);
    }
    assert!(mona.ids("/authorizations").await.is_empty());
}

#[tokio::test]
async fn the_secret_must_be_supplied() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    for body in [
        json!({}),
        json!({ "client_secret": "" }),
        json!({ "scopes": ["repo"] }),
    ] {
        let refused = mona.put(&app.path(), body).await;
        assert_eq!(
            refused.assert_status(422).message(),
            "Invalid request.\n\n\"client_secret\" wasn't supplied."
        );
    }
    let without_body = mona.request(Method::PUT, &app.path()).send().await;
    assert_eq!(
        without_body.assert_status(422).message(),
        "Invalid request.\n\nFor 'links/0/schema', nil is not an object."
    );
}

#[tokio::test]
async fn two_at_once_for_the_same_token_make_one() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    let ask = || mona.get_or_create(&app, json!({ "fingerprint": "desk" }));
    let answers: [_; 4] = tokio::join!(ask(), ask(), ask(), ask()).into();
    let created = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(created, 1);
    assert!(answers.iter().all(|answer| answer.id() == answers[0].id()));
}
