//! `counterfoil db copy`: from a file to PostgreSQL and back, with rows in every table.

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use counterfoil::clock::SystemClock;
use counterfoil_authority::Clock;
use counterfoil_domain::code::TotpSeed;
use counterfoil_testkit::postgres::Database;
use counterfoil_testkit::process::{Connection, Person, basic};
use counterfoil_testkit::{StopAtEnd, code_at};
use data_encoding::BASE32_NOPAD;
use serde_json::{Value, json};

use super::desk::{Desk, look_up, status_of};

const SEED: &str = r#"
[[users]]
login = "seeded"
password = "the password of seeded"
"#;

/// Mail that nobody sends, and what browsers leave, of whom there is none here.
const ROWS: &str = "INSERT INTO outbox (delivery_id, kind, subject, is_urgent, asked, made_at, next_at, tries)
            VALUES (x'01', 'reset', x'02', 1, 1, 1, 1, 0);
        INSERT INTO sessions (account_id, digest, credential_version, created_at, confirmed_at, last_used_at, address)
            VALUES (2, x'01', 1, 1, 1, 1, '192.0.2.1');
        INSERT INTO half_sign_ins (digest, visitor, account_id, credential_version, subject, codes, created_at)
            VALUES (x'01', x'02', 2, 1, x'03', 0, 1);
        INSERT INTO spent_forms (random, spent_at) VALUES (x'01', 1);
        INSERT INTO totp_enrolments (account_id, holder, key_id, sealed_seed, created_at, expires_at)
            SELECT 2, 'session:1', key_id, x'01', 1, 2 FROM installation_keys;
        INSERT INTO app_requests (digest, session_id, account_id, app_id, redirect_uri, scopes, query, created_at)
            SELECT x'01', 1, 2, id, 'https://a.example/', '', '', 1 FROM apps WHERE name = 'Board';
        INSERT INTO authorization_codes (digest, account_id, app_id, session_id, credential_version, redirect_uri, scopes,
                scope_set_key, consented_at, created_at, expires_at)
            SELECT x'01', 2, id, 1, 1, 'https://a.example/', '', '', 1, 1, 2 FROM apps WHERE name = 'Board';
        INSERT INTO device_codes (digest, user_code, app_id, scopes, address, created_at, expires_at, poll_interval)
            SELECT x'01', x'01', id, '', '192.0.2.1', 1, 2, 5 FROM apps WHERE name = 'Board';
        INSERT INTO refresh_tokens (authorization_id, digest, created_at, expires_at)
            SELECT max(id), x'01', 1, 2 FROM authorizations;
        INSERT INTO passkeys (account_id, credential_id, user_handle, public_key, algorithm, rp_id, sign_count, backup_eligible,
                backed_up, transports, name, created_at, ended_at, end_reason)
            VALUES (2, x'01', zeroblob(64), x'01', 'ES256', 'a.example', 0, 0, 0, '', 'key', 1, 2, 'deleted_by_owner');
        INSERT INTO passkey_challenges (digest, ceremony, holder, address_key, created_at)
            VALUES (x'01', 'sign_in', 'visitor:01', '192.0.2.1', 1);
        INSERT INTO second_factor_requirements (required_of, since, ended_at) VALUES ('everyone', 1, 2)";

