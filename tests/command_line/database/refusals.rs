//! Servers that cannot be reached or used: each is refused with one sentence.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use counterfoil_testkit::postgres::{Cluster, ClusterOptions, Database, shared};

use super::{Node, everything_in, url_of};

const FORM: &str = "write postgres://USER@HOST:PORT/DATABASE";

#[test]
fn a_url_of_the_wrong_form_is_refused_before_anything_is_made() {
    for (url, reason) in [
        ("postgres://mona:s3cret@db", format!("names no database; {FORM}")),
        ("postgres://mona:s3cret@/x", format!("names no host; {FORM}")),
        ("postgres://db/x", format!("names no user; {FORM}")),
        ("postgres:db/x", "is not of the form postgres://USER@HOST:PORT/DATABASE".to_owned()),
        (
            "postgres://mona:s3cret@db:many/x",
            "is not of the form postgres://USER@HOST:PORT/DATABASE: invalid value for option `port`".to_owned(),
        ),
        (
            "postgres://mona:s3cret@home@db/x",
            "has an @, a / or a ? in its user name or password; write %40, %2F or %3F there".to_owned(),
        ),
        (
            "postgres://mona:s3cret@db/x?sslmode=prefer",
            "says sslmode=prefer, by which anybody on the way could turn encryption off; write sslmode=require or \
             sslmode=disable"
                .to_owned(),
        ),
        (
            "postgres://mona:s3cret@db/x?sslmode=s3cret",
            "has an sslmode that is not known; write sslmode=require or sslmode=disable".to_owned(),
        ),
        (
            "postgres://mona:s3cret@db/x?sslrootcert=/s3cret",
            "has the option sslrootcert, which is not for a URL; set database.tls_ca_file".to_owned(),
        ),
        (
            "postgres://mona:s3cret@%2Frun/x?sslmode=require",
            "asks for encryption over a Unix socket, where there is none; leave sslmode out".to_owned(),
        ),
    ] {
        let node = Node::without_database();
        for (place, arguments) in [
            ("--database-url", vec!["serve", "--database-url", url]),
            ("--database-url", vec!["db", "migrate", "--database-url", url]),
            ("--database-url", vec!["config", "check", "--database-url", url]),
        ] {
            assert_eq!(
                node.refused(&arguments),
                format!("{place}: the database URL {reason}")
            );
        }
        let node = node.with("COUNTERFOIL_DATABASE_URL", url);
        assert_eq!(
            node.refused(&["user", "list"]),
            format!("COUNTERFOIL_DATABASE_URL: the database URL {reason}")
        );
        let made = std::fs::read_dir(node.folder.path()).unwrap().count();
        assert_eq!(made, 0, "{url}");
    }
    // Of no kind that is known: the same status, wherever it stands.
    let node = Node::without_database();
    let sentence = node.refused(&["user", "list", "--database-url", "mysql://mona:s3cret@db/x"]);
    assert!(
        sentence.ends_with(
            "it must be sqlite:PATH, the path of a file, or postgres://USER@HOST:PORT/DATABASE"
        ) && !sentence.contains("s3cret"),
        "{sentence}"
    );
}

#[test]
fn a_port_at_which_nobody_listens_is_named() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    assert_eq!(
        Node::on(&format!("postgres://mona:s3cret@127.0.0.1:{port}/x")).does_not_start(),
        format!(
            "cannot use the database postgres://mona@127.0.0.1:{port}/x: cannot connect: Connection refused (os error 111)"
        )
    );
    let sentence = Node::on("postgres://mona@%2Fno%2Fsuch%2Ffolder/x").does_not_start();
    assert_eq!(
        sentence,
        "cannot use the database postgres://mona@%2Fno%2Fsuch%2Ffolder:5432/x: cannot connect: No such file or directory \
         (os error 2)"
    );
}

#[test]
fn a_host_that_nobody_knows_is_named() {
    let node = Node::on("postgres://mona:s3cret@no-such-host.invalid/x?sslmode=disable")
        .with("COUNTERFOIL_DATABASE__CONNECT_TIMEOUT", "2s");
    let sentence = node.does_not_start();
    let reason = sentence
        .strip_prefix("cannot use the database postgres://mona@no-such-host.invalid:5432/x: ");
    let reason = reason.unwrap_or_else(|| panic!("{sentence}"));
    // Where the names of hosts are asked for is the machine's business, and may not answer.
    assert!(
        reason.starts_with("cannot connect: failed to lookup address information")
            || reason.starts_with("nobody answered within 2 seconds"),
        "{sentence}"
    );
}

#[test]
fn a_port_that_says_nothing_is_given_up_after_the_time_that_was_set() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    for options in ["", "?sslmode=require"] {
        let node = Node::on(&format!("postgres://mona@127.0.0.1:{port}/x{options}"))
            .with("COUNTERFOIL_DATABASE__CONNECT_TIMEOUT", "1s");
        let begun = Instant::now();
        assert_eq!(
            node.refused(&["serve", "--listen", "127.0.0.1:0"]),
            format!(
                "cannot use the database postgres://mona@127.0.0.1:{port}/x: nobody answered within 1 seconds; look at host and \
                 port, or give database.connect_timeout more"
            )
        );
        assert!(
            begun.elapsed() < Duration::from_secs(10),
            "{:?}",
            begun.elapsed()
        );
    }
}

