//! `counterfoil token`, `counterfoil grant` and `counterfoil audit`

use counterfoil_testkit::process::{ApiClient, FIRST_EVENTS, Person};
use serde_json::{Value, json};

use super::{Desk, PASSWORD, text};

fn create(desk: &Desk, note: &str) -> Value {
    desk.json(
        &[
            "token",
            "create",
            "mona",
            "--note",
            note,
            "--scopes",
            "repo,gist",
        ],
        "",
    )
}

#[test]
fn a_token_is_made_printed_once_and_works() {
    let desk = Desk::with_user();
    let made = create(&desk, "backup");
    let token = text(&made["token"]);
    assert!(
        token.starts_with("ghp_") && token.ends_with(made["token_last_eight"].as_str().unwrap())
    );
    assert_eq!(made["id"], 1);
    assert_eq!(made["scopes"], json!(["repo", "gist"]));
    assert_eq!(made["expires_at"], Value::Null);
    let mut listed = desk.json(&["token", "list", "mona"], "");
    assert_eq!(listed, desk.json(&["token", "list", "--all"], ""));
    assert!(!listed.to_string().contains(&token));
    let listed = listed[0].as_object_mut().unwrap();
    listed.insert("token".to_owned(), json!(token));
    assert_eq!(&Value::Object(listed.clone()), &made);
    let server = desk.program.start_serve(&[]);
    let mut holder = ApiClient::with_token(&server.base_url, &token).unwrap();
    let reply = holder.must("GET", "/user", None);
    assert_eq!(reply.json()["login"], "mona");
    assert_eq!(reply.header("x-oauth-scopes"), Some("gist, repo"));
}

#[test]
fn for_people_the_token_alone_is_on_standard_output() {
    let desk = Desk::with_user();
    let output = desk
        .run(
            &["token", "create", "mona", "--note", "n", "--scopes", ""],
            "",
        )
        .succeeded();
    let token = output.stdout.strip_suffix('\n').unwrap();
    assert!(token.starts_with("ghp_") && !token.contains(char::is_whitespace));
    assert_eq!(
        output.stderr,
        "note: this is token 1; it is shown once, and only its digest is kept\n"
    );
}

#[test]
fn a_token_of_an_app_may_have_a_fingerprint_and_needs_no_note() {
    let (desk, id, _) = Desk::with_app();
    let create = [
        "token",
        "create",
        "mona",
        "--scopes",
        "user",
        "--app",
        &id,
        "--fingerprint",
        "laptop",
    ];
    let made = desk.json(&create, "");
    assert!(text(&made["token"]).starts_with("gho_"));
    assert_eq!(made["app"], json!({"client_id": id, "name": "Board"}));
    let grants = desk.json(&["grant", "list", "mona"], "");
    assert_eq!(grants[0]["scopes"], json!(["user"]));
    assert_eq!(
        desk.refused(&create, ""),
        "another live token of this user and app has this fingerprint; give another one, or revoke that token first"
    );
    desk.mistyped(&["token", "create", "mona", "--scopes", "user"], "");
    desk.mistyped(
        &[
            "token",
            "create",
            "mona",
            "--scopes",
            "user",
            "--note",
            "n",
            "--fingerprint",
            "f",
        ],
        "",
    );
}

