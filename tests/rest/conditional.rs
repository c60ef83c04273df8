//! Conditional requests (wire contract, section 9).

use std::time::Duration;

use counterfoil_domain::app::AppChange;
use counterfoil_domain::login::Login;
use counterfoil_domain::text::DisplayName;
use counterfoil_testkit::{Answer, UserActor, World};
use http::Method;
use serde_json::json;

const LIST: &str = "/authorizations";

/// Asks for `path` with these headers beside the credentials.
async fn ask(user: &UserActor<'_>, path: &str, headers: &[(&str, &str)]) -> Answer {
    let request = user.request(Method::GET, path);
    headers
        .iter()
        .fold(request, |request, (name, value)| {
            request.header(name, value)
        })
        .send()
        .await
}

/// A user with a token and the token's path.
async fn user_and_path(world: &World) -> (UserActor<'_>, String) {
    let mona = world.user("mona").await;
    let id = mona.personal_token("laptop", &[]).await.id();
    world.next_second();
    (mona, format!("/authorizations/{id}"))
}

#[tokio::test]
async fn an_unchanged_answer_is_not_sent_again() {
    let world = World::new().await;
    let (mona, path) = user_and_path(&world).await;
    for path in [path.as_str(), LIST, "/applications/grants", "/user"] {
        let full = mona.get(path).await;
        let tag = full.header("etag");
        let same = ask(&mona, path, &[("if-none-match", &tag)]).await;
        assert!(
            same.assert_status(304).body.is_empty() && !same.has("content-type"),
            "{path}"
        );
        for name in [
            "etag",
            "cache-control",
            "vary",
            "last-modified",
            "x-frame-options",
            "x-github-media-type",
        ] {
            assert_eq!(same.header(name), full.header(name), "{path} {name}");
        }
    }
}

#[tokio::test]
async fn the_whole_304_is_as_recorded() {
    let world = World::new().await;
    let (mona, path) = user_and_path(&world).await;
    let tag = mona.get(&path).await.header("etag");
    assert_answer!(ask(&mona, &path, &[("if-none-match", &tag)]).await);
}

#[tokio::test]
async fn a_change_changes_the_tag() {
    let world = World::new().await;
    let (mona, path) = user_and_path(&world).await;
    let (one, list) = (
        mona.get(&path).await.header("etag"),
        mona.get(LIST).await.header("etag"),
    );
    mona.patch(&path, json!({ "scopes": ["repo"] }))
        .await
        .assert_status(200);
    ask(&mona, &path, &[("if-none-match", &one)])
        .await
        .assert_status(200);
    ask(&mona, LIST, &[("if-none-match", &list)])
        .await
        .assert_status(200);
    let gone = mona.get(LIST).await.header("etag");
    mona.delete(&path).await.assert_status(204);
    ask(&mona, LIST, &[("if-none-match", &gone)])
        .await
        .assert_status(200);
    ask(&mona, &path, &[("if-none-match", &one)])
        .await
        .assert_status(404);
}

#[tokio::test]
async fn tags_are_compared_weakly_in_lists_and_with_a_star() {
    let world = World::new().await;
    let (mona, path) = user_and_path(&world).await;
    let tag = mona.get(&path).await.header("etag");
    for matching in [
        tag.clone(),
        format!("W/{tag}"),
        format!("\"other\", {tag}"),
        format!("\"other\",W/{tag} , \"more\""),
        "*".to_owned(),
    ] {
        ask(&mona, &path, &[("if-none-match", &matching)])
            .await
            .assert_status(304);
    }
    for other in [
        "\"other\"",
        "",
        "W/\"other\"",
        tag.trim_matches('"'),
        "\"",
        &tag.to_uppercase(),
        "\u{e9}",
    ] {
        ask(&mona, &path, &[("if-none-match", other)])
            .await
            .assert_status(200);
    }
    let several = mona
        .request(Method::GET, &path)
        .header_bytes("if-none-match", b"\"other\"");
    several
        .header_bytes("if-none-match", tag.as_bytes())
        .send()
        .await
        .assert_status(304);
}