#[test]
fn a_user_or_database_that_is_not_there_is_named_with_what_makes_it() {
    let database = Database::empty();
    assert_eq!(
        Node::on(&url_of(&database, "nobody_of_that_name")).does_not_start(),
        format!(
            "cannot use the database {}: role \"nobody_of_that_name\" does not exist; make the user with `createuser`, or let \
             it in with a line of pg_hba.conf",
            url_of(&database, "nobody_of_that_name")
        )
    );
    let url = shared().url("no_such_database");
    assert_eq!(
        Node::on(&url).does_not_start(),
        format!(
            "cannot use the database {url}: database \"no_such_database\" does not exist; make it with `createdb`, or name \
             another one"
        )
    );
}

#[test]
fn a_user_without_the_rights_is_told_what_gives_them() {
    let database = Database::empty();
    database.run("CREATE ROLE no_maker LOGIN; REVOKE CREATE ON SCHEMA public FROM PUBLIC");
    let url = url_of(&database, "no_maker");
    assert_eq!(
        Node::on(&url).does_not_start(),
        format!(
            "cannot use the database {url}: permission denied for schema public; let the user of the database URL own the \
             database"
        )
    );
    assert!(everything_in(&database).is_empty());
    database.run(&format!(
        "REVOKE CONNECT ON DATABASE {} FROM PUBLIC",
        database.name()
    ));
    let sentence = Node::on(&url).does_not_start();
    assert!(
        sentence.contains("permission denied for database")
            && sentence.ends_with("own the database"),
        "{sentence}"
    );
    // Somebody else's installation, of which this user may see nothing.
    let installed = Database::new();
    let url = url_of(&installed, "no_maker");
    assert_eq!(
        Node::on(&url).does_not_start(),
        format!(
            "cannot use the database {url}: permission denied for table schema_migrations; let the user of the database URL own \
             the database"
        )
    );
}

#[test]
fn a_server_that_may_lose_what_it_confirms_is_refused() {
    for (setting, reason) in [
        (
            "synchronous_commit = off",
            "its setting synchronous_commit is off, so it may lose what it has confirmed; set it to on",
        ),
        (
            "default_transaction_read_only = on",
            "it takes no writes, as its setting default_transaction_read_only says; set it to off",
        ),
    ] {
        let database = Database::empty();
        database.run(&format!("ALTER DATABASE {} SET {setting}", database.name()));
        assert_eq!(
            Node::on(&database.url()).does_not_start(),
            format!("cannot use the database {}: {reason}", database.url())
        );
        assert!(everything_in(&database).is_empty());
    }
}

#[test]
fn a_server_that_is_too_old_is_refused_with_what_is_needed() {
    // A server of today that says for one user what one of yesterday would.
    let database = Database::empty();
    database.run("CREATE ROLE of_yesterday LOGIN; CREATE SCHEMA of_yesterday AUTHORIZATION of_yesterday;
        ALTER ROLE of_yesterday SET search_path = of_yesterday, pg_catalog;
        CREATE FUNCTION of_yesterday.current_setting(text) RETURNS text LANGUAGE sql
            AS $$ SELECT CASE $1 WHEN 'server_version_num' THEN '130014' ELSE pg_catalog.current_setting($1) END $$");
    let url = url_of(&database, "of_yesterday");
    assert_eq!(
        Node::on(&url).does_not_start(),
        format!(
            "cannot use the database {url}: its server is PostgreSQL 13, and 14 or newer is needed"
        )
    );
}

#[test]
fn a_database_in_another_encoding_is_refused() {
    let name = format!("in_ascii_{}", std::process::id());
    let encoding =
        format!("CREATE DATABASE {name} ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0");
    shared().run("postgres", &encoding);
    let url = shared().url(&name);
    assert_eq!(
        Node::on(&url).does_not_start(),
        format!(
            "cannot use the database {url}: its encoding is SQL_ASCII; make a database with the encoding UTF8"
        )
    );
}

#[test]
fn a_standby_is_refused() {
    let primary = Cluster::start(ClusterOptions::default());
    let standby = primary.standby("second", ClusterOptions::default());
    let url = standby.url("postgres");
    assert_eq!(
        Node::on(&url).does_not_start(),
        format!(
            "cannot use the database {url}: it is a standby, which takes no writes; name the primary"
        )
    );
    // Of several hosts the one is found that takes writes.
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let closed = free.local_addr().unwrap().port();
    drop(free);
    let [second, first] = [standby.port(), primary.port()];
    let hosts = format!("127.0.0.1:{closed},127.0.0.1:{second},127.0.0.1:{first}");
    let url = format!("postgres://postgres@{hosts}/postgres?target_session_attrs=read-write");
    Node::on(&url).add_user();
}
