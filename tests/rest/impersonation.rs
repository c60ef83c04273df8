//! `/admin/users/{username}/authorizations`: a site administrator acts as somebody else
//! (wire contract, section 18).

use std::time::Duration;

use counterfoil_domain::account::AccountChange;
use counterfoil_domain::scope::Standing;
use counterfoil_testkit::{GivenToken, TokenActor, UserActor, World, WorldOptions};
use http::Method;
use serde_json::{Value, json};

const PATH: &str = "/admin/users/mona/authorizations";

/// A site administrator with a token that may act as one.
async fn administrator<'w>(world: &'w World, login: &str) -> (UserActor<'w>, TokenActor<'w>) {
    let user = world.administrator(login).await;
    let given = GivenToken {
        scopes: &["site_admin"],
        ..GivenToken::default()
    };
    let issued = world.issue_token(&user, given).await;
    let actor = world.anonymous().with_token(issued.token.expose());
    (user, actor)
}

fn wanted(scopes: &[&str]) -> Value {
    json!({ "scopes": scopes })
}

#[tokio::test]
async fn a_token_that_acts_as_somebody_else_is_made_and_shown_once() {
    let world = World::new().await;
    let (_, admin) = administrator(&world, "admin").await;
    world.user("mona").await;
    assert_answer!(admin.post(PATH, wanted(&["repo", "user"])).await);
}

#[tokio::test]
async fn it_is_accepted_as_its_owner() {
    let world = World::new().await;
    let (_, admin) = administrator(&world, "admin").await;
    world.user("mona").await;
    let made = admin.post(PATH, wanted(&["user"])).await;
    let token = made.assert_status(201).token();
    let answer = world.anonymous().get_with_token(&token, "/user").await;
    assert_eq!(answer.assert_status(200).json()["login"], "mona");
    assert_eq!(answer.header("x-oauth-scopes"), "user");
    assert!(!answer.has("x-oauth-client-id"), "it is no app's");
}

#[tokio::test]
async fn a_second_one_for_the_same_user_has_the_same_id_and_a_new_token_in_place_of_the_first() {
    let world = World::new().await;
    let (_, admin) = administrator(&world, "admin").await;
    world.user("mona").await;
    let made = admin.post(PATH, wanted(&["repo"])).await;
    let first = made.assert_status(201).token();
    world.advance(Duration::from_hours(7));
    let again = admin.post(PATH, wanted(&["gist"])).await;
    assert_eq!(again.assert_status(200).id(), made.id());
    assert_eq!(again.json()["scopes"], json!(["gist"]));
    let expires = world.authority.now().plus(Duration::from_hours(8));
    assert_eq!(again.json()["expires_at"], expires.to_string().as_str());
    assert_eq!(again.json()["created_at"], made.json()["created_at"]);
    assert_eq!(again.json()["app"], made.json()["app"]);
    assert!(!again.has("location"));
    assert_eq!(again.header("cache-control"), "no-store");
    let second = again.token();
    assert_eq!(again.json()["token_last_eight"], second[second.len() - 8..]);
    let anonymous = world.anonymous();
    let refused = anonymous.get_with_token(&first, "/user").await;
    refused.assert_status(401);
    let answer = anonymous.get_with_token(&second, "/user").await;
    assert_eq!(answer.assert_status(200).header("x-oauth-scopes"), "gist");
    let events = world.events().await;
    let last = events[events.len() - 2..].iter();
    let last: Vec<_> = last
        .map(|event| (event.action.as_str(), event.authorization))
        .collect();
    let id = Some(made.id());
    assert_eq!(last, [("authorization.reset", id), ("token.ended", id)]);
}

#[tokio::test]
async fn without_a_list_of_scopes_a_new_one_has_none_and_a_second_one_keeps_its_own() {
    let world = World::new().await;
    let (_, admin) = administrator(&world, "admin").await;
    world.user("mona").await;
    let path = "/admin/users/mona/authorizations";
    let none = admin.request(Method::POST, path).send().await;
    assert_eq!(none.assert_status(201).json()["scopes"], json!([]));
    admin.post(PATH, wanted(&["repo"])).await.assert_status(200);
    for body in [json!({}), json!({ "other": 1 })] {
        let kept = admin.post(PATH, body).await;
        assert_eq!(kept.assert_status(200).json()["scopes"], json!(["repo"]));
    }
    let null = admin.post(PATH, json!({ "scopes": null })).await;
    null.assert_status(422);
    let cleared = admin.post(PATH, wanted(&[])).await;
    assert_eq!(cleared.assert_status(200).json()["scopes"], json!([]));
}

