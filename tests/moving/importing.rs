//! `counterfoil import`: people, apps and tokens move here, and what they have keeps working. On
//! both engines.

use std::fs;
use std::io::{BufRead as _, BufReader};

use counterfoil_domain::digest::SecretDigest;
use counterfoil_testkit::postgres::{self, Database};
use counterfoil_testkit::process::{ApiClient, Connection, Person};
use data_encoding::BASE64;
use serde_json::{Value, json};

use super::desk::{Desk, status_of, status_of_password};

/// `bcrypt` of `a password of long ago`, at cost 4, as the C library makes it.
const BCRYPT: &str = "$2b$04$abcdefghijklmnopqrstuugvQgB9FDO2ba.LQR3pEqrKqiBhYHtt6";
/// `bcrypt` of 72 times `a`, at cost 4, as the C library makes it.
const BCRYPT_OF_72: &str = "$2b$04$abcdefghijklmnopqrstuuBzzIgyKkz7xMWYSzkIjUSnxEQFQ0WNe";
/// Of forty hexadecimal digits, as installations of that time gave them.
const OLD_TOKEN: &str = "e72e16c7e42f292c6912e7710c838347ae178b4a";
const OLD_APP_TOKEN: &str = "a72e16c7e42f292c6912e7710c838347ae178b4b";
pub(super) const CLIENT_ID: &str = "abcde12345fghij67890";
const CLIENT_SECRET: &str = "0123456789abcdef0123456789abcdef01234567";

/// The same test in a file and in a PostgreSQL database.
pub(super) fn on_both(test: impl Fn(&Desk)) {
    test(&Desk::empty().installed());
    let database = Database::empty();
    test(&Desk::empty().on(&database).installed());
}

pub(super) fn write(desk: &Desk, lines: &[Value]) {
    let text: Vec<_> = lines.iter().map(ToString::to_string).collect();
    fs::write(desk.path("all.jsonl"), text.join("\n")).unwrap();
}

pub(super) fn everything() -> Vec<Value> {
    let base64 = BASE64.encode(SecretDigest::of(OLD_TOKEN).as_bytes());
    let hex = SecretDigest::of(OLD_APP_TOKEN).to_hex();
    vec![
        // Tokens may stand before their owners.
        json!({"type": "token", "login": "mona", "hashed_token": base64, "scopes": ["repo", "user"], "note": "laptop",
            "created_at": "2019-04-20T20:49:02Z", "token_last_eight": "ae178b4a"}),
        json!({"type": "token", "login": "hubot", "app": CLIENT_ID, "hashed_token": hex, "scopes": ["gist"],
            "fingerprint": "a machine", "expires_at": "2100-01-01T00:00:00Z"}),
        json!({"type": "user", "login": "mona", "email": "mona@example.org", "verified": true, "name": "Mona", "admin": true,
            "password_hash": BCRYPT, "created_at": "2015-01-01T00:00:00Z"}),
        json!({"type": "user", "login": "hubot"}),
        json!({"type": "user", "login": "away", "suspended": true}),
        json!({"type": "token", "login": "away", "hashed_token": "0".repeat(64), "note": "of somebody suspended"}),
        json!({"type": "app", "owner": "mona", "name": "Board", "url": "https://board.example.org",
            "callback_urls": ["https://board.example.org/cb"], "client_id": CLIENT_ID, "exact_match": true,
            "client_secret_sha256": SecretDigest::of(CLIENT_SECRET).to_hex()}),
    ]
}

