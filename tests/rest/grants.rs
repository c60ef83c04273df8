//! `/applications/grants` (wire contract, section 14).

use std::time::Duration;

use counterfoil_testkit::{GivenToken, UserActor, World};
use serde_json::{Value, json};

const LIST: &str = "/applications/grants";

fn path(id: i64) -> String {
    format!("{LIST}/{id}")
}

async fn only_grant(user: &UserActor<'_>) -> Value {
    let list = user.get(LIST).await.assert_status(200).json();
    assert_eq!(list.as_array().expect("a list").len(), 1, "{list}");
    list[0].clone()
}

#[tokio::test]
async fn an_app_with_tokens_has_one_grant() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    mona.personal_token("laptop", &["user"]).await;
    assert!(
        mona.ids(LIST).await.is_empty(),
        "personal tokens have no grant"
    );
    mona.app_token(&app, &["repo"]).await;
    mona.app_token(&app, &["gist"]).await;
    let listed = mona.get(LIST).await;
    assert_answer!(listed);
    let grant = only_grant(&mona).await;
    world.next_second();
    let one = mona.get(&path(grant["id"].as_i64().unwrap())).await;
    assert_eq!(one.assert_status(200).json(), grant);
    assert_eq!(one.header("last-modified"), "Fri, 02 Jan 2026 03:04:05 GMT");
    let names: Vec<_> = grant
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(
        names,
        ["id", "url", "app", "created_at", "updated_at", "scopes"]
    );
}

#[tokio::test]
async fn a_grant_shows_the_normalised_union_in_order_of_first_appearance() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    let first = mona.app_token(&app, &["public_repo", "user:email"]).await;
    let second = mona.app_token(&app, &["gist", "repo"]).await;
    assert_eq!(
        only_grant(&mona).await["scopes"],
        json!(["user:email", "gist", "repo"])
    );
    mona.patch(
        &format!("/authorizations/{}", first.id()),
        json!({ "add_scopes": ["user"] }),
    )
    .await
    .assert_status(200);
    assert_eq!(
        only_grant(&mona).await["scopes"],
        json!(["user", "gist", "repo"])
    );
    mona.delete(&format!("/authorizations/{}", second.id()))
        .await
        .assert_status(204);
    assert_eq!(
        only_grant(&mona).await["scopes"],
        json!(["public_repo", "user"])
    );
}

#[tokio::test]
async fn a_grant_outlives_its_tokens_and_keeps_what_was_last_granted() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    let first = mona.app_token(&app, &["repo"]).await;
    let second = mona.app_token(&app, &["gist"]).await;
    let before = only_grant(&mona).await;
    for id in [first.id(), second.id()] {
        mona.delete(&format!("/authorizations/{id}"))
            .await
            .assert_status(204);
    }
    let after = only_grant(&mona).await;
    assert_eq!(
        (&after["id"], &after["scopes"]),
        (&before["id"], &json!(["gist"]))
    );

    mona.app_token(&app, &["user"]).await;
    let again = only_grant(&mona).await;
    assert_eq!(
        (&again["id"], &again["scopes"]),
        (&before["id"], &json!(["user"]))
    );
}

#[tokio::test]
async fn deleting_a_grant_ends_every_token_of_the_app_for_the_user() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let hubot = world.user("hubot").await;
    let app = world.app(&mona, "Deployer").await;
    let other = world.app(&mona, "Other").await;
    let gone = [
        mona.app_token(&app, &["repo"]).await,
        mona.get_or_create(&app, json!({ "fingerprint": "x" }))
            .await,
    ];
    let kept = [
        mona.app_token(&other, &["repo"]).await,
        mona.personal_token("laptop", &[]).await,
        hubot.app_token(&app, &["repo"]).await,
    ];
    let id = mona
        .ids(&format!("{LIST}?client_id={}", app.client_id))
        .await[0];
    let deleted = mona.delete(&path(id)).await;
    assert!(deleted.assert_status(204).body.is_empty() && !deleted.has("etag"));
    for answer in gone {
        world
            .anonymous()
            .get_with_token(&answer.token(), "/user")
            .await
            .assert_status(401);
        mona.get(&format!("/authorizations/{}", answer.id()))
            .await
            .assert_status(404);
    }
    for answer in kept {
        world
            .anonymous()
            .get_with_token(&answer.token(), "/user")
            .await
            .assert_status(200);
    }
    for again in [mona.get(&path(id)).await, mona.delete(&path(id)).await] {
        assert_eq!(again.assert_status(404).message(), "Not Found");
    }
    assert!(
        mona.ids(&format!("{LIST}?client_id={}", app.client_id))
            .await
            .is_empty()
    );
}

#[tokio::test]
async fn granting_again_makes_a_grant_with_another_id() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    mona.get_or_create(&app, json!({ "scopes": ["repo"] }))
        .await
        .assert_status(201);
    let first = only_grant(&mona).await["id"].as_i64().unwrap();
    mona.delete(&path(first)).await.assert_status(204);
    mona.get_or_create(&app, json!({ "scopes": ["gist"] }))
        .await
        .assert_status(201);
    let second = only_grant(&mona).await;
    assert!(second["id"].as_i64().unwrap() > first);
    assert_eq!(second["scopes"], json!(["gist"]));
}

