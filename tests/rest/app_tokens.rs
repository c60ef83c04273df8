//! `/applications/{client_id}/token`: an app checks, replaces and revokes the tokens that
//! users gave it (wire contract, section 16).

use std::time::Duration;

use counterfoil_testkit::{Answer, AppActor, GivenToken, UserActor, World};
use http::Method;
use serde_json::json;

/// Published to show the checksum, and unknown here.
pub(super) const UNKNOWN_TOKEN: &str = "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";

/// A user, an app of theirs, and a token of the user for the app.
pub(super) struct Scene<'w> {
    world: &'w World,
    pub(super) mona: UserActor<'w>,
    pub(super) app: AppActor,
    made: Answer,
    pub(super) token: String,
}

impl<'w> Scene<'w> {
    pub(super) async fn new(world: &'w World) -> Self {
        let mona = world.user("mona").await;
        let app = world.app(&mona, "Deployer").await;
        Self::with(world, mona, app).await
    }

    async fn with(world: &'w World, mona: UserActor<'w>, app: AppActor) -> Self {
        let made = mona.app_token(&app, &["repo", "gist"]).await;
        let token = made.token();
        Self {
            world,
            mona,
            app,
            made,
            token,
        }
    }

    pub(super) async fn check(&self, token: &str) -> Answer {
        self.app.check(self.world, token).await
    }

    /// What each of the three says about a token that is not one of the app's.
    pub(super) async fn is_found_by_nothing(&self, token: &str) {
        for method in [Method::POST, Method::PATCH, Method::DELETE] {
            let answer = self
                .app
                .about(self.world, method.clone(), "/token", token)
                .await;
            assert_eq!(answer.assert_status(404).message(), "Not Found", "{method}");
        }
        let answer = self.app.revoke_grant(self.world, token).await;
        assert_eq!(answer.assert_status(404).message(), "Not Found");
    }
}

#[tokio::test]
async fn a_checked_token_comes_back_as_it_was_given_with_its_owner() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    assert_answer!(scene.check(&scene.token).await);
}

#[tokio::test]
async fn members_come_in_the_recorded_order() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    for answer in [
        scene.check(&scene.token).await,
        scene.app.reset(&world, &scene.token).await,
    ] {
        let body = answer.assert_status(200).text();
        let names = [
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
            "user",
        ];
        let places: Vec<_> = names
            .iter()
            .map(|name| body.find(&format!("\"{name}\":")).expect(name))
            .collect();
        assert!(places.is_sorted(), "{body}");
        let after_user = &body[*places.last().unwrap()..];
        assert!(
            after_user.starts_with("\"user\":{\"login\":\"mona\",\"id\":"),
            "{body}"
        );
    }
}

#[tokio::test]
async fn a_check_and_a_reset_say_the_same_but_for_the_token_and_the_time() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    let before = scene.check(&scene.token).await.json();
    world.next_second();
    let mut reset = scene.app.reset(&world, &scene.token).await.json();
    let now = scene.check(reset["token"].as_str().unwrap()).await.json();
    assert_eq!(reset, now);
    for name in ["token", "hashed_token", "token_last_eight", "updated_at"] {
        assert_ne!(reset[name], before[name], "{name}");
        reset[name] = before[name].clone();
    }
    assert_eq!(reset, before);
}

#[tokio::test]
async fn answers_with_a_token_are_neither_stored_nor_compressed() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    for method in [Method::POST, Method::PATCH] {
        let answer = scene
            .app
            .request(&world, method, "/token")
            .header("accept-encoding", "gzip, br")
            .json(&json!({ "access_token": scene.token }))
            .send()
            .await;
        answer.assert_status(200);
        assert_eq!(answer.header("cache-control"), "no-store");
        assert!(!answer.has("content-encoding"));
        assert!(!answer.has("x-oauth-scopes"), "no user's token was sent");
    }
}

#[tokio::test]
async fn a_reset_ends_the_old_token_everywhere_and_keeps_the_record() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    world.next_second();
    let reset = scene.app.reset(&world, &scene.token).await;
    assert_eq!(reset.assert_status(200).id(), scene.made.id());
    let new = reset.token();
    assert!(new.starts_with("gho_") && new != scene.token);
    assert_eq!(reset.json()["created_at"], scene.made.json()["created_at"]);
    assert_ne!(reset.json()["updated_at"], scene.made.json()["updated_at"]);

    let somebody = world.anonymous();
    somebody
        .get_with_token(&scene.token, "/user")
        .await
        .assert_status(401);
    somebody
        .get_with_token(&new, "/user")
        .await
        .assert_status(200);
    scene.check(&scene.token).await.assert_status(404);
    let shown = scene
        .mona
        .get(&format!("/authorizations/{}", scene.made.id()))
        .await;
    assert_eq!(shown.json()["hashed_token"], reset.json()["hashed_token"]);
    assert_eq!(scene.mona.ids("/authorizations").await, [scene.made.id()]);
    assert_eq!(
        world.store.check_integrity().await.unwrap(),
        Vec::<String>::new()
    );
}

