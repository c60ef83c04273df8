//! `counterfoil serve` as a process: its first line, its lock, its signals, its logs.

use std::fs;

use std::path::Path;
use std::process::Command;

use counterfoil_testkit::process::{
    ApiClient, Connection, NetworkNamespace, Person, Running, basic,
};
use serde_json::json;

use super::{Desk, PASSWORD, code_now, text};

fn mona() -> Person {
    Person::new("mona", PASSWORD)
}

/// Waits until the log has this text: asks for something until it is there, at most as often as no
/// sane server needs.
fn wait_for_log(server: &Running, wanted: &str) {
    let mut connection = Connection::open(&server.base_url).expect("a connection");
    for _ in 0..20_000 {
        if server.stderr().contains(wanted) {
            return;
        }
        let alive = connection.ask("GET", "/healthz", &[], None);
        alive.expect("the server answers");
    }
    panic!("the log never said {wanted}:\n{}", server.stderr());
}

#[test]
fn the_first_line_is_the_address_with_the_real_port() {
    let desk = Desk::with_user();
    let server = desk.program.start_serve(&[
        "--listen",
        "127.0.0.1:0",
        "--listen",
        "[::1]:0",
        "--ops-listen",
        "127.0.0.1:0",
    ]);
    let said = server.stderr();
    let lines: Vec<&str> = said.lines().take(3).collect();
    assert!(
        lines[0].starts_with("listening on http://127.0.0.1:") && !lines[0].ends_with(":0"),
        "{said}"
    );
    wait_for_log(&server, "health checks and metrics on http://127.0.0.1:");
    let said = server.stderr();
    assert!(
        said.lines()
            .nth(1)
            .unwrap()
            .starts_with("listening on http://[::1]:"),
        "{said}"
    );
    let operations = said
        .lines()
        .nth(2)
        .unwrap()
        .strip_prefix("health checks and metrics on ")
        .unwrap();
    let mut connection = Connection::open(operations).unwrap();
    let ready = connection.ask("GET", "/readyz", &[], None).unwrap();
    assert_eq!(ready.status, 200);
    let metrics = connection.ask("GET", "/metrics", &[], None).unwrap();
    assert!(metrics.text().contains("counterfoil_"));
}

#[test]
fn addresses_in_answers_begin_with_localhost_and_the_real_port() {
    let desk = Desk::with_user();
    let server = desk.program.start_serve(&[]);
    let port = server.base_url.rsplit(':').next().unwrap();
    let user = mona()
        .connect(&server.base_url)
        .unwrap()
        .must("GET", "/user", None);
    assert_eq!(
        text(&user.json()["url"]),
        format!("http://localhost:{port}/api/v3/users/mona")
    );
    drop(server);
    let server = desk
        .program
        .start_serve(&["--public-url", "https://tokens.example.org"]);
    let user = mona()
        .connect(&server.base_url)
        .unwrap()
        .must("GET", "/user", None);
    assert_eq!(
        text(&user.json()["url"]),
        "https://tokens.example.org/api/v3/users/mona"
    );
}

#[test]
fn a_second_serve_on_one_folder_is_refused() {
    let desk = Desk::with_files("quickstart keeps to a file").and_user();
    let server = desk.program.start_serve(&[]);
    let data = desk.folder.path().join("counterfoil-data");
    let expected = format!(
        "a `counterfoil serve` runs on {}; stop it first, or name another folder with --data-dir",
        data.display()
    );
    assert_eq!(
        desk.refused(&["serve", "--listen", "127.0.0.1:0"], ""),
        expected
    );
    assert_eq!(
        desk.refused(&["quickstart", "--listen", "127.0.0.1:0"], ""),
        expected
    );
    // However the first one ends, its lock ends with it.
    server.kill_nine();
    drop(desk.program.start_serve(&[]));
}

#[test]
fn an_address_that_is_taken_is_named_with_what_to_do() {
    let desk = Desk::with_user();
    let server = desk.program.start_serve(&[]);
    let taken = server.base_url.strip_prefix("http://").unwrap();
    let other = Desk::with_user();
    assert_eq!(
        other.refused(&["serve", "--listen", taken], ""),
        format!(
            "cannot listen on {taken}: another program listens there; stop it, or choose another address with --listen"
        )
    );
}

