//! `counterfoil doctor`

use std::fs;

use serde_json::Value;

use super::{Desk, PASSWORD, text};

/// What the doctor says about one thing.
fn findings(desk: &Desk, check: &str) -> Vec<(String, String)> {
    let report = desk.run(&["doctor", "--json"], "").json();
    let field = |finding: &Value, name: &str| text(&finding[name]);
    let all = report["checks"].as_array().expect("a list of checks");
    let wanted = all.iter().filter(|finding| finding["check"] == check);
    wanted
        .map(|finding| (field(finding, "status"), field(finding, "message")))
        .collect()
}

#[test]
fn an_installation_in_order_has_no_problem() {
    let desk = Desk::in_earnest();
    desk.program.init();
    desk.done(&["user", "create", "mona"], PASSWORD);
    let report = desk.run(&["doctor", "--json"], "").succeeded().json();
    assert_eq!(report["healthy"], true);
    let lines = desk.printed(&["doctor"], "");
    for line in lines.lines() {
        // This machine's disk and the tests' own server are as they are.
        let known = ["ok       ", "warning  disk", "warning  postgresql"];
        assert!(known.iter().any(|word| line.starts_with(word)), "{lines}");
    }
    assert!(lines.contains("no `counterfoil serve` runs on"));
    let server = desk.program.start_serve(&[]);
    assert!(
        findings(&desk, "server")[0]
            .1
            .starts_with("`counterfoil serve` runs on")
    );
    drop(server);
}

#[test]
fn a_problem_is_named_and_ends_with_status_1() {
    let desk = Desk::with_user();
    let keys = desk.folder.path().join("counterfoil-data/keys");
    fs::remove_file(keys).unwrap();
    let output = desk.run(&["doctor"], "");
    assert_eq!(output.status.code(), Some(1));
    assert!(
        output
            .stdout
            .contains("\nproblem  keys         cannot open"),
        "{}",
        output.stdout
    );
    assert_eq!(output.stderr, "");
}

#[test]
fn a_missing_user_and_the_demo_user_are_warned_about() {
    let desk = Desk::with_files("quickstart keeps to a file");
    desk.program.init();
    let users = findings(&desk, "users");
    assert_eq!(users[0].0, "warning");
    assert!(users[0].1.contains("`counterfoil user create LOGIN`"));
    drop(
        desk.program
            .start(&["quickstart", "--listen", "127.0.0.1:0"]),
    );
    assert!(
        findings(&desk, "users")[0]
            .1
            .contains("`counterfoil serve` refuses to start")
    );
}

#[test]
fn a_bad_setting_is_the_first_thing_the_doctor_finds() {
    let desk = Desk::with_user();
    desk.folder_file("counterfoil.toml", "listen = \"everywhere\"\n");
    let settings = findings(&desk, "settings");
    assert_eq!(settings.len(), 1);
    assert_eq!(settings[0].0, "problem");
    assert!(
        settings[0]
            .1
            .starts_with("counterfoil.toml: listen is \"everywhere\""),
        "{settings:?}"
    );
}

#[test]
fn a_certificate_is_looked_at_with_its_dates() {
    let desk = Desk::with_user();
    let (certificate, key) = make_certificate();
    desk.folder_file("tls.crt", &certificate);
    desk.folder_file("tls.key", &key);
    desk.folder_file(
        "counterfoil.toml",
        "[tls]\ncert = \"tls.crt\"\nkey = \"tls.key\"\n",
    );
    let found = findings(&desk, "certificate");
    assert_eq!(found[0].0, "ok", "{found:?}");
    assert!(
        found[0]
            .1
            .starts_with("tls.crt and its key are valid until "),
        "{found:?}"
    );
    let url = "public_url = \"https://tokens.example.org\"\n";
    let tls = "[tls]\ncert = \"tls.crt\"\nkey = \"tls.key\"\n";
    desk.folder_file("counterfoil.toml", &format!("{url}{tls}"));
    let complaint = "not for tokens.example.org, the host of public_url: clients will refuse it";
    let found = findings(&desk, "certificate");
    assert_eq!(found[0].0, "warning", "{found:?}");
    assert!(
        found[0]
            .1
            .starts_with("tls.crt is for 127.0.0.1, localhost, ::1 and ")
            && found[0].1.ends_with(complaint),
        "{found:?}"
    );
    let checked = desk.run(&["config", "check"], "").succeeded().stderr;
    assert!(checked.contains(complaint), "{checked}");
    let url = "public_url = \"https://localhost:8443\"\n";
    desk.folder_file("counterfoil.toml", &format!("{url}{tls}"));
    assert_eq!(findings(&desk, "certificate")[0].0, "ok");
    desk.folder_file("tls.key", "nothing");
    assert_eq!(findings(&desk, "certificate")[0].0, "problem");
}

/// A certificate for localhost and its key, in PEM, as `serve` makes them.
fn make_certificate() -> (String, String) {
    let other = Desk::with_user();
    drop(other.program.start_serve(&["--tls-self-signed"]));
    let file = |name: &str| {
        let path = other.folder.path().join("counterfoil-data/tls").join(name);
        fs::read_to_string(path).expect("the server made it")
    };
    (file("self-signed.crt"), file("self-signed.key"))
}

