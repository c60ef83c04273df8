//! `counterfoil db restore`: what ended stays ended, whatever the backup says.

use std::fs;

use counterfoil_testkit::process::{ApiClient, FIRST_APPS, Person};
use serde_json::json;

use super::desk::{Desk, files_of, look_up, status_of, status_of_password, token_body};

/// Whether a user signs in, over a running server.
fn signs_in(desk: &Desk, login: &str, password: &str) -> bool {
    let server = desk.program.start_serve(&[]);
    status_of_password(&server, login, password) == 200
}

#[test]
fn what_was_revoked_after_the_backup_stays_revoked() {
    let desk = Desk::with_users(&["mona", "hubot"]);
    let (kept, kept_token) = desk.token("mona", "kept");
    let (revoked, revoked_token) = desk.token("mona", "revoked");
    let (_, of_hubot) = desk.token("hubot", "of somebody who is deleted");
    desk.run(&["db", "backup", "backup.db"]);

    desk.run(&["token", "revoke", &revoked.to_string()]);
    desk.run(&["user", "delete", "hubot", "--yes"]);
    let (later, later_token) = desk.token("mona", "made later");
    let said = desk.program.json(&["db", "restore", "backup.db"], "");

    assert_eq!(said["proof"], true);
    assert_eq!(said["counts"]["tokens_that_had_ended"], 2);
    assert_eq!(said["counts"]["tokens_made_after_the_backup_gone"], 1);
    assert!(desk.is_live(&kept_token), "token {kept} lives on");
    for (token, why) in [
        (&revoked_token, "revoked"),
        (&of_hubot, "its user deleted"),
        (&later_token, "unknown to the backup"),
    ] {
        assert!(!desk.is_live(token), "{why}");
    }
    // What the API says is the same.
    let server = desk.program.start_serve(&[]);
    assert_eq!(status_of(&server, &kept_token), 200);
    for token in [&revoked_token, &of_hubot, &later_token] {
        assert_eq!(status_of(&server, token), 401);
    }
    drop(server);
    let (next, _) = desk.token("mona", "after the restore");
    assert!(
        next > later,
        "ids are not given again: {next} after {later}"
    );
    assert_eq!(desk.run(&["doctor"]).matches("audit trail of").count(), 0);
}

#[test]
fn passwords_suspensions_and_lost_rights_are_those_of_the_replaced_database() {
    let desk = Desk::with_users(&["mona", "hubot", "admin"]);
    desk.run(&["user", "edit", "admin", "--admin"]);
    desk.run(&["db", "backup", "backup.db"]);
    let passwd = ["user", "passwd", "mona", "--password-stdin"];
    desk.program
        .command(&passwd, "another password of mona")
        .succeeded();
    desk.run(&["user", "suspend", "hubot"]);
    desk.run(&["user", "edit", "admin", "--no-admin"]);
    let enabled = desk.program.json(&["user", "otp", "enable", "admin"], "");

    let said = desk.program.json(&["db", "restore", "backup.db"], "");
    assert_eq!(said["counts"]["users_whose_credentials_had_changed"], 3);
    assert_eq!(said["counts"]["users_that_were_suspended"], 1);
    assert_eq!(said["counts"]["users_that_administer_no_more"], 1);

    assert!(!signs_in(&desk, "mona", "mona's password"));
    assert!(signs_in(&desk, "mona", "another password of mona"));
    assert!(!signs_in(&desk, "hubot", "hubot's password"));
    // The second factor is asked for, and it is the one that was enabled.
    assert!(!signs_in(&desk, "admin", "admin's password"));
    assert!(enabled["secret"].is_string());
    assert_eq!(
        desk.look_up("SELECT count(*) FROM totp_seeds WHERE ended_at IS NULL"),
        1
    );
    assert_eq!(
        desk.look_up("SELECT sum(site_administrator) FROM accounts"),
        0
    );
}

