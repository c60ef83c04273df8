//! `PyGithub` 2: directory scripts, tools that make tokens, and its way of waiting before it tries
//! again.

use std::process::Command;

use counterfoil_testkit::process::{NetworkNamespace, Program, Running};
use counterfoil_testkit::{TestFolder, engine, installed};
use serde_json::{Value, json};

use super::driver::{Answer, Driver};
use super::installation::{Installation, LOGIN, PASSWORD};
use super::organization::{CAREFUL, MEMBER, ORG, OWNER, Organization, STRANGER};
use crate::command_line::quickstart::Quickstart;

struct PyGithub(Driver);

impl PyGithub {
    fn connect(base_url: &str) -> Self {
        Self::run(&mut Command::new(installed::python()), base_url)
    }

    /// In the Python that this command starts.
    fn run(python: &mut Command, base_url: &str) -> Self {
        python
            .arg(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/clients/drivers/pygithub.py"
            ))
            .env("PYTHONDONTWRITEBYTECODE", "1");
        Self(Driver::run(python, &json!({ "base_url": base_url })))
    }

    /// By the name of loopback that URLs have where no public one was given: it refuses one of
    /// another host.
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
fn pygithub_works_by_the_names_of_loopback() {
    let installation = Installation::new();
    // No address is given, so both families are listened on.
    let server = installation
        .program
        .start(&["serve", "--listen", "localhost:0"]);
    let port = server.base_url.rsplit(':').next().expect("a port");
    // It takes no literal of IPv6: it joins host and port without brackets.
    for host in ["localhost", "127.0.0.1"] {
        let api = format!("http://{host}:{port}/api/v3");
        let mut client = PyGithub::connect(&api);
        for note in ["cold", "warm"] {
            let note = format!("{note} by {host}");
            let call = json!({ "method": "authorizations", "as": by_password(), "note": note, "per_page": 1 });
            let data = client.get(&call);
            assert_eq!(data["listed"], json!([note]));
        }
    }
}

#[test]
fn pygithub_works_at_the_address_that_quickstart_prints() {
    let engine = engine::sqlite_only("quickstart keeps to a file");
    let namespace = NetworkNamespace::with_hosts(&[]);
    // Without an address it takes the port that is documented, which is free in a network of its
    // own.
    for listen in [&[][..], &["--listen", "127.0.0.1:0"]] {
        let folder = TestFolder::on_disk();
        let program = Program::build_in(folder.path()).on(engine);
        let quickstart = Quickstart::of(&program.inside(&namespace), listen);
        let [address, login, password] =
            ["address", "login", "password"].map(|name| quickstart.fact(name).expect("printed"));
        let mut python = namespace.command(installed::python(), folder.path());
        let mut client = PyGithub::run(&mut python, &format!("{address}/api/v3"));
        let me = json!({ "login": login, "password": password });
        let call = json!({ "method": "authorizations", "as": me, "note": "a first try" });
        let data = client.get(&call);
        let url = data["url"].as_str().expect("a URL");
        assert!(url.starts_with(address), "{url} is not at {address}");
        assert_eq!(data["listed"][0], "a first try");
    }
}

#[test]
fn pygithub_lists_in_which_organizations_the_caller_is_and_as_what() {
    let scene = Organization::new();
    let mut client = PyGithub::to(&scene.server);
    for (login, memberships) in [
        (OWNER, json!([[ORG, "active", "admin"]])),
        (MEMBER, json!([[ORG, "active", "member"]])),
        (STRANGER, json!([])),
    ] {
        let token = scene.token(login, "read:org");
        let call = json!({ "method": "memberships", "as": { "token": token } });
        assert_eq!(client.get(&call), memberships, "{login}");
    }
}

#[test]
fn pygithub_tells_owners_members_and_maintainers_apart() {
    let scene = Organization::new();
    let mut client = PyGithub::to(&scene.server);
    let token = scene.token(MEMBER, "read:org");
    let mut members = |method: &str, only: Value| {
        let call = json!({
            "method": method, "as": { "token": token }, "org": ORG, "team": "operators", "only": only, "per_page": 1,
        });
        client.get(&call)
    };
    assert_eq!(
        members("members", json!({ "role": "admin" })),
        json!([OWNER])
    );
    assert_eq!(
        members("members", json!({ "role": "member" })),
        json!([MEMBER, CAREFUL])
    );
    assert_eq!(
        members("members", json!({ "role": "all" })),
        json!([OWNER, MEMBER, CAREFUL])
    );
    assert_eq!(
        members("team_members", json!({ "role": "maintainer" })),
        json!([OWNER])
    );
    assert_eq!(
        members("team_members", json!({ "role": "member" })),
        json!([MEMBER])
    );
    for (login, role) in [(OWNER, "maintainer"), (MEMBER, "member")] {
        let call = json!({
            "method": "team_membership", "as": { "token": token }, "org": ORG, "team": "operators", "user": login,
        });
        let expected = json!({
            "role": role, "is_member": true, "organizations": [], "public_members": [],
        });
        assert_eq!(client.get(&call), expected, "{login}");
    }
}

#[test]
fn pygithub_finds_who_has_no_second_factor_for_owners_alone() {
    let scene = Organization::new();
    let mut client = PyGithub::to(&scene.server);
    let mut ask = |login: &str| {
        let token = scene.token(login, "admin:org");
        let call = json!({
            "method": "members", "as": { "token": token }, "org": ORG, "only": { "filter_": "2fa_disabled" },
        });
        client.0.call(&call)
    };
    let found = ask(OWNER);
    assert_eq!((found.status, found.data), (200, json!([OWNER, MEMBER])));
    assert_eq!(ask(MEMBER).status, 422);
}

#[test]
fn pygithub_sees_when_somebody_was_suspended() {
    let scene = Organization::new();
    let mut client = PyGithub::to(&scene.server);
    let token = scene.token(OWNER, "read:org");
    let call = json!({ "method": "user", "as": { "token": token }, "user": STRANGER });
    let before = client.get(&call);
    assert_eq!(before["has_suspended_at"], true);
    assert_eq!(before["suspended_at"], Value::Null);
    let suspend = ["user", "suspend", STRANGER];
    scene.installation.program.command(&suspend, "").succeeded();
    let after = client.get(&call);
    assert!(after["suspended_at"].is_string(), "{after}");
}

#[test]
fn pygithub_fails_at_once_where_sign_in_is_locked() {
    let installation = Installation::new();
    let server = installation.serve();
    let mut client = PyGithub::to(&server);
    let wrong = json!({ "method": "me", "as": { "login": LOGIN, "password": "a wrong password" } });
    for _ in 0..10 {
        client.expect(&wrong, 401);
    }
    let right = json!({ "method": "me", "as": by_password() });
    let refused = client.expect(&right, 403);
    assert_eq!(
        refused.data["waits"],
        json!([]),
        "it waited and tried again"
    );
    assert!(
        refused
            .message
            .starts_with("Maximum number of login attempts exceeded"),
        "{refused:?}"
    );
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
