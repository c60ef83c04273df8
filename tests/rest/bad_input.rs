//! What clients send by mistake or on purpose: never a failure of ours, never something half done.

use counterfoil_testkit::{AppActor, UserActor, World, WorldOptions};
use http::Method;
use serde_json::{Value, json};

/// The routes that read a body, each with a path that exists.
async fn routes_with_a_body(user: &UserActor<'_>, app: &AppActor) -> Vec<(Method, String)> {
    let id = user.personal_token("held", &["gist"]).await.id();
    vec![
        (Method::POST, "/authorizations".to_owned()),
        (Method::PUT, app.path()),
        (Method::PUT, format!("{}/desk", app.path())),
        (Method::PATCH, format!("/authorizations/{id}")),
        (Method::POST, format!("/authorizations/{id}")),
    ]
}

/// Sends these bytes to every route that reads a body and demands one answer of all, and that
/// nothing came of it.
async fn refuse_everywhere(bodies: &[&[u8]], status: u16, message: &str) {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    let routes = routes_with_a_body(&mona, &app).await;
    let before = (
        mona.get("/authorizations").await.text(),
        world.audit_actions().await,
    );
    for (method, path) in routes {
        for body in bodies {
            let answer = mona.request(method.clone(), &path).bytes(body).send().await;
            let shown = String::from_utf8_lossy(&body[..body.len().min(80)]).into_owned();
            assert_eq!(
                answer.status,
                status,
                "{method} {path} {shown}: {}",
                answer.text()
            );
            assert_eq!(answer.message(), message, "{method} {path} {shown}");
            assert!(answer.body.len() < 1_000, "{method} {path} {shown}");
        }
    }
    assert_eq!(
        (
            mona.get("/authorizations").await.text(),
            world.audit_actions().await
        ),
        before
    );
}

#[tokio::test]
async fn what_is_not_json_is_refused() {
    let deep_list = [b"[".repeat(100_000), b"]".repeat(100_000)].concat();
    let deep_object = [
        b"{\"a\":".repeat(50_000),
        b"1".to_vec(),
        b"}".repeat(50_000),
    ]
    .concat();
    let deep_member = [
        b"{\"scopes\":".to_vec(),
        b"[".repeat(200),
        b"]".repeat(200),
        b"}".to_vec(),
    ]
    .concat();
    let bodies: &[&[u8]] = &[
        b"{\"note\":\"x\"",
        b"{\"note\":",
        b"{\"note\":\"x",
        b"{",
        b"note=x&scopes=repo",
        b"{'note':'x'}",
        b"{\"note\":\"x\",}",
        b"{\"note\":\"x\"}}",
        b"{\"note\":\"x\"} {\"note\":\"y\"}",
        b"{\"note\":NaN}",
        b"{\"note\":\"\x00\"}",
        b"{\"note\":\"a\nb\"}",
        b"{\"note\":\"\\ud800\"}",
        b"{\"note\":\"\\x41\"}",
        b"{\"note\":\"\xff\xfe\"}",
        b"{\"note\":\"\xc3\x28\"}",
        b"\xef\xbb\xbf{\"note\":\"x\"}",
        b"\xff\xfe{\x00}\x00",
        b"\x00",
        b"<xml/>",
        b"{\"a\":1e99999999999999999999",
        &deep_list,
        &deep_object,
        &deep_member,
    ];
    refuse_everywhere(bodies, 400, "Problems parsing JSON").await;
}

#[tokio::test]
async fn json_that_is_no_object_is_refused() {
    let long = format!("[{}1]", "1,".repeat(100_000)).into_bytes();
    let bodies: &[&[u8]] = &[
        b"[]",
        b"[{\"note\":\"x\"}]",
        b"\"x\"",
        b"1",
        b"-0.5e10",
        b"true",
        b"null",
        &long,
    ];
    refuse_everywhere(bodies, 400, "Body should be a JSON object").await;
}

