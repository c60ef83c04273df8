//! `@octokit/auth-basic` 1.4.8: it makes a token with a password and uses that from then on, and it
//! learns whether a code is needed by a request that no server has an operation for.

use serde_json::{Value, json};

use super::driver::{Answer, Driver, settings};
use super::installation::{Installation, LOGIN, text};

fn auth(driver: &mut Driver, parameters: &Value) -> Value {
    let answer = driver.call(&json!({ "method": "auth", "parameters": parameters }));
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.data
}

fn request(driver: &mut Driver, route: &str, parameters: &Value) -> Answer {
    driver.call(&json!({ "method": "request", "route": route, "parameters": parameters }))
}

/// What the client keeps count of: `codes_asked`, `routes`.
fn noted(driver: &mut Driver, what: &str) -> Value {
    driver.call(&json!({ "method": what })).data
}

#[test]
fn auth_basic_makes_a_token_and_uses_it() {
    let installation = Installation::new();
    let server = installation.serve();
    let mut driver = Driver::start("auth_basic.js", &settings(&server));

    let made = auth(&mut driver, &json!({}));
    assert_eq!(made["username"], LOGIN);
    assert!(text(&made["token"]).starts_with("ghp_"));
    assert_eq!(
        auth(&mut driver, &json!({}))["token"],
        made["token"],
        "it keeps its token"
    );

    let user = request(&mut driver, "GET /user", &json!({}));
    assert_eq!(user.status, 200, "{user:?}");
    assert_eq!(user.data["login"], LOGIN);
    assert_eq!(
        user.headers["x-oauth-scopes"], "",
        "the request went with the token"
    );

    let listed = request(&mut driver, "GET /authorizations", &json!({}));
    assert_eq!(listed.status, 200, "{listed:?}");
    assert_eq!(
        listed.data[0]["id"], made["id"],
        "the request went with the password"
    );
    assert_eq!(
        listed.data[0]["fingerprint"],
        Value::Null,
        "a personal token has none"
    );
    assert_eq!(noted(&mut driver, "codes_asked"), 0);
}

#[test]
fn auth_basic_makes_a_token_of_an_app_with_a_fingerprint() {
    let installation = Installation::new();
    let server = installation.serve();
    let mut with_app = settings(&server);
    with_app["token"] = json!({
        "note": "on this machine",
        "scopes": ["repo"],
        "fingerprint": "this machine",
        "clientId": installation.app.client_id,
        "clientSecret": installation.app.client_secret,
    });
    let mut driver = Driver::start("auth_basic.js", &with_app);

    let made = auth(&mut driver, &json!({}));
    assert!(text(&made["token"]).starts_with("gho_"));
    let listed = request(&mut driver, "GET /authorizations", &json!({}));
    assert_eq!(listed.data[0]["fingerprint"], "this machine");
    assert_eq!(
        listed.data[0]["app"]["client_id"],
        json!(installation.app.client_id)
    );

    // The fingerprint is taken now.
    let again = driver.call(&json!({ "method": "auth", "parameters": { "refresh": true } }));
    assert_eq!(again.status, 422, "{again:?}");
    assert_eq!(again.errors[0]["field"], "fingerprint");
}

#[test]
fn the_probe_of_auth_basic_finds_no_operation_once_it_is_let_in() {
    let installation = Installation::new();
    let server = installation.serve();
    let mut driver = Driver::start("auth_basic.js", &settings(&server));

    let basic = auth(&mut driver, &json!({ "type": "basic" }));
    assert_eq!(basic["type"], "basic");
    assert_eq!(basic["totp"], Value::Null);
    assert_eq!(
        noted(&mut driver, "routes"),
        json!(["PATCH /authorizations"])
    );
}

#[test]
fn the_probe_of_auth_basic_is_asked_for_a_code() {
    let installation = Installation::new();
    let secret = installation.enable_two_factor();
    let server = installation.serve();
    let mut with_secret = settings(&server);
    with_secret["otp_secret"] = json!(secret);
    let mut driver = Driver::start("auth_basic.js", &with_secret);

    let basic = auth(&mut driver, &json!({ "type": "basic" }));
    assert_eq!(text(&basic["totp"]).len(), 6);
    assert_eq!(
        noted(&mut driver, "routes"),
        json!(["PATCH /authorizations", "PATCH /authorizations"]),
        "without a code, then with one"
    );

    // The same code serves for the token and for the list.
    let made = auth(&mut driver, &json!({}));
    assert!(text(&made["token"]).starts_with("ghp_"));
    assert_eq!(
        request(&mut driver, "GET /authorizations", &json!({})).status,
        200
    );
    assert_eq!(noted(&mut driver, "codes_asked"), 1);
}

#[test]
fn auth_basic_sees_a_wrong_code_and_a_wrong_password_as_such() {
    let installation = Installation::new();
    installation.enable_two_factor();
    let server = installation.serve();

    let mut wrong_code = settings(&server);
    wrong_code["otp_code"] = json!("wrong!");
    let mut driver = Driver::start("auth_basic.js", &wrong_code);
    let refused = driver.call(&json!({ "method": "auth", "parameters": {} }));
    assert_eq!(refused.status, 401, "{refused:?}");
    assert!(refused.message.starts_with("Invalid TOTP"), "{refused:?}");

    let mut wrong_password = settings(&server);
    wrong_password["password"] = json!("not the password");
    let mut driver = Driver::start("auth_basic.js", &wrong_password);
    let refused = driver.call(&json!({ "method": "auth", "parameters": {} }));
    assert_eq!(refused.status, 401, "{refused:?}");
    assert_eq!(refused.message, "Bad credentials");
    assert_eq!(noted(&mut driver, "codes_asked"), 0);
}
