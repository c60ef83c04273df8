//! The apps that an installation has from the start, GitHub CLI and Git Credential Manager, and
//! apps that are suspended.

use counterfoil_testkit::process::{Connection, FIRST_APPS, FIRST_EVENTS, Reply, Running};
use serde_json::{Value, json};

use super::{Desk, PASSWORD, text};

const GH: &str = FIRST_APPS[0];
const MANAGER: &str = FIRST_APPS[1];
/// What `gh` brings, as everybody can read in it.
const SECRET_OF_GH: &str = "34ddeff2b558a23d38fba8a6de74f086ede1cc0b";

/// An installation as a program made it that knew of no such apps.
fn older() -> Desk {
    let desk = Desk::with_installation();
    desk.program.database().run(
        "DELETE FROM callback_urls; DELETE FROM client_secrets; DELETE FROM apps; DELETE FROM accounts",
    );
    desk
}

/// The client ids in a list of apps.
fn ids(apps: &Value) -> Vec<String> {
    let apps = apps.as_array().expect("a list of apps");
    apps.iter().map(|app| text(&app["client_id"])).collect()
}

/// What a device is answered that runs gh.
fn device(server: &Running) -> Reply {
    let mut connection = Connection::open(&server.base_url).expect("a connection");
    let body = json!({"client_id": GH, "scope": "gist"});
    let accept = [("accept", "application/json")];
    let asked = connection.ask("POST", "/login/device/code", &accept, Some(&body));
    asked.expect("an answer")
}

#[test]
fn a_new_installation_has_gh_and_git_credential_manager() {
    let desk = Desk::with_installation();
    let apps = desk.json(&["app", "list"], "");
    assert_eq!(ids(&apps), FIRST_APPS);
    for (app, name, url, callback) in [
        (
            &apps[0],
            "GitHub CLI",
            "https://cli.github.com",
            "http://127.0.0.1/callback",
        ),
        (
            &apps[1],
            "Git Credential Manager",
            "https://github.com/git-ecosystem/git-credential-manager",
            "http://127.0.0.1/",
        ),
    ] {
        assert_eq!((&app["name"], &app["url"]), (&json!(name), &json!(url)));
        assert_eq!(app["owner"], "built_in");
        assert_eq!(app["callback_urls"], json!([callback, "http://localhost/"]));
        assert_eq!(app["device_flow"], true);
        assert_eq!(app["suspended_at"], Value::Null);
        let list = ["app", "secret", "list", &text(&app["client_id"])];
        let secrets = desk.json(&list, "");
        assert_eq!(secrets.as_array().map(Vec::len), Some(1));
        assert!(secrets[0]["published_at"].is_string(), "{secrets}");
    }
    let printed = desk.printed(&["app", "list"], "");
    assert!(printed.contains("built_in"), "{printed}");
    let events = desk.events();
    let actions: Vec<_> = events.iter().map(|event| text(&event["action"])).collect();
    assert_eq!(actions, FIRST_EVENTS);
    assert_eq!(events[1]["organization"], "built_in");
    assert_eq!(events[2]["app"], GH);
    assert_eq!(desk.json(&["user", "list"], ""), json!([]));
}

#[test]
fn the_organization_of_built_in_apps_is_listed_nowhere_and_cannot_be_named() {
    let desk = Desk::with_user();
    assert_eq!(desk.json(&["org", "list"], ""), json!([]));
    for command in [
        &["org", "create", "built_in"][..],
        &["org", "show", "built_in"],
        &["org", "delete", "built_in", "--yes"],
        &["org", "member", "add", "built_in", "mona", "--admin"],
        &["user", "create", "built_in"],
        &["user", "show", "built_in"],
        &["user", "rename", "mona", "built_in"],
        &["user", "release", "built_in"],
        &["app", "create", "Mine", "--owner", "built_in"],
    ] {
        let said = desk.mistyped(command, PASSWORD);
        assert!(said.contains("a login has 1 to 39 letters"), "{said}");
    }
    desk.done(&["user", "delete", "mona", "--yes"], "");
    assert_eq!(ids(&desk.json(&["app", "list"], "")), FIRST_APPS);
}

