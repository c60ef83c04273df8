//! Whoever follows the audit trail while the database cannot be reached.

use std::io::{BufRead, BufReader, Read};

use counterfoil_testkit::process::Manner;
use serde_json::Value;

use super::Site;

/// The next line.
fn line(from: &mut impl BufRead) -> String {
    let mut line = String::new();
    from.read_line(&mut line).expect("it goes on");
    line
}

#[test]
fn who_follows_the_trail_is_told_that_the_database_is_away_and_misses_nothing() {
    let site = Site::new();
    site.operator.init();
    let mut follower = site.node.spawn(&["audit", "list", "--follow", "--json"]);
    let mut out = BufReader::new(follower.stdout.take().expect("it was piped"));
    let mut said = BufReader::new(follower.stderr.take().expect("it was piped"));
    assert!(line(&mut said).starts_with("note: following the audit trail"));
    site.proxy.set(Manner::Cut);
    let away = line(&mut said);
    assert!(
        away.starts_with("note: ") && away.ends_with("; going on when it does\n"),
        "{away}"
    );
    // Committed while nobody could hear of it.
    site.operator.add_user("mona");
    site.proxy.set(Manner::Pass);
    assert_eq!(line(&mut said), "note: the database answers again\n");
    let event: Value = serde_json::from_str(&line(&mut out)).expect("an object a line");
    assert_eq!(
        (&event["action"], &event["login"]),
        (&"user.created".into(), &"mona".into())
    );
    follower.kill().expect("it is our own");
    follower.wait().expect("it ends");
    let mut rest = String::new();
    out.read_to_string(&mut rest).expect("text");
    assert_eq!(rest, "");
}