#[test]
fn what_a_token_may_not_be_is_said() {
    let desk = Desk::with_user();
    create(&desk, "backup");
    assert_eq!(
        desk.refused(
            &[
                "token", "create", "mona", "--note", "backup", "--scopes", "repo"
            ],
            ""
        ),
        "another live token of this user has this note; give another note, or revoke that token first"
    );
    let token = |scopes: &'static str, time: &'static str| {
        [
            "token",
            "create",
            "mona",
            "--note",
            "n",
            "--scopes",
            scopes,
            "--expires-in",
            time,
        ]
    };
    assert_eq!(
        desk.mistyped(&token("repos,gist,nope", "1d"), ""),
        "invalid value 'repos,gist,nope' for '--scopes <SCOPES>': unknown scopes: repos, nope; `counterfoil scope list` shows all scopes"
    );
    assert!(
        desk.mistyped(&token("repo", "30"), "")
            .ends_with("one of s, m, h, d and w, such as 30d")
    );
    let nobody = [
        "token", "create", "nobody", "--note", "n", "--scopes", "repo",
    ];
    assert_eq!(
        desk.refused(&nobody, ""),
        "there is no user nobody; `counterfoil user list` shows all users"
    );
    desk.refused(&["token", "list", "nobody"], "");
    desk.mistyped(&["token", "list"], "");
    desk.mistyped(&["token", "list", "mona", "--all"], "");
}

#[test]
fn a_token_that_expires_says_when() {
    let desk = Desk::with_user();
    let made = desk.json(
        &[
            "token",
            "create",
            "mona",
            "--note",
            "n",
            "--scopes",
            "repo",
            "--expires-in",
            "2w",
        ],
        "",
    );
    let day = |name: &str| text(&made[name]);
    let (created, expires) = (day("created_at"), day("expires_at"));
    assert!(expires > created);
    assert_eq!(created[10..], expires[10..], "whole days lie between them");
}

#[test]
fn tokens_are_revoked_by_id_by_value_by_user_and_by_app() {
    let (desk, id, _) = Desk::with_app();
    let server = desk.program.start_serve(&[]);
    let made = create(&desk, "by id");
    let mut holder = ApiClient::with_token(&server.base_url, &text(&made["token"])).unwrap();
    holder.must("GET", "/user", None).assert_status(200);
    assert_eq!(
        desk.json(&["token", "revoke", "1"], ""),
        json!({"id": 1, "tokens_revoked": 1})
    );
    holder.must("GET", "/user", None).assert_status(401);
    let gone =
        "there is no such live token; `counterfoil token list --all` shows those that there are";
    assert_eq!(desk.refused(&["token", "revoke", "1"], ""), gone);

    let token = text(&create(&desk, "by value")["token"]);
    let revoked = desk.done(&["token", "revoke", "--token-stdin"], &format!("{token}\n"));
    assert_eq!(revoked, "revoked token 2\n");
    assert_eq!(
        desk.refused(&["token", "revoke", "--token-stdin"], &token),
        gone
    );
    assert_eq!(
        desk.mistyped(&["token", "revoke", &token], ""),
        "a token is given on standard input, with --token-stdin: other users of this machine can read arguments"
    );
    assert_eq!(
        desk.refused(&["token", "revoke", "--token-stdin"], "ghp_nothing"),
        "standard input holds no token: its prefix, length or checksum is wrong"
    );

    for note in ["a", "b"] {
        create(&desk, note);
    }
    desk.json(
        &["token", "create", "mona", "--scopes", "user", "--app", &id],
        "",
    );
    assert_eq!(
        desk.json(&["token", "revoke", "--app", &id, "--yes"], ""),
        json!({"tokens_revoked": 1})
    );
    assert_eq!(
        desk.done(&["token", "revoke", "--user", "mona", "--yes"], ""),
        "revoked 2 tokens of mona\n"
    );
    assert_eq!(desk.json(&["token", "list", "--all"], ""), json!([]));
}

#[test]
fn an_operator_sees_and_ends_what_acts_as_a_user() {
    let desk = Desk::with_user();
    desk.done(&["user", "create", "root", "--admin"], PASSWORD);
    let created = [
        "token",
        "create",
        "root",
        "--note",
        "n",
        "--scopes",
        "site_admin",
    ];
    let administrator = text(&desk.json(&created, "")["token"]);
    let server = desk.program.start_serve(&[]);
    let mut client = ApiClient::with_token(&server.base_url, &administrator).unwrap();
    let wanted = json!({ "scopes": ["repo"] });
    let path = "/admin/users/mona/authorizations";
    let made = client.must("POST", path, Some(&wanted));
    made.assert_status(201);
    client.use_token(&made.token());
    client.must("GET", "/user", None).assert_status(200);

    let listed = desk.json(&["token", "list", "mona"], "");
    assert_eq!(listed[0]["id"], made.id());
    assert_eq!(listed[0]["made_by"], "impersonation");
    assert_eq!(listed[0]["app"], Value::Null);
    let id = made.id().to_string();
    desk.run(&["token", "revoke", &id], "").succeeded();
    client.must("GET", "/user", None).assert_status(401);
}

