//! `PyGithub` 2: directory scripts, tools that make tokens, and its way of waiting before it tries again.

use std::process::Command;

use counterfoil_testkit::installed;
use counterfoil_testkit::process::Running;
use serde_json::{Value, json};

use super::driver::{Answer, Driver};
use super::installation::{Installation, LOGIN, PASSWORD};

struct PyGithub(Driver);

impl PyGithub {
    fn connect(base_url: &str) -> Self {
        let mut python = Command::new(installed::python());
        python
            .arg(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/clients/drivers/pygithub.py"
            ))
            .env("PYTHONDONTWRITEBYTECODE", "1");
        Self(Driver::run(&mut python, &json!({ "base_url": base_url })))
    }

    /// By the name of loopback that URLs have where no public one was given: it refuses one of another host.
    fn to(server: &Running) -> Self {
        Self::connect(&by_name(server))
    }

    fn expect(&mut self, call: &Value, status: u64) -> Answer {
        let answer = self.0.call(call);
        assert_eq!(answer.status, status, "{call}: {answer:?}");
        answer
    }

    fn get(&mut self, call: &Value) -> Value {
        self.expect(call, 200).data
    }
}

/// The API by the name of this machine instead of its address.
fn by_name(server: &Running) -> String {
    server.api_url().replace("127.0.0.1", "localhost")
}

fn by_password() -> Value {
    json!({ "login": LOGIN, "password": PASSWORD })
}

#[test]
fn pygithub_makes_changes_and_deletes_a_token_at_the_urls_that_it_is_given() {
    let installation = Installation::new();
    let server = installation.serve();
    let mut client = PyGithub::to(&server);
    let call = json!({ "method": "authorizations", "as": by_password(), "note": "a script" });
    let data = client.get(&call);
    assert_eq!(data["scopes"], json!(["repo", "gist"]));
    assert_eq!(data["listed"], json!(["a script"]));
    let url = data["url"].as_str().expect("a URL");
    assert!(url.starts_with(&by_name(&server)), "{url}");
}

#[test]
fn pygithub_reads_as_an_app_what_needs_no_user() {
    let installation = Installation::new();
    let limited = installation
        .program
        .with_environment("COUNTERFOIL_RATE_LIMITS__ENABLED", "true");
    let server = limited.start_serve(&[]);
    let mut client = PyGithub::to(&server);
    let app = &installation.app;
    let by_app = json!({ "login": app.client_id, "password": app.client_secret });
    let call = json!({ "method": "user", "as": by_app, "user": LOGIN });
    // More often than a login may be wrong.
    for _ in 0..12 {
        assert_eq!(client.get(&call)["login"], LOGIN);
    }
    // An app has more requests an hour than somebody whom nobody knows.
    let mut limit =
        |by: &Value| client.get(&json!({ "method": "limit", "as": by }))["limit"].take();
    assert_eq!(limit(&by_app), 5_000);
    assert_eq!(limit(&json!({})), 60);
    client.expect(&json!({ "method": "me", "as": by_app }), 401);
}
