//! Pages held against the standard of HTML by the Nu checker: all pages of a test in one JVM.

use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

use counterfoil_testkit::process::finish;
use counterfoil_testkit::{TestFolder, installed};
use serde_json::Value;

/// How long a JVM may take for all pages.
const LIMIT: Duration = Duration::from_mins(2);

/// What the checker says is wrong with pages, each of which has a name.
pub(super) fn errors_in(pages: &[(String, String)]) -> Vec<String> {
    let folder = TestFolder::in_memory();
    for (name, html) in pages {
        let file = folder.path().join(format!("{name}.html"));
        fs::write(file, html).expect("the folder is the test's");
    }
    let checker = Command::new(installed::tool("java"))
        // One pass over small pages is over before the second compiler pays.
        .args(["-XX:TieredStopAtLevel=1", "-Xss8m", "-jar"])
        .arg(installed::nu_checker())
        .args(["--format", "json", "--exit-zero-always", "--stdout"])
        .arg(folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("java can be started");
    let report = finish(checker, "the Nu checker", LIMIT).succeeded().json();
    let messages = report["messages"].as_array().expect("a list of messages");
    let is_error = |message: &&Value| message["type"] != "info";
    messages.iter().filter(is_error).map(told).collect()
}

fn told(message: &Value) -> String {
    let text = |name: &str| message[name].as_str().unwrap_or_default();
    let page = text("url").rsplit('/').next().unwrap_or_default();
    let line = &message["lastLine"];
    format!("{page}:{line}: {}: {}", text("message"), text("extract"))
}

#[test]
fn the_checker_finds_what_is_wrong_and_nothing_else() {
    let page = |body: &str| {
        format!(
            "<!doctype html><html lang=\"en\"><title>A page</title><h1>A page</h1>{body}</html>"
        )
    };
    let pages = [
        ("right".to_owned(), page("<p>Nothing is wrong.</p>")),
        (
            "wrong".to_owned(),
            page("<p><div>A block in a line.</div></p>"),
        ),
    ];
    let errors = errors_in(&pages);
    assert!(!errors.is_empty());
    let wrong = errors
        .iter()
        .all(|error| error.starts_with("wrong.html:1: "));
    assert!(wrong, "{errors:?}");
}
