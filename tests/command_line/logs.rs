//! The log of a server, and how one of its lines leads to the audit trail and to what a client saw.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use counterfoil_testkit::installed;
use counterfoil_testkit::process::{ApiClient, Connection, Person, Reply, Running};
use serde_json::{Value, json};

use super::{Desk, PASSWORD, text};

/// A server whose log has an object for every request.
fn serving(desk: &Desk, more: &str) -> Running {
    let settings = format!("[logging]\nformat = \"json\"\nlevel = \"debug\"\n{more}");
    desk.folder_file("counterfoil.toml", &settings);
    desk.program.start_serve(&[])
}

/// What a server logged until its end, line by line. Lines for people are left out.
fn logged(server: Running) -> Vec<(String, Value)> {
    let (status, said) = server.terminate_and_hear();
    assert!(status.success(), "{said}");
    let object = |line: &str| Some((line.to_owned(), serde_json::from_str(line).ok()?));
    said.lines().filter_map(object).collect()
}

/// The line of the request with this id.
fn of_request<'l>(lines: &'l [(String, Value)], id: &str) -> &'l Value {
    let mut found = lines.iter().filter(|(_, line)| line["request.id"] == id);
    let (text, line) = found.next().unwrap_or_else(|| panic!("no line has {id}"));
    assert_eq!(text.matches(id).count(), 1, "{text}");
    assert!(found.next().is_none(), "{id} has two lines");
    line
}

/// The id that an answer has.
fn id_of(reply: &Reply) -> String {
    text(&json!(reply.header("x-github-request-id")))
}

/// Demands that a line says all that there is to say of a token that mona got for an app.
fn assert_is_change(change: &Value) {
    for (name, value) in [
        ("level", json!("INFO")),
        ("message", json!("request completed")),
        ("client.address", json!("127.0.0.1")),
        ("account.id", json!(2)),
        ("http.method", json!("PUT")),
        (
            "http.route",
            json!("/api/v3/authorizations/clients/{client_id}"),
        ),
        ("http.status", json!(201)),
    ] {
        assert_eq!(change[name], value, "{name}: {change}");
    }
}

#[test]
fn a_line_an_event_and_an_answer_name_the_same_request() {
    let (desk, client_id, secret) = Desk::with_app();
    let server = serving(&desk, "");
    let mut mona = Person::new("mona", PASSWORD)
        .connect(&server.base_url)
        .expect("a connection");
    let body = json!({"client_secret": secret});
    let made = mona.must(
        "PUT",
        &format!("/authorizations/clients/{client_id}"),
        Some(&body),
    );
    let (by_password, token, number) = (id_of(&made), made.token(), made.id());
    let mut bearer = ApiClient::with_token(&server.base_url, &token).expect("a connection");
    let by_token = id_of(bearer.must("GET", "/user", None).assert_status(200));
    let mut app = Person::new(&client_id, &secret)
        .connect(&server.base_url)
        .expect("a connection");
    let path = format!("/applications/{client_id}/token");
    let reset = app.must("PATCH", &path, Some(&json!({"access_token": token})));
    let by_app = id_of(reset.assert_status(200));
    let mut stranger = Connection::open(&server.base_url).expect("a connection");
    let refused = stranger
        .ask("GET", "/api/v3/user", &[], None)
        .expect("an answer");
    let by_nobody = id_of(refused.assert_status(401));
    let lines = logged(server);
    let change = of_request(&lines, &by_password);
    assert_is_change(change);
    assert_eq!(change.get("token.id"), None, "{change}");
    let read = of_request(&lines, &by_token);
    assert_eq!(
        (&read["level"], &read["account.id"]),
        (&json!("DEBUG"), &json!(2))
    );
    assert_eq!(
        (&read["token.id"], &read["app.client_id"]),
        (&json!(number), &json!(client_id))
    );
    let change = of_request(&lines, &by_app);
    assert_eq!(
        (&change["app.client_id"], change.get("account.id")),
        (&json!(client_id), None)
    );
    let refused = of_request(&lines, &by_nobody);
    assert_eq!(
        (&refused["client.address"], &refused["http.status"]),
        (&json!("127.0.0.1"), &json!(401))
    );
    assert!(refused.get("account.id").is_none() && refused.get("token.id").is_none());
    // The same id leads to the events.
    for (id, action) in [
        (by_password, "authorization.created"),
        (by_app, "authorization.reset"),
    ] {
        let listed = desk.json(&["audit", "list", "--request", &id, "--action", action], "");
        assert_eq!(listed["events"][0]["request_id"], json!(id), "{listed}");
        assert_eq!(listed["events"][0]["address"], "127.0.0.1");
    }
}