#[test]
fn an_older_installation_is_given_them_by_a_command_once() {
    let desk = older();
    assert_eq!(desk.json(&["app", "list"], ""), json!([]));
    let before = desk.events().len();
    let made = desk.json(&["app", "create-built-in"], "");
    assert_eq!(ids(&made["created"]), FIRST_APPS);
    assert_eq!(made["kept"], json!([]));
    let events = desk.events();
    let actions = events[before..].iter();
    let actions: Vec<_> = actions.map(|event| text(&event["action"])).collect();
    assert_eq!(actions, FIRST_EVENTS[1..]);
    let apps = desk.json(&["app", "list"], "");
    assert_eq!(apps, made["created"]);

    let again = desk.json(&["app", "create-built-in"], "");
    assert_eq!(
        again,
        json!({"created": [], "revived": [], "kept": FIRST_APPS})
    );
    assert_eq!(
        desk.done(&["app", "create-built-in"], ""),
        format!(
            "the client ID {GH} (GitHub CLI) was given before, and is left as it is\n\
             the client ID {MANAGER} (Git Credential Manager) was given before, and is left as it is\n"
        )
    );
    assert_eq!(desk.json(&["app", "list"], ""), apps);
    assert_eq!(desk.events().len(), events.len());
}

#[test]
fn a_client_id_that_was_given_before_is_left_alone() {
    let desk = older().and_user();
    let create = [
        "app",
        "create",
        "our own gh",
        "--owner",
        "mona",
        "--client-id",
        GH,
        "--client-secret-stdin",
    ];
    desk.json(&create, SECRET_OF_GH);
    let own = desk.json(&["app", "show", GH], "");
    let made = desk.json(&["app", "create-built-in"], "");
    assert_eq!(ids(&made["created"]), [MANAGER]);
    assert_eq!(made["kept"], json!([GH]));
    assert_eq!(desk.json(&["app", "show", GH], ""), own);
    // An app that was deleted does not come back.
    desk.done(&["app", "delete", MANAGER, "--yes"], "");
    let again = desk.json(&["app", "create-built-in"], "");
    assert_eq!(
        again,
        json!({"created": [], "revived": [], "kept": FIRST_APPS})
    );
    assert_eq!(ids(&desk.json(&["app", "list"], "")), [GH]);
}

#[test]
fn an_app_of_the_installation_is_switched_off_and_on() {
    let desk = Desk::with_installation();
    let server = desk.program.start_serve(&[]);
    device(&server).assert_status(200);
    assert_eq!(
        desk.done(&["app", "suspend", GH], ""),
        format!("suspended app {GH}; the tokens that users gave it live on\n")
    );
    let refused = device(&server).json();
    assert_eq!(refused["error"], "incorrect_client_credentials");
    assert_eq!(
        desk.json(&["app", "suspend", GH], ""),
        json!({"client_id": GH, "suspended": true, "changed": false})
    );
    let shown = desk.json(&["app", "show", GH], "");
    assert!(shown["suspended_at"].is_string(), "{shown}");
    let other = desk.json(&["app", "show", MANAGER], "");
    assert_eq!(other["suspended_at"], Value::Null);
    assert_eq!(
        desk.done(&["app", "unsuspend", GH], ""),
        format!("lifted the suspension of app {GH}\n")
    );
    device(&server).assert_status(200);
    assert_eq!(
        desk.done(&["app", "unsuspend", GH], ""),
        format!("app {GH} is not suspended\n")
    );
    let events = desk.events();
    let of = |action: &str| {
        events
            .iter()
            .filter(|event| event["action"] == action)
            .count()
    };
    assert_eq!((of("app.suspended"), of("app.unsuspended")), (1, 1));
    let mona = desk.program.add_user("mona");
    assert_eq!(
        desk.refused(&["app", "transfer", GH, "--to", &mona.login], ""),
        format!(
            "this app came with the installation, whose it stays; `counterfoil app suspend {GH}` switches it off"
        )
    );
    let nobody = "0123456789abcdef0123";
    for command in ["suspend", "unsuspend"] {
        assert_eq!(
            desk.refused(&["app", command, nobody], ""),
            format!("there is no app {nobody}; `counterfoil app list` shows all apps")
        );
    }
}
