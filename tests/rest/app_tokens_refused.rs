//! `/applications/{client_id}/token` for whoever is not the app, names no token of it, or sends no
//! token at all.

use std::time::Duration;

use counterfoil_domain::app::ClientSecret;
use counterfoil_testkit::{GivenToken, World, WorldOptions};
use http::Method;
use serde_json::{Value, json};

use super::app_tokens::{Scene, UNKNOWN_TOKEN};

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