#[test]
fn who_sent_a_request_may_be_left_out_of_the_log() {
    let desk = Desk::with_user();
    let server = serving(&desk, "clients = \"hidden\"\n");
    let mut mona = Person::new("mona", PASSWORD)
        .connect(&server.base_url)
        .expect("a connection");
    let made = mona.must("POST", "/authorizations", Some(&json!({"note": "n"})));
    let id = made
        .header("x-github-request-id")
        .expect("an id")
        .to_owned();
    let lines = logged(server);
    let line = of_request(&lines, &id);
    assert_eq!(line["http.status"], 201);
    for name in ["client.address", "account.id", "token.id", "app.client_id"] {
        assert_eq!(line.get(name), None, "{line}");
    }
    let mut of_requests = lines
        .iter()
        .filter(|(_, line)| line.get("request.id").is_some());
    assert!(of_requests.all(|(text, _)| !text.contains("127.0.0.1")));
}

#[test]
fn a_lock_names_the_request_that_led_to_it() {
    let desk = Desk::with_user();
    let server = serving(&desk, "");
    let mut wrong = Person::new("mona", "a wrong password")
        .connect(&server.base_url)
        .expect("a connection");
    let mut last = String::new();
    for _ in 0..10 {
        let refused = wrong.must("GET", "/user", None);
        last = text(&json!(
            refused.assert_status(401).header("x-github-request-id")
        ));
    }
    let lines = logged(server);
    let mut of_last = lines.iter().filter(|(_, line)| line["request.id"] == last);
    let (first, second) = (of_last.next(), of_last.next());
    let messages = [first, second].map(|line| {
        let (line, object) = line.expect("a line of the lock and one of the request");
        assert_eq!(line.matches(&last).count(), 1, "{line}");
        text(&object["message"])
    });
    assert_eq!(
        messages,
        ["sign-in locked for an address", "request completed"]
    );
}

#[test]
fn a_refusal_of_a_gateway_is_found_by_its_request_and_its_reason() {
    let desk = Desk::with_user();
    let token = text(
        &desk.json(
            &["token", "create", "mona", "--note", "n", "--scopes", "gist"],
            "",
        )["token"],
    );
    let server = serving(&desk, "");
    let mut gateway = Connection::open(&server.base_url).expect("a connection");
    let bearer = format!("Bearer {token}");
    let mut ask = |path: &str, headers: &[(&str, &str)], status: u16| {
        let told = gateway.ask("GET", path, headers, None).expect("an answer");
        id_of(told.assert_status(status))
    };
    let admitted = ask("/gateway/verify", &[("authorization", &bearer)], 200);
    let lacking = ask(
        "/gateway/verify?scopes=repo",
        &[("authorization", &bearer)],
        403,
    );
    let (first, second) = (
        ask("/gateway/verify", &[], 401),
        ask("/gateway/verify", &[], 401),
    );
    let lines = logged(server);
    assert_eq!(of_request(&lines, &admitted)["token.id"], 1);
    let of = |id: &str| -> Vec<&Value> {
        let lines = lines.iter().map(|(_, line)| line);
        lines.filter(|line| line["request.id"] == id).collect()
    };
    let reason = "The token lacks a scope that is needed.";
    let [said, line] = of(&lacking)[..] else {
        panic!("one of the minute and one of the request")
    };
    assert_eq!(
        (&said["message"], &said["level"]),
        (
            &json!("a gateway was told to refuse a request"),
            &json!("INFO")
        )
    );
    assert_eq!(
        (&said["reason"], &line["reason"]),
        (&json!(reason), &json!(reason))
    );
    assert_eq!(
        (&said["client.address"], &said["unsaid"]),
        (&json!("127.0.0.1"), &json!(0))
    );
    // The same again within the minute is counted.
    assert_eq!((of(&first).len(), of(&second).len()), (2, 1));
    assert_eq!(of(&second)[0]["reason"], "A token is needed.");
}

#[test]
fn in_the_journal_a_line_begins_with_how_severe_it_is() {
    let desk = Desk::with_user();
    let stream =
        "JOURNAL_STREAM=$(stat -L -c %d:%i /proc/self/fd/2) exec \"$0\" serve --listen 127.0.0.1:0";
    let mut server = Command::new("sh")
        .args(["-c", stream])
        .arg(installed::program())
        .current_dir(desk.folder.path())
        .env_clear()
        .envs(desk.program.environment())
        .env("PATH", "/usr/bin:/bin")
        .stderr(Stdio::piped())
        .spawn()
        .expect("sh can be started");
    let said = BufReader::new(server.stderr.take().expect("it was piped"));
    let mut lines = said.lines().map(|line| line.expect("text"));
    let ready = lines.find(|line| line.contains("the server is ready"));
    let ready = ready.expect("it says so");
    assert!(ready.starts_with("<6>20"), "{ready}");
    server.kill().expect("it is our own");
    server.wait().expect("it ends");
}
