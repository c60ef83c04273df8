//! Certificates that a server orders by itself, from an authority that other people wrote, and what
//! becomes of clients when the authority fails, throttles or forgets.

mod stage;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use counterfoil_testkit::process::Running;
use stage::{Authority, DIRECTORY_URL, NAME, OTHER_NAME, Stage, wait_for};

use crate::pages::Page;

const IN_VAIN: &str = "a certificate was ordered in vain: what is in use stays in use";
const IN_USE: &str = "the certificate that was ordered is in use";
const RELOADED: &str = "the settings were reloaded";
const NOT_READY: &str = "not ready: there is no certificate yet\n";
const READY: &str = "ready\n";
/// What an attempt begins with.
const DIRECTORY: &str = "GET /dir";
const ORDER: &str = "POST /order-plz";

/// Five years, in seconds.
const YEARS: u64 = 5 * 365 * 86_400;
/// Beyond two thirds of a day, and what a renewal may be late on purpose.
const MOST_OF_A_DAY: Duration = Duration::from_hours(17);

/// The private key of the certificate that is kept, in PEM without its first line.
fn kept_key(stage: &Stage) -> String {
    let file = stage.path("counterfoil-data/acme/certificate.pem");
    let kept = fs::read_to_string(file).expect("it is there");
    let (_, key) = kept
        .split_once("PRIVATE KEY-----\n")
        .expect("it holds a key");
    key.to_owned()
}

fn mode_of(path: &Path) -> u32 {
    let metadata = fs::metadata(path).expect("it is there");
    metadata.permissions().mode() & 0o777
}

#[test]
fn a_certificate_is_ordered_at_the_start_and_renewed_while_a_client_keeps_its_connection() {
    let mut stage = Stage::set(Authority::default());
    stage.be("fail");
    let server = stage.serve();
    wait_for(&server, IN_VAIN, 1);
    assert!(server.stderr().contains("acme.example.test answered 503"));
    assert_eq!(stage.ask_operators("/readyz"), NOT_READY);
    assert_eq!(stage.ask_operators("/healthz"), "ok\n");
    assert_eq!(stage.shown(), None, "clients are refused");

    stage.be("pass");
    stage.program.advance(Duration::from_mins(6));
    wait_for(&server, IN_USE, 1);
    assert_eq!(stage.ask_operators("/readyz"), READY);
    assert_eq!(stage.ask_as_client(NAME), "ok\n");
    let first = stage.shown().expect("there is a certificate");
    let first_key = kept_key(&stage);
    let mut kept = stage.connect();
    kept.ask();

    // An authority that forgot the account gets another one, and looks at the name again.
    stage.start_authority(Authority {
        validity: YEARS,
        ..Authority::default()
    });
    stage.program.advance(MOST_OF_A_DAY);
    wait_for(&server, IN_USE, 2);
    kept.ask();
    let second = stage.shown().expect("there is a certificate");
    assert_ne!(first, second);
    assert_ne!(first_key, kept_key(&stage), "each has a key of its own");
    assert_eq!(stage.ask_as_client(NAME), "ok\n");
    let issued = "counterfoil_certificate_orders_total{outcome=\"issued\"}";
    assert_eq!(stage.metric(issued), "2");

    // It is kept, and is not ordered again at the next start.
    let folder = stage.path("counterfoil-data/acme");
    assert_eq!(mode_of(&folder), 0o700);
    for file in ["certificate.pem", "account.json", "orders.json"] {
        assert_eq!(mode_of(&folder.join(file)), 0o600, "{file}");
    }
    let (status, log) = server.terminate_and_hear();
    assert!(status.success() && !log.contains("panicked"), "{log}");
    let key = kept_key(&stage);
    let first_line = key.lines().next().expect("it has lines");
    assert!(first_line.len() > 40 && !log.contains(first_line), "{log}");
    let orders = stage.times_asked(ORDER);
    let server = stage.serve();
    assert_eq!(stage.ask_operators("/readyz"), READY);
    assert_eq!(stage.shown().as_ref(), Some(&second));
    reload(&stage, &server, 1);
    assert_eq!(stage.times_asked(ORDER), orders);
}

