//! Two restores in a row: who was not in the first backup and is in the second comes back, with no
//! more than they had left.

use counterfoil_testkit::process::{OauthApp, Person, Program};

use super::desk::{Desk, status_of_password};

fn person(login: &str) -> Person {
    Person {
        login: login.to_owned(),
        password: format!("{login}'s password"),
    }
}

fn passwd(program: &Program, login: &str, password: &str) {
    let words = ["user", "passwd", login, "--password-stdin"];
    program.command(&words, password).succeeded();
}

/// The statuses of answers to users who sign in, and to apps that ask with a secret.
fn statuses(desk: &Desk, who: &[Person]) -> Vec<u16> {
    let server = desk.program.start_serve(&[]);
    let status = |person: &Person| status_of_password(&server, &person.login, &person.password);
    who.iter().map(status).collect()
}

/// Restores the backup that does not know them, and then the one that does.
fn restore_both(desk: &Desk) -> serde_json::Value {
    desk.run(&["db", "restore", "before.db"]);
    let said = desk.program.json(&["db", "restore", "with.db"], "");
    assert_eq!(said["proof"], true);
    said
}

#[test]
fn users_who_come_back_are_suspended_still_and_have_no_password_that_was_replaced() {
    let desk = Desk::with_users(&["mona"]);
    desk.run(&["db", "backup", "before.db"]);
    for login in ["same", "bad", "leaked", "admin", "boss"] {
        desk.program.add_user(login);
    }
    desk.run(&["user", "edit", "admin", "--admin"]);
    desk.run(&["user", "edit", "boss", "--admin"]);
    desk.run(&["db", "backup", "with.db"]);
    desk.run(&["user", "suspend", "bad"]);
    passwd(&desk.program, "leaked", "another password of leaked");
    desk.run(&["user", "edit", "admin", "--no-admin"]);
    let said = restore_both(&desk);
    assert_eq!(said["counts"]["users_that_were_suspended"], 1);
    assert_eq!(said["counts"]["users_that_administer_no_more"], 1);

    let another = Person {
        password: "another password of leaked".to_owned(),
        ..person("leaked")
    };
    let who = [person("same"), person("bad"), person("leaked"), another];
    assert_eq!(statuses(&desk, &who), [200, 401, 401, 401]);
    let suspended = "SELECT group_concat(login) FROM accounts WHERE suspended_at IS NOT NULL AND ended_at IS NULL";
    assert_eq!(desk.text(suspended), "bad");
    let administrators = "SELECT group_concat(login) FROM accounts WHERE site_administrator = 1 AND ended_at IS NULL";
    assert_eq!(desk.text(administrators), "boss");
    // An operator gives them a new one.
    passwd(&desk.program, "leaked", "a third password");
    let third = Person {
        password: "a third password".to_owned(),
        ..person("leaked")
    };
    assert_eq!(statuses(&desk, &[third]), [200]);
}

#[test]
fn a_second_factor_that_was_enabled_after_the_backup_cannot_be_gone_round() {
    let desk = Desk::with_users(&["mona"]);
    desk.run(&["db", "backup", "before.db"]);
    desk.program.add_user("later");
    desk.run(&["db", "backup", "with.db"]);
    desk.run(&["user", "otp", "enable", "later"]);
    restore_both(&desk);
    assert_eq!(statuses(&desk, &[person("later")]), [401]);
}

#[test]
fn a_login_that_was_given_to_another_does_not_come_back() {
    let desk = Desk::with_users(&["mona"]);
    desk.run(&["db", "backup", "before.db"]);
    desk.program.add_user("later");
    desk.program.add_app(&person("later"), "Board");
    desk.run(&["db", "backup", "with.db"]);
    desk.run(&["db", "restore", "before.db"]);
    desk.run(&["user", "release", "later"]);
    desk.program.add_user("later");
    desk.run(&["db", "restore", "with.db"]);
    let live = "SELECT count(*) FROM accounts WHERE login = 'later' AND ended_at IS NULL";
    assert_eq!(desk.look_up(live), 0);
    let apps = "SELECT count(*) FROM apps p JOIN accounts o ON o.id = p.owner_account_id
        WHERE p.ended_at IS NULL AND o.kind = 'user'";
    assert_eq!(desk.look_up(apps), 0);
}

