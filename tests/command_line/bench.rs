//! `counterfoil bench`

use serde_json::Value;

use super::{Desk, text};

fn token(desk: &Desk) -> String {
    let create = ["token", "create", "mona", "--note", "b", "--scopes", "repo"];
    text(&desk.json(&create, "")["token"])
}

#[test]
fn operators_see_their_own_figures() {
    let desk = Desk::with_user();
    let token = token(&desk);
    let server = desk.program.start_serve(&[]);
    for path in ["gateway", "user"] {
        let mut bench = vec!["bench", "--url", &server.base_url, "--token-stdin"];
        bench.extend(["--path", path, "--seconds", "1", "--connections", "4"]);
        let shown = desk.json(&bench, &token);
        assert!(shown["requests"].as_u64() > Some(0), "{shown}");
        assert_eq!(
            (&shown["errors"], &shown["connections"]),
            (&Value::from(0), &Value::from(4))
        );
        let p50 = shown["p50_milliseconds"].as_f64();
        assert!(
            p50 > Some(0.0) && p50 <= shown["p99_milliseconds"].as_f64(),
            "{shown}"
        );
        assert!(!shown.to_string().contains(&token));
    }
    // Nothing was changed by all these checks.
    let actions = desk.json(&["audit", "list"], "").to_string();
    assert_eq!(
        actions.matches("authorization.created").count(),
        1,
        "{actions}"
    );
}

#[test]
fn a_token_that_is_refused_is_not_measured() {
    let desk = Desk::with_user();
    let server = desk.program.start_serve(&[]);
    let bench = ["bench", "--url", &server.base_url, "--token-stdin"];
    let said = desk.refused(&bench, "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");
    assert_eq!(
        said,
        "the server answers 401 to /gateway/verify with this token; nothing was measured"
    );
}

#[test]
fn servers_on_other_machines_are_left_alone_unless_it_is_meant() {
    let desk = Desk::empty();
    // An address for documentation: nobody is there, and nobody is asked.
    let bench = ["bench", "--url", "http://192.0.2.1:9", "--token-stdin"];
    let said = desk.mistyped(&bench, "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");
    assert!(said.contains("--remote"), "{said}");
}

#[test]
fn the_load_is_bounded_and_the_origin_plain() {
    let desk = Desk::empty();
    for wrong in [
        ["--url", "https://127.0.0.1", "--seconds", "1"],
        ["--url", "http://127.0.0.1/x", "--seconds", "1"],
        ["--url", "http://127.0.0.1", "--seconds", "61"],
        ["--url", "http://127.0.0.1", "--connections", "257"],
    ] {
        let bench = [&["bench", "--token-stdin"], &wrong[..]].concat();
        desk.mistyped(&bench, "ghp_x");
    }
}