#[test]
fn tokens_that_moved_keep_working_through_the_api_and_the_gateway() {
    on_both(|desk| {
        write(desk, &everything());
        let said = desk.program.json(&["import", "all.jsonl"], "");
        assert_eq!(
            said,
            json!({"dry_run": false, "users": 3, "apps": 1, "tokens": 3})
        );
        fs::write(
            desk.path("counterfoil.toml"),
            "[tokens]\naccepted = [\"hex40\"]\n",
        )
        .unwrap();
        let server = desk.program.start_serve(&[]);
        for token in [OLD_TOKEN, OLD_APP_TOKEN] {
            assert_eq!(status_of(&server, token), 200);
        }
        let mut gateway = Connection::open(&server.base_url).unwrap();
        let bearer = format!("Bearer {OLD_TOKEN}");
        let headers = [("authorization", bearer.as_str())];
        let reply = gateway
            .ask("GET", "/gateway/verify", &headers, None)
            .unwrap();
        assert_eq!(reply.status, 200, "{}", reply.text());
        // The app's id and secret moved as well.
        let app = Person::new(CLIENT_ID, CLIENT_SECRET);
        let mut app = app.connect(&server.base_url).unwrap();
        let path = format!("/applications/{CLIENT_ID}/token");
        let body = json!({"access_token": OLD_APP_TOKEN});
        let checked = app.must("POST", &path, Some(&body));
        checked.assert_status(200);
        assert_eq!(checked.json()["scopes"], json!(["gist"]));
        let shown = desk.program.json(&["app", "show", CLIENT_ID], "");
        assert_eq!(shown["exact_match"], true);
        assert_eq!(shown["require_pkce"], false);
        let listed = desk.program.json(&["token", "list", "mona"], "");
        let made = "SELECT provenance FROM authorizations WHERE note = 'laptop'";
        assert_eq!(desk.text(made), "import");
        assert_eq!(listed[0]["created_at"], "2019-04-20T20:49:02Z");
        // A token that was revoked here is refused like any other.
        let revoke = ["token", "revoke", &listed[0]["id"].to_string()];
        desk.run(&revoke);
        assert_eq!(status_of(&server, OLD_TOKEN), 401);
    });
}

#[test]
fn a_user_with_a_bcrypt_password_signs_in_and_is_hashed_anew() {
    on_both(|desk| {
        write(desk, &everything());
        desk.run(&["import", "all.jsonl"]);
        let server = desk.program.start_serve(&[]);
        let sign_in = |password: &str| status_of_password(&server, "mona", password);
        assert_eq!(sign_in("another password"), 401);
        assert_eq!(desk.password_of("mona"), BCRYPT);
        let version = desk.version_of("mona");
        assert_eq!(sign_in("a password of long ago"), 200);
        assert!(desk.password_of("mona").starts_with("$argon2id$"));
        // The password is the same one, so nothing that was remembered of it ends.
        assert_eq!(desk.version_of("mona"), version);
        assert_eq!(sign_in("another password"), 401);
        assert_eq!(sign_in("a password of long ago"), 200);
        let trail = desk.program.audit_trail();
        let anew = trail
            .iter()
            .filter(|event| event["action"] == "user.password_rehashed");
        assert_eq!(anew.count(), 1);
    });
}

/// What bcrypt does not look at must not sign anybody in, and still less become the password.
#[test]
fn a_password_that_bcrypt_does_not_see_the_end_of_is_a_wrong_one_and_stays_what_it_was() {
    let desk = Desk::empty().installed();
    let whole = "a".repeat(72);
    let user = json!({"type": "user", "login": "mona", "password_hash": BCRYPT_OF_72});
    write(&desk, &[user]);
    desk.run(&["import", "all.jsonl"]);
    let server = desk.program.start_serve(&[]);
    let sign_in = |password: &str| status_of_password(&server, "mona", password);
    assert_eq!(sign_in(&format!("{whole}WRONGTAIL")), 401);
    assert_eq!(desk.password_of("mona"), BCRYPT_OF_72);
    assert_eq!(sign_in(&whole), 200);
    assert!(desk.password_of("mona").starts_with("$argon2id$"));
    assert_eq!(sign_in(&format!("{whole}WRONGTAIL")), 401);
    assert_eq!(sign_in(&whole), 200);
}

