//! What is not there (wire contract, sections 1, 3 and 5).

use counterfoil_testkit::World;
use http::Method;
use serde_json::json;

const ROOT: &str = "https://docs.github.com/enterprise-server@3.19/rest";

#[tokio::test]
async fn a_method_without_an_operation_asks_who_is_there_first() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let token = mona.personal_token("laptop", &[]).await.token();
    let wrong = mona.with_password("wrong");
    for (place, (method, path)) in [
        (Method::PATCH, "/authorizations"),
        (Method::PUT, "/authorizations"),
        (Method::DELETE, "/authorizations"),
        (Method::PUT, "/authorizations/1"),
        (Method::GET, "/authorizations/clients/0123456789abcdef0123"),
        (
            Method::POST,
            "/authorizations/clients/0123456789abcdef0123/desk",
        ),
        (Method::POST, "/applications/grants"),
        (Method::PATCH, "/applications/grants/1"),
        (Method::OPTIONS, "/authorizations"),
        (Method::TRACE, "/authorizations"),
    ]
    .into_iter()
    .enumerate()
    {
        let stranger = world.anonymous().request(method.clone(), path).send().await;
        assert_eq!(
            stranger.assert_status(401).message(),
            "Requires authentication",
            "{method} {path}"
        );
        assert_eq!(stranger.json()["documentation_url"], ROOT);
        let elsewhere = wrong.from_address(&format!("198.51.100.{place}"));
        let refused = elsewhere.request(method.clone(), path).send().await;
        assert_eq!(refused.assert_status(401).message(), "Bad credentials");
        let with_token = world
            .anonymous()
            .request(method.clone(), path)
            .header("authorization", &format!("token {token}"));
        with_token.send().await.assert_status(403);
        let known = mona.request(method.clone(), path).send().await;
        assert_eq!(
            known.assert_status(404).message(),
            "Not Found",
            "{method} {path}"
        );
        assert!(
            !known.has("allow"),
            "{method} {path}: what is not found allows nothing"
        );
    }
    let with_token = world
        .anonymous()
        .request(Method::PUT, "/user")
        .header("authorization", &format!("token {token}"));
    with_token.send().await.assert_status(404);
}

#[tokio::test]
async fn a_trailing_slash_is_another_path() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let id = mona.personal_token("laptop", &[]).await.id();
    for path in [
        "/authorizations/",
        "/user/",
        "/applications/grants/",
        &format!("/authorizations/{id}/"),
        "//user",
    ] {
        for answer in [mona.get(path).await, world.anonymous().get(path).await] {
            assert_eq!(answer.assert_status(404).message(), "Not Found", "{path}");
        }
    }
}

#[tokio::test]
async fn an_unknown_path_is_not_found_with_or_without_credentials() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    for path in [
        "/nowhere",
        "/Authorizations",
        "/authorizations/1/2/3",
        "/applications",
        "/user%2F",
        "/us%2565r",
        "/%00",
        "/..%2fuser",
    ] {
        for answer in [
            mona.get(path).await,
            world.anonymous().get(path).await,
            mona.with_password("wrong").get(path).await,
            mona.post(path, json!({ "note": "x" })).await,
        ] {
            assert_eq!(answer.assert_status(404).message(), "Not Found", "{path}");
            assert_eq!(answer.json()["documentation_url"], ROOT, "{path}");
        }
    }
    // Looking around costs no failures.
    mona.get("/user").await.assert_status(200);
}

#[tokio::test]
async fn a_letter_of_a_path_may_be_spelled_in_percent_signs() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    for (path, status) in [
        ("/%75ser", 200),
        ("/%75%73%65%72", 200),
        ("/authorization%73?per_page=1", 200),
        ("/users/%6Dona", 200),
        ("/%75sers/%6Dona", 200),
        ("/us%65rs/mon%2561", 404),
        ("/user%2Femails", 404),
    ] {
        let answer = mona.get(path).await;
        answer.assert_status(status);
    }
    let request = mona.request(Method::GET, "").to("/%61pi/%763/user");
    request.send().await.assert_status(200);
    let check = world
        .anonymous()
        .request(Method::GET, "")
        .to("/gateway/%76erify");
    // Without a token the check refuses; any other path under it is not found.
    check.send().await.assert_status(401);
}

#[tokio::test]
async fn nothing_is_served_beside_the_api_and_the_pages() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    for target in [
        "/authorizations",
        "/user",
        "/api",
        "/api/",
        "/api/v3x/user",
        "/api/v4/user",
        "/API/V3/user",
        "/api/v3user",
        "/loginx",
        "/settingsx",
    ] {
        let request = mona.request(Method::GET, "");
        let answer = request.to(target).send().await;
        assert_eq!(answer.assert_status(404).message(), "Not Found", "{target}");
    }
}

#[tokio::test]
async fn ids_that_cannot_be_are_not_found() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    mona.personal_token("laptop", &[]).await;
    for id in [
        "0",
        "-1",
        "+1",
        "01x",
        "1.0",
        "1e0",
        "abc",
        "%31x",
        "%201",
        "1%20",
        "1%00",
        "%FF",
        "\u{661}",
        "0x1",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551617",
        "99999999999999999999999999999999999999",
        "999",
    ] {
        let id = percent(id);
        for path in [
            format!("/authorizations/{id}"),
            format!("/applications/grants/{id}"),
        ] {
            mona.get(&path).await.assert_status(404);
            mona.delete(&path).await.assert_status(404);
            mona.request(Method::HEAD, &path)
                .send()
                .await
                .assert_status(404);
        }
        mona.patch(
            &format!("/authorizations/{id}"),
            json!({ "scopes": ["repo"] }),
        )
        .await
        .assert_status(404);
        mona.post(
            &format!("/authorizations/{id}"),
            json!({ "scopes": ["repo"] }),
        )
        .await
        .assert_status(404);
        // Who is not known is not told what is there.
        world
            .anonymous()
            .get(&format!("/authorizations/{id}"))
            .await
            .assert_status(401);
    }
    assert_eq!(mona.ids("/authorizations").await.len(), 1);
}

/// Digits of other scripts have to be written in percent signs.
fn percent(text: &str) -> String {
    let plain = |byte: u8| {
        if byte.is_ascii() {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    };
    text.bytes().map(plain).collect()
}
