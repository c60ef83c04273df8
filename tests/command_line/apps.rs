//! `counterfoil app`

use counterfoil_testkit::process::{FIRST_APPS, Person};
use serde_json::json;

use super::{Desk, PASSWORD, text};

const GIVEN_ID: &str = "Iv1.8a61f9b3a7aba766";
const GIVEN_SECRET: &str = "0123456789abcdef0123456789abcdef01234567";

#[test]
fn an_app_is_made_with_a_secret_that_is_shown_once() {
    let (desk, id, secret) = Desk::with_app();
    assert_eq!((id.len(), secret.len()), (20, 40));
    let shown = desk.json(&["app", "show", &id], "");
    assert_eq!(shown["name"], "Board");
    assert_eq!(shown["owner"], "mona");
    assert_eq!(
        shown["callback_urls"],
        json!(["https://board.example.org/callback"])
    );
    assert_eq!(shown["device_flow"], false);
    assert!(shown.get("client_secret").is_none());
    let listed = desk.json(&["app", "list"], "");
    assert_eq!(listed.as_array().map(Vec::len), Some(FIRST_APPS.len() + 1));
    assert_eq!(listed[FIRST_APPS.len()], shown);
    let printed = desk.printed(&["app", "show", &id], "");
    assert!(
        printed.contains("callback URL     https://board.example.org/callback\n"),
        "{printed}"
    );
}

#[test]
fn an_app_that_moves_here_keeps_its_id_and_secret() {
    let desk = Desk::with_user();
    let add = [
        "app",
        "create",
        "Jenkins",
        "--owner",
        "mona",
        "--client-id",
        GIVEN_ID,
        "--client-secret-stdin",
    ];
    let added = desk.json(&add, GIVEN_SECRET);
    assert_eq!(added["client_id"], GIVEN_ID);
    // Who gave it has it: it is not printed.
    assert!(added.get("client_secret").is_none());
    assert_eq!(put(&desk, GIVEN_ID, GIVEN_SECRET), 201);
    assert_eq!(
        desk.refused(&add, GIVEN_SECRET),
        "this client ID is taken; the ID of a deleted app stays taken, so give another one"
    );
    let other = [
        "app",
        "create",
        "J",
        "--owner",
        "mona",
        "--client-id",
        "Iv1.0000000000000000",
        "--client-secret-stdin",
    ];
    assert_eq!(
        desk.refused(&other, "too short"),
        "a client secret has 32 to 40 letters and digits"
    );
    desk.mistyped(
        &[
            "app",
            "create",
            "J",
            "--owner",
            "mona",
            "--client-id",
            GIVEN_ID,
        ],
        "",
    );
    desk.mistyped(
        &[
            "app",
            "create",
            "J",
            "--owner",
            "mona",
            "--client-id",
            "short",
            "--client-secret-stdin",
        ],
        "",
    );
}

/// The status of get-or-create for mona with this id and secret.
fn put(desk: &Desk, id: &str, secret: &str) -> u16 {
    let server = desk.program.start_serve(&[]);
    let mona = Person::new("mona", PASSWORD);
    let mut mona = mona.connect(&server.base_url).expect("a connection");
    let path = format!("/authorizations/clients/{id}");
    let body = json!({"client_secret": secret});
    let status = mona.must("PUT", &path, Some(&body)).status;
    drop(mona);
    // A server that stops writes down what it saw.
    assert!(server.terminate().success());
    status
}

#[test]
fn a_new_secret_takes_the_place_of_the_old_one() {
    let (desk, id, secret) = Desk::with_app();
    assert_eq!(put(&desk, &id, &secret), 201);
    let rotated = desk.json(&["app", "rotate-secret", &id], "");
    assert_eq!(rotated["client_id"], id.as_str());
    assert_eq!(put(&desk, &id, &secret), 422);
    assert_eq!(put(&desk, &id, &text(&rotated["client_secret"])), 200);
    let given = desk.json(
        &["app", "rotate-secret", &id, "--client-secret-stdin"],
        GIVEN_SECRET,
    );
    assert_eq!(given, json!({"client_id": id}));
    assert_eq!(put(&desk, &id, GIVEN_SECRET), 200);
}

