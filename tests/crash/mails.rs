//! `kill -9` while mail is sent. What was asked for before goes at least once; of what goes twice
//! the last link alone works, and that once.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use counterfoil_testkit::process::{Browser, Person, Running};

use super::dice::Dice;
use super::installation::Installation;
use super::say;
use crate::mail::catcher::{Catcher, Mail};

/// Kills for each engine.
const ROUNDS: u64 = 6;
/// People who forget their passwords in each round.
const PEOPLE: usize = 4;

/// The time that a node which is gone keeps others from sending, and a mail from being tried again,
/// has gone by.
const TIME_GOES_BY: &str =
    "UPDATE leases SET ends_at = 1; UPDATE outbox SET next_at = 1 WHERE finished_at IS NULL";
const WAITING: &str = "SELECT CAST(count(*) AS TEXT) FROM outbox WHERE finished_at IS NULL";
const SENT: &str = "SELECT CAST(count(*) AS TEXT) FROM outbox WHERE outcome = 'sent'";

#[test]
fn mail_goes_at_least_once_through_kill_nine_and_a_link_works_at_most_once() {
    let mut catcher = Catcher::start(&serde_json::json!({}));
    let installation = with_mail(Installation::on_sqlite(), &catcher);
    send_through_kills("SQLite", &installation, &mut catcher);
}

#[test]
fn mail_goes_at_least_once_through_crashes_of_postgres_and_a_link_works_at_most_once() {
    let mut catcher = Catcher::start(&serde_json::json!({}));
    let installation = with_mail(Installation::on_postgres(), &catcher);
    send_through_kills("PostgreSQL", &installation, &mut catcher);
}

fn with_mail(installation: Installation, catcher: &Catcher) -> Installation {
    let port = catcher.port.to_string();
    let settings = [
        ("SERVER", "127.0.0.1"),
        ("PORT", port.as_str()),
        ("ENCRYPTION", "none"),
        ("SENDER", "tokens@example.org"),
        // All rounds are within an hour.
        ("PER_RECIPIENT", "1000"),
        ("RESETS_PER_ACCOUNT", "1000"),
        ("RESETS_PER_ADDRESS", "1000"),
    ];
    let set = |installation: Installation, (name, value): (&str, &str)| {
        installation.with_environment(&format!("COUNTERFOIL_MAIL__{name}"), value)
    };
    settings.into_iter().fold(installation, set)
}

fn send_through_kills(engine: &str, installation: &Installation, catcher: &mut Catcher) {
    let program = &installation.program;
    let numbers = 0..PEOPLE;
    let mut people: Vec<Person> = numbers
        .map(|number| program.add_user(&format!("forgetful-{number}")))
        .collect();
    let dice = Dice::announced();
    let mut twice = 0;
    let mut server = program.start_serve(&[]);
    for round in 0..ROUNDS {
        ask_all(&server, &people);
        let mut arrived = Vec::new();
        // Some rounds end before anything goes, some while it goes.
        if round % 3 > 0 {
            arrived.push(catcher.mail());
        }
        let moment = Duration::from_micros(dice.below(3_000));
        let reached = Instant::now();
        while reached.elapsed() < moment {
            std::hint::spin_loop();
        }
        server.kill_nine();
        if let (2, Some(cluster)) = (round % 3, installation.cluster()) {
            cluster.stop_immediately();
        }
        server = installation.start_again(None);
        installation.run(TIME_GOES_BY);
        installation.wait_until(WAITING, "0");
        arrived.append(&mut catcher.mails_that_came());
        twice += arrived.len().saturating_sub(PEOPLE);
        use_last_links(&server, &mut people, &arrived, round);
        // Telling of the new passwords is another mail each, and another test's subject.
        installation.wait_until(WAITING, "0");
        drop(catcher.mails_that_came());
    }
    let of_links = ROUNDS * PEOPLE as u64;
    assert_eq!(installation.look_up(SENT), Some((2 * of_links).to_string()));
    assert!(server.terminate().success());
    say(&format!(
        "{engine}: {ROUNDS} kills, {of_links} links mailed, {twice} of them twice"
    ));
}

/// Everybody says that they forgot their password. The answer is the acknowledgement.
fn ask_all(server: &Running, people: &[Person]) {
    const PATH: &str = "/login/forgotten";
    let mut browser = Browser::at(&server.base_url);
    for person in people {
        let page = browser.get(PATH).expect("the server answers");
        let asked = browser.submit(&page, PATH, &[("login", &person.login)]);
        asked.expect("the server answers").assert_status(303);
    }
}

/// Everybody got a mail, and chooses another password by the last one.
fn use_last_links(server: &Running, people: &mut [Person], arrived: &[Mail], round: u64) {
    let mut codes: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for mail in arrived {
        let code = mail.text.lines().find_map(|line| line.split_once("/link/"));
        let (_, code) = code.unwrap_or_else(|| panic!("no link: {}", mail.text));
        codes.entry(&mail.to[0]).or_default().push(code);
    }
    let open = |code: &str| {
        let mut browser = Browser::at(&server.base_url);
        let page = browser.open_link(code).expect("the server answers");
        (browser, page)
    };
    for person in people {
        let address = format!("{}@example.org", person.login);
        let codes = codes.remove(&*address).unwrap_or_default();
        let (last, earlier) = codes.split_last().expect("a mail that was asked for goes");
        for code in earlier {
            let (_, page) = open(code);
            page.assert_status(404);
        }
        let (mut browser, page) = open(last);
        let password = format!("the choice of round {round}");
        let typed = [("password", password.as_str())];
        let used = browser.submit(page.assert_status(200), "/link", &typed);
        used.expect("the server answers").assert_status(303);
        let (_, page) = open(last);
        page.assert_status(404);
        person.password = password;
        let signed_in = Browser::at(&server.base_url).sign_in(person);
        signed_in.expect("the server answers").assert_status(303);
    }
    assert!(codes.is_empty(), "mail went to somebody else: {codes:?}");
}
