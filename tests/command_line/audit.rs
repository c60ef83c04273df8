//! `counterfoil audit`: lists, filters, pages, what is followed, and what a newer program wrote.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command};

use counterfoil_testkit::process::{FIRST_EVENTS, Person};
use serde_json::{Value, json};

use super::{Desk, PASSWORD, text};

/// A newer program beside this one writes an event in a form of its own.
const NEWER_EVENT: &str = "INSERT INTO audit_writers (id, program, started_at, head) VALUES ('newer', 'counterfoil 9.0.0', 1, 1);
    INSERT INTO audit_events (writer_id, writer_number, format, bytes, happened_at, action, actor, account_id, personal_salt, address)
    SELECT 'newer', 1, 3, b.bytes, e.happened_at + 1, 'policy.agreed', 'session:5', b.account_id, b.bytes, '192.0.2.7'
    FROM audit_events e, audit_events b WHERE b.action = 'user.created' ORDER BY e.happened_at DESC, e.id DESC LIMIT 1";

#[test]
fn an_event_in_a_form_that_this_program_does_not_know_is_listed_unread() {
    let desk = Desk::with_user();
    desk.program.database().run(NEWER_EVENT);
    let events = desk.events();
    let newer = events.last().expect("several events");
    assert_eq!(newer["format"], 3);
    // Its bytes would read like those of the form that is known: what they say may have another
    // meaning.
    assert_eq!(newer["details"], Value::Null);
    for (name, value) in [
        ("action", json!("policy.agreed")),
        ("actor", json!("session:5")),
        ("login", json!("mona")),
        ("address", json!("192.0.2.7")),
        ("writer", json!("newer")),
        ("writer_number", json!(1)),
    ] {
        assert_eq!(newer[name], value, "{name}");
    }
    let table = desk.printed(&["audit", "list"], "");
    let line = table.lines().nth(1).expect("the newest event");
    assert!(
        line.contains("user mona (details in form 3, not read)"),
        "{line}"
    );
    // An event in the known form says so, and is read.
    assert_eq!(events[1]["format"], 2);
    assert!(events[1]["details"].is_object());
}

#[test]
fn the_trail_is_whole_with_an_event_in_a_form_that_this_program_does_not_know() {
    let desk = Desk::with_user();
    desk.program.database().run(NEWER_EVENT);
    let said = desk.run(&["doctor"], "");
    let said = format!("{}{}", said.stdout, said.stderr);
    assert!(!said.contains("audit trail of"), "{said}");
    // And it is the trail that is looked at: an event that is missing is found.
    let lost = "UPDATE audit_writers SET head = 2 WHERE id = 'newer'";
    desk.program.database().run(lost);
    let said = desk.run(&["doctor"], "");
    let said = format!("{}{}", said.stdout, said.stderr);
    assert!(
        said.contains("the audit trail of newer should have 2 events and has 1"),
        "{said}"
    );
}

/// One list in both orders, by pages of so many events.
fn paged(desk: &Desk, order: &[&str], limit: &str) -> Vec<i64> {
    let mut cursor: Option<String> = None;
    let mut ids = Vec::new();
    loop {
        let mut list = vec!["audit", "list", "--limit", limit];
        match &cursor {
            Some(cursor) => list.extend(["--cursor", cursor]),
            None => list.extend(order),
        }
        let page = desk.json(&list, "");
        let events = page["events"].as_array().expect("a list").clone();
        ids.extend(events.iter().filter_map(|event| event["id"].as_i64()));
        match page["next_cursor"].as_str() {
            Some(next) if !events.is_empty() => cursor = Some(next.to_owned()),
            _ => return ids,
        }
    }
}

