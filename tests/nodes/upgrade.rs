//! Nodes are replaced one by one: the program of today goes on with the schema of the next one.

use counterfoil_authority::LEASE;

use super::stage::{Checker, Stage, issue};

/// What the first node of the next program does to the schema when it starts: what may be done
/// while others serve.
const NEXT_MIGRATION: &str = "BEGIN;
    ALTER TABLE accounts ADD COLUMN shade TEXT COLLATE \"C\";
    ALTER TABLE authorizations ADD COLUMN shade BIGINT NOT NULL DEFAULT 0;
    CREATE TABLE shades (id BIGINT PRIMARY KEY);
    INSERT INTO schema_migrations (number, name, oldest_program)
        SELECT max(number) + 1, 'shades', '0.1.0' FROM schema_migrations;
    COMMIT";

#[test]
fn nodes_serve_on_while_the_next_program_changes_the_schema_and_start_on_it_too() {
    let stage = Stage::set();
    let programs = ["one", "two"].map(|name| stage.node(name));
    let [one, two] = programs.each_ref().map(|program| program.start_serve(&[]));
    // Everything has run once, so that both have their statements prepared.
    let before = stage.token(&one, "before");
    let mut checker = Checker::of(&two.base_url);
    assert_eq!(checker.status(&before.text), 200);

    stage.database.run(NEXT_MIGRATION);

    for node in [&one, &two] {
        let mut client = stage
            .user
            .connect(&node.base_url)
            .expect("the node accepts");
        let token = issue(&mut client, &format!("after, at {}", node.base_url));
        let path = format!("/authorizations/{}", token.id);
        client.must("GET", &path, None).assert_status(200);
        assert_eq!(checker.status(&token.text), 200);
        client.must("DELETE", &path, None).assert_status(204);
    }
    assert_eq!(checker.status(&before.text), 200);

    assert!(one.terminate().success());
    let one = programs[0].start_serve(&[]);
    let path = format!("/authorizations/{}", before.id);
    let mut client = stage.user.connect(&one.base_url).expect("the node accepts");
    client.must("DELETE", &path, None).assert_status(204);
    assert!(checker.until(&before.text, 401) < LEASE);
}
