//! `PATCH` and `POST /authorizations/{authorization_id}` (wire contract, section 15.5).

use counterfoil_testkit::World;
use http::Method;
use serde_json::{Value, json};

fn path(id: i64) -> String {
    format!("/authorizations/{id}")
}

#[tokio::test]
async fn a_change_is_answered_without_token_place_or_date() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let created = mona.personal_token("laptop", &["gist"]).await;
    world.next_second();
    let changed = mona
        .patch(
            &path(created.id()),
            json!({ "scopes": ["repo"], "note": "desk" }),
        )
        .await;
    assert_answer!(changed);
    assert_eq!(changed.token(), "");
    assert_eq!(mona.get(&path(created.id())).await.json(), changed.json());
    assert_eq!(
        changed.json()["hashed_token"],
        created.json()["hashed_token"]
    );
    world
        .anonymous()
        .get_with_token(&created.token(), "/user")
        .await
        .assert_status(200);
}

#[tokio::test]
async fn post_changes_as_patch_does() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let created = mona.personal_token("laptop", &["gist"]).await;
    let changed = mona
        .post(&path(created.id()), json!({ "add_scopes": ["repo"] }))
        .await;
    assert_eq!(
        changed.assert_status(200).json()["scopes"],
        json!(["gist", "repo"])
    );
}

#[tokio::test]
async fn scopes_are_replaced_added_and_removed() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let id = mona.personal_token("laptop", &["gist"]).await.id();
    for (body, expected) in [
        (json!({ "add_scopes": ["user"] }), json!(["gist", "user"])),
        (
            json!({ "add_scopes": ["user:email", "gist"] }),
            json!(["gist", "user"]),
        ),
        (
            json!({ "scopes": ["public_repo", "gist"] }),
            json!(["public_repo", "gist"]),
        ),
        (json!({ "add_scopes": ["repo"] }), json!(["gist", "repo"])),
        // A held parent stays when what it includes is removed.
        (
            json!({ "remove_scopes": ["public_repo"] }),
            json!(["gist", "repo"]),
        ),
        (
            json!({ "remove_scopes": ["gist", "user"] }),
            json!(["repo"]),
        ),
        // Both together: removal wins.
        (
            json!({ "add_scopes": ["gist", "user"], "remove_scopes": ["gist"] }),
            json!(["repo", "user"]),
        ),
        (
            json!({ "add_scopes": ["gist"], "remove_scopes": ["repo", "user"] }),
            json!(["gist"]),
        ),
        (
            json!({ "scopes": null, "add_scopes": null, "remove_scopes": null }),
            json!(["gist"]),
        ),
        (json!({ "scopes": [] }), json!([])),
        (json!({ "remove_scopes": ["repo"] }), json!([])),
    ] {
        let changed = mona.patch(&path(id), body.clone()).await;
        assert_eq!(
            changed.assert_status(200).json()["scopes"],
            expected,
            "{body}"
        );
        assert_eq!(
            mona.get(&path(id)).await.json()["scopes"],
            expected,
            "{body}"
        );
    }
}

#[tokio::test]
async fn scopes_stand_alone_or_not_at_all() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let created = mona.personal_token("laptop", &["gist"]).await;
    for body in [
        json!({ "scopes": ["repo"], "add_scopes": ["user"] }),
        json!({ "scopes": ["repo"], "remove_scopes": [] }),
        json!({ "scopes": [], "add_scopes": [], "remove_scopes": [] }),
    ] {
        let refused = mona.patch(&path(created.id()), body).await;
        let message = refused.assert_status(422).message();
        assert!(message.starts_with("Invalid request.\n\n"), "{message}");
    }
    assert_eq!(
        mona.get(&path(created.id())).await.json()["scopes"],
        json!(["gist"])
    );
}

#[tokio::test]
async fn a_change_of_scopes_takes_effect_at_once() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let created = mona.personal_token("laptop", &["user", "repo"]).await;
    let token = created.token();
    let before = world.anonymous().get_with_token(&token, "/user").await;
    assert_eq!(before.header("x-oauth-scopes"), "repo, user");
    mona.patch(&path(created.id()), json!({ "remove_scopes": ["user"] }))
        .await
        .assert_status(200);
    let after = world.anonymous().get_with_token(&token, "/user").await;
    assert_eq!(after.header("x-oauth-scopes"), "repo");
    assert!(before.json().get("plan").is_some() && after.json().get("plan").is_none());
}

#[tokio::test]
async fn time_moves_with_every_change_even_an_empty_one() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let created = mona.personal_token("laptop", &["gist"]).await;
    world.next_second();
    for body in [
        json!({}),
        json!({ "rm_scopes": ["gist"], "id": 7, "token": "x" }),
    ] {
        let changed = mona
            .patch(&path(created.id()), body)
            .await
            .assert_status(200)
            .json();
        assert_eq!(changed["updated_at"], "2026-01-02T03:04:06Z");
        assert_eq!(changed["created_at"], "2026-01-02T03:04:05Z");
        assert_eq!(changed["scopes"], json!(["gist"]));
        assert_eq!(changed["note"], "laptop");
    }
    let without_body = mona
        .request(Method::PATCH, &path(created.id()))
        .send()
        .await;
    without_body.assert_status(200);
}