#[test]
fn sigterm_ends_the_server_in_order() {
    let desk = Desk::with_files("the files are compared").and_user();
    let server = desk.program.start_serve(&[]);
    let mut mona = mona().connect(&server.base_url).unwrap();
    mona.must("GET", "/user", None).assert_status(200);
    assert!(server.terminate().success());
    // The log of the database was copied back: nothing is left beside it.
    assert!(
        !desk
            .folder
            .path()
            .join("counterfoil-data/counterfoil.db-wal")
            .exists()
    );
}

#[test]
fn sighup_takes_over_what_it_can_and_names_what_needs_a_restart() {
    let desk = Desk::with_user();
    desk.folder_file("counterfoil.toml", "[logging]\nlevel = \"info\"\n");
    let server = desk.program.start_serve(&[]);
    desk.folder_file(
        "counterfoil.toml",
        "enterprise_version = \"3.14.0\"\n[limits]\nidle_time = \"5s\"\n[apps]\nper_user = 7\n",
    );
    server.hang_up();
    wait_for_log(
        &server,
        "some changes need a restart settings=\"enterprise_version, apps.per_user\"",
    );
    desk.folder_file("counterfoil.toml", "[limits]\nidle_time = \"long\"\n");
    server.hang_up();
    wait_for_log(&server, "the old ones stay in force");
    assert!(server.stderr().contains("limits.idle_time is"));
}

#[test]
fn a_database_with_the_demo_user_is_refused() {
    let desk = Desk::with_files("quickstart keeps to a file");
    drop(
        desk.program
            .start(&["quickstart", "--listen", "127.0.0.1:0"]),
    );
    assert_eq!(
        desk.refused(&["serve", "--listen", "127.0.0.1:0"], ""),
        "sqlite:./counterfoil-data/counterfoil.db has the user demo of `counterfoil quickstart`; give `serve` a --data-dir of its own, or run \
         `counterfoil user delete demo` first"
    );
    desk.done(&["user", "delete", "demo", "--yes"], "");
    drop(desk.program.start_serve(&[]));
}

#[test]
fn addresses_that_other_machines_reach_need_encryption_and_a_name() {
    let desk = Desk::with_user();
    let sentence = desk.settings_refused(&["serve", "--listen", "0.0.0.0:0"]);
    assert!(sentence.starts_with("public_url is not set"), "{sentence}");
    let named = [
        "serve",
        "--listen",
        "0.0.0.0:0",
        "--public-url",
        "https://tokens.example.org",
    ];
    let sentence = desk.settings_refused(&named);
    assert!(
        sentence.contains("where passwords would arrive unencrypted"),
        "{sentence}"
    );
    drop(
        desk.program
            .start(&[&named[..], &["--insecure-http"]].concat()),
    );
    drop(
        desk.program
            .start(&[&named[..], &["--tls-self-signed"]].concat()),
    );
}

#[test]
fn a_unix_socket_serves_and_goes_with_the_server() {
    let desk = Desk::with_user();
    let server = desk.program.start_serve(&[
        "--listen",
        "unix:api.sock",
        "--public-url",
        "https://tokens.example.org",
    ]);
    assert_eq!(server.base_url, "unix:api.sock");
    let socket = desk.folder.path().join("api.sock");
    let mut connection = mona()
        .connect(&format!("unix:{}", socket.display()))
        .unwrap();
    connection.must("GET", "/user", None).assert_status(200);
    drop(connection);
    assert!(server.terminate().success());
    assert!(!socket.exists());
}