#[test]
fn one_secret_replaces_another_without_a_gap() {
    let (desk, id, secret) = Desk::with_app();
    let made = desk.json(&["app", "secret", "create", &id], "");
    assert_eq!(made["client_id"], id.as_str());
    let second = text(&made["client_secret"]);
    assert_eq!(put(&desk, &id, &secret), 201);
    assert_eq!(put(&desk, &id, &second), 200);
    assert_eq!(
        desk.refused(&["app", "secret", "create", &id], ""),
        format!(
            "the app has 2 secrets, the most that an app may have; end one of those that `counterfoil app secret list {id}` shows"
        )
    );
    let listed = desk.json(&["app", "secret", "list", &id], "");
    let ends = |place: usize| text(&listed[place]["last_eight"]);
    assert_eq!(ends(0), secret[secret.len() - 8..]);
    assert_eq!(ends(1), second[second.len() - 8..]);
    assert_eq!(listed[1]["id"], made["id"]);
    for place in [0, 1] {
        assert!(listed[place]["last_used_at"].is_string(), "{listed}");
    }
    let printed = desk.printed(&["app", "secret", "list", &id], "");
    assert!(!printed.contains(&second), "{printed}");
    let first = listed[0]["id"].to_string();
    let ended = desk.done(&["app", "secret", "end", &id, &first], "");
    assert_eq!(ended, format!("ended the secret {first} of app {id}\n"));
    assert_eq!(put(&desk, &id, &secret), 422);
    assert_eq!(put(&desk, &id, &second), 200);
    assert_eq!(
        desk.refused(&["app", "secret", "end", &id, &first], ""),
        format!(
            "app {id} has no live secret {first}; `counterfoil app secret list {id}` shows those that it has"
        )
    );
    let given = ["app", "secret", "create", &id, "--client-secret-stdin"];
    let given = desk.json(&given, GIVEN_SECRET);
    assert!(given.get("client_secret").is_none());
    assert_eq!(put(&desk, &id, GIVEN_SECRET), 200);
}

#[test]
fn an_edit_of_an_app_replaces_its_callback_urls_as_a_whole() {
    let (desk, id, _) = Desk::with_app();
    let urls = [
        "--callback-url",
        "https://a.example",
        "--callback-url",
        "https://b.example",
    ];
    let edit = [
        &["app", "edit", &id, "--name", "Dashboard", "--device-flow"],
        &urls[..],
    ]
    .concat();
    let edited = desk.json(&edit, "");
    assert_eq!(
        edited["callback_urls"],
        json!(["https://a.example", "https://b.example"])
    );
    assert_eq!(edited["name"], "Dashboard");
    assert_eq!(edited["device_flow"], true);
    assert_eq!(edited["url"], "https://board.example.org");
    assert_eq!(edited["expiring_tokens"], false);
    assert_eq!(
        desk.done(&["app", "edit", &id, "--no-device-flow"], ""),
        format!("changed app {id}\n")
    );
    for (option, expiring) in [("--expiring-tokens", true), ("--no-expiring-tokens", false)] {
        let edited = desk.json(&["app", "edit", &id, option], "");
        assert_eq!(edited["expiring_tokens"], expiring);
        assert_eq!(edited["name"], "Dashboard");
        assert_eq!(edited["device_flow"], false);
    }
    let both = ["--expiring-tokens", "--no-expiring-tokens"];
    desk.mistyped(&[&["app", "edit", &id], &both[..]].concat(), "");
    desk.mistyped(&["app", "edit", &id], "");
    desk.mistyped(&["app", "edit", &id, "--url", "board.example.org"], "");
}

const SWITCHES: [&str; 4] = ["exact_match", "require_pkce", "send_iss", "standard_errors"];

