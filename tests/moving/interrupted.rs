//! A restore that is killed at any moment leaves the old database or the new one, whole.

use std::time::{Duration, Instant};

use super::desk::Desk;

/// How often it is killed.
const ROUNDS: u32 = 48;
/// Tokens in the database, so that a restore takes a while.
const TOKENS: usize = 2_000;

#[test]
fn a_restore_that_is_killed_leaves_the_old_database_or_the_new_one() {
    let desk = Desk::with_users(&["mona"]);
    let (_, kept) = desk.token("mona", "kept");
    let (revoked, revoked_token) = desk.token("mona", "revoked");
    fill(&desk);
    desk.run(&["db", "backup", "backup.db"]);
    desk.run(&["token", "revoke", &revoked.to_string()]);
    // What a whole one takes, to spread the kills over it and a little beyond.
    let begun = Instant::now();
    desk.run(&["db", "restore", "backup.db"]);
    let whole = begun.elapsed();

    let (mut old, mut new) = (0, 0);
    for round in 0..ROUNDS {
        desk.program.add_user(&format!("since-{round}"));
        let mut child = desk.program.spawn(&["db", "restore", "backup.db"]);
        if round + 1 == ROUNDS {
            // One is left to its end, so that both sides of the rename are seen however slow the
            // machine is.
            child.wait().expect("our own child can be waited for");
        } else {
            let moment = whole * (round % 24) / 14 + Duration::from_micros(u64::from(round) * 137);
            let begun = Instant::now();
            while begun.elapsed() < moment {
                std::hint::spin_loop();
            }
            child.kill().expect("our own child can be killed");
            child.wait().expect("our own child can be waited for");
        }

        assert_nothing_is_wrong(&desk);
        let live = desk.look_up(&format!(
            "SELECT count(*) FROM accounts WHERE login = 'since-{round}' AND ended_at IS NULL"
        ));
        if live == 1 {
            old += 1;
        } else {
            new += 1;
        }
        assert!(desk.is_live(&kept), "round {round}");
        assert!(!desk.is_live(&revoked_token), "round {round}");
        assert_eq!(
            rusqlite::Connection::open(desk.database())
                .unwrap()
                .query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0))
                .unwrap(),
            "ok"
        );
    }
    println!(
        "{ROUNDS} restores were killed within {whole:?}: {old} left the old database, {new} the new one"
    );
    assert!(
        old > 0 && new > 0,
        "the kills fell on both sides of the rename"
    );
    // What was left lying about is in nobody's way.
    desk.run(&["db", "restore", "backup.db"]);
    assert!(
        !desk
            .path("counterfoil-data/counterfoil.db.restoring")
            .exists()
    );
}

/// Beside which settings it read, a command that migrates says where the database stands, and no
/// more.
fn assert_nothing_is_wrong(desk: &Desk) {
    let said = desk.run(&["db", "migrate"]);
    let said: Vec<_> = said
        .lines()
        .filter(|line| !line.starts_with("note: "))
        .collect();
    assert_eq!(said.len(), 1, "{said:?}");
}

/// Makes many tokens at once, as an import does.
fn fill(desk: &Desk) {
    use std::fmt::Write as _;
    let mut lines = String::new();
    for number in 0..TOKENS {
        writeln!(
            lines,
            r#"{{"type":"token","login":"mona","hashed_token":"{number:064x}","note":"{number}","scopes":["repo"]}}"#
        )
        .unwrap();
    }
    std::fs::write(desk.path("many.jsonl"), lines).unwrap();
    std::fs::write(
        desk.path("counterfoil.toml"),
        "[tokens]\nlive_per_user = 1000000\n",
    )
    .unwrap();
    desk.run(&["import", "many.jsonl"]);
}
