//! `DELETE /applications/{client_id}/grant`: an app gives back all that a user gave it
//! (wire contract, section 16).

use counterfoil_testkit::World;

#[tokio::test]
async fn all_tokens_of_the_user_for_the_app_end_with_the_grant() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let hubot = world.user("hubot").await;
    let app = world.app(&mona, "Deployer").await;
    let other = world.app(&mona, "Other").await;
    let first = mona.app_token(&app, &["repo"]).await.token();
    let second = mona.app_token(&app, &["gist"]).await.token();
    let of_hubot = hubot.app_token(&app, &["repo"]).await.token();
    let of_other = mona.app_token(&other, &["repo"]).await.token();
    let personal = mona.personal_token("laptop", &[]).await.token();
    let before = world.events().await.len();

    let answer = app.revoke_grant(&world, &first).await;
    assert_eq!(answer.assert_status(204).text(), "");

    for token in [&first, &second] {
        world
            .anonymous()
            .get_with_token(token, "/user")
            .await
            .assert_status(401);
        app.check(&world, token).await.assert_status(404);
    }
    for token in [&of_hubot, &of_other, &personal] {
        world
            .anonymous()
            .get_with_token(token, "/user")
            .await
            .assert_status(200);
    }
    assert_eq!(mona.ids("/applications/grants").await.len(), 1);
    assert_eq!(hubot.ids("/applications/grants").await.len(), 1);
    let events = world.events().await.split_off(before);
    let actions: Vec<_> = events.iter().map(|event| event.action.as_str()).collect();
    assert_eq!(actions, ["grant.revoked", "token.ended", "token.ended"]);
    assert_eq!(events[0].actor, format!("app:{}", app.app.summary.id));
    let bytes = String::from_utf8_lossy(&events[0].bytes);
    assert!(bytes.contains("number.tokens 1 2"), "{bytes}");
}

#[tokio::test]
async fn a_grant_is_deleted_once_and_a_new_one_has_another_id() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    let token = mona.app_token(&app, &["repo"]).await.token();
    let grant = mona.ids("/applications/grants").await[0];
    app.revoke_grant(&world, &token).await.assert_status(204);
    app.revoke_grant(&world, &token).await.assert_status(404);
    mona.app_token(&app, &["repo"]).await;
    let again = mona.ids("/applications/grants").await;
    assert!(again.len() == 1 && again[0] > grant, "{again:?}");
}

#[tokio::test]
async fn only_a_live_token_leads_to_a_grant() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    let ended = mona.app_token(&app, &["repo"]).await.token();
    let live = mona.app_token(&app, &["gist"]).await.token();
    app.revoke(&world, &ended).await.assert_status(204);
    app.revoke_grant(&world, &ended).await.assert_status(404);
    app.check(&world, &live).await.assert_status(200);
    // What was replaced is as dead as what was revoked.
    app.reset(&world, &live).await.assert_status(200);
    app.revoke_grant(&world, &live).await.assert_status(404);
    assert_eq!(mona.ids("/applications/grants").await.len(), 1);
}