#[tokio::test]
async fn each_administrator_has_one_of_their_own_and_all_go_together() {
    let world = World::new().await;
    let (_, first) = administrator(&world, "admin").await;
    let (_, second) = administrator(&world, "other-admin").await;
    world.user("mona").await;
    let one = first
        .post(PATH, wanted(&["repo"]))
        .await
        .assert_status(201)
        .token();
    let two = second
        .post(PATH, wanted(&[]))
        .await
        .assert_status(201)
        .token();
    first.delete(PATH).await.assert_status(204);
    for token in [one, two] {
        world
            .anonymous()
            .get_with_token(&token, "/user")
            .await
            .assert_status(401);
    }
    first.delete(PATH).await.assert_status(404);
}

#[tokio::test]
async fn scopes_of_administrators_are_refused() {
    let world = World::new().await;
    let (_, admin) = administrator(&world, "admin").await;
    world.user("mona").await;
    // Even for somebody who is an administrator too.
    world.administrator("boss").await;
    let paths = [PATH, "/admin/users/boss/authorizations"];
    let scopes = [
        "site_admin",
        "admin:enterprise",
        "read:enterprise",
        "scim:enterprise",
        "admin:pre_receive_hook",
        "admin:business",
    ];
    for path in paths {
        for scope in scopes {
            let refused = admin.post(path, wanted(&["repo", scope])).await;
            let error = refused.assert_status(422).json()["errors"][0].clone();
            assert_eq!(error["field"], "scopes");
            let message = format!("scopes are not available to impersonation tokens: {scope}");
            assert_eq!(error["message"], message.as_str());
        }
    }
    let made = admin.post(PATH, wanted(&["repo"])).await;
    let widened = admin.post(PATH, wanted(&["site_admin"])).await;
    widened.assert_status(422);
    let answer = world
        .anonymous()
        .get_with_token(&made.token(), "/user")
        .await;
    assert_eq!(answer.header("x-oauth-scopes"), "repo");
}

#[tokio::test]
async fn a_token_for_an_administrator_opens_nothing_of_theirs() {
    let world = World::new().await;
    let (_, admin) = administrator(&world, "admin").await;
    world.administrator("boss").await;
    let made = admin
        .post(
            "/admin/users/boss/authorizations",
            wanted(&["user", "repo"]),
        )
        .await;
    let acting = world
        .anonymous()
        .with_token(&made.assert_status(201).token());
    acting.get("/user").await.assert_status(200);
    acting.get("/admin/tokens").await.assert_status(404);
    acting.post(PATH, wanted(&[])).await.assert_status(404);
}

#[tokio::test]
async fn it_lasts_eight_hours_unless_a_setting_says_otherwise() {
    let mut options = WorldOptions::default();
    options.settings.impersonation_lifetime = Duration::from_mins(30);
    for (options, lifetime) in [
        (WorldOptions::default(), Duration::from_hours(8)),
        (options, Duration::from_mins(30)),
    ] {
        let world = World::with(options).await;
        let (_, admin) = administrator(&world, "admin").await;
        world.user("mona").await;
        let expected = world.authority.now().plus(lifetime).to_string();
        let made = admin.post(PATH, wanted(&[])).await;
        assert_eq!(
            made.assert_status(201).json()["expires_at"],
            expected.as_str()
        );
        let token = made.token();
        let acting = world.anonymous().with_token(&token);
        world.advance(lifetime.saturating_sub(Duration::from_micros(1)));
        acting.get("/user").await.assert_status(200);
        world.advance(Duration::from_micros(1));
        acting.get("/user").await.assert_status(401);
        admin.delete(PATH).await.assert_status(404);
        // One that is over is in nobody's way.
        let next = admin.post(PATH, wanted(&[])).await;
        assert!(next.assert_status(201).id() > made.id());
    }
}

#[tokio::test]
async fn it_never_outlives_what_tokens_may() {
    let mut options = WorldOptions::default();
    options.settings.token_life.maximum = Some(Duration::from_hours(1));
    let world = World::with(options).await;
    let (_, admin) = administrator(&world, "admin").await;
    world.user("mona").await;
    let expected = world
        .authority
        .now()
        .plus(Duration::from_hours(1))
        .to_string();
    let made = admin.post(PATH, wanted(&[])).await;
    assert_eq!(
        made.assert_status(201).json()["expires_at"],
        expected.as_str()
    );
}