#[test]
fn each_switch_of_an_app_is_turned_by_options_of_its_own() {
    let (desk, id, _) = Desk::with_app();
    let mut on = Vec::new();
    for name in SWITCHES {
        let option = format!("--{}", name.replace('_', "-"));
        let edited = desk.json(&["app", "edit", &id, &option], "");
        on.push(name);
        for other in SWITCHES {
            assert_eq!(edited[other], on.contains(&other), "{name}: {edited}");
        }
        assert_eq!(edited["device_flow"], false);
        let off = option.replacen("--", "--no-", 1);
        desk.mistyped(&["app", "edit", &id, &option, &off], "");
    }
    let shown = desk.printed(&["app", "show", &id], "");
    for line in [
        "exact match      yes\n",
        "require PKCE     yes\n",
        "send iss         yes\n",
    ] {
        assert!(shown.contains(line), "{shown}");
    }
    for name in SWITCHES {
        let off = format!("--no-{}", name.replace('_', "-"));
        let edited = desk.json(&["app", "edit", &id, &off], "");
        assert_eq!(edited[name], false, "{edited}");
    }
    // Each change says what was turned, and nothing of what was not.
    let changed = desk.events();
    let changed = changed
        .iter()
        .filter(|event| event["action"] == "app.changed");
    let mut told: Vec<_> = changed.map(|event| event["details"].clone()).collect();
    told.sort_by_key(ToString::to_string);
    let mut expected: Vec<_> = SWITCHES
        .iter()
        .flat_map(|name| [true, false].map(|is_on| json!({ *name: is_on })))
        .collect();
    expected.sort_by_key(ToString::to_string);
    assert_eq!(told, expected);
}

#[test]
fn an_operator_marks_an_app_as_a_resource_server_and_takes_that_back() {
    let (desk, id, _) = Desk::with_app();
    let listed = |desk: &Desk| {
        let apps = desk.json(&["app", "list"], "");
        let mut apps = apps.as_array().expect("a list").iter();
        let app = apps.find(|app| app["client_id"] == id.as_str());
        app.expect("it is listed")["resource_server"].clone()
    };
    let shown = |desk: &Desk| desk.printed(&["app", "show", &id], "");
    assert!(
        shown(&desk).contains("resource server  no\n"),
        "{}",
        shown(&desk)
    );
    for (option, is_one, word) in [
        ("--resource-server", true, "yes"),
        ("--no-resource-server", false, "no"),
    ] {
        let edited = desk.json(&["app", "edit", &id, option], "");
        assert_eq!(edited["resource_server"], is_one);
        assert_eq!(edited["name"], "Board");
        assert_eq!(listed(&desk), is_one);
        let line = format!("resource server  {word}\n");
        assert!(shown(&desk).contains(&line), "{}", shown(&desk));
        // What changes something else leaves it.
        desk.json(&["app", "edit", &id, "--url", "https://b.example.org"], "");
        assert_eq!(listed(&desk), is_one);
    }
    let both = ["--resource-server", "--no-resource-server"];
    desk.mistyped(&[&["app", "edit", &id], &both[..]].concat(), "");
    let events = desk.events();
    let told = events
        .iter()
        .filter(|event| !event["details"]["resource_server"].is_null());
    let mut told: Vec<_> = told
        .map(|event| (event["action"].clone(), event["details"].clone()))
        .collect();
    told.sort_by_key(|(_, details)| details.to_string());
    let changed = |is_one: bool| (json!("app.changed"), json!({ "resource_server": is_one }));
    assert_eq!(told, [changed(false), changed(true)]);
}

#[test]
fn an_app_without_a_browser_is_created_with_its_switches_and_a_scheme_of_its_own() {
    let (desk, id, _) = Desk::with_app();
    let created = [
        "app",
        "create",
        "Native",
        "--owner",
        "mona",
        "--url",
        "https://native.example.org",
        "--callback-url",
        "com.example.native:/callback",
        "--require-pkce",
        "--standard-errors",
    ];
    let created = desk.json(&created, "");
    let on = SWITCHES.map(|name| created[name] == true);
    assert_eq!(on, [false, true, false, true]);
    assert_eq!(
        created["callback_urls"],
        json!(["com.example.native:/callback"])
    );
    for callback in [
        "javascript:/alert(1)",
        "localhost:3000/cb",
        "com.example.native:cb",
    ] {
        let sentence = desk.mistyped(&["app", "edit", &id, "--callback-url", callback], "");
        assert_eq!(
            sentence,
            format!(
                "invalid value '{callback}' for '--callback-url <URL>': a callback URL starts with http:// or https:// and names a host, or has a program's own scheme, such as com.example.app:/callback; it has at most 255 characters, no blank, no backslash, no user and no fragment"
            )
        );
    }
    // A home page has no scheme of its own.
    desk.mistyped(&["app", "edit", &id, "--url", "com.example.native:/"], "");
}

