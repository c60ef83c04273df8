//! The gateway's settings in the shipped program: what stops a start, what is logged, what SIGHUP
//! changes.

use std::fs;
use std::time::{Duration, Instant};

use counterfoil_testkit::TestFolder;
use counterfoil_testkit::process::{Connection, Program, Running};

/// What the program says after SIGHUP.
const RELOADED: &str = "the settings were reloaded";

/// How often something is asked for that must come about soon.
const ATTEMPTS: usize = 20_000;

struct Stage {
    program: Program,
    token: String,
    // Dropped last.
    folder: TestFolder,
}

impl Stage {
    fn with(settings: &str) -> Self {
        let folder = TestFolder::in_memory();
        let program = Program::build_in(folder.path()).with_cheap_passwords();
        program.add_user("mona");
        let create = ["token", "create", "mona", "--note", "x", "--scopes", "repo"];
        let token = program.command(&create, "").succeeded().stdout;
        let stage = Self {
            program,
            token: token.trim().to_owned(),
            folder,
        };
        stage.write(settings);
        stage
    }

    fn write(&self, settings: &str) {
        let file = self.folder.path().join("counterfoil.toml");
        fs::write(file, settings).expect("a file of ours");
    }

    fn status(&self, server: &Running, target: &str) -> u16 {
        let mut connection = Connection::open(&server.base_url).expect("the server accepts");
        let authorization = format!("Bearer {}", self.token);
        let headers = [("authorization", authorization.as_str())];
        let target = format!("/gateway/verify{target}");
        let reply = connection.ask("GET", &target, &headers, None);
        reply.expect("an answer").status
    }
}

/// Waits until the program has said something so often.
fn hear(server: &Running, what: &str, times: usize) {
    let heard = || server.stderr().matches(what).count() >= times;
    let ask = || {
        Connection::open(&server.base_url)
            .and_then(|mut connection| connection.ask("GET", "/healthz", &[], None))
    };
    let said = (0..ATTEMPTS).any(|_| heard() || ask().is_err());
    assert!(
        said && heard(),
        "{what} {times} times in:\n{}",
        server.stderr()
    );
}

#[test]
fn what_is_wrong_in_a_rule_stops_the_start_with_one_sentence() {
    let stage = Stage::with("[gateway.rules.site]\nscopes = [\"repo\", \"nope\"]\n");
    let output = stage.program.command(&["serve"], "");
    assert_eq!(output.status.code(), Some(78));
    assert!(
        output.stderr.contains(
            "gateway.rules: site.scopes has \"nope\"; it must be a list with at least one entry, all of them names of scopes"
        ),
        "{}",
        output.stderr
    );
    stage.write("[gateway]\nquery_key = \"access_token\"\n");
    let output = stage.program.command(&["serve"], "");
    assert!(
        output
            .stderr
            .contains("gateway.query_key is set and gateway.original_uri_header is not"),
        "{}",
        output.stderr
    );
}

#[test]
fn a_name_that_nobody_has_is_logged_once_and_admits_whoever_gets_it() {
    let stage = Stage::with("[gateway.rules.site]\nusers = [\"lisa\"]\nteams = [\"acme/core\"]\n");
    let server = stage.program.start_serve(&[]);
    for what in ["user lisa", "team acme/core"] {
        hear(&server, what, 1);
    }
    for _ in 0..3 {
        assert_eq!(stage.status(&server, "/site"), 403);
    }
    stage.program.add_user("lisa");
    let create = ["token", "create", "lisa", "--note", "x", "--scopes", ""];
    let token = stage.program.command(&create, "").succeeded().stdout;
    let lisa = Stage {
        token: token.trim().to_owned(),
        ..stage
    };
    // Missing names are looked for once a second at most.
    let begun = Instant::now();
    while lisa.status(&server, "/site") != 200 {
        assert!(
            begun.elapsed() < Duration::from_secs(30),
            "it is never found"
        );
    }
    let (status, log) = server.terminate_and_hear();
    assert!(status.success());
    assert_eq!(log.matches("user lisa").count(), 1, "{log}");
    assert_eq!(log.matches("team acme/core").count(), 1, "{log}");
}

#[test]
fn a_scope_that_does_not_exist_is_logged_once() {
    let stage = Stage::with("");
    let server = stage.program.start_serve(&[]);
    for _ in 0..3 {
        assert_eq!(stage.status(&server, "?scopes=repo,nope"), 403);
    }
    // Whoever asks for ever new names fills no log.
    for number in 0..100 {
        let name = format!(
            "strange:{}",
            "x".repeat(1 + number % 30) + &"y".repeat(number / 30)
        );
        assert_eq!(stage.status(&server, &format!("?scopes={name}")), 403);
    }
    let (status, log) = server.terminate_and_hear();
    assert!(status.success());
    assert_eq!(log.matches("nope").count(), 1, "{log}");
    assert!(log.matches("strange").count() < 40, "{log}");
}