#[test]
fn client_secrets_grants_and_resets_are_those_of_the_replaced_database() {
    let desk = Desk::with_users(&["mona"]);
    let mona = Person::new("mona", "mona's password");
    let (app, gone) = (
        desk.program.add_app(&mona, "Board"),
        desk.program.add_app(&mona, "Gone"),
    );
    let server = desk.program.start_serve(&[]);
    let mut client = mona.connect(&server.base_url).unwrap();
    let mut issue = |app: &counterfoil_testkit::process::OauthApp, fingerprint: &str| {
        let body = json!({"client_id": app.client_id, "client_secret": app.client_secret, "scopes": ["repo"],
            "fingerprint": fingerprint});
        let reply = client.must("POST", "/authorizations", Some(&body));
        reply.assert_status(201);
        (reply.id(), reply.token())
    };
    let (_, reset) = issue(&app, "reset");
    let (narrowed, narrowed_token) = issue(&app, "narrowed");
    let (_, of_gone) = issue(&gone, "of an app that is deleted");
    desk.run(&["db", "backup", "backup.db"]);

    let body = json!({"access_token": reset});
    let mut as_app = Person::new(&app.client_id, &app.client_secret)
        .connect(&server.base_url)
        .unwrap();
    let path = format!("/applications/{}/token", app.client_id);
    let reply = as_app.must("PATCH", &path, Some(&body));
    reply.assert_status(200);
    let new_token = reply.token();
    let path = format!("/authorizations/{narrowed}");
    let reply = client.must("PATCH", &path, Some(&json!({"scopes": ["gist"]})));
    reply.assert_status(200);
    drop(server);
    let rotated = desk
        .program
        .json(&["app", "rotate-secret", &app.client_id], "");
    desk.run(&["app", "delete", &gone.client_id, "--yes"]);

    let said = desk.program.json(&["db", "restore", "backup.db"], "");
    assert_eq!(said["counts"]["apps_that_had_ended"], 1);
    assert_eq!(said["counts"]["apps_whose_client_secrets_had_changed"], 1);
    assert_eq!(said["counts"]["tokens_with_other_scopes"], 1);
    assert_eq!(
        said["counts"]["tokens_that_were_replaced_by_others_of_the_same_authorization"],
        1
    );
    let server = desk.program.start_serve(&[]);
    assert_eq!(status_of(&server, &reset), 401);
    assert_eq!(status_of(&server, &new_token), 200);
    assert_eq!(status_of(&server, &of_gone), 401);
    let mut narrow = ApiClient::with_token(&server.base_url, &narrowed_token).unwrap();
    let reply = narrow.must("GET", "/user", None);
    assert_eq!(reply.header("x-oauth-scopes"), Some("gist"));
    let check = |secret: &str| {
        let person = Person::new(&app.client_id, secret);
        let mut client = person.connect(&server.base_url).unwrap();
        let path = format!("/applications/{}/token", app.client_id);
        let body = json!({"access_token": new_token});
        client.must("POST", &path, Some(&body)).status
    };
    assert_ne!(check(&app.client_secret), 200);
    assert_eq!(check(rotated["client_secret"].as_str().unwrap()), 200);
}

#[test]
fn an_app_that_was_suspended_after_the_backup_is_suspended_still() {
    let desk = Desk::with_users(&["mona"]);
    desk.run(&["db", "backup", "backup.db"]);
    let gh = FIRST_APPS[0];
    desk.run(&["app", "suspend", gh]);
    let said = desk.program.json(&["db", "restore", "backup.db"], "");
    assert_eq!(said["counts"]["apps_that_were_suspended"], 1);
    let shown = desk.program.json(&["app", "show", gh], "");
    assert!(shown["suspended_at"].is_string(), "{shown}");
}

#[test]
fn a_restored_database_needs_the_program_that_the_replaced_one_needed() {
    let desk = Desk::with_users(&["mona"]);
    // As an installation has it that an older program made.
    let older = "UPDATE schema_migrations SET oldest_program = '0.1.0'";
    let database = rusqlite::Connection::open(desk.database()).unwrap();
    database.execute(older, []).unwrap();
    drop(database);
    desk.run(&["db", "backup", "backup.db"]);
    desk.run(&["app", "suspend", FIRST_APPS[0]]);
    let needed = "SELECT max(oldest_program) FROM schema_migrations";
    assert_eq!(desk.text(needed), "0.1.0.2");
    desk.run(&["db", "restore", "backup.db"]);
    assert_eq!(desk.text(needed), "0.1.0.2");
}

