//! What the program says about a database that can be used and might be better.

use serde_json::Value;

use counterfoil_testkit::postgres::Database;

use super::{Node, everything_in, url_of};
use crate::command_line::text;

/// What the doctor says about one thing.
fn findings(node: &Node, check: &str) -> Vec<(String, String)> {
    let report = node.run(&["doctor", "--json"]).json();
    let field = |finding: &Value, name: &str| text(&finding[name]);
    let all = report["checks"].as_array().expect("a list of checks");
    let wanted = all.iter().filter(|finding| finding["check"] == check);
    wanted
        .map(|finding| (field(finding, "status"), field(finding, "message")))
        .collect()
}

fn warnings(node: &Node) -> Vec<String> {
    let document = node.program.json(&["config", "check"], "");
    let warnings = document["warnings"].as_array().expect("a list");
    let warnings = warnings.iter().map(text);
    // That passwords are cheap here is the test's doing.
    warnings
        .filter(|warning| !warning.starts_with("passwords."))
        .collect()
}

#[test]
fn settings_that_are_rarely_meant_are_pointed_out_without_connecting() {
    let password = "a database URL has the password in it";
    let plain = "connections to the database on db.example.org are not encrypted";
    let alone = "database.unnamed_statements is true and database.listen_url is not set";
    for (url, others, expected) in [
        ("postgres://mona@localhost/x", &[][..], &[][..]),
        ("postgres://mona@127.0.0.1/x", &[], &[]),
        ("postgres://mona@[::1]:5433/x", &[], &[]),
        ("postgres://mona@%2Frun/x", &[], &[]),
        ("postgres://mona:s3cret@localhost/x", &[], &[password]),
        (
            "postgres://mona@db.example.org/x?sslmode=disable",
            &[],
            &[plain],
        ),
        (
            "postgres://mona@localhost,db.example.org/x?sslmode=disable",
            &[],
            &[plain],
        ),
        (
            "postgres://mona@localhost/x",
            &[("COUNTERFOIL_DATABASE__UNNAMED_STATEMENTS", "true")],
            &[alone],
        ),
        (
            "postgres://mona@localhost/x",
            &[
                ("COUNTERFOIL_DATABASE__UNNAMED_STATEMENTS", "true"),
                (
                    "COUNTERFOIL_DATABASE__LISTEN_URL",
                    "postgres://mona:s3cret@localhost:5433/x",
                ),
            ],
            &[password],
        ),
    ] {
        let node = others
            .iter()
            .fold(Node::on(url), |node, (name, value)| node.with(name, value));
        let warnings = warnings(&node);
        assert_eq!(warnings.len(), expected.len(), "{url}: {warnings:?}");
        for (warning, beginning) in warnings.iter().zip(expected) {
            assert!(warning.starts_with(beginning), "{warning}");
            assert!(!warning.contains("s3cret"), "{warning}");
        }
    }
}

#[test]
fn a_database_on_another_machine_is_not_reached_in_the_clear_unless_the_url_says_so() {
    let node = Node::on("postgres://mona@db.example.org/x");
    for command in [
        &["config", "check"][..],
        &["serve", "--listen", "127.0.0.1:0"],
        &["init"],
        &["user", "list"],
    ] {
        assert_eq!(
            node.refused(command),
            "database_url reaches db.example.org unencrypted, where what is stored can be read and changed on the way; it must \
             say sslmode=require, or database.tls_ca_file must be set, unless it says sslmode=disable because the network is \
             trusted"
        );
    }
    let node = Node::without_database();
    node.add_user();
    let to = "postgres://mona@db.example.org/x";
    let copy = node.run(&["db", "copy", "--to", to]);
    assert_eq!(copy.status.code(), Some(2));
    assert!(
        copy.stderr
            .starts_with("error: --to reaches db.example.org unencrypted"),
        "{}",
        copy.stderr
    );
}

