//! The apps of the installation, and a backup from before there were any.

use counterfoil_testkit::process::FIRST_APPS;
use serde_json::json;

use super::desk::Desk;

#[test]
fn apps_of_the_installation_that_a_restore_ended_come_back_by_the_command() {
    let desk = Desk::empty().installed();
    // As a program made it that knew of no such apps.
    let database = rusqlite::Connection::open(desk.database()).unwrap();
    let older = "DELETE FROM callback_urls; DELETE FROM client_secrets; DELETE FROM apps; DELETE FROM accounts";
    database.execute_batch(older).unwrap();
    drop(database);
    let [gh, manager] = FIRST_APPS;
    desk.run(&["db", "backup", "before.db"]);
    desk.run(&["app", "create-built-in"]);
    desk.run(&["app", "delete", manager, "--yes"]);
    desk.run(&["db", "backup", "with.db"]);
    desk.run(&["db", "restore", "before.db"]);
    assert_eq!(desk.program.json(&["app", "list"], ""), json!([]));

    let said = desk.run(&["app", "create-built-in"]);
    let brought_back = format!("brought back app {gh} (GitHub CLI), which a restore had ended\n");
    assert!(said.contains(&brought_back), "{said}");
    // An operator ended the other one.
    let left = format!(
        "the client ID {manager} (Git Credential Manager) was given before, and is left as it is\n"
    );
    assert!(said.contains(&left), "{said}");
    let shown = desk.program.json(&["app", "show", gh], "");
    assert_eq!(shown["owner"], "built_in");
    assert_eq!(shown["device_flow"], true);
    // A later backup that knows it has it as it is by now.
    desk.run(&["db", "restore", "with.db"]);
    assert_eq!(desk.program.json(&["app", "list"], ""), json!([shown]));
    let secrets = desk.program.json(&["app", "secret", "list", gh], "");
    assert_eq!(secrets.as_array().map(Vec::len), Some(1));
    assert!(secrets[0]["published_at"].is_string(), "{secrets}");
}