#[tokio::test]
async fn white_space_is_no_body() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    for body in [&b" \r\n\t "[..], b""] {
        let created = mona
            .request(Method::POST, "/authorizations")
            .bytes(body)
            .send()
            .await;
        assert_eq!(created.assert_status(422).message(), "Validation Failed");
        let got = mona
            .request(Method::PUT, &app.path())
            .bytes(body)
            .send()
            .await;
        assert!(
            got.assert_status(422)
                .message()
                .ends_with("nil is not an object.")
        );
    }
    let padded = mona
        .request(Method::POST, "/authorizations")
        .bytes(b"\n\t {\"note\" : \"x\"} \r\n")
        .send()
        .await;
    padded.assert_status(201);
}

#[tokio::test]
async fn values_of_the_wrong_type_are_named() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    let routes = routes_with_a_body(&mona, &app).await;
    for (member, value, complaint) in [
        ("scopes", json!("repo"), "\"repo\" is not an array."),
        (
            "scopes",
            json!("user,repo"),
            "\"user,repo\" is not an array.",
        ),
        (
            "scopes",
            json!({ "repo": true }),
            "{\"repo\"=>true} is not an array.",
        ),
        ("scopes", json!(7), "7 is not an array."),
        ("note", json!(7), "7 is not a string."),
        ("note", json!(1.5), "1.5 is not a string."),
        ("note", json!(true), "true is not a string."),
        ("note", json!(["x"]), "[\"x\"] is not a string."),
        ("note_url", json!({}), "{} is not a string."),
        (
            "note_url",
            json!(9_223_372_036_854_775_807_u64),
            "9223372036854775807 is not a string.",
        ),
    ] {
        for (method, path) in &routes {
            let mut body = app.with_secret(json!({ member: value }));
            if *method != Method::PUT {
                body["client_id"] = app.client_id.as_str().into();
            }
            let refused = mona.request(method.clone(), path).json(&body).send().await;
            let expected = format!("Invalid request.\n\nFor 'properties/{member}', {complaint}");
            assert_eq!(
                refused.assert_status(422).message(),
                expected,
                "{method} {path}"
            );
        }
    }
    let items = mona
        .post(
            "/authorizations",
            json!({ "note": "x", "scopes": ["repo", null, 7] }),
        )
        .await;
    assert!(
        items
            .assert_status(422)
            .message()
            .contains("nil is not a string.")
    );
    assert_eq!(mona.ids("/authorizations").await.len(), 1);
}

#[tokio::test]
async fn no_error_repeats_a_secret_or_grows_with_the_request() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    let refused = mona
        .put(&app.path(), json!({ "client_secret": ["hush"] }))
        .await;
    assert!(!refused.assert_status(422).text().contains("hush"));
    let refused = mona
        .post(
            "/authorizations",
            json!({ "note": "x", "client_secret": { "a": "hush" } }),
        )
        .await;
    assert!(!refused.assert_status(422).text().contains("hush"));

    let names: Vec<_> = (0..10_000)
        .map(|number| format!("scope number {number}"))
        .collect();
    let members: Value = names
        .iter()
        .map(|name| (name.clone(), json!(1)))
        .collect::<serde_json::Map<_, _>>()
        .into();
    for refused in [
        mona.post("/authorizations", json!({ "note": "x", "scopes": names }))
            .await,
        mona.post(
            "/authorizations",
            json!({ "note": "x", "scopes": ["y".repeat(500_000)] }),
        )
        .await,
        mona.post(
            "/authorizations",
            json!({ "note": "x", "scopes": names.join(",") }),
        )
        .await,
        mona.post("/authorizations", json!({ "note": names })).await,
        mona.put(&app.path(), members).await,
        mona.put(
            &app.path(),
            app.with_secret(json!({ "z".repeat(500_000): 1 })),
        )
        .await,
    ] {
        assert!(
            refused.assert_status(422).body.len() < 3_000,
            "{}",
            refused.body.len()
        );
    }
}

#[tokio::test]
async fn ten_thousand_known_scopes_are_as_good_as_one() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let scopes: Vec<_> = ["repo", "gist", "public_repo"]
        .into_iter()
        .cycle()
        .take(10_000)
        .collect();
    let created = mona
        .post("/authorizations", json!({ "note": "x", "scopes": scopes }))
        .await;
    assert_eq!(
        created.assert_status(201).json()["scopes"],
        json!(["repo", "gist"])
    );
    let path = format!("/authorizations/{}", created.id());
    let body = json!({ "add_scopes": scopes, "remove_scopes": scopes });
    assert_eq!(
        mona.patch(&path, body).await.assert_status(200).json()["scopes"],
        json!([])
    );
}