#[test]
fn an_app_that_went_to_another_owner_after_the_backup_is_theirs_still() {
    let desk = Desk::with_users(&["hubot"]);
    let mona = desk.program.add_user("mona");
    let app = desk.program.add_app(&mona, "Board");
    desk.run(&["db", "backup", "backup.db"]);
    desk.run(&["app", "transfer", &app.client_id, "--to", "hubot"]);
    desk.run(&["db", "restore", "backup.db"]);
    let shown = desk.program.json(&["app", "show", &app.client_id], "");
    assert_eq!(shown["owner"], "hubot");
}

#[test]
fn logins_and_ids_that_were_given_after_the_backup_are_not_given_again() {
    let desk = Desk::with_users(&["mona"]);
    desk.run(&["db", "backup", "backup.db"]);
    desk.program.add_user("later");
    desk.run(&["db", "restore", "backup.db"]);
    let add = ["user", "create", "later", "--password-stdin"];
    let output = desk.program.command(&add, "another later's password");
    assert_eq!(output.status.code(), Some(1), "{}", output.stderr);
    // An administrator can let go of it.
    desk.run(&["user", "release", "later"]);
    desk.program.add_user("later");
    assert_eq!(desk.look_up("SELECT max(id) FROM accounts"), 4);
}

#[test]
fn the_audit_trail_goes_on_where_it_stood() {
    let desk = Desk::with_users(&["mona"]);
    desk.run(&["db", "backup", "backup.db"]);
    desk.program.add_user("later");
    let before = desk.program.audit_trail();
    desk.run(&["db", "restore", "backup.db"]);
    let after = desk.program.audit_trail();
    assert_eq!(after.len(), before.len() + 1);
    let actions = |trail: &[serde_json::Value]| -> Vec<String> {
        trail
            .iter()
            .map(|event| event["action"].to_string())
            .collect()
    };
    assert_eq!(actions(&after)[..before.len()], actions(&before)[..]);
    assert_eq!(after.last().unwrap()["action"], "installation.restored");
}

#[test]
fn without_the_replaced_database_every_token_ends() {
    let desk = Desk::with_users(&["mona"]);
    let (id, token) = desk.token("mona", "a token");
    desk.run(&["db", "backup", "backup.db"]);
    fs::remove_file(desk.database()).unwrap();
    let said = desk.program.json(&["db", "restore", "backup.db"], "");
    assert_eq!(said["proof"], false);
    assert_eq!(said["counts"]["tokens_that_nothing_proves_to_live"], 1);
    assert!(!desk.is_live(&token));
    assert_eq!(
        desk.look_up("SELECT count(*) FROM token_digests WHERE ended_at IS NULL"),
        0
    );
    let (next, _) = desk.token("mona", "another");
    assert!(
        next > id + 100_000,
        "nobody knows which ids were given: {next}"
    );
}

#[test]
fn an_unreadable_database_proves_nothing_and_is_kept() {
    let desk = Desk::with_users(&["mona"]);
    let (_, token) = desk.token("mona", "a token");
    desk.run(&["db", "backup", "backup.db"]);
    let mut broken = fs::read(desk.database()).unwrap();
    broken[..4096].fill(b'x');
    fs::write(desk.database(), &broken).unwrap();
    let said = desk.program.json(&["db", "restore", "backup.db"], "");
    assert_eq!(said["proof"], false);
    assert!(!desk.is_live(&token));
    let aside = desk.path(said["replaced"].as_str().unwrap());
    assert_eq!(fs::read(aside).unwrap(), broken);
}

