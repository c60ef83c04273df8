//! What a gateway is told, by status and headers.

use std::time::Duration;

use counterfoil_domain::password::Password;
use counterfoil_store::RevokeTokens;
use counterfoil_testkit::{Answer, GivenToken, World};
use http::Method;

use super::{IDENTITY, INVALID_TOKEN, NO_TOKEN, ask, challenge, verify};

/// The values of the identity headers.
fn identity(answer: &Answer) -> [String; 6] {
    IDENTITY.map(|name| answer.header(name))
}

#[tokio::test]
async fn a_personal_token_is_described_with_empty_headers_where_nothing_applies() {
    let world = World::new().await;
    let mona = world.user("Mona-Lisa").await;
    let issued = world.issue_token(&mona, GivenToken::default()).await;
    let answer = verify(&world, "", issued.token.expose()).await;
    answer.assert_status(200);
    let expected = [
        "Mona-Lisa".to_owned(),
        mona.account.id.to_string(),
        String::new(),
        String::new(),
        issued.authorization.id.to_string(),
        String::new(),
    ];
    assert_eq!(identity(&answer), expected);
}

#[tokio::test]
async fn a_token_of_an_app_is_described_with_scopes_app_and_end() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    let issued = world
        .issue_token(
            &mona,
            GivenToken {
                app: Some(&app),
                scopes: &["user", "read:org", "gist"],
                lifetime: Some(Duration::from_mins(1)),
                ..GivenToken::default()
            },
        )
        .await;
    let answer = verify(&world, "", issued.token.expose()).await;
    let expected = [
        "mona".to_owned(),
        mona.account.id.to_string(),
        "gist, read:org, user".to_owned(),
        app.client_id.clone(),
        issued.authorization.id.to_string(),
        "2026-01-02T03:05:05Z".to_owned(),
    ];
    assert_eq!(identity(&answer), expected);
}

#[tokio::test]
async fn scopes_that_do_not_count_are_left_out() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let root = world.administrator("root").await;
    let scopes = &["site_admin", "admin:enterprise", "repo"];
    for (user, shown) in [
        (&mona, "repo"),
        (&root, "admin:enterprise, repo, site_admin"),
    ] {
        let given = GivenToken {
            scopes,
            ..GivenToken::default()
        };
        let issued = world.issue_token(user, given).await;
        let answer = verify(&world, "", issued.token.expose()).await;
        assert_eq!(answer.header("x-auth-scopes"), shown);
    }
}

#[tokio::test]
async fn the_whole_of_an_answer() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let token = mona.personal_token("laptop", &["repo"]).await.token();
    let admitted = verify(&world, "", &token).await;
    let headers: Vec<_> = admitted
        .headers
        .keys()
        .map(http::HeaderName::as_str)
        .collect();
    for name in headers {
        let known = IDENTITY.contains(&name)
            || [
                "cache-control",
                "content-length",
                "content-security-policy",
                "referrer-policy",
                "server",
                "x-content-type-options",
                "x-frame-options",
                "x-github-request-id",
                "x-xss-protection",
            ]
            .contains(&name);
        assert!(known, "{name}: {}", admitted.snapshot());
    }
    let refused = ask(&world, "", &[]).await;
    assert_eq!(refused.header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(refused.text(), "A token is needed.");
}

#[tokio::test]
async fn every_method_is_answered_alike_and_no_body_is_read() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let token = mona.personal_token("laptop", &[]).await.token();
    let lock = Method::from_bytes(b"LOCK").unwrap();
    for method in [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::OPTIONS,
        Method::TRACE,
        lock,
    ] {
        let request = || {
            world
                .anonymous()
                .request_anywhere(method.clone(), "/gateway/verify")
                .header("origin", "https://other.example")
                .bytes(&vec![b'x'; 3 << 20])
        };
        let refused = request().send().await;
        assert_eq!(challenge(refused.assert_status(401)), NO_TOKEN, "{method}");
        let admitted = request()
            .header("authorization", &format!("token {token}"))
            .send()
            .await;
        admitted.assert_status(200);
        assert_eq!(admitted.header("x-auth-login"), "mona", "{method}");
        assert!(admitted.body.is_empty() && !admitted.has("access-control-allow-origin"));
    }
}

#[tokio::test]
async fn a_token_that_ended_is_refused_at_once() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let created = mona.personal_token("revoked", &[]).await;
    let given = GivenToken {
        lifetime: Some(Duration::from_mins(1)),
        ..GivenToken::default()
    };
    let expiring = world.issue_token(&mona, given).await;
    for token in [created.token().as_str(), expiring.token.expose()] {
        verify(&world, "", token).await.assert_status(200);
    }
    mona.delete(&format!("/authorizations/{}", created.id()))
        .await
        .assert_status(204);
    world.advance(Duration::from_secs(61));
    for token in [created.token().as_str(), expiring.token.expose()] {
        let refused = verify(&world, "", token).await;
        assert_eq!(challenge(refused.assert_status(401)), INVALID_TOKEN);
    }
}

#[tokio::test]
async fn a_token_that_lost_scopes_shows_the_others_only() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let created = mona.personal_token("laptop", &["repo", "gist"]).await;
    let token = created.token();
    verify(&world, "?scopes=repo", &token)
        .await
        .assert_status(200);
    let path = format!("/authorizations/{}", created.id());
    let body = serde_json::json!({ "remove_scopes": ["repo"] });
    mona.patch(&path, body).await.assert_status(200);
    verify(&world, "?scopes=repo", &token)
        .await
        .assert_status(403);
    let admitted = verify(&world, "", &token).await;
    assert_eq!(admitted.header("x-auth-scopes"), "gist");
}

#[tokio::test]
async fn a_suspended_owner_is_forbidden_and_asked_for_no_other_token() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let token = mona.personal_token("laptop", &[]).await.token();
    let (login, operator) = (&mona.account.login, World::operator());
    verify(&world, "", &token).await.assert_status(200);
    world
        .authority
        .suspend_account(login, &operator)
        .await
        .unwrap();
    let refused = verify(&world, "", &token).await;
    assert_eq!(challenge(refused.assert_status(403)), "");
    assert_eq!(refused.text(), "The owner of this token is suspended.");
    world
        .authority
        .unsuspend_account(login, &operator)
        .await
        .unwrap();
    verify(&world, "", &token).await.assert_status(200);
    let password = Password::choose("another password").unwrap();
    world
        .authority
        .set_password(login, password, RevokeTokens::Revoke, &operator)
        .await
        .unwrap();
    verify(&world, "", &token).await.assert_status(401);
}

#[tokio::test]
async fn what_cannot_be_told_is_503_with_a_time_to_ask_again() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let token = mona.personal_token("laptop", &[]).await.token();
    world.store.close().await;
    let unsure = verify(&world, "", &token).await;
    unsure.assert_status(503);
    assert_eq!(unsure.header("retry-after"), "1");
    // What needs no database is refused as ever.
    ask(&world, "", &[]).await.assert_status(401);
}