/// An installation with a row in every table, and a live token of it.
fn with_everything() -> (Desk, String) {
    let desk = Desk::with_users(&["mona", "hubot"]);
    fs::write(desk.path("seed.toml"), SEED).unwrap();
    desk.run(&["user", "edit", "mona", "--admin"]);
    desk.run(&["user", "invite", "lisa"]);
    desk.run(&["org", "create", "acme"]);
    desk.run(&["org", "member", "add", "acme", "mona"]);
    desk.run(&["team", "create", "acme", "Builders"]);
    desk.run(&["team", "member", "add", "acme", "builders", "mona"]);
    let mona = Person::new("mona", "mona's password");
    let app = desk.program.add_app(&mona, "Board");
    let (revoked, _) = desk.token("mona", "revoked");
    desk.run(&["token", "revoke", &revoked.to_string()]);
    let otp = desk.program.json(&["user", "otp", "enable", "hubot"], "");
    let server = desk.program.start_serve(&["--seed", "seed.toml"]);
    let mut client = mona.connect(&server.base_url).unwrap();
    let body =
        json!({"client_id": app.client_id, "client_secret": app.client_secret, "scopes": ["repo"]});
    let token = client.must("POST", "/authorizations", Some(&body)).token();
    let mut connection = Connection::open(&server.base_url).unwrap();
    let mut sign_in = |password: &str, code: Option<&str>| {
        let authorization = basic("hubot", password);
        let mut headers = vec![("authorization", authorization.as_str())];
        headers.extend(code.map(|code| ("x-github-otp", code)));
        let reply = connection.ask("GET", "/api/v3/authorizations", &headers, None);
        reply.unwrap().status
    };
    let secret = otp["secret"].as_str().unwrap();
    let seed = BASE32_NOPAD.decode(secret.as_bytes()).unwrap();
    let seed = TotpSeed::from_bytes(&seed).unwrap();
    let code = code_at(&seed, SystemClock::default().now());
    assert_eq!(sign_in("hubot's password", Some(&code)), 200);
    // Enough failures for a lock.
    for _ in 0..11 {
        sign_in("no such password", None);
    }
    assert!(server.terminate().success());
    // Nobody takes a lease yet.
    let lease =
        "INSERT INTO leases (name, holder, ends_at, fence) VALUES ('trail', 'somebody', 5, 1)";
    let file = rusqlite::Connection::open(desk.database()).unwrap();
    file.execute_batch(lease).unwrap();
    file.execute_batch(ROWS).unwrap();
    (desk, token)
}

/// How many rows each table had, by its name.
fn rows(said: &Value) -> Vec<(String, u64)> {
    let tables = said["tables"].as_array().expect("a list");
    tables
        .iter()
        .map(|table| {
            assert_eq!(table["same"], true);
            let name = table["table"].as_str().expect("a name").to_owned();
            (name, table["rows"].as_u64().expect("a count"))
        })
        .collect()
}

/// What the command line tells of an installation.
fn told(desk: &Desk, url: &str) -> Vec<Value> {
    [
        &["user", "list"][..],
        &["app", "list"],
        &["token", "list", "--all"],
        &["key", "list"],
        &["org", "list"],
    ]
    .map(|command| {
        desk.program
            .json(&[command, &["--database-url", url]].concat(), "")
    })
    .to_vec()
}

#[test]
fn everything_goes_to_postgresql_and_back() {
    let (desk, token) = with_everything();
    let database = Database::empty();
    let (file, url) = (
        format!("sqlite:{}", desk.database().display()),
        database.url(),
    );
    let there = desk.program.json(&["db", "copy", "--to", &url], "");
    for (table, rows) in rows(&there) {
        assert!(rows > 0, "{table} has no rows, so it shows nothing");
    }
    assert!(rows(&there).len() >= 26);
    assert_eq!(told(&desk, &url), told(&desk, &file));

    let server = desk.program.start_serve(&["--database-url", &url]);
    assert_eq!(status_of(&server, &token), 200);
    assert!(server.terminate().success());
    // Ids go on.
    let before = look_up(
        &desk.database(),
        "SELECT seq FROM sqlite_sequence WHERE name = 'accounts'",
    );
    let add = [
        "user",
        "create",
        "next",
        "--password-stdin",
        "--database-url",
        &url,
    ];
    let added = desk.program.json(&add, "next's password");
    assert_eq!(added["id"].as_i64(), Some(before + 1));

    let back = format!("sqlite:{}", desk.path("counterfoil-data/back.db").display());
    let arguments = ["db", "copy", "--to", &back, "--database-url", &url];
    let said = desk.program.json(&arguments, "");
    let names = |said: &Value| {
        rows(said)
            .into_iter()
            .map(|(name, _)| name)
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&said), names(&there));
    assert_eq!(told(&desk, &back), told(&desk, &url));
    let server = desk.program.start_serve(&["--database-url", &back]);
    assert_eq!(status_of(&server, &token), 200);
    drop(server);
    let generation = "SELECT count(DISTINCT generation) FROM (SELECT generation FROM installation
        UNION ALL SELECT generation FROM b.installation)";
    let connection = rusqlite::Connection::open(desk.database()).unwrap();
    let back = desk.path("counterfoil-data/back.db");
    connection
        .execute("ATTACH ?1 AS b", [back.to_str().unwrap()])
        .unwrap();
    let generations: i64 = connection
        .query_row(generation, [], |row| row.get(0))
        .unwrap();
    assert_eq!(generations, 2, "caches begin anew");
}

