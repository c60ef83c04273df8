//! `@octokit/rest` 16.43.2 through everything that it has under `oauthAuthorizations`.

use std::collections::BTreeSet;

use counterfoil_testkit::process::Running;
use serde_json::{Value, json};

use super::driver::{Answer, Driver, settings};
use super::installation::{App, Installation, PASSWORD, text};

/// The client, and which of its methods the test has called.
struct Octokit {
    driver: Driver,
    called: BTreeSet<String>,
}

impl Octokit {
    fn connect(server: &Running) -> Self {
        Self::with(&settings(server))
    }

    fn with(settings: &Value) -> Self {
        Self {
            driver: Driver::start("octokit_rest.js", settings),
            called: BTreeSet::new(),
        }
    }

    fn call(&mut self, method: &str, parameters: &Value) -> Answer {
        self.called.insert(method.to_owned());
        self.driver
            .call(&json!({ "method": method, "parameters": parameters }))
    }

    /// Calls a method that must answer with this status.
    fn expect(&mut self, method: &str, parameters: &Value, status: u64) -> Answer {
        let answer = self.call(method, parameters);
        assert_eq!(answer.status, status, "{method}: {answer:?}");
        answer
    }

    fn codes_asked(&mut self) -> u64 {
        let answer = self.driver.call(&json!({ "method": "codes_asked" }));
        answer.data.as_u64().expect("a count")
    }

    /// Every method that the client has.
    fn methods(&mut self) -> BTreeSet<String> {
        let answer = self.driver.call(&json!({ "method": "methods" }));
        serde_json::from_value(answer.data).expect("a list of names")
    }
}

#[test]
fn every_method_that_octokit_has_for_authorizations_works() {
    let installation = Installation::new();
    let server = installation.serve();
    let mut octokit = Octokit::connect(&server);

    let personal = makes_a_personal_token(&mut octokit);
    changes_it(&mut octokit, &personal);
    lists_by_pages(&mut octokit, &installation.app);
    gets_or_creates_for_an_app(&mut octokit, &installation.app);
    gets_or_creates_for_a_fingerprint(&mut octokit, &installation.app);
    reads_and_deletes_the_grant(&mut octokit, &installation.app);
    deletes_it(&mut octokit, &personal);
    meets_no_url_with_a_token_in_it(&mut octokit, &installation.app);

    let methods = octokit.methods();
    assert_eq!(octokit.called, methods);
}

fn makes_a_personal_token(octokit: &mut Octokit) -> Value {
    let wanted = json!({ "scopes": ["repo", "gist", "repo:status"], "note": "octokit" });
    let made = octokit.expect("createAuthorization", &wanted, 201);
    assert_eq!(made.data["scopes"], json!(["repo", "gist"]));
    assert_eq!(made.data["app"]["client_id"], "00000000000000000000");
    assert_eq!(made.data["fingerprint"], Value::Null);
    assert!(text(&made.data["token"]).starts_with("ghp_"));
    assert_eq!(made.headers["location"], made.data["url"]);

    let again = octokit.expect("createAuthorization", &wanted, 422);
    assert_eq!(
        again.errors,
        json!([{ "resource": "OauthAccess", "code": "already_exists", "field": "description" }])
    );

    let id = json!({ "authorization_id": made.data["id"] });
    let read = octokit.expect("getAuthorization", &id, 200);
    assert_eq!(read.data["token"], "");
    assert_eq!(read.data["hashed_token"], made.data["hashed_token"]);
    id
}

fn changes_it(octokit: &mut Octokit, personal: &Value) {
    let mut change = personal.clone();
    change["add_scopes"] = json!(["user"]);
    change["remove_scopes"] = json!(["gist"]);
    change["note"] = json!("octokit, renamed");
    let changed = octokit.expect("updateAuthorization", &change, 200);
    assert_eq!(changed.data["scopes"], json!(["repo", "user"]));
    assert_eq!(changed.data["app"]["name"], "octokit, renamed");
    assert_eq!(changed.data["token"], "");
}

fn lists_by_pages(octokit: &mut Octokit, app: &App) {
    let second = json!({
        "note": "for the app",
        "client_id": app.client_id,
        "client_secret": app.client_secret,
        "fingerprint": "a first machine",
    });
    let made = octokit.expect("createAuthorization", &second, 201);
    assert!(text(&made.data["token"]).starts_with("gho_"));

    let first_page = octokit.expect("listAuthorizations", &json!({ "per_page": 1 }), 200);
    assert_eq!(first_page.data.as_array().map(Vec::len), Some(1));
    assert!(text(&first_page.headers["link"]).contains("page=2>; rel=\"next\""));
    let all = octokit.expect("listAuthorizations", &json!({}), 200);
    assert_eq!(all.data.as_array().map(Vec::len), Some(2));
    assert_eq!(all.headers["link"], Value::Null);
}