/// Has the server look at once whether it is time to order, and comes back when it has.
#[track_caller]
fn reload(stage: &Stage, server: &Running, times: usize) {
    server.hang_up();
    wait_for(server, RELOADED, times);
    // Whoever answers here looked before.
    for _ in 0..3 {
        assert_eq!(stage.ask_operators("/healthz"), "ok\n");
    }
}

#[test]
fn an_authority_that_throttles_is_left_alone_for_as_long_as_it_says() {
    let stage = Stage::set(Authority::default());
    stage.be("throttle 7200");
    let server = stage.serve();
    wait_for(&server, IN_VAIN, 1);
    assert!(server.stderr().contains("too many orders lately"));
    let throttled = "counterfoil_certificate_orders_total{outcome=\"throttled\"}";
    assert_eq!(stage.metric(throttled), "1");

    // Beyond our own rest, and somebody is impatient: what the authority said counts.
    stage.be("pass");
    stage.program.advance(Duration::from_mins(110));
    reload(&stage, &server, 1);
    assert_eq!(stage.times_asked(ORDER), 1);
    stage.program.advance(Duration::from_mins(11));
    wait_for(&server, IN_USE, 1);
    assert_eq!(stage.times_asked(ORDER), 2);
    assert_eq!(stage.ask_as_client(NAME), "ok\n");

    // The same for who answers 429 to everything, without a word that programs understand. The
    // certificate that is in use goes on.
    let first = stage.shown();
    stage.be("busy 3600");
    stage.program.advance(MOST_OF_A_DAY);
    wait_for(&server, IN_VAIN, 2);
    assert_eq!(stage.metric(throttled), "2");
    assert_eq!(stage.shown(), first);
    assert_eq!(stage.ask_operators("/readyz"), READY);
    stage.be("pass");
    let asked = stage.times_asked(DIRECTORY);
    stage.program.advance(Duration::from_mins(55));
    reload(&stage, &server, 2);
    assert_eq!(stage.times_asked(DIRECTORY), asked);
    stage.program.advance(Duration::from_mins(6));
    wait_for(&server, IN_USE, 2);
    assert_ne!(stage.shown(), first);
    assert_eq!(stage.times_asked(DIRECTORY), asked + 1);
}

#[test]
fn no_more_than_four_orders_go_out_within_an_hour_whoever_is_impatient() {
    let mut stage = Stage::set(Authority::default());
    stage.stop_authority();
    let server = stage.serve();
    for times in 1..=4 {
        wait_for(&server, IN_VAIN, times);
        reload(&stage, &server, times);
    }
    for times in 5..=7 {
        reload(&stage, &server, times);
    }
    assert_eq!(stage.times_asked(DIRECTORY), 4);
    server.kill_nine();
    // A program that is started again and again counts on.
    let server = stage.serve();
    reload(&stage, &server, 1);
    assert_eq!(stage.times_asked(DIRECTORY), 4);

    stage.start_authority(Authority::default());
    stage.program.advance(Duration::from_mins(61));
    reload(&stage, &server, 2);
    wait_for(&server, IN_USE, 1);
    assert_eq!(stage.times_asked(DIRECTORY), 5);
    assert_eq!(stage.ask_as_client(NAME), "ok\n");
}

#[test]
fn a_certificate_that_is_over_when_it_comes_does_not_replace_the_one_in_use() {
    let mut stage = Stage::set(Authority::default());
    let server = stage.serve();
    wait_for(&server, IN_USE, 1);
    let first = stage.shown().expect("there is a certificate");
    // By the authority's clock it is valid for an hour from now on.
    stage.start_authority(Authority {
        validity: 3_600,
        ..Authority::default()
    });
    stage.program.advance(MOST_OF_A_DAY);
    wait_for(&server, IN_VAIN, 1);
    let said = server.stderr();
    assert!(said.contains("what the authority gave ended at "), "{said}");
    assert_eq!(stage.shown().as_ref(), Some(&first));
    assert_eq!(stage.ask_operators("/readyz"), READY);
}

