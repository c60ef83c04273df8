//! Suspending a user stops the user's apps: they act by their secrets no longer, until the
//! suspension is lifted. The tokens that other users gave them go on as those users' tokens.

use counterfoil_testkit::{AppActor, UserActor, World};
use http::Method;
use serde_json::json;

struct Scene<'w> {
    world: &'w World,
    owner: UserActor<'w>,
    mona: UserActor<'w>,
    app: AppActor,
    token: String,
}

impl<'w> Scene<'w> {
    async fn set(world: &'w World) -> Self {
        let owner = world.user("hubot").await;
        let mona = world.user("mona").await;
        let app = world.app(&owner, "An app").await;
        let token = mona.app_token(&app, &["repo"]).await.token();
        // Remembered, so that the suspension must reach what is.
        app.check(world, &token).await.assert_status(200);
        Self {
            world,
            owner,
            mona,
            app,
            token,
        }
    }

    async fn suspend(&self) {
        let (login, operator) = (&self.owner.account.login, World::operator());
        let suspended = self.world.authority.suspend_account(login, &operator);
        assert!(suspended.await.expect("the user lives"));
    }

    async fn unsuspend(&self) {
        let (login, operator) = (&self.owner.account.login, World::operator());
        let lifted = self.world.authority.unsuspend_account(login, &operator);
        assert!(lifted.await.expect("the user lives"));
    }
}

#[tokio::test]
async fn an_app_whose_owner_is_suspended_is_refused_like_one_with_a_wrong_secret() {
    let world = World::new().await;
    let scene = Scene::set(&world).await;
    scene.suspend().await;
    let (world, app, token) = (scene.world, &scene.app, &scene.token);
    let answers = [
        app.check(world, token).await,
        app.reset(world, token).await,
        app.revoke(world, token).await,
        app.revoke_grant(world, token).await,
    ];
    for answer in answers {
        assert_eq!(answer.assert_status(401).message(), "Bad credentials");
    }
    let public = world
        .anonymous()
        .request(Method::GET, "/users/mona")
        .basic(&app.client_id, &app.client_secret);
    public.send().await.assert_status(401);
    let body = app.with_pair(json!({ "scopes": [] }));
    let refused = scene.mona.post("/authorizations", body).await;
    assert_eq!(
        refused.assert_status(422).message(),
        "Invalid Application client_id or secret."
    );
    let refused = scene.mona.get_or_create(app, json!({})).await;
    refused.assert_status(422);
}

#[tokio::test]
async fn tokens_that_others_gave_the_app_go_on_as_theirs() {
    let world = World::new().await;
    let scene = Scene::set(&world).await;
    scene.suspend().await;
    let user = world
        .anonymous()
        .get_with_token(&scene.token, "/user")
        .await;
    assert_eq!(user.assert_status(200).json()["login"], "mona");
}

#[tokio::test]
async fn a_lifted_suspension_brings_the_apps_back() {
    let world = World::new().await;
    let scene = Scene::set(&world).await;
    scene.suspend().await;
    scene
        .app
        .check(&world, &scene.token)
        .await
        .assert_status(401);
    scene.unsuspend().await;
    scene
        .app
        .check(&world, &scene.token)
        .await
        .assert_status(200);
    scene
        .app
        .reset(&world, &scene.token)
        .await
        .assert_status(200);
}
