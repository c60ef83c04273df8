//! Passwords: from where they come, and that nobody sees them.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use counterfoil_testkit::postgres::{Cluster, ClusterOptions};

use super::{Node, set_mode};

const PASSWORD: &str = "s3cret of the database";
/// As it stands in a URL.
const ENCODED: &str = "s3cret%20of%20the%20database";

/// A server that asks this user for a password.
fn guarded() -> &'static Cluster {
    static GUARDED: OnceLock<Cluster> = OnceLock::new();
    GUARDED.get_or_init(|| {
        let cluster = Cluster::start(ClusterOptions {
            access: &["host all counterfoil 127.0.0.1/32 scram-sha-256", ""],
            ..ClusterOptions::default()
        });
        cluster.run(
            "postgres",
            &format!("CREATE ROLE counterfoil LOGIN PASSWORD '{PASSWORD}'"),
        );
        cluster
    })
}

fn new_database(name: &str) -> String {
    let cluster = guarded();
    let create = format!("CREATE DATABASE {name} OWNER counterfoil TEMPLATE template0");
    cluster.run("postgres", &create);
    format!("postgres://counterfoil@127.0.0.1:{}/{name}", cluster.port())
}

#[test]
fn a_password_comes_from_a_file_the_environment_or_the_url() {
    let url = new_database("ways_in");
    let node = Node::on(&url);
    let file = node.private_file("password", &format!("{PASSWORD}\n"));
    let node = node.with("COUNTERFOIL_DATABASE__PASSWORD_FILE", &file);
    node.add_user();
    let keys = fs::read_to_string(node.key_file()).unwrap();
    let wrong = node.private_file("wrong", "another");
    for others in [
        // The environment beats the file.
        vec![
            ("COUNTERFOIL_DATABASE_PASSWORD", PASSWORD),
            ("COUNTERFOIL_DATABASE__PASSWORD_FILE", &wrong),
        ],
        vec![("COUNTERFOIL_DATABASE_PASSWORD", PASSWORD)],
    ] {
        let node = others
            .into_iter()
            .fold(Node::on(&url), |node, (name, value)| node.with(name, value));
        node.add_key_file(&keys);
        node.run(&["user", "show", "mona"]).succeeded();
    }
    let within = url.replace("counterfoil@", &format!("counterfoil:{ENCODED}@"));
    let node = Node::on(&within);
    node.add_key_file(&keys);
    node.run(&["user", "show", "mona"]).succeeded();
    // Either beats the URL.
    let refused = Node::on(&within)
        .with("COUNTERFOIL_DATABASE_PASSWORD", "another")
        .does_not_start();
    assert!(
        refused.contains("password authentication failed"),
        "{refused}"
    );
}

#[test]
fn a_wrong_password_and_none_are_refused_with_where_to_give_it() {
    let url = new_database("ways_out");
    let whither = "in COUNTERFOIL_DATABASE_PASSWORD or the file that database.password_file names";
    assert_eq!(
        Node::on(&url).does_not_start(),
        format!("cannot use the database {url}: its server asks for a password; give it {whither}")
    );
    let node = Node::on(&url.replace("counterfoil@", "counterfoil:s3cret@"));
    assert_eq!(
        node.does_not_start(),
        format!(
            "cannot use the database {url}: password authentication failed for user \"counterfoil\"; give the right password, \
             {whither}"
        )
    );
}

#[test]
fn a_password_file_that_others_may_read_or_that_holds_none_is_refused() {
    let node = Node::on("postgres://counterfoil@127.0.0.1:1/x");
    let file = node.private_file("password", &format!("{PASSWORD}\n"));
    let node = node.with("COUNTERFOIL_DATABASE__PASSWORD_FILE", &file);
    set_mode(Path::new(&file), 0o640);
    for command in [&["serve"][..], &["config", "check"], &["user", "list"]] {
        assert_eq!(
            node.refused(command),
            format!(
                "database.password_file cannot be used: {file} is open to other users (mode 0640); run `chmod 600 {file}`"
            )
        );
    }
    for content in ["", "\n", "one\ntwo\n"] {
        node.private_file("password", content);
        set_mode(Path::new(&file), 0o600);
        assert_eq!(
            node.refused(&["config", "check"]),
            format!(
                "{file} does not hold a password; it must hold one line, the password for PostgreSQL"
            )
        );
    }
    fs::remove_file(&file).unwrap();
    assert_eq!(
        node.refused(&["config", "check"]),
        format!("{file} cannot be read: No such file or directory (os error 2)")
    );
}

#[test]
fn a_password_is_never_shown() {
    let url = new_database("quiet");
    let within = url.replace("counterfoil@", &format!("counterfoil:{ENCODED}@"));
    let node = Node::on(&within).with("COUNTERFOIL_LOGGING__LEVEL", "trace");
    node.add_user();
    for command in [
        &["config", "check"][..],
        &["config", "check", "--json"],
        &["doctor"],
        &["doctor", "--json"],
        &["db", "migrate", "--json"],
        &["audit", "list"],
    ] {
        let output = node.run(command).succeeded();
        let said = output.stdout + &output.stderr;
        assert!(!said.contains("s3cret"), "{command:?} said {said}");
    }
    let (status, log) = node.program.start_serve(&[]).terminate_and_hear();
    assert!(status.success());
    assert!(log.contains("stopped") && !log.contains("s3cret"), "{log}");
    // Not even what the driver logs is a way round.
    assert!(!log.contains(ENCODED));
}
