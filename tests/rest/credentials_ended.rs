//! Credentials that were good once: refused at once, whatever is remembered of them.

use counterfoil_domain::account::Account;
use counterfoil_domain::password::Password;
use counterfoil_store::RevokeTokens;
use counterfoil_testkit::{GivenToken, UserActor, World};
use http::Method;
use serde_json::json;

const SUSPENDED: &str = "Sorry. Your account was suspended.";

async fn suspend(world: &World, account: &Account) {
    let changed = world
        .authority
        .suspend_account(&account.login, &World::operator())
        .await;
    assert!(changed.expect("the user exists"));
}

async fn change_password(world: &World, user: &UserActor<'_>, to: &str, tokens: RevokeTokens) {
    let password = Password::choose(to).expect("a password");
    let login = &user.account.login;
    world
        .authority
        .set_password(login, password, tokens, &World::operator())
        .await
        .expect("the user exists");
}

#[tokio::test]
async fn a_suspended_user_is_told_so_with_the_right_password_only() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    mona.get("/authorizations").await.assert_status(200);
    suspend(&world, &mona.account).await;
    for path in ["/authorizations", "/user"] {
        assert_eq!(mona.get(path).await.assert_status(403).message(), SUSPENDED);
        let wrong = mona.with_password("wrong").get(path).await;
        assert_eq!(wrong.assert_status(401).message(), "Bad credentials");
    }
    let created = mona.post("/authorizations", json!({ "note": "x" })).await;
    assert_eq!(created.assert_status(403).message(), SUSPENDED);

    let login = &mona.account.login;
    world
        .authority
        .unsuspend_account(login, &World::operator())
        .await
        .unwrap();
    mona.get("/authorizations").await.assert_status(200);
}

#[tokio::test]
async fn a_suspended_users_own_token_is_told_so_and_works_again_later() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let hubot = world.user("hubot").await;
    let token = mona.personal_token("laptop", &[]).await.token();
    let other = hubot.personal_token("laptop", &[]).await.token();
    suspend(&world, &mona.account).await;
    for path in ["/user", "/authorizations"] {
        let refused = world.anonymous().get_with_token(&token, path).await;
        assert_eq!(refused.assert_status(403).message(), SUSPENDED);
    }
    world
        .anonymous()
        .get_with_token(&other, "/user")
        .await
        .assert_status(200);

    let login = &mona.account.login;
    world
        .authority
        .unsuspend_account(login, &World::operator())
        .await
        .unwrap();
    world
        .anonymous()
        .get_with_token(&token, "/user")
        .await
        .assert_status(200);
}

#[tokio::test]
async fn a_suspended_user_with_two_factors_is_not_asked_for_a_code() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    world.enable_two_factor(&mona).await;
    suspend(&world, &mona.account).await;
    let refused = mona.get("/authorizations").await;
    assert_eq!(refused.assert_status(403).message(), SUSPENDED);
    assert!(!refused.has("x-github-otp"));
}

#[tokio::test]
async fn a_deleted_user_is_nobody() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let hubot = world.user("hubot").await;
    let app = world.app(&mona, "Deployer").await;
    let tokens = [
        mona.personal_token("laptop", &[]).await.token(),
        mona.app_token(&app, &[]).await.token(),
        // The app goes with its owner, and its tokens with the app.
        hubot.app_token(&app, &[]).await.token(),
    ];
    world
        .authority
        .delete_account(&mona.account.login, &World::operator())
        .await
        .unwrap();
    for name in ["mona", "mona@example.com"] {
        let refused = mona.named(name).get("/authorizations").await;
        assert_eq!(refused.assert_status(401).message(), "Bad credentials");
    }
    for token in tokens {
        for path in ["/user", "/authorizations"] {
            world
                .anonymous()
                .get_with_token(&token, path)
                .await
                .assert_status(401);
        }
    }
    assert!(hubot.ids("/applications/grants").await.is_empty());
}

#[tokio::test]
async fn a_changed_password_is_refused_at_once_and_tokens_live_on() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let token = mona.personal_token("laptop", &[]).await.token();
    change_password(&world, &mona, "another password", RevokeTokens::Keep).await;
    mona.get("/user").await.assert_status(401);
    mona.with_password("another password")
        .get("/user")
        .await
        .assert_status(200);
    world
        .anonymous()
        .get_with_token(&token, "/user")
        .await
        .assert_status(200);
}

#[tokio::test]
async fn tokens_end_with_the_password_when_that_is_asked_for() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    let tokens = [
        mona.personal_token("laptop", &[]).await.token(),
        mona.app_token(&app, &[]).await.token(),
    ];
    change_password(&world, &mona, "another password", RevokeTokens::Revoke).await;
    for token in tokens {
        world
            .anonymous()
            .get_with_token(&token, "/user")
            .await
            .assert_status(401);
    }
    let mona = mona.with_password("another password");
    assert!(mona.ids("/authorizations").await.is_empty());
    assert_eq!(mona.ids("/applications/grants").await.len(), 1);
}

#[tokio::test]
async fn ended_tokens_are_as_good_as_unknown_ones() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let deleted = mona.personal_token("laptop", &[]).await;
    mona.delete(&format!("/authorizations/{}", deleted.id()))
        .await
        .assert_status(204);
    let revoked = mona.personal_token("desk", &[]).await;
    world
        .authority
        .revoke_tokens_of_user(&mona.account.login, &World::operator())
        .await
        .unwrap();
    let unknown = "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".to_owned();
    for token in [deleted.token(), revoked.token(), unknown] {
        for path in ["/user", "/authorizations", "/applications/grants/1"] {
            let refused = world.anonymous().get_with_token(&token, path).await;
            assert_eq!(refused.assert_status(401).message(), "Bad credentials");
            assert!(!refused.has("x-oauth-scopes"));
        }
    }
}

#[tokio::test]
async fn wrong_tokens_lock_nobody_out() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let issued = world.issue_token(&mona, GivenToken::default()).await;
    for _ in 0..60 {
        let request = world.anonymous().request(Method::GET, "/user");
        let wrong = request.basic("mona", "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");
        wrong.send().await.assert_status(401);
    }
    mona.get("/user").await.assert_status(200);
    world
        .anonymous()
        .get_with_token(issued.token.expose(), "/user")
        .await
        .assert_status(200);
}
