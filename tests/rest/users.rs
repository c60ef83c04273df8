//! `GET /users/{username}` and `GET /user/emails` (wire contract, section 19).

use counterfoil_domain::account::{AccountChange, NewEmail, Verification};
use counterfoil_domain::email::EmailAddress;
use counterfoil_domain::login::Login;
use counterfoil_domain::password::Password;
use counterfoil_domain::text::DisplayName;
use counterfoil_store::RevokeTokens;
use counterfoil_testkit::{GivenToken, World};
use serde_json::{Value, json};

#[tokio::test]
async fn a_user_is_shown_to_everybody_without_the_address() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    world.next_second();
    let shown = world.anonymous().get("/users/MONA").await;
    assert_answer!(shown);
    let own = mona.get("/users/mona").await.assert_status(200).json();
    assert_eq!(own["email"], Value::Null);
    assert!(own.get("plan").is_none());
}

#[tokio::test]
async fn who_does_not_exist_is_not_found() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    for path in ["/users/nobody", "/users/-x", "/users/a%20b"] {
        let missing = world.anonymous().get(path).await;
        assert_eq!(missing.assert_status(404).message(), "Not Found", "{path}");
    }
    world
        .authority
        .delete_account(&mona.account.login, &World::operator())
        .await
        .unwrap();
    world
        .anonymous()
        .get("/users/mona")
        .await
        .assert_status(404);
}

#[tokio::test]
async fn a_profile_says_since_when_its_user_is_suspended() {
    let world = World::new().await;
    world.user("mona").await;
    let (login, operator) = (login("mona"), World::operator());
    let shown = async || {
        let shown = world.anonymous().get("/users/mona").await;
        shown.assert_status(200).json()["suspended_at"].clone()
    };
    assert_eq!(shown().await, Value::Null);
    world
        .authority
        .suspend_account(&login, &operator)
        .await
        .unwrap();
    assert_eq!(shown().await, "2026-01-02T03:04:05Z");
    world
        .authority
        .unsuspend_account(&login, &operator)
        .await
        .unwrap();
    assert_eq!(shown().await, Value::Null);
}

#[tokio::test]
async fn a_profile_does_not_tell_when_credentials_change() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let (login, operator) = (login("mona"), World::operator());
    let before = world
        .anonymous()
        .get("/users/mona")
        .await
        .assert_status(200)
        .text();
    let authority = &world.authority;
    let address = EmailAddress::parse("new@example.com").unwrap();
    world.next_second();
    let password = Password::choose("another long password").unwrap();
    let set = authority.set_password(&login, password, RevokeTokens::Keep, &operator);
    set.await.unwrap();
    let email = AccountChange {
        email: Some(NewEmail {
            address,
            verification: Verification::Verified,
        }),
        ..AccountChange::default()
    };
    authority
        .change_account(&login, email, &operator)
        .await
        .unwrap();
    world.enable_two_factor(&mona).await;
    authority.suspend_account(&login, &operator).await.unwrap();
    authority
        .unsuspend_account(&login, &operator)
        .await
        .unwrap();
    let after = world.anonymous().get("/users/mona").await;
    assert_eq!(after.assert_status(200).text(), before);
    world.next_second();
    let name = AccountChange {
        name: Some(DisplayName::parse("Mona Lisa").unwrap()),
        ..AccountChange::default()
    };
    authority
        .change_account(&login, name, &operator)
        .await
        .unwrap();
    let after = world.anonymous().get("/users/mona").await.json();
    assert_eq!(after["updated_at"], "2026-01-02T03:04:07Z");
}

fn login(text: &str) -> Login {
    Login::parse(text).expect("a login")
}

#[tokio::test]
async fn addresses_are_listed_with_what_is_known_of_them() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let own = mona.get("/user/emails").await;
    assert_eq!(
        own.assert_status(200).text(),
        r#"[{"email":"mona@example.com","primary":true,"verified":true,"visibility":"private"}]"#
    );
    let unverified = AccountChange {
        email: Some(NewEmail {
            address: EmailAddress::parse("new@example.com").unwrap(),
            verification: Verification::Unverified,
        }),
        ..AccountChange::default()
    };
    world
        .authority
        .change_account(&mona.account.login, unverified, &World::operator())
        .await
        .unwrap();
    // Programs sign people in by the primary address: one that nobody has verified is none.
    assert_eq!(
        mona.get("/user/emails").await.json(),
        json!([{"email": "new@example.com", "primary": false, "verified": false, "visibility": null}])
    );
}

#[tokio::test]
async fn a_token_lists_addresses_only_with_the_scope() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    for (scopes, status) in [
        (&["user:email"][..], 200),
        (&["user"], 200),
        (&["read:user", "repo", "admin:org"], 404),
        (&[], 404),
    ] {
        let given = GivenToken {
            scopes,
            ..GivenToken::default()
        };
        let token = world.issue_token(&mona, given).await.token;
        let anonymous = world.anonymous();
        let answer = anonymous
            .get_with_token(token.expose(), "/user/emails")
            .await;
        assert_eq!(answer.status, status, "{scopes:?}");
        assert_eq!(answer.header("x-accepted-oauth-scopes"), "user, user:email");
    }
    world
        .anonymous()
        .get("/user/emails")
        .await
        .assert_status(401);
}