/// Sends each kind of secret in each place that takes one, right and wrong ones, and gives all that
/// were sent or came back.
fn use_secrets(desk: &Desk, server: &Running, (id, client_secret): (&str, &str)) -> Vec<String> {
    let mut person = mona().connect(&server.base_url).expect("a connection");
    let body = json!({"note": "n", "scopes": ["repo"]});
    let token = person.must("POST", "/authorizations", Some(&body)).token();
    let path = format!("/authorizations/clients/{id}");
    let body = json!({"client_secret": client_secret});
    let app_token = person.must("PUT", &path, Some(&body)).token();
    ApiClient::with_token(&server.base_url, &token)
        .expect("a connection")
        .must("GET", "/user", None)
        .assert_status(200);
    let app = Person::new(id, client_secret);
    let body = json!({"access_token": app_token});
    app.connect(&server.base_url)
        .expect("a connection")
        .must("POST", &format!("/applications/{id}/token"), Some(&body))
        .assert_status(200);
    let wrong = Person::new("mona", "a wrong password");
    wrong
        .connect(&server.base_url)
        .expect("a connection")
        .must("GET", "/user?access_token=in-the-query", None)
        .assert_status(401);
    let mut connection = Connection::open(&server.base_url).expect("a connection");
    let bearer = format!("Bearer {app_token}");
    let gateway = [("authorization", bearer.as_str())];
    let checked = connection.ask("GET", "/gateway/verify", &gateway, None);
    checked.expect("an answer").assert_status(200);
    let in_the_path = connection.ask("GET", "/api/v3/in-the-path", &[], None);
    in_the_path.expect("an answer").assert_status(404);
    let enabled = desk.json(&["user", "otp", "enable", "mona"], "");
    let seed = text(&enabled["secret"]);
    let recovery = text(&enabled["recovery_codes"][0]);
    let password = basic("mona", PASSWORD);
    let codes = [
        (code_now(&seed), 200),
        (recovery, 200),
        ("a-wrong-code".to_owned(), 401),
    ];
    for (code, status) in &codes {
        let headers = [("authorization", password.as_str()), ("x-github-otp", code)];
        let asked = connection.ask("GET", "/api/v3/user", &headers, None);
        asked.expect("an answer").assert_status(*status);
    }
    let sent = [
        PASSWORD,
        "a wrong password",
        "in-the-query",
        "in-the-path",
        client_secret,
        "mona@example.org",
    ];
    let mut secrets: Vec<_> = sent.map(str::to_owned).into();
    secrets.extend([token, app_token, password, seed]);
    // Six digits may stand anywhere by chance.
    let long = codes.into_iter().map(|(code, _)| code);
    secrets.extend(long.filter(|code| code.len() > 6));
    secrets
}

#[test]
fn no_secret_reaches_the_log() {
    let (desk, id, client_secret) = Desk::with_app();
    desk.folder_file("counterfoil.toml", "[logging]\nlevel = \"trace\"\n");
    let server = desk.program.start_serve(&[]);
    let secrets = use_secrets(&desk, &server, (&id, &client_secret));
    let (status, said) = server.terminate_and_hear();
    assert!(status.success());
    assert!(said.lines().count() > 5, "{said}");
    for secret in secrets {
        assert!(!said.contains(&secret), "{secret} in\n{said}");
    }
}

#[test]
fn no_secret_reaches_the_metrics() {
    let (desk, id, client_secret) = Desk::with_app();
    let server = desk.program.start_serve(&["--ops-listen", "127.0.0.1:0"]);
    let announced = "health checks and metrics on ";
    wait_for_log(&server, announced);
    let said = server.stderr();
    let operations = said.lines().find_map(|line| line.strip_prefix(announced));
    let mut operations = Connection::open(operations.unwrap()).unwrap();
    let secrets = use_secrets(&desk, &server, (&id, &client_secret));
    let metrics = operations.ask("GET", "/metrics", &[], None).unwrap();
    let metrics = metrics.text();
    // What was sent has been counted, by the route's template.
    for counted in ["/gateway/verify", "wrong_password"] {
        assert!(metrics.contains(counted), "{metrics}");
    }
    for secret in secrets {
        assert!(!metrics.contains(&secret), "{secret} in\n{metrics}");
    }
}

#[test]
fn with_private_mode_a_stranger_is_answered_401() {
    let desk = Desk::with_user();
    let ask = |server: &Running, method: &str, target: &str, headers: &[(&str, &str)]| {
        let mut connection = Connection::open(&server.base_url).unwrap();
        connection.ask(method, target, headers, None).unwrap()
    };
    let server = desk.program.start_serve(&[]);
    let shown = ask(&server, "GET", "/api/v3/users/mona", &[]);
    shown.assert_status(200);
    drop(server);
    desk.folder_file("counterfoil.toml", "private_mode = true\n");
    let server = desk.program.start_serve(&[]);
    for path in ["", "/", "/meta", "/users/mona", "/orgs/acme", "/nowhere"] {
        let refused = ask(&server, "GET", &format!("/api/v3{path}"), &[]);
        refused.assert_status(401);
        let message = "Must authenticate to access this API.";
        assert_eq!(refused.json()["message"], message, "{path}");
    }
    // What the page on running it says stays open.
    for probe in ["/healthz", "/readyz"] {
        ask(&server, "GET", probe, &[]).assert_status(200);
    }
    let preflight = [
        ("origin", "https://page.example"),
        ("access-control-request-method", "GET"),
    ];
    let preflight = ask(&server, "OPTIONS", "/api/v3/users/mona", &preflight);
    preflight.assert_status(204);
    ask(&server, "GET", "/gateway/verify", &[]).assert_status(401);
    ask(&server, "POST", "/api/graphql", &[]).assert_status(401);
    let password = basic("mona", PASSWORD);
    let signed_in = [("authorization", password.as_str())];
    let shown = ask(&server, "GET", "/api/v3/users/mona", &signed_in);
    shown.assert_status(200);
    drop(server);
    // The variable says the same, and counts for more than the file.
    let named = desk
        .program
        .with_environment("COUNTERFOIL_PRIVATE_MODE", "false");
    let server = named.start_serve(&[]);
    let shown = ask(&server, "GET", "/api/v3/users/mona", &[]);
    shown.assert_status(200);
}

