//! `DELETE /authorizations/{authorization_id}` (wire contract, section 15.6).

use counterfoil_testkit::World;
use serde_json::json;

#[tokio::test]
async fn a_deleted_token_is_gone_and_refused_at_once() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let created = mona.personal_token("laptop", &[]).await;
    let token = created.token();
    world
        .anonymous()
        .get_with_token(&token, "/user")
        .await
        .assert_status(200);
    let path = format!("/authorizations/{}", created.id());

    let deleted = mona.delete(&path).await;
    assert_answer!(deleted);
    assert!(
        deleted.assert_status(204).body.is_empty()
            && !deleted.has("etag")
            && !deleted.has("content-type")
    );
    world
        .anonymous()
        .get_with_token(&token, "/user")
        .await
        .assert_status(401);
    world
        .anonymous()
        .get_with_token(&token, "/authorizations")
        .await
        .assert_status(401);
    assert!(mona.ids("/authorizations").await.is_empty());
    for again in [
        mona.delete(&path).await,
        mona.get(&path).await,
        mona.patch(&path, json!({})).await,
    ] {
        assert_eq!(again.assert_status(404).message(), "Not Found");
    }
}

#[tokio::test]
async fn deleting_takes_one_token_and_no_other() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    let first = mona.app_token(&app, &["repo"]).await;
    let second = mona.app_token(&app, &["repo"]).await;
    let personal = mona.personal_token("laptop", &[]).await;
    mona.delete(&format!("/authorizations/{}", first.id()))
        .await
        .assert_status(204);
    assert_eq!(
        mona.ids("/authorizations").await,
        [personal.id(), second.id()]
    );
    for token in [second.token(), personal.token()] {
        world
            .anonymous()
            .get_with_token(&token, "/user")
            .await
            .assert_status(200);
    }
}

#[tokio::test]
async fn nobody_deletes_what_is_not_theirs() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let hubot = world.administrator("hubot").await;
    let created = mona.personal_token("laptop", &[]).await;
    hubot
        .delete(&format!("/authorizations/{}", created.id()))
        .await
        .assert_status(404);
    world
        .anonymous()
        .get_with_token(&created.token(), "/user")
        .await
        .assert_status(200);
}

#[tokio::test]
async fn of_two_who_delete_at_once_one_is_told_that_it_is_gone() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let path = format!(
        "/authorizations/{}",
        mona.personal_token("laptop", &[]).await.id()
    );
    let (first, second) = tokio::join!(mona.delete(&path), mona.delete(&path));
    let mut statuses = [first.status.as_u16(), second.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 404]);
}