#[test]
fn apps_that_come_back_have_no_secret_or_callback_that_was_replaced() {
    let desk = Desk::with_users(&["mona"]);
    desk.run(&["db", "backup", "before.db"]);
    let mona = person("mona");
    let (same, rotated) = (
        desk.program.add_app(&mona, "Same"),
        desk.program.add_app(&mona, "Rotated"),
    );
    desk.run(&["db", "backup", "with.db"]);
    let new = desk
        .program
        .json(&["app", "rotate-secret", &rotated.client_id], "");
    restore_both(&desk);

    let server = desk.program.start_serve(&[]);
    let check = |app: &OauthApp, secret: &str| {
        let person = Person::new(&app.client_id, secret);
        let mut client = person.connect(&server.base_url).expect("a connection");
        let path = format!("/applications/{}/token", app.client_id);
        let body = serde_json::json!({"access_token": "0".repeat(40)});
        // The app is let in, and told that there is no such token; or it is not let in.
        client.must("POST", &path, Some(&body)).status
    };
    assert_eq!(check(&same, "no secret"), 401);
    assert_ne!(check(&same, &same.client_secret), 401);
    assert_eq!(check(&rotated, &rotated.client_secret), 401);
    assert_eq!(check(&rotated, new["client_secret"].as_str().unwrap()), 401);
    drop(server);
    let live = "SELECT count(*) FROM callback_urls u JOIN apps p ON p.id = u.app_id
        JOIN accounts o ON o.id = p.owner_account_id WHERE u.ended_at IS NULL AND o.kind = 'user'";
    assert_eq!(desk.look_up(live), 2);
}

#[test]
fn what_keeps_something_out_of_an_app_stays_switched_on() {
    let desk = Desk::with_users(&["mona"]);
    let app = desk.program.add_app(&person("mona"), "Board");
    desk.run(&["db", "backup", "before.db"]);
    let edit = ["app", "edit", &app.client_id];
    let on = [
        "--exact-match",
        "--require-pkce",
        "--send-iss",
        "--standard-errors",
    ];
    desk.run(&[&edit[..], &on[..]].concat());
    let said = desk.program.json(&["db", "restore", "before.db"], "");
    assert_eq!(said["proof"], true);
    let switches = "SELECT exact_match || require_pkce || send_iss || standard_errors FROM apps WHERE name = 'Board'";
    assert_eq!(desk.text(switches), "1111");
}

#[test]
fn no_restore_makes_an_app_a_resource_server_again() {
    let desk = Desk::with_users(&["mona"]);
    let one = desk.program.add_app(&person("mona"), "Board");
    let two = desk.program.add_app(&person("mona"), "Other");
    let mark = |app: &str, option: &str| {
        desk.run(&["app", "edit", app, option]);
    };
    mark(&one.client_id, "--resource-server");
    desk.run(&["db", "backup", "before.db"]);
    mark(&one.client_id, "--no-resource-server");
    mark(&two.client_id, "--resource-server");
    let said = desk.program.json(&["db", "restore", "before.db"], "");
    assert_eq!(said["proof"], true);
    assert_eq!(desk.look_up("SELECT sum(resource_server) FROM apps"), 0);
    // One that is one in both stays one.
    mark(&one.client_id, "--resource-server");
    desk.run(&["db", "backup", "after.db"]);
    desk.program.json(&["db", "restore", "after.db"], "");
    assert_eq!(desk.look_up("SELECT sum(resource_server) FROM apps"), 1);
}