#[tokio::test]
async fn of_a_member_that_stands_twice_the_last_one_counts() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let body = br#"{"note":"first","scopes":["repo"],"note":"second","scopes":["gist"]}"#;
    let created = mona
        .request(Method::POST, "/authorizations")
        .bytes(body)
        .send()
        .await;
    let json = created.assert_status(201).json();
    assert_eq!(
        (&json["note"], &json["scopes"]),
        (&json!("second"), &json!(["gist"]))
    );
}

/// JSON bounds no number, and what nobody reads hinders nobody; nor is it a fault of the text where
/// such members are refused.
#[tokio::test]
async fn a_number_beyond_a_double_in_a_member_that_nobody_knows_is_ignored() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    let numbers = [
        "1e999",
        "-1e999",
        "1.5E+400",
        "[1e999]",
        "{\"a\":{\"b\":-1e999}}",
    ];
    for (method, path) in routes_with_a_body(&mona, &app).await {
        for number in numbers {
            let note = json!({ "note": format!("{method} {path} {number}") });
            let known = if method == Method::PUT {
                app.with_secret(note)
            } else {
                note
            };
            // Written as text: no value of serde_json is that large.
            let known = known.to_string();
            let (members, _) = known.rsplit_once('}').expect("an object");
            let body = format!("{members},\"size\":{number}}}");
            let request = mona.request(method.clone(), &path);
            let answer = request.bytes(body.as_bytes()).send().await;
            if method == Method::PUT {
                // There what nobody knows is refused by its name, whatever its value.
                let message = answer.assert_status(422).message();
                assert_eq!(
                    message,
                    "Invalid request.\n\n\"size\" is not a permitted key."
                );
            } else {
                assert!(answer.status.is_success(), "{body}: {}", answer.text());
            }
        }
    }
    // Where a text is wanted it is refused like any other number.
    let request = mona.request(Method::POST, "/authorizations");
    let refused = request.bytes(br#"{"note":1e999}"#).send().await;
    let message = refused.assert_status(422).message();
    assert!(message.contains("is not a string."), "{message}");
}

#[tokio::test]
async fn a_body_beyond_the_bound_is_refused_before_it_is_read_on() {
    let options = WorldOptions {
        body_bytes: 1_000,
        ..WorldOptions::default()
    };
    let world = World::with(options).await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    let fitting = json!({ "note": "x", "ignored": "y".repeat(1_000 - 25) });
    assert_eq!(fitting.to_string().len(), 1_000);
    mona.post("/authorizations", fitting)
        .await
        .assert_status(201);
    let body = json!({ "note": "z", "ignored": "y".repeat(1_000 - 24) });
    for (method, path) in routes_with_a_body(&mona, &app).await {
        let refused = mona.request(method, &path).json(&body).send().await;
        assert_eq!(
            refused.assert_status(413).message(),
            "The body is too large."
        );
    }
    assert_eq!(mona.ids("/authorizations").await.len(), 2);
}

#[tokio::test]
async fn no_combination_of_members_is_a_failure_of_ours() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    let values = [
        json!(null),
        json!(true),
        json!(-1),
        json!(1e300),
        json!(""),
        json!("x\0"),
        json!([]),
        json!([[]]),
        json!({ "": null }),
        json!("0123456789abcdef0123"),
    ];
    let members = [
        "scopes",
        "add_scopes",
        "remove_scopes",
        "note",
        "note_url",
        "fingerprint",
        "client_id",
        "client_secret",
        "",
        "__proto__",
    ];
    for (method, path) in routes_with_a_body(&mona, &app).await {
        for (place, first) in members.iter().enumerate() {
            for value in &values {
                let second = members[(place + 3) % members.len()];
                let mut body = json!({ "note": format!("{method} {path} {first} {value}"), "client_secret": app.client_secret });
                body[*first] = value.clone();
                body[second] = values[(place * 7) % values.len()].clone();
                let answer = mona.request(method.clone(), &path).json(&body).send().await;
                assert!(
                    answer.status.is_success() || answer.status == 422,
                    "{method} {path} {body}: {}",
                    answer.status
                );
            }
        }
    }
}