#[tokio::test]
async fn time_never_runs_backwards() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let created = mona.personal_token("laptop", &[]).await;
    world.clock.set_back(std::time::Duration::from_hours(1));
    let changed = mona
        .patch(&path(created.id()), json!({ "note": "desk" }))
        .await
        .assert_status(200)
        .json();
    assert_eq!(changed["updated_at"], "2026-01-02T03:04:05Z");
}

#[tokio::test]
async fn a_renamed_personal_token_renames_its_app() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let created = mona.personal_token("laptop", &[]).await;
    let body = json!({ "note": "desk", "note_url": "https://example.com/desk" });
    let changed = mona
        .patch(&path(created.id()), body)
        .await
        .assert_status(200)
        .json();
    assert_eq!(changed["app"]["name"], "desk");
    assert_eq!(changed["app"]["url"], "https://example.com/desk");
    mona.personal_token("laptop", &[]).await;

    // Without a note URL, or with an empty one, the app's page is that of personal tokens.
    for note_url in [json!(""), Value::Null] {
        let body = json!({ "note_url": note_url });
        let changed = mona
            .patch(&path(created.id()), body)
            .await
            .assert_status(200)
            .json();
        assert_eq!(changed["note_url"], note_url);
        assert!(
            changed["app"]["url"]
                .as_str()
                .unwrap()
                .ends_with("/rest/enterprise-admin/users#list-personal-access-tokens")
        );
    }
}

#[tokio::test]
async fn a_note_may_be_kept_but_not_taken_from_another_or_left_out() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let laptop = mona.personal_token("laptop", &[]).await;
    mona.personal_token("desk", &[]).await;
    mona.patch(&path(laptop.id()), json!({ "note": "laptop" }))
        .await
        .assert_status(200);
    let taken = mona
        .patch(&path(laptop.id()), json!({ "note": "desk" }))
        .await;
    let expected =
        json!([{ "resource": "OauthAccess", "code": "already_exists", "field": "description" }]);
    assert_eq!(taken.assert_status(422).json()["errors"], expected);
    for note in [json!(""), Value::Null] {
        let missing = mona
            .patch(
                &path(laptop.id()),
                json!({ "note": note, "scopes": ["repo"] }),
            )
            .await;
        let expected =
            json!([{ "resource": "OauthAccess", "code": "missing_field", "field": "description" }]);
        assert_eq!(missing.assert_status(422).json()["errors"], expected);
    }
    let unchanged = mona.get(&path(laptop.id())).await.json();
    assert_eq!(
        (&unchanged["note"], &unchanged["scopes"]),
        (&json!("laptop"), &json!([]))
    );
}

#[tokio::test]
async fn an_app_token_takes_note_url_and_fingerprint() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    let first = mona.app_token(&app, &[]).await;
    let body = json!({ "note": "ci", "note_url": "https://ci.example.com", "fingerprint": "desk" });
    let changed = mona
        .patch(&path(first.id()), body)
        .await
        .assert_status(200)
        .json();
    assert_eq!(changed["note"], "ci");
    assert_eq!(changed["note_url"], "https://ci.example.com");
    assert_eq!(changed["fingerprint"], "desk");
    assert_eq!(changed["app"]["name"], "Deployer");
    assert_eq!(
        mona.get_or_create(&app, json!({ "fingerprint": "desk" }))
            .await
            .id(),
        first.id()
    );

    let second = mona.app_token(&app, &[]).await;
    let refused = mona
        .patch(&path(second.id()), json!({ "fingerprint": "desk" }))
        .await;
    let expected =
        json!([{ "resource": "OauthAccess", "code": "already_exists", "field": "fingerprint" }]);
    assert_eq!(refused.assert_status(422).json()["errors"], expected);
    mona.patch(&path(first.id()), json!({ "fingerprint": "desk" }))
        .await
        .assert_status(200);
    let kept = mona
        .patch(&path(first.id()), json!({ "fingerprint": "" }))
        .await
        .json();
    assert_eq!(kept["fingerprint"], "desk");
    let cleared = mona
        .patch(
            &path(first.id()),
            json!({ "fingerprint": null, "note": null }),
        )
        .await
        .json();
    assert_eq!(
        (&cleared["fingerprint"], &cleared["note"]),
        (&Value::Null, &Value::Null)
    );
    mona.patch(&path(second.id()), json!({ "fingerprint": "desk" }))
        .await
        .assert_status(200);
}

#[tokio::test]
async fn a_personal_token_has_no_fingerprint_after_a_change_either() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let created = mona.personal_token("laptop", &[]).await;
    let changed = mona
        .patch(&path(created.id()), json!({ "fingerprint": "desk" }))
        .await;
    assert_eq!(
        changed.assert_status(200).json()["fingerprint"],
        Value::Null
    );
}

#[tokio::test]
async fn what_is_not_the_callers_cannot_be_changed() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let hubot = world.administrator("hubot").await;
    let created = mona.personal_token("laptop", &["gist"]).await;
    hubot
        .patch(&path(created.id()), json!({ "scopes": ["repo"] }))
        .await
        .assert_status(404);
    hubot
        .patch(&path(created.id() + 1), json!({ "scopes": ["repo"] }))
        .await
        .assert_status(404);
    assert_eq!(
        mona.get(&path(created.id())).await.json()["scopes"],
        json!(["gist"])
    );
    mona.delete(&path(created.id())).await.assert_status(204);
    mona.patch(&path(created.id()), json!({}))
        .await
        .assert_status(404);
}
