//! `/applications/{client_id}/token`: an app checks, replaces and revokes the tokens that users gave it.

use std::time::Duration;

use counterfoil_domain::app::ClientSecret;
use counterfoil_testkit::{Answer, AppActor, GivenToken, UserActor, World, WorldOptions};
use http::Method;
use serde_json::{Value, json};

/// Published to show the checksum, and unknown here.
const UNKNOWN_TOKEN: &str = "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";

/// A user, an app of theirs, and a token of the user for the app.
struct Scene<'w> {
    world: &'w World,
    mona: UserActor<'w>,
    app: AppActor,
    made: Answer,
    token: String,
}

impl<'w> Scene<'w> {
    async fn new(world: &'w World) -> Self {
        let mona = world.user("mona").await;
        let app = world.app(&mona, "Deployer").await;
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

    async fn check(&self, token: &str) -> Answer {
        self.app.check(self.world, token).await
    }

    /// What each of the three says about a token that is not one of the app's.
    async fn is_found_by_nothing(&self, token: &str) {
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
        world.authority.check_integrity().await.unwrap(),
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
    assert_eq!(actions, ["authorization.reset", "authorization.revoked"]);
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
    let revoked = String::from_utf8_lossy(&events[1].bytes).into_owned();
    assert!(
        revoked.contains("detail.reason 14 revoked_by_app"),
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
async fn whatever_is_no_live_token_of_the_app_is_not_found() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    let other = world.app(&scene.mona, "Other").await;
    let of_other = scene.mona.app_token(&other, &["repo"]).await.token();
    let personal = scene.mona.personal_token("laptop", &["repo"]).await.token();
    let deleted = scene.mona.app_token(&scene.app, &["user"]).await;
    let path = format!("/authorizations/{}", deleted.id());
    scene.mona.delete(&path).await.assert_status(204);
    let short = GivenToken {
        app: Some(&scene.app),
        lifetime: Some(Duration::from_mins(1)),
        ..GivenToken::default()
    };
    let expired = world.issue_token(&scene.mona, short).await;
    world.advance(Duration::from_mins(1));

    let changed = with_one_character_changed(&scene.token);
    let wrong_prefix = scene.token.replacen("gho_", "ghu_", 1);
    let deleted = deleted.token();
    for token in [
        of_other.as_str(),
        personal.as_str(),
        deleted.as_str(),
        expired.token.expose(),
        UNKNOWN_TOKEN,
        changed.as_str(),
        wrong_prefix.as_str(),
        "",
        "x",
        "\u{0}",
        "ghö_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq1",
        &format!(" {}", scene.token),
        &"g".repeat(100_000),
    ] {
        scene.is_found_by_nothing(token).await;
    }
    other.check(&world, &of_other).await.assert_status(200);
    scene.check(&scene.token).await.assert_status(200);
}

fn with_one_character_changed(token: &str) -> String {
    let other = if token.ends_with('a') { "b" } else { "a" };
    format!("{}{other}", &token[..token.len() - 1])
}

#[tokio::test]
async fn a_suspended_users_token_is_not_reported_live_yet_can_be_revoked() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
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

#[tokio::test]
async fn nobody_but_the_app_in_the_path_is_served() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    let other = world.app(&scene.mona, "Other").await;
    let body = json!({ "access_token": scene.token });
    let request = |method: &Method| {
        let path = format!("/applications/{}/token", scene.app.client_id);
        world.anonymous().request(method.clone(), &path).json(&body)
    };
    for method in [Method::POST, Method::PATCH, Method::DELETE] {
        let nobody = request(&method).send().await;
        assert_eq!(
            nobody.assert_status(401).message(),
            "Requires authentication"
        );
        let as_other = request(&method)
            .basic(&other.client_id, &other.client_secret)
            .send()
            .await;
        assert_eq!(as_other.assert_status(404).message(), "Not Found");
        let id = scene.app.client_id.as_str();
        let wrong = [
            request(&method).basic(id, &other.client_secret),
            request(&method).basic(id, ""),
            request(&method).basic(id, "short"),
            request(&method).basic(&id.to_uppercase(), &scene.app.client_secret),
            request(&method).basic("mona", &scene.mona.password),
            request(&method).basic(id, &scene.token),
            request(&method).header("authorization", &format!("token {}", scene.token)),
            request(&method).header("authorization", "Basic !"),
        ];
        for request in wrong {
            assert_eq!(
                request.send().await.assert_status(401).message(),
                "Bad credentials"
            );
        }
    }
    scene.check(&scene.token).await.assert_status(200);
}

#[tokio::test]
async fn several_authorization_headers_are_refused() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    let request = scene.app.request(&world, Method::POST, "/token");
    let request = request.header_bytes("authorization", b"Basic eDp5");
    let answer = request
        .json(&json!({ "access_token": scene.token }))
        .send()
        .await;
    assert_eq!(answer.assert_status(401).message(), "Bad credentials");
}

#[tokio::test]
async fn wrong_secrets_are_no_failed_sign_ins() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    let events = world.events().await.len();
    for _ in 0..60 {
        let request = scene.app.request(&world, Method::POST, "/token");
        let wrong = request.basic(&scene.app.client_id, &"0".repeat(40));
        wrong
            .json(&json!({ "access_token": "x" }))
            .send()
            .await
            .assert_status(401);
        scene.check(UNKNOWN_TOKEN).await.assert_status(404);
    }
    assert_eq!(world.events().await.len(), events);
    scene.mona.get("/user").await.assert_status(200);
    scene.check(&scene.token).await.assert_status(200);
}

