//! `PyPI`'s Authlib 1, which also asks about tokens and ends them by the standards, and githubkit
//! 0.16, which exchanges a code with its first request.

use serde_json::{Value, json};

use super::browsing::{Asked, parameter};
use super::driver::Answer;
use super::installation::text;
use super::web_flow::{Client, MEMBER, WebFlow};

const DRIVER: &str = "oauth_libraries.py";
const AUTHLIB: &str = "authlib";
const GITHUBKIT: &str = "githubkit";

/// Two verifiers of PKCE, as long as one must be at least.
const VERIFIER: &str = "0123456789-abcdefghijklmnopqrstuvwxyz.~_ABC";
const OTHER_VERIFIER: &str = "0123456789-abcdefghijklmnopqrstuvwxyz.~_XYZ";

fn ask(
    client: &mut Client,
    library: &str,
    method: &str,
    parameters: &Value,
    status: u64,
) -> Answer {
    let call = json!({ "library": library, "method": method, "parameters": parameters });
    client.expect(&call, status)
}

/// Where Authlib's app was led back to by somebody who lets it in.
fn led_back(scene: &WebFlow, client: &mut Client, asked: &[Asked]) -> String {
    let led = ask(
        client,
        AUTHLIB,
        "lead",
        &json!({ "verifier": VERIFIER }),
        200,
    );
    let arrival = scene
        .member()
        .is_led(&text(&led.data["url"]), &scene.callback);
    assert_eq!(arrival.asked, asked);
    let state = led.data["state"].as_str();
    assert_eq!(parameter(&arrival.url, "state"), state);
    arrival.url
}

#[test]
fn authlib_exchanges_codes_asks_about_tokens_and_ends_them() {
    let scene = WebFlow::new("/callback");
    let mut client = scene.python(DRIVER);
    // With the token the first round ends the consent.
    for (proof, asked) in [
        ("client_secret_basic", &[Asked::Who, Asked::Whether][..]),
        ("client_secret_post", &[Asked::Whether]),
    ] {
        let response = led_back(&scene, &mut client, asked);
        let mut call = |method: &str, mut parameters: Value, status| {
            if method != "read" {
                parameters["proof"] = json!(proof);
            }
            ask(&mut client, AUTHLIB, method, &parameters, status)
        };
        let with = |verifier: &str| json!({ "response": response, "verifier": verifier });
        let token = call("fetch", with(VERIFIER), 200).data;
        scene.hold(&text(&token["access_token"]));
        assert_eq!(token["scope"], "read:org,user:email");
        let user = call("read", json!({ "token": token, "path": "/user" }), 200);
        assert_eq!(user.data["login"], MEMBER);
        let told = call("introspect", json!({ "token": token }), 200).data;
        assert_eq!(told["active"], true);
        assert_eq!(told["scope"], "read:org user:email");
        assert_eq!(told["username"], MEMBER);
        assert_eq!(told["client_id"], scene.app.client_id.as_str());
        assert_eq!(call("revoke", json!({ "token": token }), 200).data, 200);
        let told = call("introspect", json!({ "token": token }), 200).data;
        assert_eq!(told, json!({ "active": false }));
        call("read", json!({ "token": token, "path": "/user" }), 401);
        let refused = call("fetch", with(VERIFIER), 400);
        assert_eq!(refused.message, "bad_verification_code");
    }
}

#[test]
fn authlib_gets_nothing_with_another_verifier() {
    let scene = WebFlow::new("/callback");
    let mut client = scene.python(DRIVER);
    let response = led_back(&scene, &mut client, &[Asked::Who, Asked::Whether]);
    for verifier in [OTHER_VERIFIER, VERIFIER] {
        let parameters = json!({
            "response": response, "verifier": verifier, "proof": "client_secret_basic",
        });
        let refused = ask(&mut client, AUTHLIB, "fetch", &parameters, 400);
        assert_eq!(refused.message, "bad_verification_code");
    }
}

#[test]
fn githubkit_signs_people_in_and_looks_after_their_tokens() {
    let scene = WebFlow::new("/callback");
    let mut client = scene.python(DRIVER);
    let url = format!(
        "{}/login/oauth/authorize?client_id={}&scope=user:email&state=s",
        scene.server.base_url, scene.app.client_id
    );
    // The redirect URI is sent with a code, or not.
    let mut tokens = [json!(scene.callback), Value::Null].map(|redirect| {
        let arrival = scene.member().is_led(&url, &scene.callback);
        let code = parameter(&arrival.url, "code").expect("a code");
        let parameters = json!({ "code": code, "redirect_uri": redirect });
        let user = ask(&mut client, GITHUBKIT, "sign_in", &parameters, 200).data;
        assert_eq!(user["login"], MEMBER);
        assert_eq!(user["emails"], json!([format!("{MEMBER}@example.org")]));
        let refused = ask(&mut client, GITHUBKIT, "sign_in", &parameters, 400);
        assert!(refused.message.contains("bad_verification_code"));
        let token = text(&user["token"]);
        scene.hold(&token);
        token
    });
    let mut call = |method: &str, token: &str, status| {
        let parameters = json!({ "token": token });
        ask(&mut client, GITHUBKIT, method, &parameters, status)
    };
    let checked = call("check_token", &tokens[0], 200).data;
    assert_eq!(checked["body"]["user"]["login"], MEMBER);
    let reset = call("reset_token", &tokens[0], 200).data;
    call("check_token", &tokens[0], 404);
    tokens[0] = text(&reset["body"]["token"]);
    scene.hold(&tokens[0]);
    call("delete_token", &tokens[0], 200);
    call("check_token", &tokens[0], 404);
    call("delete_authorization", &tokens[1], 200);
    call("check_token", &tokens[1], 404);
}
