//! `GET /user` (wire contract, section 19).

use counterfoil_domain::account::AccountChange;
use counterfoil_domain::scope::Standing;
use counterfoil_testkit::{GivenToken, World};
use serde_json::{Value, json};

#[tokio::test]
async fn a_password_shows_the_private_form() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    world.next_second();
    let user = mona.get("/user").await;
    assert_answer!(user);
    assert!(!user.has("x-oauth-scopes") && !user.has("x-accepted-oauth-scopes"));
}

#[tokio::test]
async fn a_token_without_scopes_shows_the_public_form() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let token = mona.personal_token("laptop", &[]).await.token();
    world.next_second();
    let user = world.anonymous().get_with_token(&token, "/user").await;
    assert_answer!(user);
}

#[tokio::test]
async fn scopes_decide_what_a_token_sees() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    for (scopes, private, email) in [
        (vec!["user"], true, true),
        (vec!["read:user"], true, false),
        (vec!["user:email"], false, true),
        (vec!["read:user", "user:email"], true, true),
        (vec!["user:follow", "repo", "admin:org"], false, false),
        (vec!["site_admin"], false, false),
    ] {
        let token = mona
            .personal_token(&format!("{scopes:?}"), &scopes)
            .await
            .token();
        let user = world.anonymous().get_with_token(&token, "/user").await;
        let json = user.assert_status(200).json();
        assert_eq!(json.get("plan").is_some(), private, "{scopes:?}");
        assert_eq!(
            json["user_view_type"],
            if private { "private" } else { "public" },
            "{scopes:?}"
        );
        let expected = if email {
            json!("mona@example.com")
        } else {
            Value::Null
        };
        assert_eq!(json["email"], expected, "{scopes:?}");
    }
}

#[tokio::test]
async fn a_token_is_told_what_it_may_and_whose_it_is() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    let personal = mona
        .personal_token("laptop", &["repo", "gist"])
        .await
        .token();
    let of_app = mona.app_token(&app, &[]).await.token();
    let user = world.anonymous().get_with_token(&personal, "/user").await;
    assert_eq!(user.header("x-oauth-scopes"), "gist, repo");
    assert!(
        user.has("x-accepted-oauth-scopes") && user.header("x-accepted-oauth-scopes").is_empty()
    );
    assert!(!user.has("x-oauth-client-id") && !user.has("github-authentication-token-expiration"));
    let user = world.anonymous().get_with_token(&of_app, "/user").await;
    assert!(user.has("x-oauth-scopes") && user.header("x-oauth-scopes").is_empty());
    assert_eq!(user.header("x-oauth-client-id"), app.client_id);
}

#[tokio::test]
async fn a_token_is_taken_in_every_place_it_may_stand() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let token = mona.personal_token("laptop", &["gist"]).await.token();
    let anonymous = world.anonymous();
    let request = || anonymous.request(http::Method::GET, "/user");
    for scheme in ["token", "Token", "bearer", "Bearer", "BEARER"] {
        let answer = request()
            .header("authorization", &format!("{scheme} {token}"))
            .send()
            .await;
        assert_eq!(answer.assert_status(200).json()["login"], "mona");
    }
    for (login, password) in [
        (token.as_str(), "x-oauth-basic"),
        (&token, ""),
        ("mona", &token),
        ("whoever", &token),
    ] {
        let answer = request().basic(login, password).send().await;
        assert_eq!(answer.assert_status(200).json()["login"], "mona");
        assert_eq!(answer.header("x-oauth-scopes"), "gist");
    }
}

#[tokio::test]
async fn an_unverified_address_is_shown_to_nobody() {
    let world = World::new().await;
    let mona = world.unverified_user("mona").await;
    assert_eq!(
        mona.get("/user").await.assert_status(200).json()["email"],
        Value::Null
    );
    let issued = world
        .issue_token(
            &mona,
            GivenToken {
                scopes: &["user"],
                ..GivenToken::default()
            },
        )
        .await;
    let user = world
        .anonymous()
        .get_with_token(issued.token.expose(), "/user")
        .await;
    assert_eq!(user.assert_status(200).json()["email"], Value::Null);
}

#[tokio::test]
async fn administrators_and_second_factors_are_told_apart() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let hubot = world.administrator("hubot").await;
    let codes = world.enable_two_factor(&mona).await;
    let mona = mona.with_otp(&codes.code(&world));
    let user = mona.get("/user").await.json();
    assert_eq!(
        (&user["site_admin"], &user["two_factor_authentication"]),
        (&json!(false), &json!(true))
    );
    let user = hubot.get("/user").await.json();
    assert_eq!(
        (&user["site_admin"], &user["two_factor_authentication"]),
        (&json!(true), &json!(false))
    );

    let demoted = AccountChange {
        standing: Some(Standing::Ordinary),
        ..AccountChange::default()
    };
    world
        .authority
        .change_account(&hubot.account.login, demoted, &World::operator())
        .await
        .unwrap();
    assert_eq!(hubot.get("/user").await.json()["site_admin"], false);
}

#[tokio::test]
async fn head_answers_as_get_does_without_the_body() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    world.next_second();
    let got = mona.get("/user").await;
    let head = mona.request(http::Method::HEAD, "/user").send().await;
    assert!(head.assert_status(200).body.is_empty());
    for name in [
        "etag",
        "last-modified",
        "content-length",
        "content-type",
        "cache-control",
        "vary",
    ] {
        assert_eq!(head.header(name), got.header(name), "{name}");
    }
    assert_eq!(head.header("content-length"), got.body.len().to_string());
}