#[test]
fn what_an_authority_did_not_find_is_told_by_the_log_and_by_the_doctor() {
    // It looks where nobody listens.
    let stage = Stage::set(Authority {
        port: 444,
        ..Authority::default()
    });
    let server = stage.serve();
    wait_for(&server, IN_VAIN, 1);
    let said = server.stderr();
    let cause = format!("the authority did not find the proof for {NAME}: ");
    assert!(said.contains(&cause), "{said}");
    let failed = "counterfoil_certificate_orders_total{outcome=\"failed\"}";
    assert_eq!(stage.metric(failed), "1");
    let doctor = stage.program.command(&["doctor", "--json"], "");
    let told: serde_json::Value = doctor.json();
    let checks = told["checks"].as_array().expect("a list");
    let found = checks
        .iter()
        .find(|check| check["check"] == "certificate")
        .expect("it is looked at");
    assert_eq!(found["status"], "warning");
    let message = found["message"].as_str().expect("a text");
    assert!(message.contains("there is no certificate in"), "{message}");
    assert!(message.contains("; the last order failed at "), "{message}");
    assert!(message.contains(&cause), "{message}");
    // Where it is served was said by options, which this command did not get.
    let port = checks.iter().find(|check| {
        let message = check["message"].as_str().expect("a text");
        message.starts_with("acme.directory_url is set and listen has no port 443")
    });
    assert_eq!(port.expect("it is told")["status"], "warning");
    let health = stage.program.command(&["health"], "");
    assert!(!health.status.success());
    assert!(
        health.stderr.contains(NOT_READY.trim_end()),
        "{}",
        health.stderr
    );
}

#[test]
fn an_account_is_bound_to_one_that_the_authority_knows_and_a_certificate_has_every_name() {
    const KEY: &str = "dGhlIGtleSBvZiBhbiBhY2NvdW50IHRoYXQgaXMga25vd24";
    let mut stage = Stage::set(Authority {
        account: Some(("kid-1", KEY)),
        ..Authority::default()
    });
    let file = stage.path("account-key");
    fs::write(&file, format!("{KEY}\n")).expect("the folder is the test's own");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("it is the test's own");
    let names = format!("{NAME},{OTHER_NAME}");
    stage.program = stage
        .program
        .with_environment("COUNTERFOIL_ACME__NAMES", &names)
        .with_environment("COUNTERFOIL_ACME__CONTACT", "operators@example.test")
        .with_environment("COUNTERFOIL_ACME__EXTERNAL_ACCOUNT_ID", "kid-1")
        .with_environment("COUNTERFOIL_ACME__EXTERNAL_ACCOUNT_KEY_FILE", "account-key");
    let server = stage.serve();
    wait_for(&server, IN_USE, 1);
    for name in [NAME, OTHER_NAME] {
        assert_eq!(stage.ask_as_client(name), "ok\n", "{name}");
    }
    let (_, log) = server.terminate_and_hear();
    assert!(!log.contains(KEY), "{log}");
}

#[test]
fn a_certificate_is_had_by_the_settings_and_commands_of_the_page() {
    let stage = Stage::without_settings(Authority::default());
    let page = Page::read("certificates.md");
    let set_up = page.section("## Set it up");
    let mut settings = set_up.block("toml");
    for (printed, here) in [
        ("/var/lib/counterfoil", "counterfoil-data"),
        ("[::]:443", "127.0.0.1:443"),
        (
            "https://acme-v02.api.letsencrypt.org/directory",
            DIRECTORY_URL,
        ),
    ] {
        assert!(settings.contains(printed), "no {printed} in {settings}");
        settings = settings.replace(printed, here);
    }
    // Its section is the last one.
    settings.push_str("tls_ca_file = \"authority.crt\"\n");
    fs::write(stage.path("counterfoil.toml"), settings).expect("the folder is the test's own");
    let commands = [set_up.block("sh"), set_up.block("console")].concat();
    let mut server = None;
    for line in commands.lines() {
        let words: Vec<_> = line.split_whitespace().skip(1).collect();
        if words == ["serve"] {
            let started = stage.program.start(&words);
            wait_for(&started, IN_USE, 1);
            server = Some(started);
        } else {
            let printed = stage.program.command(&words, "");
            // The doctor finds that there are no users yet, and warns of no more than that.
            printed.succeeded();
        }
    }
    assert!(server.is_some(), "the page starts no server");
    assert_eq!(stage.ask_as_client(NAME), "ok\n");
}