#[tokio::test]
async fn grants_are_numbered_apart_from_authorizations() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    mona.personal_token("laptop", &[]).await;
    let token = mona.app_token(&app, &[]).await;
    let grant = only_grant(&mona).await;
    assert_ne!(grant["id"], token.json()["id"]);
    assert_eq!(
        grant["url"],
        format!(
            "http://counterfoil.test/api/v3/applications/grants/{}",
            grant["id"]
        )
        .as_str()
    );
    mona.get(&path(token.id())).await.assert_status(404);
}

#[tokio::test]
async fn the_time_of_a_grant_moves_with_tokens_and_scopes() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    let token = mona.app_token(&app, &["repo"]).await;
    world.advance(Duration::from_secs(1));
    mona.get_or_create(&app, json!({})).await.assert_status(200);
    assert_eq!(
        only_grant(&mona).await["updated_at"],
        "2026-01-02T03:04:05Z"
    );
    mona.app_token(&app, &["repo"]).await;
    assert_eq!(
        only_grant(&mona).await["updated_at"],
        "2026-01-02T03:04:06Z"
    );
    world.advance(Duration::from_secs(1));
    mona.patch(
        &format!("/authorizations/{}", token.id()),
        json!({ "add_scopes": ["gist"] }),
    )
    .await
    .assert_status(200);
    let grant = only_grant(&mona).await;
    assert_eq!(grant["updated_at"], "2026-01-02T03:04:07Z");
    assert_eq!(grant["created_at"], "2026-01-02T03:04:05Z");
}

#[tokio::test]
async fn grants_are_listed_by_id_and_filtered_by_app() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let first = world.app(&mona, "First").await;
    let second = world.app(&mona, "Second").await;
    mona.app_token(&second, &[]).await;
    mona.app_token(&first, &[]).await;
    let ids = mona.ids(LIST).await;
    assert!(ids.is_sorted() && ids.len() == 2);
    for (client_id, expected) in [
        (second.client_id.as_str(), vec![ids[0]]),
        (first.client_id.as_str(), vec![ids[1]]),
        ("", ids.clone()),
        ("ffffffffffffffffffff", vec![]),
        ("00000000000000000000", vec![]),
        ("x", vec![]),
    ] {
        assert_eq!(
            mona.ids(&format!("{LIST}?client_id={client_id}")).await,
            expected,
            "{client_id}"
        );
    }
}

#[tokio::test]
async fn nobody_sees_or_deletes_what_is_not_theirs() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let hubot = world.administrator("hubot").await;
    let app = world.app(&hubot, "Deployer").await;
    let token = mona.app_token(&app, &[]).await;
    let id = mona.ids(LIST).await[0];
    assert!(hubot.ids(LIST).await.is_empty());
    hubot.get(&path(id)).await.assert_status(404);
    hubot.delete(&path(id)).await.assert_status(404);
    world
        .anonymous()
        .get_with_token(&token.token(), "/user")
        .await
        .assert_status(200);
}

#[tokio::test]
async fn an_expired_token_adds_no_scopes_to_its_grant() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    let lifetime = Some(Duration::from_mins(1));
    mona.app_token(&app, &["gist"]).await;
    world
        .issue_token(
            &mona,
            GivenToken {
                app: Some(&app),
                scopes: &["repo"],
                lifetime,
                ..GivenToken::default()
            },
        )
        .await;
    let before = only_grant(&mona).await;
    assert_eq!(before["scopes"], json!(["gist", "repo"]));

    world.advance(Duration::from_mins(1));
    assert_eq!(only_grant(&mona).await["scopes"], json!(["gist"]));
}

#[tokio::test]
async fn a_copy_from_before_a_token_expired_is_not_current() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    let lifetime = Some(Duration::from_mins(1));
    mona.app_token(&app, &["gist"]).await;
    world
        .issue_token(
            &mona,
            GivenToken {
                app: Some(&app),
                scopes: &["repo"],
                lifetime,
                ..GivenToken::default()
            },
        )
        .await;
    let id = mona.ids(LIST).await[0];
    world.advance(Duration::from_secs(30));
    let copy = mona.get(&path(id)).await;
    let ask = || {
        mona.request(http::Method::GET, &path(id))
            .header("if-modified-since", &copy.header("last-modified"))
    };
    ask().send().await.assert_status(304);
    world.advance(Duration::from_mins(1));
    assert_eq!(
        ask().send().await.assert_status(200).json()["scopes"],
        json!(["gist"])
    );
}

#[tokio::test]
async fn a_deleted_app_leaves_neither_grants_nor_tokens() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let hubot = world.user("hubot").await;
    let app = world.app(&hubot, "Deployer").await;
    let token = mona.app_token(&app, &[]).await;
    world
        .authority
        .delete_app(&app.app.summary.client_id, &World::operator())
        .await
        .unwrap();
    assert_eq!(
        (mona.ids(LIST).await, mona.ids("/authorizations").await),
        (vec![], vec![])
    );
    world
        .anonymous()
        .get_with_token(&token.token(), "/user")
        .await
        .assert_status(401);
    mona.get_or_create(&app, json!({})).await.assert_status(422);
}