#[test]
fn a_hash_that_costs_too_much_is_refused_by_its_line_and_parameter() {
    let desk = Desk::empty().installed();
    let argon2id = |parameters: &str| {
        let zeros = "A".repeat(43);
        format!("$argon2id$v=19${parameters}$BwcHBwcHBwcHBwcHBwcHBw${zeros}")
    };
    let lines = [
        (
            argon2id("m=1048576,t=3,p=1"),
            "its password hash has m=1048576: at most 262144 (KiB, 256 MiB) are allowed",
        ),
        (
            argon2id("m=65536,t=32,p=1"),
            "its password hash has t=32: at most 10 (passes) are allowed",
        ),
        (
            argon2id("m=65536,t=3,p=64"),
            "its password hash has p=64: at most 16 (lanes) are allowed",
        ),
        (
            BCRYPT.replace("$04$", "$16$"),
            "its password hash is bcrypt at cost 16: 4 to 15 are allowed",
        ),
    ];
    let users = lines.iter().zip('a'..);
    let users = users
        .map(|((hash, _), login)| json!({"type": "user", "login": login, "password_hash": hash}));
    write(&desk, &users.collect::<Vec<_>>());
    let output = desk.program.command(&["import", "all.jsonl"], "");
    assert_eq!(output.status.code(), Some(1));
    for (number, (_, sentence)) in (1..).zip(&lines) {
        let line = format!("  line {number}: {sentence}");
        assert!(output.stderr.contains(&line), "{line}\n{}", output.stderr);
    }
}

/// Many who hold such scopes were administrators once: their tokens move like all others, and open
/// nothing.
#[test]
fn scopes_for_administrators_are_taken_over_and_sleep_unless_their_owner_is_one() {
    on_both(|desk| {
        let mut lines = everything();
        lines[0]["scopes"] = json!(["repo", "site_admin"]);
        lines[1]["scopes"] = json!(["gist", "site_admin"]);
        write(desk, &lines);
        desk.run(&["import", "all.jsonl"]);
        fs::write(
            desk.path("counterfoil.toml"),
            "[tokens]\naccepted = [\"hex40\"]\n",
        )
        .unwrap();
        let server = desk.program.start_serve(&[]);
        let administers = |token: &str| {
            let mut holder = ApiClient::with_token(&server.base_url, token).unwrap();
            holder.must("GET", "/admin/tokens", None).status
        };
        let asleep = |token: &str| {
            let check = ["token", "check", "--token-stdin"];
            let checked = desk.program.json(&check, token);
            (checked["scopes"].clone(), checked["scopes_asleep"].clone())
        };
        // mona is an administrator, hubot is none.
        assert_eq!(administers(OLD_TOKEN), 200);
        assert_eq!(asleep(OLD_TOKEN).1, json!([]));
        let sleeps = (json!(["gist", "site_admin"]), json!(["site_admin"]));
        assert_eq!(administers(OLD_APP_TOKEN), 404);
        assert_eq!(status_of(&server, OLD_APP_TOKEN), 200);
        assert_eq!(asleep(OLD_APP_TOKEN), sleeps);
        // Nothing wakes them, and whoever promotes is told.
        let promote = ["user", "edit", "hubot", "--admin"];
        let promoted = desk.program.json(&promote, "");
        let named = promoted["tokens_asleep"].as_array().map(Vec::len);
        assert_eq!(named, Some(1), "{promoted}");
        assert_eq!(administers(OLD_APP_TOKEN), 404);
        assert_eq!(asleep(OLD_APP_TOKEN), sleeps);
    });
}

#[test]
fn a_trial_says_what_would_be_and_does_nothing() {
    on_both(|desk| {
        desk.program.add_user("somebody");
        write(desk, &everything());
        let said = desk.program.json(&["import", "--dry-run", "all.jsonl"], "");
        assert_eq!(said["dry_run"], true);
        assert_eq!(said["tokens"], 3);
        let users = desk.program.json(&["user", "list"], "");
        assert_eq!(users.as_array().map(Vec::len), Some(1));
        desk.run(&["import", "all.jsonl"]);
        let users = desk.program.json(&["user", "list"], "");
        assert_eq!(users.as_array().map(Vec::len), Some(4));
    });
}