#[tokio::test]
async fn a_date_decides_for_single_resources() {
    let world = World::new().await;
    let (mona, path) = user_and_path(&world).await;
    let date = mona.get(&path).await.header("last-modified");
    assert_eq!(date, "Fri, 02 Jan 2026 03:04:05 GMT");
    for since in [
        date.as_str(),
        "Fri, 02 Jan 2026 03:04:06 GMT",
        "Friday, 02-Jan-26 03:04:05 GMT",
    ] {
        ask(&mona, &path, &[("if-modified-since", since)])
            .await
            .assert_status(304);
    }
    for since in [
        "Fri, 02 Jan 2026 03:04:04 GMT",
        "yesterday",
        "",
        "\u{e9}",
        "1767323045",
    ] {
        ask(&mona, &path, &[("if-modified-since", since)])
            .await
            .assert_status(200);
    }
    let far = "Fri, 01 Jan 2100 00:00:00 GMT";
    for list in [LIST, "/applications/grants"] {
        ask(&mona, list, &[("if-modified-since", far)])
            .await
            .assert_status(200);
    }
    mona.patch(&path, json!({ "note": "desk" }))
        .await
        .assert_status(200);
    world.next_second();
    ask(&mona, &path, &[("if-modified-since", &date)])
        .await
        .assert_status(200);
}

#[tokio::test]
async fn no_date_is_told_within_the_second_of_a_change() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let path = format!(
        "/authorizations/{}",
        mona.personal_token("laptop", &[]).await.id()
    );
    // A copy of this moment must not be named by a date under which another change may come.
    let copy = mona.get(&path).await;
    assert!(!copy.assert_status(200).has("last-modified"));
    mona.patch(&path, json!({ "scopes": ["repo"] }))
        .await
        .assert_status(200);
    world.advance(Duration::from_micros(999_999));
    let still = mona.get(&path).await;
    assert!(!still.assert_status(200).has("last-modified"));
    let date = "Fri, 02 Jan 2026 03:04:05 GMT";
    ask(&mona, &path, &[("if-modified-since", date)])
        .await
        .assert_status(200);
    world.advance(Duration::from_micros(1));
    assert_eq!(mona.get(&path).await.header("last-modified"), date);
    ask(&mona, &path, &[("if-modified-since", date)])
        .await
        .assert_status(304);
}

/// What is asked for again under the date of an answer, in a later second.
async fn again(user: &UserActor<'_>, path: &str, date: &str) -> Answer {
    ask(user, path, &[("if-modified-since", date)]).await
}

#[tokio::test]
async fn what_a_token_shows_of_its_owner_changes_with_its_scopes() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let made = mona.personal_token("laptop", &[]).await;
    let token = made.token();
    world.next_second();
    let anonymous = world.anonymous();
    let narrow = anonymous.get_with_token(&token, "/user").await;
    let date = narrow.assert_status(200).header("last-modified");
    let path = format!("/authorizations/{}", made.id());
    mona.patch(&path, json!({ "add_scopes": ["user"] }))
        .await
        .assert_status(200);
    world.next_second();
    let request = anonymous.request(Method::GET, "/user");
    let request = request.header("authorization", &format!("token {token}"));
    let wide = request.header("if-modified-since", &date).send().await;
    assert!(wide.assert_status(200).body.len() > narrow.body.len());
}

#[tokio::test]
async fn what_names_an_app_changes_with_the_app() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    let id = mona.app_token(&app, &[]).await.id();
    let paths = [
        format!("/authorizations/{id}"),
        "/applications/grants/1".to_owned(),
    ];
    world.next_second();
    let mut dates = Vec::new();
    for path in &paths {
        dates.push(
            mona.get(path)
                .await
                .assert_status(200)
                .header("last-modified"),
        );
    }
    let change = AppChange {
        name: Some(DisplayName::parse("Renamed").unwrap()),
        ..AppChange::default()
    };
    let client_id = &app.app.summary.client_id;
    world
        .authority
        .change_app(client_id, change, &World::operator())
        .await
        .unwrap();
    world.next_second();
    for (path, date) in paths.iter().zip(dates) {
        let shown = again(&mona, path, &date).await.assert_status(200).json();
        assert_eq!(shown["app"]["name"], "Renamed", "{path}");
    }
}