#[test]
fn people_are_told_each_table_with_its_rows_and_the_keys_it_needs() {
    let desk = Desk::with_users(&["mona"]);
    let database = Database::empty();
    let output = desk
        .program
        .command(&["db", "copy", "--to", &database.url()], "");
    let output = output.succeeded();
    let line = output
        .stdout
        .lines()
        .find(|line| line.starts_with("accounts "));
    let words: Vec<_> = line
        .expect("a line for accounts")
        .split_whitespace()
        .collect();
    assert_eq!(words, ["accounts", "2", "same"]);
    assert!(output.stderr.contains("needs key "), "{}", output.stderr);
}

#[test]
fn a_target_that_is_not_empty_is_refused() {
    let desk = Desk::with_users(&["mona"]);
    let database = Database::empty();
    let copy = ["db", "copy", "--to", &database.url()];
    desk.program.command(&copy, "").succeeded();
    assert_eq!(
        desk.refused(&copy),
        "the target is not empty: its table accounts has rows; give an empty database"
    );
    let own = format!("sqlite:{}", desk.database().display());
    let output = desk
        .program
        .command(&["db", "copy", "--to", &own, "--database-url", &own], "");
    assert_eq!(output.status.code(), Some(2), "{}", output.stderr);
}

#[test]
fn a_row_that_arrived_otherwise_is_found_and_nothing_is_kept() {
    let desk = Desk::with_users(&["mona", "hubot"]);
    let database = Database::empty();
    let url = database.url();
    desk.run(&["init", "--database-url", &url]);
    database.run(
        "DELETE FROM callback_urls; DELETE FROM client_secrets; DELETE FROM apps; DELETE FROM accounts;
         DELETE FROM audit_events; DELETE FROM audit_writers; DELETE FROM audit_keys; DELETE FROM installation_keys; DELETE FROM installation;
         CREATE FUNCTION meddle() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN NEW.name := 'somebody'; RETURN NEW; END $$;
         CREATE TRIGGER meddle BEFORE INSERT ON accounts FOR EACH ROW WHEN (NEW.login = 'hubot')
            EXECUTE FUNCTION meddle()",
    );
    assert_eq!(
        desk.refused(&["db", "copy", "--to", &url]),
        "the copy was not kept: row 3 of the table accounts is not the same in the target"
    );
    let count = database.look_up("SELECT count(*)::text FROM accounts");
    assert_eq!(count.as_deref(), Some("0"));
}

#[test]
fn a_database_that_is_served_is_copied_for_trials_only() {
    let desk = Desk::with_users(&["mona"]);
    let (target, trial) = (
        format!(
            "sqlite:{}",
            desk.path("counterfoil-data/target.db").display()
        ),
        format!(
            "sqlite:{}",
            desk.path("counterfoil-data/trial.db").display()
        ),
    );
    let server = desk.program.start_serve(&[]);
    let sentence = desk.refused(&["db", "copy", "--to", &target]);
    assert!(
        sentence.contains("a `counterfoil serve` runs on"),
        "{sentence}"
    );
    assert!(!desk.path("counterfoil-data/target.db").exists());
    let words = ["db", "copy", "--to", &trial, "--while-serving"];
    let output = desk.program.command(&words, "").succeeded();
    let note = "what it wrote or revoked after the copy began is not in the copy";
    assert!(output.stderr.contains(note), "{}", output.stderr);
    assert!(server.terminate().success());
    let said = desk.run(&["db", "copy", "--to", &target]);
    assert!(!said.contains("a server runs"), "{said}");
}

#[test]
fn ids_that_are_given_while_it_is_copied_are_no_difference() {
    let source = Database::empty();
    let desk = Desk::empty().on(&source);
    desk.program.add_user("mona");
    let copied = AtomicBool::new(false);
    let given = thread::scope(|scope| {
        // As somebody who is about to write does; counters are in no transaction.
        let giving = scope.spawn(|| {
            let mut given = 0;
            while !copied.load(Ordering::Relaxed) {
                source.run("SELECT nextval('accounts_id_seq') FROM generate_series(1, 20)");
                given += 20;
            }
            given
        });
        let target = format!("sqlite:{}", desk.path("counterfoil-data/copy.db").display());
        let copying = StopAtEnd(&copied);
        let output = desk.program.command(&["db", "copy", "--to", &target], "");
        drop(copying);
        assert!(output.status.success(), "{}", output.stderr);
        giving.join().expect("the thread ends")
    });
    let last = look_up(
        &desk.path("counterfoil-data/copy.db"),
        "SELECT seq FROM sqlite_sequence WHERE name = 'accounts'",
    );
    assert!(last > 2 && last <= 2 + given, "{last} of {given}");
}