#[test]
fn one_bad_line_keeps_all_others_out_and_each_is_named() {
    on_both(|desk| {
        desk.program.add_user("taken");
        let mut lines = everything();
        lines.push(json!({"type": "user", "login": "taken"}));
        lines.push(json!({"type": "token", "login": "nobody", "hashed_token": "1".repeat(64), "note": "x"}));
        lines.push(json!({"type": "token", "login": "mona", "hashed_token": "0".repeat(64), "note": "again"}));
        lines.push(
            json!({"type": "token", "login": "mona", "hashed_token": "2".repeat(64), "note": "over",
            "expires_at": "2020-01-01T00:00:00Z"}),
        );
        write(desk, &lines);
        let output = desk.program.command(&["import", "all.jsonl"], "");
        assert_eq!(output.status.code(), Some(1));
        let said: Vec<_> = output.stderr.lines().collect();
        assert_eq!(said[0], "error: nothing of all.jsonl was taken over:");
        for (line, start) in
            said[1..]
                .iter()
                .zip(["  line 8: ", "  line 9: ", "  line 10: ", "  line 11: "])
        {
            assert!(line.starts_with(start), "{line}");
        }
        assert_eq!(said.len(), 5, "{said:?}");
        let users = desk.program.json(&["user", "list"], "");
        assert_eq!(users.as_array().map(Vec::len), Some(1));
    });
}