#[tokio::test]
async fn look_ups_of_unknown_apps_are_bounded_and_known_ones_go_on() {
    let mut options = WorldOptions::default();
    options.settings.checks.look_ups.unknown_per_second = 5;
    let world = World::with(options).await;
    let scene = Scene::new(&world).await;
    scene.check(&scene.token).await.assert_status(200);
    let mut statuses = Vec::new();
    for number in 0..10 {
        let request = scene.app.request(&world, Method::POST, "/token");
        let unknown = request.basic(&format!("{number:020}x")[1..], &"0".repeat(40));
        let answer = unknown
            .json(&json!({ "access_token": "x" }))
            .send_unchecked()
            .await;
        statuses.push(answer.status.as_u16());
    }
    assert_eq!(statuses[..5], [401; 5], "{statuses:?}");
    assert_eq!(statuses[5..], [503; 5], "{statuses:?}");
    scene.check(&scene.token).await.assert_status(200);
    let wrong = scene.app.request(&world, Method::POST, "/token");
    let wrong = wrong.basic(&scene.app.client_id, &"0".repeat(40));
    wrong
        .json(&json!({ "access_token": "x" }))
        .send()
        .await
        .assert_status(401);
}

#[tokio::test]
async fn a_rotated_secret_and_a_deleted_app_are_refused_at_once() {
    let world = World::new().await;
    let mut scene = Scene::new(&world).await;
    scene.check(&scene.token).await.assert_status(200);
    let client_id = scene.app.app.summary.client_id.clone();
    let operator = World::operator();
    let given: Option<ClientSecret> = None;
    let secret = world
        .authority
        .rotate_app_secret(&client_id, given, &operator)
        .await
        .unwrap();
    scene.check(&scene.token).await.assert_status(401);
    scene
        .app
        .reset(&world, &scene.token)
        .await
        .assert_status(401);
    scene.app.client_secret = secret.expose().to_owned();
    scene.check(&scene.token).await.assert_status(200);
    world
        .authority
        .delete_app(&client_id, &operator)
        .await
        .unwrap();
    scene.check(&scene.token).await.assert_status(401);
}

#[tokio::test]
async fn bodies_without_a_token_are_refused_and_not_repeated() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    let cases: [(&str, u16, &str); 8] = [
        (
            "",
            422,
            "Invalid request.\n\nFor 'links/0/schema', nil is not an object.",
        ),
        (
            "{}",
            422,
            "Invalid request.\n\n\"access_token\" wasn't supplied.",
        ),
        (
            r#"{"token":"x"}"#,
            422,
            "Invalid request.\n\n\"access_token\" wasn't supplied.",
        ),
        (
            r#"{"access_token":null}"#,
            422,
            "Invalid request.\n\nFor 'properties/access_token', nil is not a string.",
        ),
        (
            r#"{"access_token":4711}"#,
            422,
            "Invalid request.\n\nFor 'properties/access_token', [FILTERED] is not a string.",
        ),
        (
            r#"{"access_token":["gho_secret"]}"#,
            422,
            "Invalid request.\n\nFor 'properties/access_token', [FILTERED] is not a string.",
        ),
        ("[]", 400, "Body should be a JSON object"),
        ("access_token=x", 400, "Problems parsing JSON"),
    ];
    for (path, methods) in [
        ("/token", vec![Method::POST, Method::PATCH, Method::DELETE]),
        ("/grant", vec![Method::DELETE]),
        ("/token/scoped", vec![Method::POST]),
    ] {
        for method in methods {
            for (body, status, message) in cases {
                let request = scene.app.request(&world, method.clone(), path);
                let answer = request.bytes(body.as_bytes()).send().await;
                assert_eq!(
                    answer.assert_status(status).message(),
                    message,
                    "{method} {path} {body}"
                );
            }
        }
    }
    scene.check(&scene.token).await.assert_status(200);
}