#[test]
fn events_are_listed_newest_first_and_paged_by_cursors() {
    let desk = Desk::with_user();
    desk.done(&["user", "suspend", "mona"], "");
    desk.done(&["user", "unsuspend", "mona"], "");
    let all: Vec<_> = desk
        .events()
        .iter()
        .filter_map(|event| event["id"].as_i64())
        .collect();
    assert_eq!(all.len(), FIRST_EVENTS.len() + 3);
    let mut newest_first = paged(&desk, &[], "3");
    newest_first.reverse();
    assert_eq!(newest_first, all);
    assert_eq!(paged(&desk, &["--oldest-first"], "3"), all);
    // What is committed later comes after the last page of a list that begins with the oldest.
    let everything = desk.json(&["audit", "list", "--oldest-first"], "");
    let cursor = text(&everything["next_cursor"]);
    let list = ["audit", "list", "--cursor", &cursor];
    let said = desk.run(&list, "").succeeded();
    assert_eq!(said.stdout, "");
    assert!(
        said.stderr
            .starts_with("note: these are all events so far; go on with --cursor "),
        "{}",
        said.stderr
    );
    desk.done(&["user", "suspend", "mona"], "");
    let since = desk.json(&list, "");
    assert_eq!(since["events"].as_array().map(Vec::len), Some(1));
    assert_eq!(since["events"][0]["action"], "user.suspended");
    // What is no cursor, or one of another database, is refused in a sentence.
    let cut = desk.mistyped(&["audit", "list", "--cursor", &cursor[1..]], "");
    assert!(
        cut.contains("a cursor is what an earlier list gave, unchanged, and this is none"),
        "{cut}"
    );
    let other = Desk::with_installation();
    let refused = other.refused(&list, "");
    assert_eq!(
        refused,
        "this cursor is of another database, or of this one before it was restored; begin again without one"
    );
    let newest = desk.json(&["audit", "list", "--limit", "1"], "");
    let newest = text(&newest["next_cursor"]);
    for turn in ["--oldest-first", "--follow"] {
        let refused = desk.mistyped(&["audit", "list", turn, "--cursor", &newest], "");
        assert!(refused.contains("newest first"), "{refused}");
    }
}

/// The actions of what these options leave, newest first.
fn found(desk: &Desk, options: &[&str]) -> Vec<String> {
    let listed = desk.json(&[&["audit", "list"], options].concat(), "");
    let events = listed["events"].as_array().expect("a list").iter();
    events.map(|event| text(&event["action"])).collect()
}

#[test]
fn filters_name_what_is_wanted_also_when_it_is_deleted() {
    let (desk, client_id, _) = Desk::with_app();
    let token = ["token", "create", "mona", "--note", "n", "--scopes", "repo"];
    desk.json(&token, "");
    let server = desk.program.start_serve(&[]);
    let mut mona = Person::new("mona", PASSWORD)
        .connect(&server.base_url)
        .expect("a connection");
    let body = json!({"note": "by http"});
    let made = mona.must("POST", "/authorizations", Some(&body));
    let request = made
        .header("x-github-request-id")
        .expect("an id")
        .to_owned();
    let digest = text(&made.json()["hashed_token"]);
    server.terminate();
    desk.done(&["user", "delete", "mona", "--yes"], "");
    // By the request, as the client saw it.
    let of_request = found(&desk, &["--request", &request]);
    assert_eq!(of_request[0], "authorization.created");
    assert!(of_request.len() <= 2, "{of_request:?}");
    // By the token: when it was made, and when it ended.
    assert_eq!(
        found(&desk, &["--token-digest", &digest]),
        ["token.ended", "authorization.created"]
    );
    let made = ["--action", "authorization.created"];
    for who in [["--actor", "mona"], ["--address", "127.0.0.1"]] {
        let found = found(&desk, &[who, made].concat());
        assert_eq!(found, ["authorization.created"], "{who:?}");
    }
    assert_eq!(
        found(&desk, &["--app", &client_id, "--actor", "os_user"]),
        ["app.created"]
    );
    let of_mona = found(&desk, &["--user", "mona"]);
    for action in ["user.created", "user.deleted"] {
        assert!(of_mona.iter().any(|found| found == action), "{of_mona:?}");
    }
    assert_eq!(
        found(&desk, &["--user", "mona", "--until", "24h"]),
        [] as [&str; 0]
    );
}