#[tokio::test]
async fn a_profile_changes_with_a_suspension_and_its_end() {
    let world = World::new().await;
    world.user("mona").await;
    let hubot = world.user("hubot").await;
    let (login, operator) = (Login::parse("mona").unwrap(), World::operator());
    world.next_second();
    let shown = async || {
        let shown = hubot.get("/users/mona").await;
        shown.assert_status(200).header("last-modified")
    };
    let before = shown().await;
    assert!(
        world
            .authority
            .suspend_account(&login, &operator)
            .await
            .unwrap()
    );
    world.next_second();
    again(&hubot, "/users/mona", &before)
        .await
        .assert_status(200);
    let suspended = shown().await;
    assert!(
        world
            .authority
            .unsuspend_account(&login, &operator)
            .await
            .unwrap()
    );
    world.next_second();
    again(&hubot, "/users/mona", &suspended)
        .await
        .assert_status(200);
    let lifted = shown().await;
    again(&hubot, "/users/mona", &lifted)
        .await
        .assert_status(304);
}

#[tokio::test]
async fn a_tag_decides_before_a_date() {
    let world = World::new().await;
    let (mona, path) = user_and_path(&world).await;
    let full = mona.get(&path).await;
    let (tag, date) = (full.header("etag"), full.header("last-modified"));
    let old = "Fri, 02 Jan 2025 03:04:05 GMT";
    ask(
        &mona,
        &path,
        &[("if-none-match", "\"other\""), ("if-modified-since", &date)],
    )
    .await
    .assert_status(200);
    ask(
        &mona,
        &path,
        &[("if-none-match", &tag), ("if-modified-since", old)],
    )
    .await
    .assert_status(304);
}

#[tokio::test]
async fn a_tag_belongs_to_one_reader_and_one_form() {
    let world = World::new().await;
    let (mona, path) = user_and_path(&world).await;
    let hubot = world.user("hubot").await;
    let (own, other) = (
        mona.get("/applications/grants").await,
        hubot.get("/applications/grants").await,
    );
    assert_eq!(own.text(), other.text());
    assert_ne!(own.header("etag"), other.header("etag"));

    let compact = mona.get(&path).await;
    let pretty = ask(&mona, &path, &[("user-agent", "curl/8.5.0")]).await;
    assert_eq!(compact.json(), pretty.json());
    assert_ne!(compact.header("etag"), pretty.header("etag"));
    let wrong_form = ask(
        &mona,
        &path,
        &[
            ("user-agent", "curl/8.5.0"),
            ("if-none-match", &compact.header("etag")),
        ],
    )
    .await;
    wrong_form.assert_status(200);
}

#[tokio::test]
async fn only_get_and_head_are_answered_so() {
    let world = World::new().await;
    let (mona, path) = user_and_path(&world).await;
    let head = mona
        .request(Method::HEAD, &path)
        .header("if-none-match", "*");
    assert!(head.send().await.assert_status(304).body.is_empty());
    let changing = mona
        .request(Method::PATCH, &path)
        .header("if-none-match", "*")
        .json(&json!({}));
    changing.send().await.assert_status(200);
    let making = mona
        .request(Method::POST, LIST)
        .header("if-none-match", "*")
        .json(&json!({ "note": "desk" }));
    making.send().await.assert_status(201);
    let delete = mona
        .request(Method::DELETE, &path)
        .header("if-none-match", "*");
    delete.send().await.assert_status(204);
}

#[tokio::test]
async fn errors_have_no_tag_and_are_always_sent() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let missing = ask(&mona, "/authorizations/1", &[("if-none-match", "*")]).await;
    assert!(!missing.assert_status(404).has("etag") && !missing.has("cache-control"));
    let anonymous = world
        .anonymous()
        .request(Method::GET, LIST)
        .header("if-none-match", "*")
        .send()
        .await;
    anonymous.assert_status(401);
}