/// A core would hold the installation's keys, and whatever password was typed last.
#[test]
fn a_crash_leaves_no_core_behind() {
    let desk = Desk::with_user();
    let server = desk.program.start_serve(&[]);
    let limits = fs::read_to_string(format!("/proc/{}/limits", server.id())).unwrap();
    let core = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max core file size"));
    let core: Vec<_> = core.unwrap().split_whitespace().take(2).collect();
    // Neither as it is nor as it could be raised to.
    assert_eq!(core, ["0", "0"]);
}

#[test]
fn every_file_of_a_start_that_failed_is_as_it_was() {
    let desk = Desk::with_files("the files are compared").and_user();
    let database = desk.folder.path().join("counterfoil-data/counterfoil.db");
    let before = fs::read(&database).unwrap();
    desk.settings_refused(&[
        "serve",
        "--tls-cert",
        "no.crt",
        "--tls-key",
        "no.key",
        "--listen",
        "127.0.0.1:0",
    ]);
    assert_eq!(fs::read(&database).unwrap(), before);
}

/// The names by which this machine reaches itself; the last one only where it has IPv6.
fn loopback_names() -> Vec<&'static str> {
    let all = ["localhost", "127.0.0.1", "[::1]"];
    let ipv6 = Path::new("/proc/net/if_inet6").exists();
    all[..if ipv6 { 3 } else { 2 }].to_vec()
}

#[test]
fn without_an_address_localhost_is_served_and_urls_have_the_name_that_was_asked_for() {
    let namespace = NetworkNamespace::with_hosts(&[]);
    let Desk { program, folder } = Desk::with_user();
    let desk = Desk {
        program: program.inside(&namespace),
        folder,
    };
    let server = desk.program.start(&["serve"]);
    assert_eq!(server.base_url, "http://localhost:8080");
    for name in loopback_names() {
        let origin = format!("http://{name}:8080");
        let output = namespace
            .command("curl", desk.folder.path())
            .args(["--silent", "--user", &format!("mona:{PASSWORD}")])
            .arg(format!("{origin}/api/v3/user"))
            .output()
            .expect("curl can be started");
        let user: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert_eq!(user["url"], format!("{origin}/api/v3/users/mona"));
    }
}

#[test]
fn an_address_that_was_given_is_the_only_one_and_the_one_that_is_printed() {
    let desk = Desk::with_user();
    let server = desk.program.start_serve(&["--listen", "127.0.0.1:0"]);
    let port = server.base_url.strip_prefix("http://127.0.0.1:");
    let port = port.unwrap_or_else(|| panic!("{}", server.base_url));
    // What is printed is what URLs begin with.
    let output = Command::new("curl")
        .args(["--silent", "--user", &format!("mona:{PASSWORD}")])
        .arg(format!("{}/user", server.api_url()))
        .output()
        .expect("curl can be started");
    let user: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(user["url"], format!("{}/users/mona", server.api_url()));
    assert!(Connection::open(&format!("http://[::1]:{port}")).is_err());
    drop(server);
    // A name is printed as it was given.
    let server = desk.program.start_serve(&["--listen", "localhost:0"]);
    assert!(
        server.base_url.starts_with("http://localhost:"),
        "{}",
        server.base_url
    );
    let said = server.stderr();
    assert_eq!(said.matches("listening on").count(), 1, "{said}");
}