#[tokio::test]
async fn a_reset_keeps_scopes_fingerprint_and_the_time_of_expiry() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    let given = GivenToken {
        app: Some(&scene.app),
        scopes: &["user"],
        lifetime: Some(Duration::from_hours(2)),
        ..GivenToken::default()
    };
    let issued = world.issue_token(&scene.mona, given).await;
    world.advance(Duration::from_hours(1));
    let reset = scene.app.reset(&world, issued.token.expose()).await;
    assert_eq!(reset.assert_status(200).json()["scopes"], json!(["user"]));
    let expires_at = reset.json()["expires_at"].clone();
    assert_eq!(
        expires_at,
        json!(issued.authorization.expires_at.unwrap().to_string())
    );
    world.advance(Duration::from_hours(1));
    scene.check(&reset.token()).await.assert_status(404);
}

#[tokio::test]
async fn a_reset_and_a_revocation_leave_their_events_with_the_app_as_actor() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    let before = world.events().await.len();
    scene.check(&scene.token).await.assert_status(200);
    let new = scene.app.reset(&world, &scene.token).await.token();
    scene.app.revoke(&world, &new).await.assert_status(204);
    let events = world.events().await.split_off(before);
    let actions: Vec<_> = events.iter().map(|event| event.action.as_str()).collect();
    let expected = [
        "authorization.reset",
        "token.ended",
        "authorization.revoked",
        "token.ended",
    ];
    assert_eq!(actions, expected);
    for event in &events {
        let app = scene.app.app.summary.id;
        assert_eq!(event.actor, format!("app:{app}"));
        assert_eq!(event.app, Some(app.0));
        assert_eq!(event.account, Some(scene.mona.account.id.0));
        assert_eq!(event.authorization, Some(scene.made.id()));
        assert!(event.grant.is_some());
        let bytes = String::from_utf8_lossy(&event.bytes);
        assert!(
            !bytes.contains(&new) && !bytes.contains(&scene.token),
            "{bytes}"
        );
    }
    let revoked = String::from_utf8_lossy(&events[2].bytes).into_owned();
    assert!(
        revoked.contains("text.reason 14 revoked_by_app"),
        "{revoked}"
    );
}

#[tokio::test]
async fn a_revoked_token_is_gone_at_once_and_the_grant_stays() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    scene
        .app
        .revoke(&world, &scene.token)
        .await
        .assert_status(204);
    world
        .anonymous()
        .get_with_token(&scene.token, "/user")
        .await
        .assert_status(401);
    scene.is_found_by_nothing(&scene.token).await;
    assert_eq!(scene.mona.ids("/authorizations").await, [] as [i64; 0]);
    assert_eq!(scene.mona.ids("/applications/grants").await.len(), 1);
}

#[tokio::test]
async fn a_suspended_users_token_is_not_reported_live_yet_can_be_revoked() {
    let world = World::new().await;
    // The app is somebody else's: with its owner it would be suspended too.
    let owner = world.user("owner").await;
    let app = world.app(&owner, "Deployer").await;
    let scene = Scene::with(&world, world.user("mona").await, app).await;
    scene.check(&scene.token).await.assert_status(200);
    let login = &scene.mona.account.login;
    let operator = World::operator();
    world
        .authority
        .suspend_account(login, &operator)
        .await
        .unwrap();
    // Whoever asks opens doors by the answer, so there is none for somebody who may not enter.
    scene.check(&scene.token).await.assert_status(404);
    scene
        .app
        .reset(&world, &scene.token)
        .await
        .assert_status(404);
    world
        .authority
        .unsuspend_account(login, &operator)
        .await
        .unwrap();
    scene.check(&scene.token).await.assert_status(200);
    world
        .authority
        .suspend_account(login, &operator)
        .await
        .unwrap();
    // It would live again with its owner: what narrows is done.
    scene
        .app
        .revoke(&world, &scene.token)
        .await
        .assert_status(204);
    world
        .authority
        .unsuspend_account(login, &operator)
        .await
        .unwrap();
    scene.check(&scene.token).await.assert_status(404);
}

#[tokio::test]
async fn a_token_whose_owner_was_deleted_is_not_found() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    let hubot = world.user("hubot").await;
    let token = hubot.app_token(&scene.app, &["repo"]).await.token();
    scene.check(&token).await.assert_status(200);
    let operator = World::operator();
    world
        .authority
        .delete_account(&hubot.account.login, &operator)
        .await
        .unwrap();
    scene.is_found_by_nothing(&token).await;
}

#[tokio::test]
async fn changed_scopes_are_told_from_the_acknowledgement_on() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    assert_eq!(
        scene.check(&scene.token).await.json()["scopes"],
        json!(["repo", "gist"])
    );
    let path = format!("/authorizations/{}", scene.made.id());
    scene
        .mona
        .patch(&path, json!({ "scopes": ["gist"] }))
        .await
        .assert_status(200);
    assert_eq!(
        scene.check(&scene.token).await.json()["scopes"],
        json!(["gist"])
    );
}
