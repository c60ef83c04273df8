//! `GET /authorizations` and `GET /authorizations/{authorization_id}` (wire contract, sections 8,
//! 15.1 and 15.4).

use std::time::Duration;

use counterfoil_testkit::{GivenToken, World};
use serde_json::json;

#[tokio::test]
async fn the_list_shows_what_each_authorization_shows() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    let personal = mona.personal_token("laptop", &["gist"]).await;
    let of_app = mona.app_token(&app, &["repo"]).await;
    let list = mona.get("/authorizations").await;
    let mut expected = vec![personal.json(), of_app.json()];
    for item in &mut expected {
        item["token"] = json!("");
    }
    assert_eq!(list.assert_status(200).json(), json!(expected));
    assert!(!list.has("last-modified") && !list.has("link"));
    world.next_second();
    for id in [personal.id(), of_app.id()] {
        let one = mona.get(&format!("/authorizations/{id}")).await;
        assert!(expected.contains(&one.assert_status(200).json()));
        assert_eq!(one.header("last-modified"), "Fri, 02 Jan 2026 03:04:05 GMT");
    }
}

#[tokio::test]
async fn personal_tokens_come_first_then_apps_then_fingerprints_then_ids() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let first = world.app(&mona, "First").await;
    let second = world.app(&mona, "Second").await;
    let mut by_name = std::collections::HashMap::new();
    // (name, app, fingerprint), made in an order that is none of those that the list could be in by
    // chance.
    for (name, app, fingerprint) in [
        ("second none", Some(&second), None),
        ("personal z", None, None),
        ("first b", Some(&first), Some("b")),
        ("first none", Some(&first), None),
        ("second a", Some(&second), Some("a")),
        ("personal a", None, None),
        ("first none again", Some(&first), None),
        ("first B", Some(&first), Some("B")),
        ("first a", Some(&first), Some("a")),
    ] {
        let members = json!({ "note": name, "fingerprint": fingerprint });
        let body = app.map_or(members.clone(), |app| app.with_pair(members));
        by_name.insert(
            name,
            mona.post("/authorizations", body)
                .await
                .assert_status(201)
                .id(),
        );
        world.next_second();
    }
    let expected = [
        "personal z",
        "personal a",
        "first none",
        "first none again",
        "first B",
        "first a",
        "first b",
        "second none",
        "second a",
    ];
    let expected: Vec<_> = expected.iter().map(|name| by_name[name]).collect();
    assert_eq!(mona.ids("/authorizations").await, expected);
}

#[tokio::test]
async fn a_client_id_leaves_the_tokens_of_one_app() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    let other = world.app(&mona, "Other").await;
    let personal = mona.personal_token("laptop", &[]).await.id();
    let of_app = mona.app_token(&app, &[]).await.id();
    let of_other = mona.app_token(&other, &[]).await.id();
    for (client_id, expected) in [
        (app.client_id.as_str(), vec![of_app]),
        (other.client_id.as_str(), vec![of_other]),
        ("00000000000000000000", vec![personal]),
        ("", vec![personal, of_app, of_other]),
        ("ffffffffffffffffffff", vec![]),
        ("x", vec![]),
        ("%FF%00", vec![]),
    ] {
        let path = format!("/authorizations?client_id={client_id}");
        assert_eq!(mona.ids(&path).await, expected, "{client_id}");
    }
}

#[tokio::test]
async fn nobody_sees_what_is_not_theirs() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let hubot = world.administrator("hubot").await;
    let app = world.app(&hubot, "Deployer").await;
    let personal = mona.personal_token("laptop", &[]).await;
    let of_app = mona.app_token(&app, &[]).await;
    assert!(hubot.ids("/authorizations").await.is_empty());
    assert!(
        hubot
            .ids(&format!("/authorizations?client_id={}", app.client_id))
            .await
            .is_empty()
    );
    for id in [personal.id(), of_app.id(), of_app.id() + 1] {
        let refused = hubot.get(&format!("/authorizations/{id}")).await;
        assert_eq!(refused.assert_status(404).message(), "Not Found");
    }
}

#[tokio::test]
async fn an_expired_token_is_gone_when_its_time_is_over() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let lifetime = Some(Duration::from_secs(90));
    let issued = world
        .issue_token(
            &mona,
            GivenToken {
                lifetime,
                ..GivenToken::default()
            },
        )
        .await;
    let path = format!("/authorizations/{}", issued.authorization.id);
    world.advance(Duration::from_micros(89_999_999));
    assert_eq!(
        mona.get(&path).await.assert_status(200).json()["expires_at"],
        "2026-01-02T03:05:35Z"
    );
    let user = world
        .anonymous()
        .get_with_token(issued.token.expose(), "/user")
        .await;
    assert_eq!(
        user.assert_status(200)
            .header("github-authentication-token-expiration"),
        "2026-01-02 03:05:35 UTC"
    );

    world.advance(Duration::from_micros(1));
    mona.get(&path).await.assert_status(404);
    mona.patch(&path, json!({})).await.assert_status(404);
    mona.delete(&path).await.assert_status(404);
    assert!(mona.ids("/authorizations").await.is_empty());
    world
        .anonymous()
        .get_with_token(issued.token.expose(), "/user")
        .await
        .assert_status(401);
}
