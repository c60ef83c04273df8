//! `/admin/tokens`: administrators see and delete everybody's personal access tokens
//! (wire contract, section 18).

use std::time::Duration;

use counterfoil_testkit::{GivenToken, TokenActor, World};
use serde_json::Value;

async fn administrator(world: &World) -> (i64, TokenActor<'_>) {
    let user = world.administrator("admin").await;
    let given = GivenToken {
        scopes: &["site_admin"],
        ..GivenToken::default()
    };
    let issued = world.issue_token(&user, given).await;
    let actor = world.anonymous().with_token(issued.token.expose());
    (issued.authorization.id.0, actor)
}

fn ids(list: &Value) -> Vec<i64> {
    let items = list.as_array().expect("a list").iter();
    items
        .map(|item| item["id"].as_i64().expect("an id"))
        .collect()
}

#[tokio::test]
async fn personal_tokens_of_all_users_are_listed_without_the_token() {
    let world = World::new().await;
    let (own, admin) = administrator(&world).await;
    let mona = world.user("mona").await;
    let hubot = world.user("hubot").await;
    let app = world.app(&mona, "Deployer").await;
    mona.app_token(&app, &["repo"]).await;
    let one = mona.personal_token("laptop", &["gist"]).await;
    let two = hubot.personal_token("laptop", &["repo"]).await;
    let short = GivenToken {
        lifetime: Some(Duration::from_mins(1)),
        ..GivenToken::default()
    };
    world.issue_token(&mona, short).await;
    world.advance(Duration::from_mins(1));

    let list = admin.get("/admin/tokens").await;
    assert_eq!(
        ids(&list.assert_status(200).json()),
        [own, one.id(), two.id()]
    );
    assert!(!list.has("link"));
    for item in list.json().as_array().unwrap() {
        assert_eq!(item["token"], "");
        assert_eq!(item["app"]["client_id"], "00000000000000000000");
    }
    let shown = mona.get(&format!("/authorizations/{}", one.id())).await;
    assert_eq!(list.json()[1], shown.json());
}

#[tokio::test]
async fn the_list_comes_in_pages() {
    let world = World::new().await;
    let (own, admin) = administrator(&world).await;
    let mona = world.user("mona").await;
    let mut all = vec![own];
    for number in 0..4 {
        all.push(
            mona.personal_token(&format!("token {number}"), &[])
                .await
                .id(),
        );
    }
    let mut seen = Vec::new();
    for page in 1..=3 {
        let list = admin
            .get(&format!("/admin/tokens?per_page=2&page={page}"))
            .await;
        seen.extend(ids(&list.assert_status(200).json()));
        let link = list.header("link");
        assert_eq!(link.contains("rel=\"next\""), page < 3, "{link}");
        assert!(
            link.contains("/api/v3/admin/tokens?per_page=2&page="),
            "{link}"
        );
    }
    assert_eq!(seen, all);
    let beyond = admin.get("/admin/tokens?page=9").await;
    assert_eq!(beyond.assert_status(200).json(), Value::Array(Vec::new()));
}

#[tokio::test]
async fn a_deleted_token_is_refused_at_once() {
    let world = World::new().await;
    let (_, admin) = administrator(&world).await;
    let mona = world.user("mona").await;
    let made = mona.personal_token("laptop", &["gist"]).await;
    let path = format!("/admin/tokens/{}", made.id());
    world
        .anonymous()
        .get_with_token(&made.token(), "/user")
        .await
        .assert_status(200);
    let before = world.events().await.len();
    assert_eq!(admin.delete(&path).await.assert_status(204).text(), "");
    world
        .anonymous()
        .get_with_token(&made.token(), "/user")
        .await
        .assert_status(401);
    admin.delete(&path).await.assert_status(404);
    let events = world.events().await.split_off(before);
    let actions: Vec<_> = events.iter().map(|event| event.action.as_str()).collect();
    assert_eq!(actions, ["authorization.revoked", "token.ended"]);
    assert_eq!(events[0].account, Some(mona.account.id.0));
    let bytes = String::from_utf8_lossy(&events[0].bytes);
    assert!(bytes.contains("revoked_by_administrator"), "{bytes}");
}

#[tokio::test]
async fn the_token_that_is_in_use_is_not_deleted() {
    let world = World::new().await;
    let (own, admin) = administrator(&world).await;
    let refused = admin.delete(&format!("/admin/tokens/{own}")).await;
    let message = "You cannot delete the token that you are using.";
    assert_eq!(refused.assert_status(403).message(), message);
    admin.get("/admin/tokens").await.assert_status(200);
}

#[tokio::test]
async fn tokens_of_apps_and_what_is_no_id_are_not_found() {
    let world = World::new().await;
    let (_, admin) = administrator(&world).await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    let of_app = mona.app_token(&app, &["repo"]).await;
    let acting = admin
        .post(
            "/admin/users/mona/authorizations",
            serde_json::json!({ "scopes": [] }),
        )
        .await;
    let ids = [
        of_app.id().to_string(),
        acting.id().to_string(),
        "999".to_owned(),
        "0".to_owned(),
        "x".to_owned(),
    ];
    for id in ids {
        admin
            .delete(&format!("/admin/tokens/{id}"))
            .await
            .assert_status(404);
    }
    app.check(&world, &of_app.token()).await.assert_status(200);
}