#[test]
fn exactly_one_way_to_name_tokens_must_be_given() {
    let desk = Desk::with_user();
    desk.mistyped(&["token", "revoke"], "");
    desk.mistyped(&["token", "revoke", "1", "--user", "mona"], "");
    desk.mistyped(&["token", "revoke", "--token-stdin", "--user", "mona"], "");
    for id in ["0", "-1", "one", "9223372036854775808"] {
        desk.mistyped(&["token", "revoke", id], "");
    }
    desk.refused(&["token", "revoke", "9223372036854775807"], "");
}

#[test]
fn a_grant_is_revoked_with_every_token_under_it() {
    let (desk, id, secret) = Desk::with_app();
    let server = desk.program.start_serve(&[]);
    let mona = Person::new("mona", PASSWORD);
    let mut mona = mona.connect(&server.base_url).unwrap();
    for fingerprint in ["a", "b"] {
        let body = json!({"client_secret": secret, "scopes": ["repo"], "fingerprint": fingerprint});
        mona.must("PUT", &format!("/authorizations/clients/{id}"), Some(&body))
            .assert_status(201);
    }
    let grants = desk.json(&["grant", "list", "mona"], "");
    assert_eq!(grants.as_array().unwrap().len(), 1);
    assert_eq!(grants[0]["app"], json!({"client_id": id, "name": "Board"}));
    let grant = grants[0]["id"].to_string();
    assert!(desk.printed(&["grant", "list", "mona"], "").contains(&id));
    let revoked = desk.done(&["grant", "revoke", &grant, "--yes"], "");
    assert_eq!(revoked, format!("revoked grant {grant} with 2 tokens\n"));
    assert_eq!(mona.must("GET", "/authorizations", None).json(), json!([]));
    assert_eq!(
        desk.refused(&["grant", "revoke", &grant], ""),
        format!(
            "there is no live grant {grant}; `counterfoil grant list LOGIN` shows a user's grants"
        )
    );
    desk.refused(&["grant", "list", "nobody"], "");
}

#[test]
fn every_change_leaves_an_event_that_names_who_made_it() {
    let desk = Desk::with_user();
    create(&desk, "backup");
    desk.done(&["token", "revoke", "1"], "");
    let events = desk.events();
    let actions: Vec<String> = events.iter().map(|event| text(&event["action"])).collect();
    assert_eq!(
        actions[..FIRST_EVENTS.len()],
        FIRST_EVENTS,
        "the installation"
    );
    assert_eq!(
        actions[FIRST_EVENTS.len()..],
        [
            "user.created",
            "authorization.created",
            "authorization.revoked",
            "token.ended"
        ]
    );
    let created = &events[FIRST_EVENTS.len() + 1];
    assert!(text(&created["actor"]).starts_with("os_user:"));
    assert_eq!(created["login"], "mona");
    assert_eq!(created["authorization_id"], 1);
    assert_eq!(
        created["details"],
        json!({"provenance": "command_line", "scopes": ["repo", "gist"]})
    );
    let table = desk.printed(&["audit", "list"], "");
    assert!(
        table.contains("user mona token 1 provenance=command_line scopes=repo,gist"),
        "{table}"
    );
    assert!(!Value::from(events).to_string().contains(PASSWORD));
}