#[test]
fn what_cannot_be_read_is_named_by_its_line_and_no_secret_is_repeated() {
    let desk = Desk::empty().installed();
    let secret = "a-secret-that-nobody-may-see";
    let lines = [
        "{".to_owned(),
        format!(r#"{{"type":"user","login":"a","password_hash":"{secret}"}}"#),
        format!(r#"{{"type":"user","login":"b","password_hash":["{secret}"]}}"#),
        format!(r#"{{"type":"token","login":"a","note":"n","hashed_token":"{secret}"}}"#),
        r#"{"type":"user","login":"-"}"#.to_owned(),
        r#"{"type":"group","login":"a"}"#.to_owned(),
        r#"{"type":"user","login":"c","colour":"red"}"#.to_owned(),
        r#"{"type":"user","login":"d","password_hash":"$2b$31$abcdefghijklmnopqrstuuvwxyzABCDEFGHIJKLMNOPQRSTUVWXY"}"#.to_owned(),
    ];
    fs::write(desk.path("bad.jsonl"), lines.join("\n")).unwrap();
    let output = desk.program.command(&["import", "bad.jsonl"], "");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        output.stderr.lines().count(),
        1 + lines.len(),
        "{}",
        output.stderr
    );
    assert!(!output.stderr.contains(secret), "{}", output.stderr);
    for number in 1..=lines.len() {
        assert!(
            output.stderr.contains(&format!("  line {number}: ")),
            "{}",
            output.stderr
        );
    }
}

#[test]
fn what_stands_in_the_wrong_place_is_named_and_not_repeated() {
    let desk = Desk::empty().installed();
    let token = "gho_A72e16c7e42f292c6912e7710c838347ae17";
    let lines = [
        (format!(r#""{token}""#), "it is no JSON object"),
        (
            format!(r#"{{"type":"{token}"}}"#),
            "`type` must be `user`, `app` or `token`",
        ),
        (
            format!(r#"{{"type":"user","login":"a","verified":"{token}"}}"#),
            "`verified` must be true or false",
        ),
        (
            format!(r#"{{"type":"user","login":["{token}"]}}"#),
            "`login` must be text",
        ),
        (
            format!(r#"{{"type":"user","login":"a","{token}":1}}"#),
            "it may have no fields but `type`, `login`, `name`, ",
        ),
        (
            format!(r#"{{"type":"user","login":"a","created_at":"{token}"}}"#),
            "`created_at` must be a time",
        ),
        (
            format!(r#"{{"type":"token","login":"a","hashed_token":"x","scopes":"{token}"}}"#),
            "`scopes` must be a list of texts",
        ),
        (
            format!(
                r#"{{"type":"token","login":"a","hashed_token":"{}","scopes":["repo","{token}"]}}"#,
                "0".repeat(64)
            ),
            "number 2 of its scopes is unknown; `counterfoil scope list` shows all scopes",
        ),
        (
            r#"{"type":"token","login":"a"}"#.to_owned(),
            "the field `hashed_token` is missing",
        ),
        (
            format!(r#"{{"type":"user","login":"a","name":"{token}","name":"{token}"}}"#),
            "one of its fields stands in it twice",
        ),
    ];
    let file: Vec<_> = lines.iter().map(|(line, _)| line.as_str()).collect();
    fs::write(desk.path("bad.jsonl"), file.join("\n")).unwrap();
    let output = desk.program.command(&["import", "bad.jsonl"], "");
    assert_eq!(output.status.code(), Some(1));
    assert!(!output.stderr.contains(&token[4..]), "{}", output.stderr);
    for (number, (_, sentence)) in (1..).zip(&lines) {
        let line = format!("  line {number}: {sentence}");
        assert!(output.stderr.contains(&line), "{line}\n{}", output.stderr);
    }
}

#[test]
fn two_imports_at_once_do_not_keep_one_token_twice() {
    let database = Database::empty();
    let desk = Desk::empty().on(&database);
    for login in ["mona", "hubot"] {
        desk.program.add_user(login);
        let token = json!({"type": "token", "login": login, "hashed_token": "1".repeat(64), "note": "laptop"});
        fs::write(desk.path(&format!("{login}.jsonl")), token.to_string()).unwrap();
    }
    // Whoever has kept a token waits to record it, and has not committed it.
    let held = database.begin("LOCK TABLE audit_events IN SHARE MODE");
    let children = ["mona.jsonl", "hubot.jsonl"].map(|file| desk.program.spawn(&["import", file]));
    let waiting = "SELECT count(*)::text FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'";
    postgres::shared().wait_until(database.name(), waiting, "2");
    held.commit();
    let took = children.map(|mut child| child.wait().expect("our own child").success());
    assert_eq!(took.iter().filter(|took| **took).count(), 1, "{took:?}");
    assert_eq!(desk.text("SELECT count(*)::text FROM token_digests"), "1");
}

#[test]
fn an_import_says_how_far_it_is() {
    let database = Database::empty();
    let mut desk = Desk::empty().on(&database);
    desk.program = desk.program.with_patience();
    let desk = desk.installed();
    write(&desk, &everything());
    // The tokens, which come last, wait until somebody was told.
    let held = database.begin("LOCK TABLE token_digests IN SHARE MODE");
    let mut child = desk.program.spawn(&["import", "all.jsonl"]);
    let stderr = child.stderr.take().expect("standard error was piped");
    let mut lines = BufReader::new(stderr).lines();
    let mut next = || lines.next().map(|line| line.expect("it prints text"));
    let told = loop {
        let line = next().expect("it says how far it is before it ends");
        let of = line.strip_prefix("import: ");
        let of = of.unwrap_or_else(|| panic!("{line} is no line of progress"));
        // A machine that is slow enough hears of what comes before.
        if let Some(rest) = of.strip_prefix("taking over, ") {
            break rest.to_owned();
        }
    };
    let seconds = told.strip_prefix("4 of 7 (57 %), ").unwrap_or(&told);
    let seconds = seconds
        .strip_suffix(" s")
        .and_then(|text| text.parse().ok());
    assert!(seconds.is_some_and(|seconds: u64| seconds >= 10), "{told}");
    held.commit();
    let rest: Vec<_> = std::iter::from_fn(next).collect();
    let done = "took over 3 users, 1 app and 3 tokens";
    assert!(rest.iter().any(|line| line == done), "{rest:?}");
    assert!(child.wait().expect("our own child").success());
}

#[test]
fn no_more_problems_are_told_than_anybody_reads() {
    let desk = Desk::empty().installed();
    fs::write(desk.path("bad.jsonl"), "{\n".repeat(100)).unwrap();
    let output = desk.program.command(&["import", "bad.jsonl"], "");
    assert_eq!(output.stderr.matches("  line ").count(), 20);
    assert!(
        output.stderr.ends_with("and perhaps more\n"),
        "{}",
        output.stderr
    );
}