#[test]
fn a_restore_can_be_taken_back_with_the_file_that_it_put_aside() {
    let desk = Desk::with_users(&["mona"]);
    desk.run(&["db", "backup", "backup.db"]);
    desk.program.add_user("later");
    let (_, token) = desk.token("later", "made after the backup");
    let said = desk.program.json(&["db", "restore", "backup.db"], "");
    let aside = said["replaced"].as_str().unwrap().to_owned();
    desk.program.json(&["db", "verify", &aside], "");
    let said = desk.program.json(&["db", "restore", &aside], "");
    assert_eq!(said["proof"], true);
    let users = desk.program.json(&["user", "list"], "");
    assert_eq!(users.as_array().map(Vec::len), Some(2));
    // The restored database did not have the token, so it cannot say that it lives.
    assert!(!desk.is_live(&token));
}

#[test]
fn a_database_in_use_is_left_alone() {
    let desk = Desk::with_users(&["mona"]);
    desk.run(&["db", "backup", "backup.db"]);
    let server = desk.program.start_serve(&[]);
    let sentence = desk.refused(&["db", "restore", "backup.db"]);
    assert!(
        sentence.starts_with("a `counterfoil serve` runs on"),
        "{sentence}"
    );
    drop(server);

    // Somebody else has the file open, without a server.
    let other = rusqlite::Connection::open(desk.database()).unwrap();
    let users: i64 = other
        .query_row(
            "SELECT count(*) FROM accounts WHERE kind = 'user'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(users, 1);
    let before = fs::read(desk.database()).unwrap();
    let sentence = desk.refused(&["db", "restore", "backup.db"]);
    assert!(
        sentence.contains("is in use by another process"),
        "{sentence}"
    );
    assert_eq!(fs::read(desk.database()).unwrap(), before);
    drop(other);
    desk.run(&["db", "restore", "backup.db"]);
}

#[test]
fn a_server_elsewhere_on_the_same_file_keeps_it() {
    let desk = Desk::with_users(&["mona"]);
    desk.run(&["db", "backup", "backup.db"]);
    let server = desk.program.start_serve(&[]);
    let other = Desk::empty();
    let url = format!("sqlite:{}", desk.database().display());
    let backup = desk.path("backup.db");
    fs::create_dir(other.path("counterfoil-data")).unwrap();
    std::process::Command::new("chmod")
        .args(["700", other.path("counterfoil-data").to_str().unwrap()])
        .status()
        .unwrap();
    let arguments = [
        "db",
        "restore",
        backup.to_str().unwrap(),
        "--database-url",
        &url,
    ];
    let sentence = other.refused(&arguments);
    assert!(
        sentence.contains("is in use by another process"),
        "{sentence}"
    );
    drop(server);
}

#[test]
fn a_bad_backup_changes_nothing() {
    let desk = Desk::with_users(&["mona"]);
    desk.run(&["db", "backup", "backup.db"]);
    let mut altered = fs::read(desk.path("backup.db")).unwrap();
    let middle = altered.len() / 2;
    altered[middle] ^= 4;
    fs::write(desk.path("altered.db"), altered).unwrap();
    let before = files_of(&desk.path("counterfoil-data"));
    let sentence = desk.refused(&["db", "restore", "altered.db"]);
    assert!(sentence.starts_with("altered.db was altered"), "{sentence}");
    let after = files_of(&desk.path("counterfoil-data"));
    let names = |files: &[(String, Vec<u8>)]| -> Vec<(String, Vec<u8>)> {
        let kept = files.iter().filter(|(name, _)| name != "serve.lock");
        kept.cloned().collect()
    };
    assert_eq!(names(&after), names(&before));
}

#[test]
fn a_backup_whose_key_is_not_at_hand_is_refused() {
    let desk = Desk::with_users(&["mona"]);
    desk.run(&["db", "backup", "backup.db"]);
    let other = Desk::with_users(&["hubot"]);
    let backup = desk.path("backup.db");
    let sentence = other.refused(&["db", "restore", backup.to_str().unwrap()]);
    assert!(sentence.contains("the key "), "{sentence}");
    assert_eq!(
        look_up(
            &other.database(),
            "SELECT count(*) FROM accounts WHERE kind = 'user'"
        ),
        1
    );
}

#[test]
fn a_server_that_starts_on_a_restored_database_serves_it() {
    let desk = Desk::with_users(&["mona"]);
    let (_, token) = desk.token("mona", "kept");
    desk.run(&["db", "backup", "backup.db"]);
    let generation = "SELECT count(*) FROM installation WHERE generation = (SELECT generation FROM b.installation)";
    desk.run(&["db", "restore", "backup.db"]);
    let connection = rusqlite::Connection::open(desk.database()).unwrap();
    let backup = desk.path("backup.db");
    connection
        .execute("ATTACH DATABASE ?1 AS b", [backup.to_str().unwrap()])
        .unwrap();
    let same: i64 = connection
        .query_row(generation, [], |row| row.get(0))
        .unwrap();
    assert_eq!(same, 0, "the generation is another one");
    drop(connection);
    let server = desk.program.start_serve(&[]);
    assert_eq!(status_of(&server, &token), 200);
    let mona = Person::new("mona", "mona's password");
    let mut client = mona.connect(&server.base_url).unwrap();
    client
        .must("POST", "/authorizations", Some(&token_body("new")))
        .assert_status(201);
}

#[test]
fn rights_that_were_taken_and_given_back_after_the_backup_wake_no_scopes_of_before() {
    let desk = Desk::with_users(&["admin"]);
    desk.run(&["user", "edit", "admin", "--admin"]);
    let given = [
        "token",
        "create",
        "admin",
        "--note",
        "n",
        "--scopes",
        "site_admin",
    ];
    let token = desk.program.json(&given, "")["token"].clone();
    let token = token.as_str().unwrap();
    let opens = |desk: &Desk| {
        let server = desk.program.start_serve(&[]);
        let mut client = ApiClient::with_token(&server.base_url, token).unwrap();
        client.must("GET", "/admin/tokens", None).status == 200
    };
    desk.run(&["db", "backup", "backup.db"]);
    desk.program.json(&["db", "restore", "backup.db"], "");
    assert!(opens(&desk), "a restore takes nothing that nobody took");
    desk.run(&["user", "edit", "admin", "--no-admin"]);
    desk.run(&["user", "edit", "admin", "--admin"]);
    desk.program.json(&["db", "restore", "backup.db"], "");
    assert!(!opens(&desk));
}

#[test]
fn of_refresh_tokens_the_one_counts_that_counted_in_the_replaced_database() {
    let desk = Desk::with_users(&["mona"]);
    let (kept, _) = desk.token("mona", "kept");
    let (revoked, _) = desk.token("mona", "revoked");
    let write = |statements: &str| {
        let file = rusqlite::Connection::open(desk.database()).expect("it can be opened");
        file.execute_batch(statements).expect("it can be written");
    };
    // What a flow makes, and what a refresh makes of it.
    write(&format!(
        "INSERT INTO refresh_tokens (authorization_id, digest, created_at, expires_at)
            VALUES ({kept}, x'01', 1, 9000000000000000), ({revoked}, x'02', 1, 9000000000000000)"
    ));
    desk.run(&["db", "backup", "backup.db"]);
    desk.run(&["token", "revoke", &revoked.to_string()]);
    write(&format!(
        "UPDATE refresh_tokens SET ended_at = 2, end_reason = 'replaced' WHERE digest = x'01';
        INSERT INTO refresh_tokens (authorization_id, digest, created_at, expires_at)
            VALUES ({kept}, x'03', 2, 9100000000000000);
        UPDATE authorizations SET expires_at = 9100000000000000 WHERE id = {kept}"
    ));
    desk.run(&["db", "restore", "backup.db"]);
    let counting = "FROM refresh_tokens r JOIN authorizations a ON a.id = r.authorization_id
        WHERE r.ended_at IS NULL AND a.ended_at IS NULL";
    assert_eq!(desk.look_up(&format!("SELECT count(*) {counting}")), 1);
    let of_kept =
        format!("SELECT count(*) {counting} AND r.digest = x'03' AND a.expires_at = r.expires_at");
    assert_eq!(desk.look_up(&of_kept), 1);
    let replaced =
        "SELECT count(*) FROM refresh_tokens WHERE digest = x'01' AND end_reason = 'replaced'";
    assert_eq!(desk.look_up(replaced), 1);
    assert_eq!(desk.run(&["doctor"]).matches("audit trail of").count(), 0);
}
