//! A database that does not say what others have changed: nothing is answered from memory after a
//! second, and everything is again once it can be read.

use counterfoil_authority::LEASE;
use counterfoil_domain::id::AuthorizationId;
use counterfoil_domain::token::{PlainToken, TokenFormats};
use counterfoil_testkit::{Answer, AppActor, UserActor, World};
use http::Method;

use super::{HERE, another_process, verify, world_with};

/// The feed of changes under another name, so that nobody can read it.
struct Hidden<'a>(&'a World);

impl<'a> Hidden<'a> {
    fn hide(world: &'a World) -> Self {
        let hide = "ALTER TABLE change_feed RENAME TO hidden";
        world.database().run(hide);
        Self(world)
    }

    fn show_again(self) {
        let show = "ALTER TABLE hidden RENAME TO change_feed";
        self.0.database().run(show);
    }
}

/// Every kind of request that is answered from memory.
async fn ask_everything(
    world: &World,
    mona: &UserActor<'_>,
    app: &AppActor,
    token: &Answer,
) -> Vec<Answer> {
    let text = token.token();
    let bearer = format!("Bearer {text}");
    let with_token = |target| {
        let request = world.anonymous().request_anywhere(Method::GET, target);
        request.header("authorization", &bearer)
    };
    vec![
        with_token("/gateway/verify").send_unchecked().await,
        with_token("/gateway/verify?scopes=repo")
            .send_unchecked()
            .await,
        with_token("/api/v3/user").send_unchecked().await,
        app.check(world, &text).await,
        mona.get("/user").await,
        mona.get(&format!("/authorizations/{}", token.id())).await,
    ]
}

#[tokio::test]
async fn a_process_that_cannot_hear_of_changes_says_503_after_a_second_and_recovers() {
    let world = world_with(|_| {}).await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "An app").await;
    let token = mona.app_token(&app, &["repo"]).await;
    let ask = async || ask_everything(&world, &mona, &app, &token).await;
    world.authority.catch_up().await.unwrap();
    for answer in ask().await {
        answer.assert_status(200);
    }
    let hidden = Hidden::hide(&world);
    // What was heard of is good for a second.
    for answer in ask().await {
        answer.assert_status(200);
    }
    for _ in 0..3 {
        world.advance(LEASE);
        for answer in ask().await {
            answer.assert_status(503);
            assert!(answer.has("retry-after"));
        }
    }
    assert!(world.authority.catch_up().await.is_err());
    assert!(world.authority.check_stats().feed_failures > 0);
    hidden.show_again();
    for answer in ask().await {
        answer.assert_status(200);
    }
    // And it hears of changes again.
    let other = another_process(&world).await;
    let id = AuthorizationId(token.id());
    let revoked = other.revoke_any_token(id, &World::operator()).await;
    revoked.unwrap();
    world.authority.catch_up().await.unwrap();
    let text = PlainToken::parse(&token.token(), &TokenFormats::default());
    verify(&world, &text.unwrap(), HERE)
        .await
        .assert_status(401);
}
