//! With `logging.format = "json"` every line on standard error is one JSON object.

use counterfoil_testkit::process::operators::{WITH_OPS, ops_url};
use counterfoil_testkit::process::{Connection, Person};
use serde_json::Value;

use super::{Desk, PASSWORD};

const JSON: &str = "[logging]\nformat = \"json\"\nlevel = \"debug\"\n";

/// The lines, each an object with what every line has.
fn objects(said: &str) -> Vec<Value> {
    let object = |line: &str| {
        let object: Value =
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line} in\n{said}"));
        for key in ["timestamp", "level", "message", "target"] {
            assert!(object[key].is_string(), "{key} in {line}");
        }
        object
    };
    said.lines().map(object).collect()
}

#[test]
fn every_line_of_a_server_that_logs_json_is_json_from_the_first_to_the_last() {
    let desk = Desk::with_user();
    desk.folder_file("counterfoil.toml", JSON);
    let server = desk.program.start_serve(&WITH_OPS);
    let operators = ops_url(&server);
    let mut mona = Person::new("mona", PASSWORD)
        .connect(&server.base_url)
        .expect("the server accepts");
    mona.must("GET", "/user", None).assert_status(200);
    let mut connection = Connection::open(&operators).expect("the server accepts");
    let ready = connection.ask("GET", "/readyz", &[], None);
    ready.expect("the server answers").assert_status(200);
    let listening = format!("listening on {}", server.base_url);
    let (status, said) = server.terminate_and_hear();
    assert!(status.success());
    let lines = objects(&said);
    let messages: Vec<_> = lines.iter().map(|line| &line["message"]).collect();
    assert_eq!(*messages[0], listening, "{said}");
    assert_eq!(
        *messages[1],
        format!("health checks and metrics on {operators}"),
        "{said}"
    );
    for message in ["the server is ready", "request completed", "stopped"] {
        assert!(
            messages.iter().any(|said| *said == message),
            "{message} in\n{said}"
        );
    }
    // The first lines have the form of the others.
    let own = lines[0]["timestamp"].as_str().expect("a time");
    let logged = lines[2]["timestamp"].as_str().expect("a time");
    assert_eq!(own.len(), logged.len(), "{own} {logged}");
}

#[test]
fn a_start_that_fails_says_so_in_json_where_the_log_is_json() {
    let desk = Desk::with_user();
    let refused = |arguments: &[&str]| {
        let output = desk.program.command(arguments, "");
        assert!(!output.status.success());
        let lines = objects(&output.stderr);
        let last = lines.last().expect("a line");
        assert_eq!(last["level"], "ERROR");
        last["message"].as_str().expect("a sentence").to_owned()
    };
    // After the settings were read, and because they cannot be used.
    desk.folder_file("counterfoil.toml", JSON);
    let said = refused(&[
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--tls-cert",
        "a",
        "--tls-key",
        "b",
    ]);
    assert_eq!(
        said,
        "cannot read a: No such file or directory (os error 2)"
    );
    desk.folder_file(
        "counterfoil.toml",
        &format!("{JSON}[limits]\nheaders = 0\n"),
    );
    let said = refused(&["serve"]);
    assert!(said.contains("limits.headers"), "{said}");
    // A command is no server, and what it says is for people.
    let output = desk.program.command(&["user", "list"], "");
    assert!(output.stderr.starts_with("error: "), "{}", output.stderr);
}
