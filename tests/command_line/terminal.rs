//! At a terminal passwords are asked for twice, and whoever deletes something must mean it.

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

use counterfoil_testkit::installed;
use counterfoil_testkit::process::{Output, finish};
use serde_json::json;

use super::{Desk, PASSWORD, text};

/// Longer than any dialogue takes.
const LIMIT: Duration = Duration::from_mins(1);

/// Runs a command at a terminal where these lines are typed. Everything that the terminal shows is
/// in the output.
fn at_a_terminal(desk: &Desk, command: &str, typed: &[&str]) -> Output {
    let program = installed::program();
    // `script` gives its child a terminal, and ends as the child ends.
    let mut script = Command::new(installed::tool("script"))
        .args(["--quiet", "--return", "--command"])
        .arg(format!("'{}' {command}", program.display()))
        .arg("/dev/null")
        .current_dir(desk.folder.path())
        .env_clear()
        .envs(desk.program.environment())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("script can be started");
    let mut lines = typed.join("\n");
    lines.push('\n');
    let mut stdin = script.stdin.take().expect("standard input was piped");
    let typed = stdin.write_all(lines.as_bytes());
    typed.expect("script reads what is typed");
    drop(stdin);
    finish(script, command, LIMIT)
}

#[test]
fn a_password_is_asked_for_twice() {
    let desk = Desk::with_installation();
    let added = at_a_terminal(&desk, "user create mona", &[PASSWORD, PASSWORD]).succeeded();
    assert!(
        added.stdout.contains("The same password again: "),
        "{}",
        added.stdout
    );
    let changed = at_a_terminal(&desk, "user passwd mona", &[PASSWORD, "something else"]);
    assert_eq!(changed.status.code(), Some(1));
    assert!(
        changed
            .stdout
            .contains("error: the two passwords differ; nothing was changed"),
        "{}",
        changed.stdout
    );
}

#[test]
fn a_deletion_needs_the_name_once_more_or_yes() {
    let desk = Desk::with_user();
    let stopped = at_a_terminal(&desk, "user delete mona", &["yes"]);
    assert_eq!(stopped.status.code(), Some(1));
    assert!(
        stopped.stdout.contains("Type mona to delete this user"),
        "{}",
        stopped.stdout
    );
    assert!(
        stopped.stdout.contains("error: nothing was done"),
        "{}",
        stopped.stdout
    );
    assert_eq!(desk.json(&["user", "list"], "")[0]["login"], "mona");
    at_a_terminal(&desk, "user delete mona", &["mona"]).succeeded();
    assert_eq!(desk.json(&["user", "list"], ""), json!([]));
    desk.done(&["user", "create", "lisa"], PASSWORD);
    at_a_terminal(&desk, "user delete lisa --yes", &[]).succeeded();
    assert_eq!(desk.json(&["user", "list"], ""), json!([]));
}

#[test]
fn a_grant_is_revoked_by_its_id_typed_once_more_or_yes() {
    let (desk, app, _) = Desk::with_app();
    let make = ["token", "create", "mona", "--scopes", "repo", "--app", &app];
    desk.json(&make, "");
    let grants = || desk.json(&["grant", "list", "mona"], "");
    let before = grants();
    let grant = before[0]["id"].to_string();
    let revoke = format!("grant revoke {grant}");
    let stopped = at_a_terminal(&desk, &revoke, &["mona"]);
    assert_eq!(stopped.status.code(), Some(1));
    let prompt = format!("Type {grant} to revoke this grant with all its tokens");
    assert!(stopped.stdout.contains(&prompt), "{}", stopped.stdout);
    assert_eq!(grants(), before);
    let revoked = at_a_terminal(&desk, &revoke, &[&grant]).succeeded();
    let sentence = format!("revoked grant {grant} with 1 token");
    assert!(revoked.stdout.contains(&sentence), "{}", revoked.stdout);
    assert_eq!(grants(), json!([]));
    // Of one that is not there nobody is asked.
    assert_eq!(
        desk.refused(&["grant", "revoke", &grant], ""),
        format!(
            "there is no live grant {grant}; `counterfoil grant list LOGIN` shows a user's grants"
        )
    );
}

#[test]
fn without_a_terminal_and_without_yes_nothing_is_deleted() {
    let (desk, app, _) = Desk::with_app();
    desk.done(&["org", "create", "acme"], "");
    desk.done(&["team", "create", "acme", "core"], "");
    let token = ["token", "create", "mona", "--note", "n", "--scopes", "repo"];
    desk.json(&token, "");
    let of_app = ["token", "create", "mona", "--scopes", "repo", "--app", &app];
    desk.json(&of_app, "");
    let grant = desk.json(&["grant", "list", "mona"], "")[0]["id"].to_string();
    let first = text(&desk.json(&["key", "list"], "")[0]["id"]);
    desk.json(&["key", "add"], "");
    desk.json(&["key", "rotate", "--yes"], "");
    let everything = || {
        [
            &["user", "list"][..],
            &["app", "list"],
            &["org", "list"],
            &["team", "list", "acme"],
            &["token", "list", "--all"],
            &["grant", "list", "mona"],
            &["key", "list"],
        ]
        .map(|list| desk.json(list, ""))
    };
    let before = everything();
    for command in [
        &["user", "delete", "mona"][..],
        &["app", "delete", &app],
        &["org", "delete", "acme"],
        &["team", "delete", "acme", "core"],
        &["token", "revoke", "--user", "mona"],
        &["token", "revoke", "--app", &app],
        &["grant", "revoke", &grant],
        &["key", "retire", &first],
        &["key", "rotate"],
    ] {
        // Not even a script that types the name has said that it means it.
        for typed in ["", "mona\n"] {
            let sentence = desk.mistyped(command, typed);
            assert!(
                sentence.starts_with("nothing was done: standard input is no terminal")
                    && sentence.ends_with("; give --yes if you mean it"),
                "{command:?}: {sentence}"
            );
        }
    }
    assert_eq!(everything(), before);
}
