//! `@octokit/auth-oauth-device` 8: a program without a browser, by the device flow.

use serde_json::json;

use super::browsing::Asked;
use super::installation::text;
use super::web_flow::{MEMBER, WebFlow};

#[test]
fn auth_oauth_device_gets_the_token_of_who_types_its_code() {
    let scene = WebFlow::new("/callback");
    scene.let_devices_in();
    let mut client = scene.node("octokit_device.js", &json!({ "scopes": ["repo", "gist"] }));
    let shown = client.expect(&json!({ "method": "begin" }), 200).data;
    let address = text(&shown["verification_uri"]);
    assert!(address.ends_with("/login/device"), "{address}");
    let arrival = scene.member().types(&text(&shown["user_code"]));
    assert_eq!(arrival.asked, [Asked::Who, Asked::Code, Asked::Whether]);
    arrival.reply.assert_status(200);

    let got = client.expect(&json!({ "method": "finish" }), 200).data;
    let token = text(&got["token"]);
    scene.hold(&token);
    assert_eq!(got["tokenType"], "oauth");
    assert_eq!(got["scopes"], json!(["repo,gist"]));
    let authorization = format!("Authorization: token {token}");
    let user = format!("{}/user", scene.server.api_url());
    let user = scene.stranger().ask("GET", &user, &authorization);
    assert_eq!(user.assert_status(200).json()["login"], MEMBER);
}

#[test]
fn auth_oauth_device_hears_that_its_code_was_refused_or_is_none() {
    let scene = WebFlow::new("/callback");
    let begin = json!({ "method": "begin" });
    let mut client = scene.node("octokit_device.js", &json!({ "scopes": [] }));
    let disabled = client.expect(&begin, 400);
    assert!(disabled.message.contains("device_flow_disabled"));

    scene.let_devices_in();
    let shown = client.expect(&begin, 200).data;
    let arrival = scene
        .member()
        .cancelling()
        .types(&text(&shown["user_code"]));
    assert_eq!(arrival.asked, [Asked::Who, Asked::Code, Asked::Whether]);
    let refused = client.expect(&json!({ "method": "finish" }), 400);
    assert!(refused.message.contains("access_denied"), "{refused:?}");
}