#[test]
fn an_app_is_deleted_with_its_grants_and_tokens() {
    let (desk, id, secret) = Desk::with_app();
    assert_eq!(put(&desk, &id, &secret), 201);
    let deleted = desk.json(&["app", "delete", &id, "--yes"], "");
    assert_eq!(
        deleted,
        json!({"client_id": id, "tokens_revoked": 1, "grants_revoked": 1})
    );
    let listed = desk.json(&["app", "list"], "");
    assert_eq!(listed.as_array().map(Vec::len), Some(FIRST_APPS.len()));
    assert_eq!(desk.json(&["token", "list", "--all"], ""), json!([]));
    let gone = format!("there is no app {id}; `counterfoil app list` shows all apps");
    for command in ["show", "delete", "rotate-secret"] {
        assert_eq!(desk.refused(&["app", command, &id], ""), gone);
    }
    assert_eq!(
        desk.refused(&["app", "edit", &id, "--device-flow"], ""),
        gone
    );
    assert_eq!(
        desk.refused(&["token", "revoke", "--app", &id, "--yes"], ""),
        gone
    );
}

#[test]
fn an_app_needs_an_owner_who_is_there_and_urls_that_are_some() {
    let desk = Desk::with_user();
    assert_eq!(
        desk.refused(&["app", "create", "Board", "--owner", "nobody"], ""),
        "there is no user nobody; `counterfoil user list` shows all users"
    );
    let sentence = desk.mistyped(
        &[
            "app",
            "create",
            "Board",
            "--owner",
            "mona",
            "--url",
            "ftp://x",
            "--callback-url",
            "https://a.example",
        ],
        "",
    );
    assert_eq!(
        sentence,
        "invalid value 'ftp://x' for '--url <URL>': a URL starts with http:// or https://, names a host, and has at most 255 characters, no blank, no backslash, no user and no fragment"
    );
    desk.mistyped(&["app", "create", "", "--owner", "mona"], "");
}

#[test]
fn an_app_goes_to_another_user_or_to_an_organization() {
    let (desk, id, secret) = Desk::with_app();
    desk.done(&["org", "create", "acme"], "");
    let transfer = |to: &str| desk.done(&["app", "transfer", &id, "--to", to], "");
    let said = |to: &str| format!("app {id} belongs to {to}; who let it in is asked again\n");
    assert_eq!(transfer("acme"), said("acme"));
    assert_eq!(desk.json(&["app", "show", &id], "")["owner"], "acme");
    let listed = desk.json(&["app", "list"], "");
    let listed = listed.as_array().expect("a list").iter();
    let of_acme = listed.filter(|app| app["owner"] == "acme");
    assert_eq!(
        of_acme.map(|app| &app["client_id"]).collect::<Vec<_>>(),
        [&id]
    );
    // Whoever had its secret has it still.
    assert_eq!(put(&desk, &id, &secret), 201);
    assert_eq!(transfer("mona"), said("mona"));
    assert_eq!(
        desk.refused(&["app", "transfer", &id, "--to", "nobody"], ""),
        "there is no user or organization nobody who could own an app; `counterfoil user list` and `counterfoil org list` show all"
    );
    let unknown = "00000000000000000001";
    assert_eq!(
        desk.refused(&["app", "transfer", unknown, "--to", "acme"], ""),
        format!("there is no app {unknown}; `counterfoil app list` shows all apps")
    );
    let trail = desk.program.audit_trail();
    let told = trail
        .iter()
        .filter(|event| event["action"] == "app.transferred");
    assert_eq!(told.count(), 2);
    // An organization takes its apps along.
    transfer("acme");
    assert_eq!(
        desk.done(&["org", "delete", "acme", "--yes"], ""),
        "deleted organization acme with 0 memberships, 0 teams and 1 app\n"
    );
    desk.refused(&["app", "show", &id], "");
    assert_eq!(desk.json(&["token", "list", "--all"], ""), json!([]));
}
