//! What answers say about the token that a request came with, and which headers do not prove
//! anything.

use std::time::Duration;

use counterfoil_testkit::{GivenToken, World};
use http::Method;

#[tokio::test]
async fn an_expiry_is_told_on_every_answer_to_the_token() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    let given = GivenToken {
        app: Some(&app),
        lifetime: Some(Duration::from_hours(24)),
        ..GivenToken::default()
    };
    let issued = world.issue_token(&mona, given).await;
    let expiry = issued.authorization.expires_at.unwrap().to_string();
    let told = expiry.replace('T', " ").replace('Z', " UTC");
    for (path, status) in [
        ("/user", 200),
        ("/", 200),
        ("/users/mona", 200),
        ("/users/nobody", 404),
        ("/user/emails", 404),
        ("/user/orgs", 403),
        ("/orgs/nothing/members/mona", 404),
        ("/teams/x/members/mona", 404),
    ] {
        let anonymous = world.anonymous();
        let answer = anonymous.get_with_token(issued.token.expose(), path).await;
        assert_eq!(answer.status, status, "{path}");
        let expiration = "github-authentication-token-expiration";
        assert_eq!(answer.header(expiration), told, "{path}");
        assert_eq!(answer.header("x-oauth-client-id"), app.client_id, "{path}");
        assert!(answer.header("x-oauth-scopes").is_empty(), "{path}");
        assert!(answer.has("x-accepted-oauth-scopes"), "{path}");
    }
}

#[tokio::test]
async fn nothing_is_said_about_a_token_that_is_refused() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let issued = world.issue_token(&mona, GivenToken::default()).await;
    world
        .authority
        .suspend_account(&mona.account.login, &World::operator())
        .await
        .unwrap();
    for path in ["/user", "/", "/user/orgs"] {
        let anonymous = world.anonymous();
        let answer = anonymous.get_with_token(issued.token.expose(), path).await;
        answer.assert_status(403);
        for name in ["x-oauth-scopes", "x-accepted-oauth-scopes"] {
            assert!(!answer.has(name), "{path} {name}");
        }
    }
}

#[tokio::test]
async fn several_headers_prove_nothing() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let issued = world.issue_token(&mona, GivenToken::default()).await;
    let header = format!("token {}", issued.token.expose());
    for path in ["/user", "/", "/users/mona", "/user/orgs"] {
        let request = world.anonymous().request(Method::GET, path);
        let request = request
            .header_bytes("authorization", header.as_bytes())
            .header_bytes("authorization", header.as_bytes());
        let answer = request.send().await;
        assert_eq!(
            answer.assert_status(401).message(),
            "Bad credentials",
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_token_in_the_query_is_no_token() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let issued = world.issue_token(&mona, GivenToken::default()).await;
    let path = format!("/user?access_token={}", issued.token.expose());
    let answer = world.anonymous().get(&path).await;
    assert_eq!(
        answer.assert_status(401).message(),
        "Requires authentication"
    );
}

#[tokio::test]
async fn administrator_scopes_open_nothing_for_others() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let given = GivenToken {
        scopes: &["site_admin"],
        ..GivenToken::default()
    };
    let token = world.issue_token(&mona, given).await.token;
    let anonymous = world.anonymous();
    for (path, status) in [
        ("/user/emails", 404),
        ("/user/orgs", 403),
        ("/user/teams", 404),
        ("/user/memberships/orgs", 403),
    ] {
        let answer = anonymous.get_with_token(token.expose(), path).await;
        assert_eq!(answer.status, status, "{path}");
        // It is listed all the same.
        assert_eq!(answer.header("x-oauth-scopes"), "site_admin");
    }
}
