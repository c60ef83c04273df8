//! What `POST /authorizations` refuses, and what it lets pass (wire contract, section 15.2).

use std::time::Duration;

use counterfoil_domain::account::{AccountChange, NewEmail, Verification};
use counterfoil_domain::email::EmailAddress;
use counterfoil_testkit::{GivenToken, World};
use http::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn a_personal_token_needs_a_note() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    for body in [
        json!({}),
        json!({ "note": "" }),
        json!({ "note": null }),
        json!({ "scopes": ["repo"] }),
    ] {
        let refused = mona.post("/authorizations", body.clone()).await;
        let expected =
            json!([{ "resource": "OauthAccess", "code": "missing_field", "field": "description" }]);
        assert_eq!(
            refused.assert_status(422).json()["errors"],
            expected,
            "{body}"
        );
    }
    let empty = mona.request(Method::POST, "/authorizations").send().await;
    empty.assert_status(422);
    assert!(mona.ids("/authorizations").await.is_empty());
}

#[tokio::test]
async fn a_note_is_free_again_when_its_token_has_ended() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let taken =
        json!([{ "resource": "OauthAccess", "code": "already_exists", "field": "description" }]);
    let first = mona.personal_token("laptop", &[]).await;
    let second = mona
        .post(
            "/authorizations",
            json!({ "note": "laptop", "scopes": ["gist"] }),
        )
        .await;
    assert_eq!(second.assert_status(422).json()["errors"], taken);

    mona.delete(&format!("/authorizations/{}", first.id()))
        .await
        .assert_status(204);
    let again = mona.personal_token("laptop", &[]).await;
    assert!(again.id() > first.id(), "an id is never used again");
}

#[tokio::test]
async fn an_expired_token_is_not_in_the_way_of_its_note() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let lifetime = Some(Duration::from_mins(1));
    let issued = world
        .issue_token(
            &mona,
            GivenToken {
                lifetime,
                ..GivenToken::default()
            },
        )
        .await;
    let note = issued.authorization.note.unwrap();
    mona.post("/authorizations", json!({ "note": note.as_str() }))
        .await
        .assert_status(422);
    world.advance(Duration::from_mins(1));
    mona.personal_token(note.as_str(), &[]).await;
}

#[tokio::test]
async fn notes_are_compared_byte_by_byte_and_per_user() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let hubot = world.user("hubot").await;
    for note in [
        "laptop",
        "Laptop",
        "laptop ",
        "lapto\u{440}",
        "caf\u{e9}",
        "cafe\u{301}",
    ] {
        mona.personal_token(note, &[]).await;
        hubot.personal_token(note, &[]).await;
    }
}

#[tokio::test]
async fn app_tokens_need_no_note_and_may_share_one() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    mona.personal_token("laptop", &[]).await;
    assert_eq!(mona.app_token(&app, &[]).await.json()["note"], Value::Null);
    for _ in 0..2 {
        let body = app.with_pair(json!({ "note": "laptop" }));
        mona.post("/authorizations", body).await.assert_status(201);
    }
}

#[tokio::test]
async fn a_client_id_and_secret_must_belong_together() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    let other = world.app(&mona, "Other").await;
    let (id, secret) = (app.client_id.as_str(), app.client_secret.as_str());
    for (id, secret) in [
        (id, other.client_secret.as_str()),
        (id, "0000000000000000000000000000000000000000"),
        (id, &secret.to_uppercase()),
        (id, &secret[1..]),
        (id, ""),
        ("", secret),
        ("00000000000000000000", secret),
        ("ffffffffffffffffffff", secret),
        ("x", "y"),
    ] {
        let body = json!({ "client_id": id, "client_secret": secret, "note": "x" });
        let refused = mona.post("/authorizations", body).await;
        assert_eq!(
            refused.assert_status(422).message(),
            "Invalid Application client_id or secret."
        );
        assert!(refused.json().get("errors").is_none());
    }
    assert!(mona.ids("/authorizations").await.is_empty());
}

#[tokio::test]
async fn a_user_makes_no_tokens_before_the_address_is_verified() {
    let world = World::new().await;
    let mona = world.unverified_user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    let message = "user must have a verified email address in order to authenticate via OAuth";
    let expected = json!([{ "resource": "OauthAccess", "code": "custom", "field": "user", "message": message }]);
    for refused in [
        mona.post("/authorizations", json!({ "note": "laptop" }))
            .await,
        mona.post("/authorizations", app.with_pair(json!({}))).await,
        mona.get_or_create(&app, json!({})).await,
    ] {
        assert_eq!(refused.assert_status(422).json()["errors"], expected);
    }
    // What an operator gave may be found, changed and deleted.
    let given = GivenToken {
        app: Some(&app),
        ..GivenToken::default()
    };
    let id = world.issue_token(&mona, given).await.authorization.id;
    mona.get_or_create(&app, json!({})).await.assert_status(200);
    let path = format!("/authorizations/{id}");
    mona.patch(&path, json!({ "scopes": ["repo"] }))
        .await
        .assert_status(200);
    mona.delete(&path).await.assert_status(204);

    let email = NewEmail {
        address: EmailAddress::parse("mona@example.com").unwrap(),
        verification: Verification::Verified,
    };
    let verified = AccountChange {
        email: Some(email),
        ..AccountChange::default()
    };
    world
        .authority
        .change_account(&mona.account.login, verified, &World::operator())
        .await
        .unwrap();
    mona.personal_token("laptop", &[]).await;
}

#[tokio::test]
async fn a_fingerprint_serves_once_for_a_user_and_an_app() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let hubot = world.user("hubot").await;
    let app = world.app(&mona, "Deployer").await;
    let other = world.app(&mona, "Other").await;
    let body = json!({ "fingerprint": "desk" });
    let first = mona
        .post("/authorizations", app.with_pair(body.clone()))
        .await;
    first.assert_status(201);
    let refused = mona
        .post("/authorizations", app.with_pair(body.clone()))
        .await;
    let expected =
        json!([{ "resource": "OauthAccess", "code": "already_exists", "field": "fingerprint" }]);
    assert_eq!(refused.assert_status(422).json()["errors"], expected);

    hubot
        .post("/authorizations", app.with_pair(body.clone()))
        .await
        .assert_status(201);
    mona.post("/authorizations", other.with_pair(body.clone()))
        .await
        .assert_status(201);
    mona.delete(&format!("/authorizations/{}", first.id()))
        .await
        .assert_status(204);
    mona.post("/authorizations", app.with_pair(body))
        .await
        .assert_status(201);
}

#[tokio::test]
async fn without_a_fingerprint_an_app_gets_another_token_each_time() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    let first = mona.app_token(&app, &["repo"]).await;
    let body = app.with_pair(json!({ "scopes": ["repo"], "fingerprint": "" }));
    let second = mona.post("/authorizations", body).await;
    second.assert_status(201);
    assert_eq!(mona.ids("/authorizations").await, [first.id(), second.id()]);
    for token in [first.token(), second.token()] {
        world
            .anonymous()
            .get_with_token(&token, "/user")
            .await
            .assert_status(200);
    }
}

#[tokio::test]
async fn a_personal_token_has_no_fingerprint() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    for note in ["laptop", "desk"] {
        let body = json!({ "note": note, "fingerprint": "same" });
        let created = mona
            .post("/authorizations", body)
            .await
            .assert_status(201)
            .json();
        assert_eq!(created["fingerprint"], Value::Null);
    }
}
