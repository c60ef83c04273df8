//! Databases with another schema than this program's: each is refused with one sentence, and left
//! as it was.

use counterfoil_testkit::postgres::Database;

use super::{Node, everything_in, url_of};

#[test]
fn tables_of_another_program_are_left_alone() {
    for (tables, named) in [
        ("CREATE TABLE notes (text TEXT)", "notes"),
        // Other programs keep their migrations in a table of the same name.
        (
            "CREATE TABLE schema_migrations (version TEXT)",
            "schema_migrations",
        ),
        (
            "CREATE TABLE schema_migrations (number BIGINT, oldest_program TEXT); CREATE TABLE notes (text TEXT)",
            "notes",
        ),
    ] {
        let database = Database::empty();
        database.run(tables);
        let before = everything_in(&database);
        assert_eq!(
            Node::on(&database.url()).does_not_start(),
            format!(
                "the database {} holds tables of another program, {named} among them; give an empty database",
                database.url()
            )
        );
        assert_eq!(everything_in(&database), before);
    }
}

#[test]
fn tables_of_another_program_are_seen_without_a_right_to_read_them() {
    let database = Database::empty();
    database.run("CREATE TABLE notes (text TEXT); CREATE ROLE short_sighted LOGIN; GRANT CREATE ON SCHEMA public TO short_sighted");
    let before = everything_in(&database);
    let sentence = Node::on(&url_of(&database, "short_sighted")).does_not_start();
    assert!(
        sentence.contains("tables of another program, notes among them"),
        "{sentence}"
    );
    assert_eq!(everything_in(&database), before);
}

#[test]
fn a_schema_of_a_newer_program_is_refused_with_the_version_it_needs() {
    let database = Database::new();
    database.run("INSERT INTO schema_migrations (number, name, oldest_program) VALUES (1000, 'later', '99.0.0');
        UPDATE schema_migrations SET number = (SELECT count(*) FROM schema_migrations) WHERE number = 1000");
    let node = Node::on(&database.url());
    let sentence = node.does_not_start();
    assert!(
        sentence.starts_with("the database needs counterfoil 99.0.0 or newer, and this is ")
            && sentence.ends_with("; install the newer program"),
        "{sentence}"
    );
    assert_eq!(node.refused(&["db", "migrate"]), sentence);
    assert_eq!(node.refused(&["user", "list"]), sentence);
    assert_eq!(
        database
            .look_up("SELECT count(*)::text FROM accounts")
            .as_deref(),
        Some("0")
    );
}

#[test]
fn a_schema_that_is_behind_is_refused_by_commands_and_migrated_by_name() {
    let database = Database::empty();
    database.run("CREATE TABLE schema_migrations (number BIGINT PRIMARY KEY, name TEXT NOT NULL, oldest_program TEXT NOT NULL,
            applied_at BIGINT NOT NULL DEFAULT 0);
        INSERT INTO schema_migrations (number, name, oldest_program) VALUES (1, 'foundation', '0.1.0')");
    database.run(include_str!(
        "../../../crates/store/migrations/0001_foundation.postgres.sql"
    ));
    let node = Node::on(&database.url());
    let before = everything_in(&database);
    node.make_data_folder();
    for command in [
        &["user", "list"][..],
        &["user", "create", "mona", "--password-stdin"],
    ] {
        let sentence = node.refused(command);
        assert!(
            sentence.starts_with("the database has schema 1 and this program needs ")
                && sentence.ends_with("; run `counterfoil db migrate`"),
            "{sentence}"
        );
    }
    assert_eq!(everything_in(&database), before);
    // It has tables and nothing else, as after a start that was cut short.
    let sentence = node.refused(&["db", "migrate"]);
    assert!(
        sentence.ends_with("yet, only tables; `counterfoil init` makes one of it"),
        "{sentence}"
    );
    node.run(&["init"]).succeeded();
    node.add_user();
    node.run(&["db", "migrate"]).succeeded();
}

#[test]
fn a_schema_that_was_migrated_in_part_is_refused_with_what_is_wrong() {
    let missing = "its table grants is missing";
    for (sql, what) in [
        (
            "DELETE FROM schema_migrations WHERE number = 1",
            "a migration is missing among those that it has",
        ),
        ("DROP TABLE grants CASCADE", missing),
    ] {
        let database = Database::new();
        database.run(sql);
        let before = everything_in(&database);
        let node = Node::on(&database.url());
        let sentence = format!(
            "cannot use the database {}: its schema was migrated in part, for {what}; restore it from a backup, or name an \
             empty database",
            database.url()
        );
        assert_eq!(node.does_not_start(), sentence);
        assert_eq!(node.refused(&["db", "migrate"]), sentence);
        assert_eq!(everything_in(&database), before);
    }
    // The last migration was undone in the list alone.
    let database = Database::new();
    database.run(
        "DELETE FROM schema_migrations WHERE number = (SELECT max(number) FROM schema_migrations)",
    );
    let node = Node::on(&database.url());
    node.make_data_folder();
    let sentence = node.refused(&["db", "migrate"]);
    assert!(
        sentence.contains("its schema was migrated in part"),
        "{sentence}"
    );
}

#[test]
fn no_command_but_init_and_serve_makes_an_installation_in_an_empty_database() {
    let database = Database::empty();
    let node = Node::on(&database.url());
    node.make_data_folder();
    node.private_file("users.jsonl", "{\"type\":\"user\",\"login\":\"mona\"}\n");
    let sentence = format!(
        "cannot use the database {}: it is empty; `counterfoil init` or `counterfoil serve` makes an installation in it",
        database.url()
    );
    for command in [
        &["user", "list"][..],
        &["user", "create", "mona", "--password-stdin"],
        &["org", "create", "acme"],
        &["app", "list"],
        &["token", "create", "mona", "--note", "n", "--scopes", "repo"],
        &["import", "users.jsonl"],
        &["audit", "list"],
        &["db", "migrate"],
        &["db", "copy", "--to", "sqlite:copy.db"],
        &["db", "after-restore", "--end-all-tokens"],
        &["key", "add"],
    ] {
        assert_eq!(node.refused(command), sentence, "{command:?}");
    }
    let doctor = node.run(&["doctor"]);
    assert_eq!(doctor.status.code(), Some(1));
    assert!(doctor.stdout.contains(&sentence), "{}", doctor.stdout);
    assert!(everything_in(&database).is_empty());
    assert!(!node.key_file().exists());
}

#[test]
fn a_server_that_makes_an_installation_in_a_database_says_so() {
    let database = Database::empty();
    let node = Node::on(&database.url());
    let said = || node.program.start_serve(&[]).terminate_and_hear().1;
    let made = "there was no installation here; a new one was made";
    let first = said();
    for told in [
        made,
        &database.url(),
        &format!("back up {} now", node.key_file().display()),
    ] {
        assert!(first.contains(told), "{told}: {first}");
    }
    let second = said();
    assert!(!second.contains(made), "{second}");
}