#[test]
fn a_name_stays_with_what_it_named() {
    let (desk, client_id, _) = Desk::with_app();
    desk.done(&["org", "create", "acme"], "");
    desk.done(&["org", "member", "add", "acme", "mona"], "");
    desk.done(&["org", "delete", "acme", "--yes"], "");
    desk.done(&["user", "delete", "mona", "--yes"], "");
    let of_acme = found(&desk, &["--organization", "acme"]);
    assert_eq!(
        of_acme,
        [
            "organization.deleted",
            "organization.member_added",
            "organization.created"
        ]
    );
    let two = ["--action", "user.created", "--action", "user.deleted"];
    assert_eq!(found(&desk, &two), ["user.deleted", "user.created"]);
    let events = desk.events();
    let of = |action: &str| {
        // Not what the installation was made with.
        let mut all = events.iter().filter(|event| event["action"] == action);
        let last = all.next_back();
        last.unwrap_or_else(|| panic!("no {action}")).clone()
    };
    let deleted = of("user.deleted");
    assert_eq!(deleted["login"], "mona");
    assert!(deleted["details"]["tokens"].is_u64(), "{deleted}");
    let founded = of("organization.created");
    assert_eq!(
        (&founded["organization"], &founded["login"]),
        (&json!("acme"), &Value::Null)
    );
    let joined = of("organization.member_added");
    assert_eq!(
        (&joined["organization"], &joined["login"]),
        (&json!("acme"), &json!("mona"))
    );
    assert_eq!(of("app.created")["app"], json!(client_id));
    let table = desk.printed(&["audit", "list"], "");
    for words in [
        "user mona organization acme",
        "organization acme login=acme",
        "user mona app ",
    ] {
        assert!(table.contains(words), "{words}: {table}");
    }
    assert!(!table.contains('#'), "{table}");
}

#[test]
fn a_filter_that_can_mean_nothing_is_refused() {
    let desk = Desk::with_user();
    for (options, said) in [
        (["--user", "nobody"], "no user is or was called nobody"),
        (
            ["--organization", "mona"],
            "no organization is or was called mona",
        ),
        (["--actor", "nobody"], "no user is or was called nobody"),
        (
            ["--app", "0123456789abcdef0123"],
            "no app has or had the client ID 0123456789abcdef0123",
        ),
    ] {
        assert_eq!(
            desk.refused(&[&["audit", "list"], &options[..]].concat(), ""),
            said
        );
    }
    for (options, said) in [
        (["--action", "token.endet"], "token.ended"),
        (["--address", "localhost"], "an address is"),
        (["--request", "7b1f"], "32 hexadecimal digits"),
        (["--actor", "team:x"], "an actor is"),
    ] {
        let arguments = [&["audit", "list"], &options[..]].concat();
        let output = desk.run(&arguments, "");
        assert_eq!(output.status.code(), Some(2), "{options:?}");
        assert!(output.stderr.contains(said), "{}", output.stderr);
    }
    // What may be a token is not repeated.
    let token = "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";
    let refused = desk.mistyped(&["audit", "list", "--token-digest", token], "");
    assert!(
        refused.contains("64 hexadecimal digits") && !refused.contains(token),
        "{refused}"
    );
}

/// A command that follows the trail, once it has said that it does.
fn following(desk: &Desk, options: &[&str]) -> (Child, BufReader<ChildStdout>) {
    let mut child = desk
        .program
        .spawn(&[&["audit", "list", "--follow"], options].concat());
    let mut said = BufReader::new(child.stderr.take().expect("it was piped"));
    let mut line = String::new();
    said.read_line(&mut line).expect("it says that it follows");
    assert_eq!(line, "note: following the audit trail; Ctrl-C ends it\n");
    // Nobody reads the rest, and it must not end because of that.
    child.stderr = Some(said.into_inner());
    let out = child.stdout.take().expect("it was piped");
    (child, BufReader::new(out))
}

fn interrupt(child: &Child) {
    let id = child.id().to_string();
    let sent = Command::new("sh")
        .args(["-c", "kill -s INT \"$0\"", &id])
        .status();
    assert!(sent.expect("sh can be started").success());
}

fn line(out: &mut BufReader<ChildStdout>) -> String {
    let mut line = String::new();
    out.read_line(&mut line)
        .expect("it prints what is committed");
    line
}

#[test]
fn what_is_committed_is_followed_until_nobody_wants_it_any_more() {
    let desk = Desk::with_user();
    let (mut objects, mut out) = following(&desk, &["--json", "--user", "mona"]);
    let (mut table, mut rows) = following(&desk, &["--since", "1h", "--action", "user.suspended"]);
    assert!(line(&mut rows).starts_with("TIME "));
    desk.json(&["user", "create", "hubot"], PASSWORD);
    desk.done(&["user", "suspend", "mona"], "");
    let event: Value = serde_json::from_str(&line(&mut out)).expect("an object a line");
    assert_eq!(
        (&event["action"], &event["login"]),
        (&json!("user.suspended"), &json!("mona"))
    );
    assert!(line(&mut rows).ends_with("user mona\n"));
    // Nobody reads any more.
    drop(rows);
    assert!(table.wait().expect("it ends").success());
    // Ctrl-C.
    interrupt(&objects);
    assert!(objects.wait().expect("it ends").success());
}