/// What takes an administrator's rights.
#[derive(Clone, Copy, Debug)]
enum Loss {
    SuspendedByOperator,
    DeletedByOperator,
    DemotedByOperator,
    SuspendedAtTheApi,
    DeletedAtTheApi,
    DemotedAtTheApi,
}

#[tokio::test]
async fn it_ends_with_its_makers_rights() {
    for loss in [
        Loss::SuspendedByOperator,
        Loss::DeletedByOperator,
        Loss::DemotedByOperator,
        Loss::SuspendedAtTheApi,
        Loss::DeletedAtTheApi,
        Loss::DemotedAtTheApi,
    ] {
        let world = World::new().await;
        let (maker, admin) = administrator(&world, "admin").await;
        let (_, boss) = administrator(&world, "boss").await;
        world.user("mona").await;
        let token = admin
            .post(PATH, wanted(&["repo"]))
            .await
            .assert_status(201)
            .token();
        let of_boss = boss
            .post(PATH, wanted(&["repo"]))
            .await
            .assert_status(201)
            .token();
        world
            .anonymous()
            .get_with_token(&token, "/user")
            .await
            .assert_status(200);
        lose(&world, &maker, &boss, loss).await;
        world
            .anonymous()
            .get_with_token(&token, "/user")
            .await
            .assert_status(401);
        world
            .anonymous()
            .get_with_token(&of_boss, "/user")
            .await
            .assert_status(200);
        assert_eq!(
            reason_of_end(&world, &token),
            "maker_lost_rights",
            "{loss:?}"
        );
        // Rights that come back bring nothing back.
        if matches!(loss, Loss::SuspendedAtTheApi) {
            boss.delete("/users/admin/suspended")
                .await
                .assert_status(204);
            world
                .anonymous()
                .get_with_token(&token, "/user")
                .await
                .assert_status(401);
        }
    }
}

async fn lose(world: &World, maker: &UserActor<'_>, boss: &TokenActor<'_>, loss: Loss) {
    let (authority, operator) = (&world.authority, World::operator());
    let login = &maker.account.login;
    match loss {
        Loss::SuspendedByOperator => {
            let suspended = authority.suspend_account(login, &operator).await;
            assert!(suspended.expect("the maker is there"));
        }
        Loss::DeletedByOperator => {
            let deleted = authority.delete_account(login, &operator).await;
            deleted.expect("the maker is there");
        }
        Loss::DemotedByOperator => {
            let standing = Some(Standing::Ordinary);
            let change = AccountChange {
                standing,
                ..AccountChange::default()
            };
            let demoted = authority.change_account(login, change, &operator).await;
            demoted.expect("the maker is there");
        }
        Loss::SuspendedAtTheApi => {
            boss.put("/users/admin/suspended").await.assert_status(204);
        }
        Loss::DeletedAtTheApi => {
            boss.delete("/admin/users/admin").await.assert_status(204);
        }
        Loss::DemotedAtTheApi => {
            boss.delete("/users/admin/site_admin")
                .await
                .assert_status(204);
        }
    }
}

/// Why the token with these last characters ended, as the database has it.
fn reason_of_end(world: &World, token: &str) -> String {
    let last_eight = &token[token.len() - 8..];
    let question = format!(
        "SELECT a.end_reason FROM authorizations a JOIN token_digests d ON d.authorization_id = a.id
        WHERE d.last_eight = '{last_eight}'"
    );
    let reason = world.database().look_up(&question);
    reason.expect("the token has ended")
}

#[tokio::test]
async fn it_ends_with_its_owner_and_sleeps_while_they_are_suspended() {
    let world = World::new().await;
    let (_, admin) = administrator(&world, "admin").await;
    world.user("mona").await;
    let token = admin
        .post(PATH, wanted(&["repo"]))
        .await
        .assert_status(201)
        .token();
    admin.put("/users/mona/suspended").await.assert_status(204);
    world
        .anonymous()
        .get_with_token(&token, "/user")
        .await
        .assert_status(403);
    let refused = admin.post(PATH, wanted(&["repo"])).await;
    let error = refused.assert_status(422).json()["errors"][0].clone();
    assert_eq!(error["message"], "user is suspended");
    admin
        .delete("/users/mona/suspended")
        .await
        .assert_status(204);
    world
        .anonymous()
        .get_with_token(&token, "/user")
        .await
        .assert_status(200);
    admin.delete("/admin/users/mona").await.assert_status(204);
    world
        .anonymous()
        .get_with_token(&token, "/user")
        .await
        .assert_status(401);
    admin.post(PATH, wanted(&["repo"])).await.assert_status(404);
}

