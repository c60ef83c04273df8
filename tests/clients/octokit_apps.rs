//! `@octokit/oauth-methods` 6 and `@octokit/rest` 22 with what they have for apps about tokens,
//! `@octokit/rest` 16, which still puts the token into the path, and `@octokit/auth-oauth-app` 9,
//! which sends an app's client id and secret with whatever it asks.

use serde_json::{Value, json};

use super::driver::{Answer, Driver};
use super::installation::{App, Installation, LOGIN, text};

const AUTH_OAUTH_APP: &str = "auth-oauth-app";
const OAUTH_METHODS: &str = "oauth-methods";
const REST: &str = "rest";
const REST_16: &str = "rest-16";

/// The libraries as one app, on one installation.
struct Libraries(Driver);

impl Libraries {
    fn connect(base_url: &str, app: &App) -> Self {
        let settings = json!({
            "base_url": base_url,
            "client_id": app.client_id,
            "client_secret": app.client_secret,
        });
        Self(Driver::start("octokit_apps.js", &settings))
    }

    fn expect(&mut self, library: &str, method: &str, parameters: &Value, status: u64) -> Answer {
        let call = json!({ "library": library, "method": method, "parameters": parameters });
        let answer = self.0.call(&call);
        assert_eq!(answer.status, status, "{library} {method}: {answer:?}");
        answer
    }
}

/// A token of the user for the app.
fn token(installation: &Installation) -> String {
    let client_id = &installation.app.client_id;
    let made = installation.program.json(
        &[
            "token", "create", LOGIN, "--note", "octokit", "--scopes", "repo", "--app", client_id,
        ],
        "",
    );
    text(&made["token"])
}

#[test]
fn oauth_methods_check_reset_and_delete_a_token() {
    let installation = Installation::new();
    let server = installation.serve();
    let mut client = Libraries::connect(&server.api_url(), &installation.app);
    let first = token(&installation);
    let of = |token: &str| json!({ "token": token });

    let checked = client.expect(OAUTH_METHODS, "checkToken", &of(&first), 200);
    assert_eq!(checked.data["token"], first.as_str());
    assert_eq!(checked.data["user"]["login"], LOGIN);
    assert_eq!(checked.data["scopes"], json!(["repo"]));
    assert_eq!(checked.headers["cache-control"], "no-store");

    let reset = client.expect(OAUTH_METHODS, "resetToken", &of(&first), 200);
    assert_eq!(reset.data["id"], checked.data["id"]);
    let second = text(&reset.data["token"]);
    assert_ne!(second, first);
    client.expect(OAUTH_METHODS, "checkToken", &of(&first), 404);
    client.expect(OAUTH_METHODS, "checkToken", &of(&second), 200);

    client.expect(OAUTH_METHODS, "deleteToken", &of(&second), 204);
    client.expect(OAUTH_METHODS, "deleteToken", &of(&second), 404);

    let third = token(&installation);
    client.expect(OAUTH_METHODS, "deleteAuthorization", &of(&third), 204);
    client.expect(OAUTH_METHODS, "checkToken", &of(&third), 404);
}

#[test]
fn oauth_methods_are_told_that_no_token_can_be_scoped() {
    let installation = Installation::new();
    let server = installation.serve();
    let mut client = Libraries::connect(&server.api_url(), &installation.app);
    let wanted = json!({
        "clientType": "github-app",
        "token": token(&installation),
        "target": LOGIN,
        "permissions": { "contents": "read" },
    });
    client.expect(OAUTH_METHODS, "scopeToken", &wanted, 404);
}

#[test]
fn rest_checks_resets_and_deletes_as_an_app() {
    let installation = Installation::new();
    let server = installation.serve();
    let mut client = Libraries::connect(&server.api_url(), &installation.app);
    let first = token(&installation);
    let of = |token: &str| json!({ "access_token": token });

    client.expect(REST, "checkToken", &of(&first), 200);
    let reset = client.expect(REST, "resetToken", &of(&first), 200);
    let second = text(&reset.data["token"]);
    client.expect(REST, "checkToken", &of(&first), 404);

    let mut scoped = of(&second);
    scoped["target"] = json!(LOGIN);
    client.expect(REST, "scopeToken", &scoped, 404);
    let refused = client.expect(REST, "scopeToken", &of(&second), 422);
    assert!(refused.message.contains("\"target\""), "{refused:?}");

    client.expect(REST, "deleteToken", &of(&second), 204);
    let third = token(&installation);
    client.expect(REST, "deleteAuthorization", &of(&third), 204);
    client.expect(REST, "checkToken", &of(&third), 404);
}

#[test]
fn rest_of_old_finds_its_urls_where_the_operator_serves_them() {
    let installation = Installation::new();
    let token = token(&installation);
    let of = |token: &str| json!({ "access_token": token });
    let server = installation.serve();
    let mut client = Libraries::connect(&server.api_url(), &installation.app);
    client.expect(REST_16, "checkAuthorization", &of(&token), 404);
    drop(client);
    assert!(server.terminate().success());

    let serving = installation
        .program
        .with_environment("COUNTERFOIL_LEGACY_TOKEN_URLS", "true");
    let server = serving.start_serve(&[]);
    let mut client = Libraries::connect(&server.api_url(), &installation.app);
    let checked = client.expect(REST_16, "checkAuthorization", &of(&token), 200);
    assert_eq!(checked.data["user"]["login"], LOGIN);
    let reset = client.expect(REST_16, "resetAuthorization", &of(&token), 200);
    let second = text(&reset.data["token"]);
    client.expect(REST_16, "checkAuthorization", &of(&token), 404);
    client.expect(
        REST_16,
        "revokeAuthorizationForApplication",
        &of(&second),
        204,
    );
    client.expect(REST_16, "revokeGrantForApplication", &of(&second), 404);

    drop(client);
    let (status, log) = server.terminate_and_hear();
    assert!(status.success());
    assert!(!log.contains(&token) && !log.contains(&second), "{log}");
}

#[test]
fn auth_oauth_app_reads_as_an_app_what_needs_no_user() {
    let installation = Installation::new();
    let token = token(&installation);
    let limited = installation
        .program
        .with_environment("COUNTERFOIL_RATE_LIMITS__ENABLED", "true");
    let server = limited.start_serve(&[]);
    let mut client = Libraries::connect(&server.api_url(), &installation.app);
    let mut expect = |route: &str, parameters: &Value, status| {
        client.expect(AUTH_OAUTH_APP, route, parameters, status)
    };
    let of = json!({ "username": LOGIN });
    // More often than a login may be wrong, and within the limit of an app.
    for used in 1..=12 {
        let user = expect("GET /users/{username}", &of, 200);
        assert_eq!(user.data["login"], LOGIN);
        assert_eq!(user.headers["x-ratelimit-limit"], "5000");
        assert_eq!(user.headers["x-ratelimit-used"], used.to_string());
    }
    for route in ["GET /", "GET /meta", "GET /versions"] {
        let answer = expect(route, &json!({}), 200);
        assert_eq!(answer.headers["x-ratelimit-limit"], "5000", "{route}");
    }
    let limit = expect("GET /rate_limit", &json!({}), 200);
    assert_eq!(limit.data["resources"]["core"]["limit"], 5_000);
    let refused = expect("GET /user", &json!({}), 401);
    let sentence = "does not support clientId/clientSecret basic authentication";
    assert!(refused.message.contains(sentence), "{refused:?}");
    let of = json!({ "client_id": installation.app.client_id, "access_token": token });
    let checked = expect("POST /applications/{client_id}/token", &of, 200);
    assert_eq!(checked.data["user"]["login"], LOGIN);
}