#[tokio::test]
async fn bodies_are_bounded() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    let long = json!({ "access_token": scene.token, "padding": "x".repeat(1 << 20) }).to_string();
    for (method, path) in [
        (Method::POST, "/token"),
        (Method::PATCH, "/token"),
        (Method::DELETE, "/token"),
        (Method::DELETE, "/grant"),
        (Method::POST, "/token/scoped"),
    ] {
        let request = scene.app.request(&world, method, path);
        request
            .bytes(long.as_bytes())
            .send()
            .await
            .assert_status(413);
    }
    // Just below the bound, and deep where nobody looks.
    let deep = format!(
        r#"{{"access_token":"{}","x":{}1{}}}"#,
        scene.token,
        "[".repeat(100),
        "]".repeat(100)
    );
    let request = scene.app.request(&world, Method::POST, "/token");
    request
        .bytes(deep.as_bytes())
        .send()
        .await
        .assert_status(200);
}

#[tokio::test]
async fn a_body_labelled_as_a_form_is_read_as_what_it_is() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    let request = scene.app.request(&world, Method::POST, "/token");
    let labelled = request.header("content-type", "application/x-www-form-urlencoded");
    let answer = labelled
        .json(&json!({ "access_token": scene.token }))
        .send()
        .await;
    answer.assert_status(200);
}

#[tokio::test]
async fn no_token_can_be_scoped_to_repositories() {
    let world = World::new().await;
    let scene = Scene::new(&world).await;
    let scoped = async |members: Value| {
        let request = scene.app.request(&world, Method::POST, "/token/scoped");
        request.json(&members).send().await
    };
    let token = scene.token.as_str();
    for wanted in [
        json!({ "access_token": token, "target": "mona" }),
        json!({ "access_token": token, "target_id": 1, "repository_ids": [1, 2] }),
        json!({ "access_token": token, "target": "mona", "repositories": ["a"], "permissions": { "contents": "read" } }),
        json!({ "access_token": UNKNOWN_TOKEN, "target": "mona" }),
    ] {
        assert_eq!(
            scoped(wanted).await.assert_status(404).message(),
            "Not Found"
        );
    }
    for (wanted, complaint) in [
        (
            json!({ "access_token": token }),
            "\"target\" or \"target_id\" wasn't supplied.",
        ),
        (
            json!({ "access_token": token, "target": "mona", "repositories": [], "repository_ids": [] }),
            "\"repositories\" and \"repository_ids\" can't both be supplied.",
        ),
        (
            json!({ "access_token": token, "target": 1 }),
            "For 'properties/target', 1 is not a string.",
        ),
        (
            json!({ "access_token": token, "target_id": "1" }),
            "For 'properties/target_id', \"1\" is not an integer.",
        ),
        (
            json!({ "access_token": token, "target": "mona", "repositories": [1] }),
            "For 'properties/repositories/items', 1 is not a string.",
        ),
        (
            json!({ "access_token": token, "target": "mona", "repository_ids": ["a"] }),
            "For 'properties/repository_ids/items', \"a\" is not an integer.",
        ),
        (
            json!({ "access_token": token, "target": "mona", "permissions": [] }),
            "For 'properties/permissions', [] is not an object.",
        ),
    ] {
        let message = format!("Invalid request.\n\n{complaint}");
        assert_eq!(scoped(wanted).await.assert_status(422).message(), message);
    }
    let as_nobody = world.anonymous();
    let path = format!("/applications/{}/token/scoped", scene.app.client_id);
    let request = as_nobody
        .request(Method::POST, &path)
        .json(&json!({ "access_token": token, "target": "mona" }));
    request.send().await.assert_status(401);
    scene.check(&scene.token).await.assert_status(200);
}