#[test]
fn the_audit_trail_is_listed_from_a_point_in_time_and_up_to_a_number() {
    let desk = Desk::with_user();
    create(&desk, "backup");
    let actions = |since: &[&str]| {
        desk.json(&[&["audit", "list"], since].concat(), "")["events"]
            .as_array()
            .unwrap()
            .len()
    };
    let all = FIRST_EVENTS.len() + 2;
    assert_eq!(actions(&["--since", "1h"]), all);
    assert_eq!(actions(&["--since", "2000-01-01"]), all);
    assert_eq!(actions(&["--since", "2999-01-01T00:00:00Z"]), 0);
    let limited = desk.run(&["audit", "list", "--limit", "2"], "").succeeded();
    let note = limited.stderr.trim_end().strip_prefix("note: ");
    let cursor =
        note.and_then(|note| note.strip_prefix("there are more events; go on with --cursor "));
    let cursor = cursor.expect("the note names a cursor");
    let rest = desk.json(&["audit", "list", "--cursor", cursor], "");
    assert_eq!(rest["events"].as_array().unwrap().len(), all - 2);
    assert_eq!(rest["next_cursor"], Value::Null);
    assert!(
        desk.mistyped(&["audit", "list", "--since", "yesterday"], "")
            .contains("a time is a date")
    );
    desk.mistyped(&["audit", "list", "--limit", "0"], "");
}

#[test]
fn only_an_administrator_is_given_scopes_for_administrators() {
    let desk = Desk::with_user();
    let create = [
        "token",
        "create",
        "mona",
        "--note",
        "n",
        "--scopes",
        "repo,site_admin,read:enterprise",
    ];
    assert_eq!(
        desk.refused(&create, ""),
        "only a site administrator's token may have site_admin, read:enterprise; `counterfoil user edit mona --admin` makes \
         mona one, or leave the scopes out"
    );
    assert_eq!(desk.json(&["token", "list", "mona"], ""), json!([]));
    desk.done(&["user", "edit", "mona", "--admin"], "");
    let made = desk.json(&create, "");
    let token = text(&made["token"]);
    let checked = desk.json(&["token", "check", "--token-stdin"], &token);
    assert_eq!(checked["scopes_asleep"], json!([]));
}

#[test]
fn a_promotion_names_the_tokens_whose_scopes_stay_asleep() {
    let (desk, client_id, secret) = Desk::with_app();
    let server = desk.program.start_serve(&[]);
    let mona = Person::new("mona", PASSWORD);
    let mut mona = mona.connect(&server.base_url).unwrap();
    let body = json!({
        "client_id": client_id, "client_secret": secret, "scopes": ["site_admin", "repo"],
    });
    let made = mona.must("POST", "/authorizations", Some(&body));
    let (id, token) = (made.id(), made.token());
    create(&desk, "harmless");

    let promoted = desk.run(&["user", "edit", "mona", "--admin", "--json"], "");
    let promoted = promoted.succeeded();
    let document = promoted.json();
    assert_eq!(document["admin"], true);
    let asleep = document["tokens_asleep"].as_array().unwrap();
    assert_eq!(asleep.len(), 1);
    assert_eq!(asleep[0]["id"], id);
    assert_eq!(asleep[0]["app"]["client_id"], client_id.as_str());
    let sentence = format!(
        "note: token {id} of the app Board has the scopes site_admin,repo, and those for administrators"
    );
    assert!(promoted.stderr.contains(&sentence), "{}", promoted.stderr);

    let checked = desk.run(&["token", "check", "--token-stdin", "--json"], &token);
    let checked = checked.succeeded();
    assert_eq!(checked.json()["scopes_asleep"], json!(["site_admin"]));
    assert!(
        checked
            .stderr
            .contains("of its scopes site_admin count for nothing")
    );
    let mut holder = ApiClient::with_token(&server.base_url, &token).unwrap();
    holder.must("GET", "/admin/tokens", None).assert_status(404);
    holder.must("GET", "/user", None).assert_status(200);
}