#[tokio::test]
async fn the_user_neither_sees_nor_touches_it_at_the_api() {
    let world = World::new().await;
    let (_, admin) = administrator(&world, "admin").await;
    let mona = world.user("mona").await;
    let made = admin.post(PATH, wanted(&["repo"])).await;
    assert_eq!(mona.ids("/authorizations").await, [] as [i64; 0]);
    assert_eq!(mona.ids("/applications/grants").await, [] as [i64; 0]);
    let path = format!("/authorizations/{}", made.id());
    mona.get(&path).await.assert_status(404);
    mona.patch(&path, json!({ "scopes": [] }))
        .await
        .assert_status(404);
    mona.delete(&path).await.assert_status(404);
    let listed = admin.get("/admin/tokens").await.text();
    assert!(!listed.contains("GitHub Site Administrator"), "{listed}");
    world
        .anonymous()
        .get_with_token(&made.token(), "/user")
        .await
        .assert_status(200);
}

#[tokio::test]
async fn the_trail_names_both_people() {
    let world = World::new().await;
    let (maker, admin) = administrator(&world, "admin").await;
    let mona = world.user("mona").await;
    let before = world.events().await.len();
    admin.post(PATH, wanted(&["repo"])).await.assert_status(201);
    admin.post(PATH, wanted(&["gist"])).await.assert_status(200);
    admin.post(PATH, wanted(&["gist"])).await.assert_status(200);
    admin.delete(PATH).await.assert_status(204);
    let events = world.events().await.split_off(before);
    let actions: Vec<_> = events.iter().map(|event| event.action.as_str()).collect();
    let reset = ["authorization.reset", "token.ended"];
    let revoked = ["authorization.revoked", "token.ended"];
    assert_eq!(actions[0], "authorization.created");
    assert_eq!(actions[1..], [reset, reset, revoked].concat());
    for event in events {
        assert_eq!(event.actor, format!("account:{}", maker.account.id));
        assert_eq!(event.account, Some(mona.account.id.0));
    }
}

#[tokio::test]
async fn the_client_id_is_the_installations_own() {
    let mut ids = Vec::new();
    for _ in 0..2 {
        let world = World::new().await;
        let (_, admin) = administrator(&world, "admin").await;
        world.user("mona").await;
        world.user("hubot").await;
        let one = admin.post(PATH, wanted(&[])).await.json()["app"]["client_id"].clone();
        let two = admin
            .post("/admin/users/hubot/authorizations", wanted(&[]))
            .await;
        assert_eq!(two.json()["app"]["client_id"], one);
        // Nobody can speak for it.
        let client_id = one.as_str().unwrap();
        let path = format!("/applications/{client_id}/token");
        let request = world.anonymous().request(Method::POST, &path);
        let request = request.basic(client_id, &"0".repeat(40));
        request
            .json(&json!({ "access_token": "x" }))
            .send()
            .await
            .assert_status(401);
        ids.push(one);
    }
    // The randomness of these worlds is the same; what differs between installations is their key.
    assert_eq!(ids[0], ids[1]);
    assert_eq!(ids[0].as_str().map(str::len), Some(20));
}

#[tokio::test]
async fn bodies_that_are_no_list_of_scopes_are_refused() {
    let world = World::new().await;
    let (_, admin) = administrator(&world, "admin").await;
    world.user("mona").await;
    for (body, message) in [
        (
            json!({ "scopes": null }),
            "Invalid request.\n\nFor 'properties/scopes', nil is not an array.",
        ),
        (
            json!({ "scopes": "repo" }),
            "Invalid request.\n\nFor 'properties/scopes', \"repo\" is not an array.",
        ),
        (
            json!({ "scopes": [1] }),
            "Invalid request.\n\nFor 'properties/scopes/items', 1 is not a string.",
        ),
    ] {
        assert_eq!(
            admin.post(PATH, body).await.assert_status(422).message(),
            message
        );
    }
    let unknown = admin.post(PATH, wanted(&["nope"])).await;
    assert_eq!(
        unknown.assert_status(422).json()["errors"][0]["field"],
        "scopes"
    );
    for login in ["nobody", "-", "a%20b"] {
        let path = format!("/admin/users/{login}/authorizations");
        admin.post(&path, wanted(&[])).await.assert_status(404);
        admin.delete(&path).await.assert_status(404);
    }
}