#[test]
fn a_rule_that_does_not_exist_is_logged_once_a_minute_and_a_flood_of_names_fills_no_log() {
    let stage = Stage::with("[gateway.rules.site]\nscopes = [\"repo\"]\n");
    let server = stage.program.start_serve(&[]);
    for _ in 0..3 {
        assert_eq!(stage.status(&server, "/typo"), 404);
        assert_eq!(stage.status(&server, "/typo/for/a/page"), 404);
    }
    for number in 0..100 {
        let name = format!("strange-{}", "x".repeat(1 + number % 30));
        assert_eq!(stage.status(&server, &format!("/{name}")), 404);
    }
    let (status, log) = server.terminate_and_hear();
    assert!(status.success());
    let line = log.lines().find(|line| line.contains("typo"));
    let line = line.expect("the rule is named");
    assert!(
        line.contains("ERROR") && line.contains("a rule that the settings do not have"),
        "{log}"
    );
    assert_eq!(log.matches("typo").count(), 1, "{log}");
    assert!(log.matches("strange").count() < 10, "{log}");
}

#[test]
fn nothing_of_a_query_or_a_method_that_may_be_a_token_reaches_the_log() {
    let stage = Stage::with("[logging]\nlevel = \"trace\"\n");
    let server = stage.program.start_serve(&[]);
    let token = &stage.token;
    let upper = token.to_uppercase();
    let half = &token[4..];
    for target in [
        format!("?scopes={token}"),
        format!("?scopes=repo,{half}"),
        format!("?scopes=%67{}", &token[1..]),
        format!("?{token}=repo"),
        format!("/{token}"),
    ] {
        assert_ne!(stage.status(&server, &target), 200, "{target}");
    }
    let mut connection = Connection::open(&server.base_url).expect("the server accepts");
    for (target, status) in [("/api/v3/user", 401), ("/nowhere", 404)] {
        let reply = connection.ask(&upper, target, &[], None);
        assert_eq!(reply.expect("an answer").status, status);
    }
    let (status, log) = server.terminate_and_hear();
    assert!(status.success());
    for secret in [token.as_str(), half, &half.to_uppercase()] {
        assert!(!log.contains(secret), "{log}");
    }
    assert_eq!(log.matches("has not the form of one").count(), 1, "{log}");
    assert!(
        log.contains("http.method=\"other\"") || log.contains("\"http.method\":\"other\""),
        "{log}"
    );
}

#[test]
fn a_rule_that_says_nothing_is_warned_about() {
    let stage = Stage::with("[gateway.rules.open]\n[gateway.rules.site]\nusers = [\"mona\"]\n");
    let checked = stage.program.command(&["config", "check"], "").succeeded();
    let warning = "note: gateway.rules.open is empty: it admits every live token";
    assert!(checked.stderr.contains(warning), "{}", checked.stderr);
    assert!(!checked.stderr.contains("gateway.rules.site"));
    let server = stage.program.start_serve(&[]);
    assert_eq!(stage.status(&server, "/open"), 200);
    let (_, log) = server.terminate_and_hear();
    let told = "a rule of the gateway says nothing, so it admits every live token";
    assert_eq!(log.matches(told).count(), 1, "{log}");
}

#[test]
fn rules_are_read_again_on_sighup_and_a_bad_one_changes_nothing() {
    let stage = Stage::with("[gateway.rules.site]\nusers = [\"mona\"]\n");
    let server = stage.program.start_serve(&[]);
    assert_eq!(stage.status(&server, "/site"), 200);
    assert_eq!(stage.status(&server, "/other"), 404);
    stage.write("[gateway.rules.other]\nscopes = [\"gist\"]\n");
    server.hang_up();
    hear(&server, RELOADED, 1);
    assert_eq!(stage.status(&server, "/site"), 404);
    assert_eq!(stage.status(&server, "/other"), 403);
    stage.write("[gateway.rules.other]\nscopes = [\"nope\"]\n");
    server.hang_up();
    hear(&server, "the settings were not reloaded", 1);
    assert_eq!(stage.status(&server, "/other"), 403);
}

#[test]
fn the_settings_say_where_a_token_may_stand_and_what_a_challenge_says() {
    let stage = Stage::with(
        "[gateway]\nrealm = \"Acme\"\noffer_basic = true\ncookie = \"session_token\"\n\
         query_key = \"access_token\"\noriginal_uri_header = \"X-Original-URI\"\n",
    );
    let server = stage.program.start_serve(&[]);
    let mut connection = Connection::open(&server.base_url).expect("the server accepts");
    let mut ask = |headers: &[(&str, &str)]| {
        let reply = connection.ask("GET", "/gateway/verify", headers, None);
        reply.expect("an answer")
    };
    let cookie = format!("session_token={}", stage.token);
    let address = format!("/a?access_token={}", stage.token);
    assert_eq!(ask(&[("cookie", &cookie)]).status, 200);
    assert_eq!(ask(&[("x-original-uri", &address)]).status, 200);
    let refused = ask(&[]);
    assert_eq!(refused.status, 401);
    let challenge = "Bearer realm=\"Acme\", Basic realm=\"Acme\"";
    let said = (String::from("www-authenticate"), challenge.to_owned());
    assert!(refused.headers.contains(&said), "{:?}", refused.headers);
}

#[test]
fn rules_may_stand_in_a_variable() {
    let mut stage = Stage::with("");
    stage.program = stage
        .program
        .with_environment(
            "COUNTERFOIL_GATEWAY__RULES",
            "{ site = { users = [\"mona\"] } }",
        )
        .with_environment("COUNTERFOIL_TOKENS__ACCEPTED", "hex40, acme_ 40 checksum");
    let server = stage.program.start_serve(&[]);
    assert_eq!(stage.status(&server, "/site"), 200);
    let (_, log) = server.terminate_and_hear();
    assert!(!log.contains(&stage.token), "{log}");
}
