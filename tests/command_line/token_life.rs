//! `counterfoil token check`, and what becomes of tokens at the command line when they are over.

use counterfoil_testkit::process::Output;
use serde_json::{Value, json};

use super::{Desk, text};

const CHECK: [&str; 3] = ["token", "check", "--token-stdin"];

fn create(desk: &Desk, note: &str, more: &[&str]) -> Value {
    let create = [
        "token",
        "create",
        "mona",
        "--note",
        note,
        "--scopes",
        "repo,gist",
    ];
    desk.json(&[&create, more].concat(), "")
}

/// The sentence for a token that is refused, after the same was looked at as a document.
#[track_caller]
fn refused_with(desk: &Desk, token: &str, reason: &str) -> String {
    let json = desk.run(&[&CHECK[..], &["--json"]].concat(), token);
    assert_eq!(json.status.code(), Some(1));
    let document: Value = serde_json::from_str(&json.stdout).expect("a document");
    assert_eq!(document["live"], false);
    assert_eq!(document["end_reason"], reason);
    let Output {
        status,
        stdout,
        stderr,
    } = desk.run(&CHECK, token);
    assert_eq!((status.code(), stdout.as_str()), (Some(1), ""));
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    for said in [&json.stdout, &json.stderr, &stderr] {
        assert!(!said.contains(token), "a token was repeated");
    }
    stderr
}

#[test]
fn a_live_token_is_described_and_never_printed() {
    let desk = Desk::with_user();
    let made = create(&desk, "backup", &["--expires-in", "30d"]);
    let token = text(&made["token"]);
    let checked = desk.json(&CHECK, &token);
    assert!(!checked.to_string().contains(&token));
    for key in [
        "id",
        "scopes",
        "note",
        "created_at",
        "expires_at",
        "token_last_eight",
    ] {
        assert_eq!(checked[key], made[key], "{key}");
    }
    assert_eq!(checked["login"], "mona");
    assert_eq!(checked["made_by"], "command_line");
    assert_eq!(checked["live"], true);
    // Looking a token up is no use of it.
    assert_eq!(checked["last_used_at"], Value::Null);
    let printed = desk.printed(&CHECK, &format!("{token}\n"));
    let expires = text(&made["expires_at"]);
    for fact in ["login", "mona", "repo,gist", "expires", &expires] {
        assert!(printed.contains(fact), "{fact} is missing in {printed}");
    }
    assert!(!printed.contains(&token));
}

#[test]
fn a_token_that_is_refused_says_why() {
    let (desk, id, _) = Desk::with_app();
    let token = text(&create(&desk, "backup", &[])["token"]);
    desk.done(&["token", "revoke", "1"], "");
    let said = refused_with(&desk, &token, "revoked_by_operator");
    assert!(
        said.starts_with("token 1 of mona is refused since 20"),
        "{said}"
    );
    assert!(said.ends_with(": an operator revoked it\n"), "{said}");

    let of_app = ["token", "create", "mona", "--scopes", "user", "--app", &id];
    let oldest = text(&desk.json(&of_app, "")["token"]);
    for _ in 0..10 {
        desk.json(&of_app, "");
    }
    let said = refused_with(&desk, &oldest, "max_for_app");
    assert!(said.contains("and it was the oldest"), "{said}");

    let suspended = text(&create(&desk, "laptop", &[])["token"]);
    desk.done(&["user", "suspend", "mona"], "");
    let said = refused_with(&desk, &suspended, "owner_suspended");
    assert!(
        said.ends_with("for as long as mona is suspended\n"),
        "{said}"
    );

    // Well formed, and nobody's.
    let unknown = "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";
    let said = refused_with(&desk, unknown, "unknown");
    assert!(said.starts_with("this token is not known here"), "{said}");
    assert_eq!(
        desk.refused(&CHECK, "ghp_nothing"),
        "standard input holds no token: its prefix, length or checksum is wrong"
    );
}

#[test]
fn a_token_is_not_taken_as_an_argument() {
    let desk = Desk::with_user();
    let token = text(&create(&desk, "backup", &[])["token"]);
    let said = desk.mistyped(&["token", "check", &token], "");
    assert!(said.starts_with("a token is given on standard input, with --token-stdin"));
    assert!(!said.contains(&token));
    desk.mistyped(&["token", "check"], "");
}

#[test]
fn tokens_that_are_over_are_listed_with_their_reasons() {
    let (desk, id, _) = Desk::with_app();
    let of_app = ["token", "create", "mona", "--scopes", "user", "--app", &id];
    for _ in 0..11 {
        desk.json(&of_app, "");
    }
    create(&desk, "backup", &[]);
    desk.done(&["token", "revoke", "12"], "");
    let ended = desk.json(&["token", "list", "mona", "--ended"], "");
    let told: Vec<_> = ended
        .as_array()
        .unwrap()
        .iter()
        .map(|token| (&token["id"], &token["end_reason"]))
        .collect();
    let expected = [
        (&json!(1), &json!("max_for_app")),
        (&json!(12), &json!("revoked_by_operator")),
    ];
    assert_eq!(told, expected);
    assert!(text(&ended[0]["ended_at"]).starts_with("20"));
    assert_eq!(ended, desk.json(&["token", "list", "--all", "--ended"], ""));
    let table = desk.printed(&["token", "list", "--all", "--ended"], "");
    assert!(
        table
            .lines()
            .next()
            .unwrap()
            .ends_with("ENDED                 REASON"),
        "{table}"
    );
    assert!(table.contains("max_for_app"));
    // Those that live are listed without a word about an end.
    let live = desk.json(&["token", "list", "mona"], "");
    assert_eq!(live.as_array().unwrap().len(), 10);
    assert!(live[0].get("end_reason").is_none());
    assert_eq!(live[0]["made_by"], "command_line");
}

#[test]
fn a_longer_life_than_may_be_is_refused_and_the_default_is_said() {
    let desk = Desk::with_user();
    desk.folder_file(
        "counterfoil.toml",
        "[tokens]\ndefault_lifetime = \"7d\"\nmaximum_lifetime = \"30d\"\nidle_lifetime = \"90d\"\n",
    );
    let too_long = [
        "token",
        "create",
        "mona",
        "--note",
        "n",
        "--scopes",
        "repo",
        "--expires-in",
        "31d",
    ];
    assert_eq!(
        desk.refused(&too_long, ""),
        "a token may live for 30d at most, as tokens.maximum_lifetime says; give --expires-in 30d or less"
    );
    let longest = create(&desk, "longest", &["--expires-in", "30d"]);
    assert!(longest["expires_at"].is_string());
    let default = create(&desk, "default", &[]);
    assert!(text(&default["expires_at"]) < text(&longest["expires_at"]));
    desk.folder_file(
        "counterfoil.toml",
        "[tokens]\ndefault_lifetime = \"60d\"\nmaximum_lifetime = \"30d\"\n",
    );
    assert_eq!(
        desk.refused(&["token", "list", "mona"], ""),
        "tokens.default_lifetime is \"60d\"; it must be at most tokens.maximum_lifetime, which is \"30d\""
    );
}
