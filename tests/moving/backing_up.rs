//! `counterfoil db backup` beside a server that is writing as fast as it can.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use counterfoil_testkit::StopAtEnd;
use counterfoil_testkit::postgres::Database;
use counterfoil_testkit::process::Person;

use super::desk::{Desk, look_up, token_body};

/// People who write at the same time.
const WRITERS: usize = 4;
/// Backups that are made meanwhile.
const BACKUPS: usize = 8;
/// Tokens that each has before the first backup begins, and more before each next one.
const BETWEEN: usize = 25;

/// Makes tokens until told to stop, and notes the id of each that was acknowledged.
fn write(person: &Person, base_url: &str, acknowledged: &Mutex<Vec<i64>>, stop: &AtomicBool) {
    let mut client = person.connect(base_url).expect("a connection");
    let mut number = 0;
    while !stop.load(Ordering::Acquire) {
        number += 1;
        let body = token_body(&format!("{number}"));
        let reply = client.must("POST", "/authorizations", Some(&body));
        reply.assert_status(201);
        acknowledged.lock().unwrap().push(reply.id());
    }
}

#[test]
fn a_backup_under_load_holds_all_that_was_acknowledged_before_it_began() {
    let logins: Vec<_> = (0..WRITERS).map(|number| format!("user{number}")).collect();
    let names: Vec<&str> = logins.iter().map(String::as_str).collect();
    let desk = Desk::with_users(&names);
    let settings = "[tokens]\nlive_per_user = 1000000\n";
    std::fs::write(desk.path("counterfoil.toml"), settings).unwrap();
    let server = desk.program.start_serve(&[]);
    let acknowledged = Mutex::new(Vec::new());
    let stop = AtomicBool::new(false);
    let mut sizes = Vec::new();
    thread::scope(|scope| {
        for login in &logins {
            let person = Person {
                login: login.clone(),
                password: format!("{login}'s password"),
            };
            let (acknowledged, stop, url) = (&acknowledged, &stop, &server.base_url);
            scope.spawn(move || write(&person, url, acknowledged, stop));
        }
        let _stop = StopAtEnd(&stop);
        for number in 1..=BACKUPS {
            while acknowledged.lock().unwrap().len() < number * BETWEEN {
                thread::yield_now();
            }
            let before = acknowledged.lock().unwrap().clone();
            let name = format!("backup-{number}.db");
            desk.run(&["db", "backup", &name]);
            desk.program.json(&["db", "verify", &name], "");
            let highest = before.iter().max().expect("there are some");
            let question = format!(
                "SELECT count(*) FROM authorizations WHERE ended_at IS NULL AND id IN ({})",
                before
                    .iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>()
                    .join(",")
            );
            let found = look_up(&desk.path(&name), &question);
            assert_eq!(usize::try_from(found), Ok(before.len()), "up to {highest}");
            sizes.push(before.len());
        }
    });
    let all = acknowledged.into_inner().unwrap().len();
    println!("{all} tokens made; backups were made after {sizes:?} of them");
    assert!(all > BACKUPS * BETWEEN);
}

#[test]
fn a_postgresql_database_is_backed_up_with_its_own_tools() {
    let database = Database::empty();
    let desk = Desk::empty();
    let url = database.url();
    desk.run(&["init", "--database-url", &url]);
    let sentence = desk.refused(&["db", "backup", "copy.db", "--database-url", &url]);
    assert!(sentence.contains("pg_dump"), "{sentence}");
    let sentence = desk.refused(&["db", "restore", "copy.db", "--database-url", &url]);
    assert!(sentence.contains("pg_restore"), "{sentence}");
}
