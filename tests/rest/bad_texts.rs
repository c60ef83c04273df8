//! Texts, paths and queries that clients send by mistake or on purpose.

use counterfoil_testkit::World;
use http::Method;
use serde_json::json;

#[tokio::test]
async fn texts_may_be_long_and_colourful_but_not_too_long() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    let longest = "\u{1f511}".repeat(255);
    for text in [
        longest.as_str(),
        "\u{1f469}\u{200d}\u{1f4bb}",
        "'; DROP TABLE authorizations; --",
        "<b>&amp;",
        "a\\b\"c",
        " ",
        "\u{feff}",
        "%00",
    ] {
        let body = json!({ "note": text, "note_url": text });
        let created = mona
            .post("/authorizations", body)
            .await
            .assert_status(201)
            .json();
        assert_eq!(
            (&created["note"], &created["note_url"]),
            (&json!(text), &json!(text))
        );
        let got = mona
            .get_or_create(&app, json!({ "fingerprint": text }))
            .await;
        assert_eq!(got.assert_status(201).json()["fingerprint"], text);
        assert_eq!(
            mona.get_or_create(&app, json!({ "fingerprint": text }))
                .await
                .assert_status(200)
                .id(),
            got.id()
        );
    }
    let megabyte = "x".repeat(1_000_000);
    for text in [format!("{longest}x"), megabyte] {
        for (member, field) in [
            ("note", "description"),
            ("note_url", "note_url"),
            ("fingerprint", "fingerprint"),
        ] {
            let refused = mona.get_or_create(&app, json!({ member: text })).await;
            let errors = &refused.assert_status(422).json()["errors"];
            let message = format!("{field} is too long (maximum is 255 characters)");
            assert_eq!(
                errors,
                &json!([{ "resource": "OauthAccess", "code": "custom", "field": field, "message": message }])
            );
        }
    }
}

#[tokio::test]
async fn characters_that_hide_or_reorder_are_refused() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    let held = mona.personal_token("held", &[]).await.id();
    for character in [
        '\0', '\u{1}', '\n', '\r', '\t', '\u{1b}', '\u{7f}', '\u{85}', '\u{202e}', '\u{2066}',
        '\u{200f}', '\u{61c}',
    ] {
        let text = format!("a{character}b");
        for (member, field) in [
            ("note", "description"),
            ("note_url", "note_url"),
            ("fingerprint", "fingerprint"),
        ] {
            let expected =
                json!([{ "resource": "OauthAccess", "code": "invalid", "field": field }]);
            for refused in [
                mona.post("/authorizations", app.with_pair(json!({ member: text })))
                    .await,
                mona.get_or_create(&app, json!({ member: text })).await,
                mona.patch(&format!("/authorizations/{held}"), json!({ member: text }))
                    .await,
            ] {
                assert_eq!(
                    refused.assert_status(422).json()["errors"],
                    expected,
                    "{character:?}"
                );
            }
        }
    }
    for segment in ["a%00b", "%E2%80%AE", "%0A"] {
        let path = format!("{}/{segment}", app.path());
        mona.put(&path, app.with_secret(json!({})))
            .await
            .assert_status(422);
    }
    mona.put(&format!("{}/%FF", app.path()), app.with_secret(json!({})))
        .await
        .assert_status(404);
    mona.put(
        &format!("{}/{}", app.path(), "x".repeat(256)),
        app.with_secret(json!({})),
    )
    .await
    .assert_status(422);
    assert_eq!(mona.ids("/authorizations").await, [held]);
}

#[tokio::test]
async fn strange_bytes_in_paths_and_queries_break_nothing() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    mona.personal_token("laptop", &[]).await;
    for query in [
        "\u{e9}=\u{1f511}".as_bytes(),
        "page=\u{661}".as_bytes(),
        b"client_id=%00%0d%0a",
        b"client_id=%F0%28%8C%28",
        b"&&&===&?&?",
        b"%",
        b"per_page=%",
        b"per_page=1%00",
        b"page[]=1&page[a]=2",
    ] {
        let target = [b"/api/v3/authorizations?", query].concat();
        let answer = mona.request(Method::GET, "").to(target).send().await;
        answer.assert_status(200);
    }
    for segment in [
        "\u{e9}".as_bytes(),
        b"%ff",
        b"%",
        b"%zz",
        b"..",
        b".",
        b"%2e%2e",
        b";",
        b"1;x=y",
        b"*",
    ] {
        let target = [b"/api/v3/authorizations/", segment].concat();
        mona.request(Method::GET, "")
            .to(target)
            .send()
            .await
            .assert_status(404);
    }
}
