//! The PostgreSQL servers of the tests' own.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use counterfoil_testkit::installed;
use counterfoil_testkit::postgres::{Cluster, ClusterOptions, Database, Pooler, shared};

/// Set in the process that [`a_server_ends_with_a_test_that_is_killed`] starts.
const INNER: &str = "COUNTERFOIL_TEST_INNER";

#[test]
fn a_database_has_the_schema_and_nothing_of_another_test() {
    let [one, other] = [Database::new(), Database::new()];
    one.run("INSERT INTO schema_migrations VALUES (1000, 'x', 'x', 0)");
    let newest = "SELECT max(number) FROM schema_migrations";
    assert_eq!(one.look_up(newest).as_deref(), Some("1000"));
    assert_ne!(other.look_up(newest), None);
    assert_ne!(other.look_up(newest).as_deref(), Some("1000"));
}

#[test]
fn a_database_is_gone_with_its_value() {
    let database = Database::new();
    let name = database.name().to_owned();
    drop(database);
    let count = format!("SELECT count(*) FROM pg_database WHERE datname = '{name}'");
    assert_eq!(shared().look_up("postgres", &count).as_deref(), Some("0"));
}

#[test]
fn a_server_comes_back_at_its_port_after_a_crash() {
    let cluster = Cluster::start(ClusterOptions {
        lasting: true,
        settings: &[("work_mem", "1MB")],
        ..ClusterOptions::default()
    });
    cluster.run("postgres", "CREATE TABLE kept AS SELECT 7 AS number");
    cluster.stop_immediately();
    cluster.start_again();
    let number = cluster.look_up("postgres", "SELECT number FROM kept");
    assert_eq!(number.as_deref(), Some("7"));
    let setting = cluster.look_up("postgres", "SHOW work_mem");
    assert_eq!(setting.as_deref(), Some("1MB"));
    cluster.restart();
    let synced = cluster.look_up("postgres", "SHOW fsync");
    assert_eq!(synced.as_deref(), Some("on"));
}

#[test]
fn a_standby_confirms_and_can_take_over() {
    let primary = Cluster::start(ClusterOptions::default());
    let standby = primary.standby("second", ClusterOptions::default());
    primary.run(
        "postgres",
        "ALTER SYSTEM SET synchronous_standby_names = 'second'",
    );
    primary.run("postgres", "SELECT pg_reload_conf()");
    let state = "SELECT sync_state FROM pg_stat_replication WHERE application_name = 'second'";
    primary.wait_until("postgres", state, "sync");
    primary.run("postgres", "CREATE TABLE kept AS SELECT 7 AS number");
    primary.stop_immediately();
    standby.promote();
    standby.run("postgres", "INSERT INTO kept VALUES (8)");
    let sum = standby.look_up("postgres", "SELECT sum(number) FROM kept");
    assert_eq!(sum.as_deref(), Some("15"));
}

#[test]
fn a_pooler_gives_turns_on_connections() {
    let pooler = Pooler::before(shared());
    let database = Database::new();
    let psql = |url: &str| {
        let output = Command::new(installed::tool("psql"))
            .args([url, "-tAc", "SELECT current_database()"])
            .stdin(Stdio::null())
            .output()
            .expect("psql comes with PostgreSQL");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    };
    assert_eq!(psql(&pooler.url(database.name())), database.name());
    assert_eq!(psql(&pooler.socket_url(database.name())), database.name());
    assert_eq!(psql(&database.socket_url()), database.name());
}

#[test]
#[expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "the test starts itself again, and that one says where its data is"
)]
fn a_server_ends_with_a_test_that_is_killed() {
    if std::env::var_os(INNER).is_some() {
        // Killed here, from outside, as soon as the server is up.
        let cluster = Cluster::start(ClusterOptions::default());
        println!("data: {}", cluster.data_folder().display());
        loop {
            std::thread::park();
        }
    }
    let mut inner = Command::new(std::env::current_exe().expect("a running test has a path"))
        .args([
            "--exact",
            "--nocapture",
            "a_server_ends_with_a_test_that_is_killed",
        ])
        .env(INNER, "1")
        .stdout(Stdio::piped())
        .spawn()
        .expect("the test can be started");
    let stdout = inner.stdout.take().expect("it was piped");
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(stdout));
    let data = lines
        .find_map(|line| Some(line.ok()?.split_once("data: ")?.1.to_owned()))
        .expect("the server starts");
    assert!(std::path::Path::new(&data).join("postmaster.pid").exists());
    inner.kill().expect("our own child can be killed");
    inner.wait().expect("our own child can be waited for");
    let begun = Instant::now();
    while std::path::Path::new(&data).exists() {
        assert!(
            begun.elapsed() < Duration::from_mins(1),
            "{data} is still there"
        );
        std::thread::yield_now();
    }
}