fn gets_or_creates_for_an_app(octokit: &mut Octokit, app: &App) {
    let wanted = json!({
        "client_id": app.client_id,
        "client_secret": app.client_secret,
        "scopes": ["public_repo"],
        "note": "get or create",
    });
    let made = octokit.expect("getOrCreateAuthorizationForApp", &wanted, 201);
    assert!(text(&made.data["token"]).starts_with("gho_"));
    let found = octokit.expect("getOrCreateAuthorizationForApp", &wanted, 200);
    assert_eq!(found.data["id"], made.data["id"]);
    assert_eq!(found.data["token"], "");

    let mut wrong = wanted.clone();
    wrong["client_secret"] = json!("0000000000000000000000000000000000000000");
    let refused = octokit.expect("getOrCreateAuthorizationForApp", &wrong, 422);
    assert!(
        refused
            .message
            .starts_with("Invalid Application client_id or secret."),
        "{refused:?}"
    );
}

fn gets_or_creates_for_a_fingerprint(octokit: &mut Octokit, app: &App) {
    let wanted = json!({
        "client_id": app.client_id,
        "client_secret": app.client_secret,
        "fingerprint": "50% of a/second machine",
        "scopes": ["public_repo"],
    });
    let made = octokit.expect("getOrCreateAuthorizationForAppAndFingerprint", &wanted, 201);
    assert_eq!(made.data["fingerprint"], "50% of a/second machine");
    for method in [
        "getOrCreateAuthorizationForAppAndFingerprint",
        "getOrCreateAuthorizationForAppFingerprint",
    ] {
        let found = octokit.expect(method, &wanted, 200);
        assert_eq!(found.data["id"], made.data["id"], "{method}");
    }
}

fn reads_and_deletes_the_grant(octokit: &mut Octokit, app: &App) {
    let grants = octokit.expect("listGrants", &json!({}), 200);
    assert_eq!(grants.data.as_array().map(Vec::len), Some(1));
    let grant = &grants.data[0];
    assert_eq!(grant["app"]["client_id"], json!(app.client_id));
    assert_eq!(grant["scopes"], json!(["public_repo"]));

    let id = json!({ "grant_id": grant["id"] });
    let read = octokit.expect("getGrant", &id, 200);
    assert_eq!(&read.data, grant);
    octokit.expect("deleteGrant", &id, 204);
    octokit.expect("getGrant", &id, 404);
    let left = octokit.expect("listAuthorizations", &json!({}), 200);
    assert_eq!(
        left.data.as_array().map(Vec::len),
        Some(1),
        "only the personal token is left"
    );
}

fn deletes_it(octokit: &mut Octokit, personal: &Value) {
    octokit.expect("deleteAuthorization", personal, 204);
    octokit.expect("deleteAuthorization", personal, 404);
}

/// The four methods whose URLs hold a token: such URLs are not served unless an operator asks for
/// them.
fn meets_no_url_with_a_token_in_it(octokit: &mut Octokit, app: &App) {
    let which = json!({
        "client_id": app.client_id,
        "access_token": "gho_16C7e42F292c6912E7710c838347Ae178B4a",
    });
    for method in [
        "checkAuthorization",
        "resetAuthorization",
        "revokeAuthorizationForApplication",
        "revokeGrantForApplication",
    ] {
        octokit.expect(method, &which, 404);
    }
}

#[test]
fn octokit_asks_for_one_code_and_uses_it_again() {
    let installation = Installation::new();
    let secret = installation.enable_two_factor();
    let server = installation.serve();
    let mut with_secret = settings(&server);
    with_secret["otp_secret"] = json!(secret);
    let mut octokit = Octokit::with(&with_secret);

    let made = octokit.expect(
        "createAuthorization",
        &json!({ "note": "with a code" }),
        201,
    );
    octokit.expect("listAuthorizations", &json!({}), 200);
    octokit.expect(
        "deleteAuthorization",
        &json!({ "authorization_id": made.data["id"] }),
        204,
    );
    assert_eq!(octokit.codes_asked(), 1);
}

#[test]
fn octokit_sees_a_wrong_code_as_such() {
    let installation = Installation::new();
    installation.enable_two_factor();
    let server = installation.serve();
    let mut with_code = settings(&server);
    // No code of six digits: wrong at every moment.
    with_code["otp_code"] = json!("wrong!");
    let mut octokit = Octokit::with(&with_code);

    let refused = octokit.expect("listAuthorizations", &json!({}), 401);
    assert!(refused.message.contains("one-time password"), "{refused:?}");
}

#[test]
fn octokit_is_asked_for_no_code_when_the_password_is_wrong() {
    let installation = Installation::new();
    installation.enable_two_factor();
    let server = installation.serve();
    let mut wrong = settings(&server);
    wrong["password"] = json!(format!("{PASSWORD}?"));
    let mut octokit = Octokit::with(&wrong);

    let refused = octokit.expect("listAuthorizations", &json!({}), 401);
    assert_eq!(refused.message, "Bad credentials");
    assert_eq!(octokit.codes_asked(), 0);
}