#[test]
fn settings_that_are_allowed_and_rarely_meant_are_warned_about() {
    let mut desk = Desk::with_user();
    let file =
        "listen = [\"0.0.0.0:1\"]\npublic_url = \"http://a.example\"\ninsecure_http = true\n";
    desk.folder_file("counterfoil.toml", file);
    desk.program = desk
        .program
        .with_environment("COUNTERFOIL_LOGGING__LEVEL", "debug");
    let warnings: Vec<String> = findings(&desk, "settings")
        .into_iter()
        .filter(|(status, _)| status == "warning")
        .map(|(_, message)| message)
        .collect();
    let [open, cheap, talkative] = warnings.as_slice() else {
        panic!("{warnings:?}")
    };
    assert!(open.starts_with("insecure_http is true"), "{open}");
    assert!(cheap.starts_with("passwords.memory_kib is 8"), "{cheap}");
    assert!(
        talkative.starts_with("logging.level is debug"),
        "{talkative}"
    );
    let checked = desk.run(&["config", "check"], "").succeeded();
    assert!(
        checked.stderr.contains("note: insecure_http is true"),
        "{}",
        checked.stderr
    );
}

#[test]
fn what_would_be_refused_today_is_named() {
    let (desk, client_id, _) = Desk::with_app();
    desk.program.database().run(&format!(
        "UPDATE accounts SET login = '0123456789ABCDEF0123', login_key = '0123456789abcdef0123' WHERE login = 'mona';
        UPDATE apps SET url = 'https://mona@board.example.org/#top' WHERE client_id = '{client_id}'",
    ));
    let users = findings(&desk, "users");
    assert!(
        users.iter().any(|(status, message)| {
            status == "warning"
                && message.starts_with("the login 0123456789ABCDEF0123 reads like a client ID")
        }),
        "{users:?}"
    );
    let apps = findings(&desk, "apps");
    let sentence = format!(
        "the app {client_id} has the URL https://mona@board.example.org/#top, which would be refused today"
    );
    assert!(apps[0].1.starts_with(&sentence), "{apps:?}");
}

/// A passkey of the first user that is bound to this host.
fn add_passkey(desk: &Desk, rp_id: &str) {
    desk.program.database().run(&format!(
        "INSERT INTO passkeys (account_id, credential_id, user_handle, public_key, algorithm, rp_id, sign_count, backup_eligible,
            backed_up, transports, name, created_at)
        SELECT id, randomblob(16), zeroblob(64), x'01', 'ES256', '{rp_id}', 0, 0, 0, '', 'a key in blue', 1
        FROM accounts WHERE login = 'mona'"
    ));
}

#[test]
fn users_are_named_whose_passkeys_are_bound_to_another_host() {
    let desk = Desk::with_files("it writes a row by hand").and_user();
    assert!(findings(&desk, "passkeys").is_empty());
    add_passkey(&desk, "tokens.example.org");
    let found = findings(&desk, "passkeys");
    let (status, message) = &found[0];
    assert_eq!((found.len(), status.as_str()), (1, "warning"));
    assert!(message.contains("no other way in: mona;"), "{message}");
    let checked = desk.json(&["config", "check"], "");
    let warnings = checked["warnings"].as_array().expect("a list");
    assert!(
        warnings.iter().any(|warning| text(warning) == *message),
        "{warnings:?}"
    );
    let shown = desk.json(&["user", "show", "mona"], "");
    assert_eq!(shown["passkeys"], 1);
    assert_eq!(shown["two_factor"], true);
    add_passkey(&desk, "localhost");
    assert!(findings(&desk, "passkeys").is_empty());
    assert_eq!(
        desk.done(&["user", "otp", "disable", "mona"], ""),
        "turned two-factor off for mona; 2 passkeys ended\n"
    );
    let shown = desk.json(&["user", "show", "mona"], "");
    assert_eq!(shown["passkeys"], 0);
    assert_eq!(shown["two_factor"], false);
}

#[test]
fn a_callback_with_a_scheme_of_its_own_is_no_finding() {
    let (desk, client_id, _) = Desk::with_app();
    let own = "com.example.board:/callback";
    desk.done(&["app", "edit", &client_id, "--callback-url", own], "");
    let apps = findings(&desk, "apps");
    assert!(apps.is_empty(), "{apps:?}");
}

#[test]
fn mail_that_does_not_go_is_warned_about() {
    let desk = Desk::with_user();
    let told = |desk: &Desk| findings(desk, "mail").remove(0);
    let none = told(&desk);
    assert_eq!(none.0, "ok", "{none:?}");
    assert_eq!(none.1, "none is sent: mail.server is not set");
    // Nothing listens there, and no server runs that would try.
    let settings =
        "[mail]\nserver = \"127.0.0.1\"\nsender = \"tokens@example.org\"\nencryption = \"none\"\n";
    desk.folder_file("counterfoil.toml", settings);
    desk.done(&["user", "reset", "mona"], "");
    let fresh = told(&desk);
    assert_eq!(fresh.0, "ok", "{fresh:?}");
    assert_eq!(fresh.1, "1 mail waiting for 127.0.0.1");
    desk.folder_file("counterfoil.toml", "");
    let unset = told(&desk);
    assert_eq!(unset.0, "warning", "{unset:?}");
    assert!(unset.1.contains("mail.server is not set"), "{unset:?}");
    desk.run(&["db", "after-restore", "--end-all-tokens"], "")
        .succeeded();
    let paused = told(&desk);
    assert_eq!(paused.0, "warning", "{paused:?}");
    assert!(
        paused.1.contains("`counterfoil outbox resume`"),
        "{paused:?}"
    );
}