#[test]
fn trusting_proxies_in_more_than_a_private_network_is_pointed_out() {
    let node = Node::without_database();
    for (proxies, warned) in [
        ("10.0.0.0/8,unix,fc00::/7", None),
        ("0.0.0.0/0", Some("0.0.0.0/0")),
        ("10.0.0.0/8,::/0", Some("::/0")),
        ("0.0.0.0/1,128.0.0.0/1", Some("0.0.0.0/1")),
    ] {
        let check = Node::without_database()
            .with("COUNTERFOIL_TRUSTED_PROXIES", proxies)
            .run(&["config", "check"])
            .succeeded();
        let expected = warned
            .map(|network| format!("trusted_proxies has {network}, more than any private network"));
        match expected {
            Some(sentence) => assert!(check.stderr.contains(&sentence), "{}", check.stderr),
            None => assert!(
                !check.stderr.contains("trusted_proxies"),
                "{}",
                check.stderr
            ),
        }
    }
    let node = node.with("COUNTERFOIL_TRUSTED_PROXIES", "0.0.0.0/0");
    let log = node.program.start_serve(&[]).terminate_and_hear().1;
    assert!(log.contains("trusted_proxies has 0.0.0.0/0"), "{log}");
}

#[test]
fn urls_that_are_encrypted_differently_are_refused() {
    let node = Node::on("postgres://mona@db.example.org/x?sslmode=disable").with(
        "COUNTERFOIL_DATABASE__LISTEN_URL",
        "postgres://mona@db.example.org/x?sslmode=require",
    );
    assert_eq!(
        node.refused(&["config", "check"]),
        "database_url and database.listen_url must both be encrypted or both not; give both the same sslmode"
    );
}

#[test]
fn quickstart_keeps_to_a_file() {
    let database = Database::empty();
    let sentence = Node::on(&database.url()).refused(&["quickstart", "--listen", "127.0.0.1:0"]);
    assert!(
        sentence
            .starts_with("quickstart keeps to a SQLite file, and the settings name postgres://"),
        "{sentence}"
    );
    assert!(everything_in(&database).is_empty());
}

#[test]
fn the_doctor_tells_what_the_server_is_like() {
    let database = Database::empty();
    database.run("CREATE ROLE healthy LOGIN; GRANT CREATE ON SCHEMA public TO healthy");
    let node = Node::on(&url_of(&database, "healthy"));
    node.add_user();
    let found = findings(&node, "postgresql");
    let (statuses, said): (Vec<_>, Vec<_>) = found.iter().cloned().unzip();
    // Servers of tests do not sync.
    assert_eq!(
        statuses,
        ["ok", "ok", "ok", "warning", "ok", "ok"],
        "{said:?}"
    );
    assert!(
        said[0].starts_with("PostgreSQL ") && said[0].ends_with(" ms"),
        "{said:?}"
    );
    let connection = "connections to it are not encrypted and do not leave this machine";
    assert_eq!(said[1], connection);
    assert!(said[2].starts_with("its clock is 0."), "{said:?}");
    assert!(
        said[3].starts_with("fsync and full_page_writes are off there"),
        "{said:?}"
    );
    assert_eq!(
        said[4],
        "it takes 400 connections, and each node makes at most 22: enough for 18 nodes"
    );
    assert_eq!(said[5], "the user of database_url is no superuser");
    let database_said = findings(&node, "database");
    assert_eq!(
        database_said[1],
        ("ok".to_owned(), "the audit trail has no gaps".to_owned())
    );
    let node = Node::on(&database.url()).with("COUNTERFOIL_DATABASE__CONNECTIONS", "500");
    node.make_data_folder();
    let found = findings(&node, "postgresql");
    assert!(
        found[4]
            .1
            .starts_with("it takes 400 connections, and this node alone may make 502"),
        "{found:?}"
    );
    assert!(found[5].1.contains("may do everything"), "{found:?}");
    assert_eq!(
        (found[4].0.as_str(), found[5].0.as_str()),
        ("warning", "warning")
    );
    // This one has no key, which is a problem.
    assert_eq!(node.run(&["doctor"]).status.code(), Some(1));
}
