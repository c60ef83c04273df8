//! `POST /authorizations` (wire contract, section 15.2).

use std::time::Duration;

use counterfoil_domain::token::{PlainToken, TokenFormats, TokenPrefix};
use counterfoil_testkit::{GivenToken, World, WorldOptions};
use http::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn a_personal_token_is_made_and_shown_once() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let body =
        json!({ "note": "laptop", "note_url": "https://example.com/why", "scopes": ["gist"] });
    let created = mona.post("/authorizations", body).await;
    assert_answer!(created);

    let token = created.token();
    assert!(token.starts_with("ghp_"), "{token}");
    assert!(
        PlainToken::parse(&token, &TokenFormats::default()).is_some(),
        "{token}"
    );
    for path in [
        format!("/authorizations/{}", created.id()),
        "/authorizations".to_owned(),
    ] {
        let shown = mona.get(&path).await.assert_status(200).text();
        assert!(
            shown.contains(r#""token":"""#) && !shown.contains(&token),
            "{shown}"
        );
    }
    world
        .anonymous()
        .get_with_token(&token, "/user")
        .await
        .assert_status(200);
}

#[tokio::test]
async fn an_app_token_is_made_and_shows_its_app() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    let body =
        app.with_pair(json!({ "scopes": ["repo"], "fingerprint": "desk", "note": "the desk" }));
    let created = mona.post("/authorizations", body).await;
    created.assert_status(201);
    assert!(created.token().starts_with("gho_"));
    let json = created.json();
    let expected =
        json!({ "name": "Deployer", "url": "https://app.example.com", "client_id": app.client_id });
    assert_eq!(json["app"], expected);
    assert_eq!(
        (&json["fingerprint"], &json["note"]),
        (&json!("desk"), &json!("the desk"))
    );
}

#[tokio::test]
async fn members_come_in_the_recorded_order() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let created = mona.personal_token("laptop", &[]).await.json();
    let names: Vec<_> = created
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    let recorded = [
        "id",
        "url",
        "app",
        "token",
        "hashed_token",
        "token_last_eight",
        "note",
        "note_url",
        "created_at",
        "updated_at",
        "scopes",
        "fingerprint",
        "expires_at",
    ];
    assert_eq!(names, recorded);
    let app: Vec<_> = created["app"]
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(app, ["name", "url", "client_id"]);
}

#[tokio::test]
async fn the_record_holds_the_digest_and_the_end_of_the_token() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    // A token that was published to show the checksum, and the SHA-256 of its 40 characters.
    let text = "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";
    world
        .issue_token(
            &mona,
            GivenToken {
                text: Some(text),
                ..GivenToken::default()
            },
        )
        .await;
    let listed = &mona.get("/authorizations").await.json()[0];
    assert_eq!(
        listed["hashed_token"],
        "976b57ee8acdfcf45f76bcc5e329a23655bd0e1e7eeffd8ec98bab6ca6cdd660"
    );
    assert_eq!(listed["token_last_eight"], "kJ0mLq17");
    assert_eq!(listed["token"], "");
}

#[tokio::test]
async fn the_answer_says_where_the_authorization_is() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let created = mona.personal_token("laptop", &[]).await;
    let url = format!(
        "http://counterfoil.test/api/v3/authorizations/{}",
        created.id()
    );
    assert_eq!(created.json()["url"], url.as_str());
    assert_eq!(created.header("location"), url);
}

#[tokio::test]
async fn times_are_whole_seconds_in_utc() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    world.advance(Duration::from_millis(1_999));
    let created = mona.personal_token("laptop", &[]).await.json();
    assert_eq!(created["created_at"], "2026-01-02T03:04:06Z");
    assert_eq!(created["updated_at"], "2026-01-02T03:04:06Z");
}

#[tokio::test]
async fn installations_may_have_prefixes_of_their_own() {
    let mut options = WorldOptions::default();
    options.settings.token_formats = TokenFormats {
        personal: TokenPrefix::parse("acmep_").unwrap(),
        app: TokenPrefix::parse("acmeo_").unwrap(),
        ..TokenFormats::default()
    };
    let world = World::with(options).await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    let personal = mona.personal_token("laptop", &[]).await.token();
    let of_app = mona.app_token(&app, &[]).await.token();
    assert!(personal.starts_with("acmep_") && of_app.starts_with("acmeo_"));
    for token in [personal, of_app] {
        world
            .anonymous()
            .get_with_token(&token, "/user")
            .await
            .assert_status(200);
    }
}

#[tokio::test]
async fn empty_client_members_mean_a_personal_token() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let body = json!({ "note": "library", "note_url": "", "client_id": "", "client_secret": "", "scopes": ["gist"] });
    let created = mona
        .post("/authorizations", body)
        .await
        .assert_status(201)
        .json();
    assert_eq!(created["app"]["client_id"], "00000000000000000000");
    assert_eq!(created["app"]["name"], "library");
    assert_eq!(created["note_url"], "");
    let body = json!({ "note": "nulls", "note_url": null, "client_id": null, "client_secret": null, "fingerprint": null });
    let created = mona
        .post("/authorizations", body)
        .await
        .assert_status(201)
        .json();
    assert_eq!(created["note_url"], Value::Null);
}

#[tokio::test]
async fn a_body_is_looked_at_whatever_its_type_says() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    for kind in [
        "application/x-www-form-urlencoded",
        "text/plain",
        "application/json",
        "nonsense",
        "",
    ] {
        let request = mona
            .request(Method::POST, "/authorizations")
            .header("content-type", kind);
        let body = json!({ "note": format!("as {kind}") });
        request.json(&body).send().await.assert_status(201);
    }
}

#[tokio::test]
async fn the_answer_with_a_token_is_kept_by_nobody() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let created = mona.personal_token("laptop", &[]).await;
    assert_eq!(created.header("cache-control"), "no-store");
    assert!(created.header("etag").starts_with('"') && !created.has("last-modified"));
}
