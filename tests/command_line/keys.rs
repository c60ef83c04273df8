//! `counterfoil key`, and what a process without the right key says.

use std::fs;

use counterfoil_testkit::Engine;
use counterfoil_testkit::process::{Connection, basic};
use serde_json::json;

use super::{Desk, PASSWORD, code_now, text};

fn key_file(desk: &Desk) -> std::path::PathBuf {
    desk.folder.path().join("counterfoil-data/keys")
}

/// The ids and states of all keys.
fn keys(desk: &Desk) -> Vec<(String, String)> {
    let listed = desk.json(&["key", "list"], "");
    let listed = listed.as_array().expect("a list of keys");
    listed
        .iter()
        .map(|key| (text(&key["id"]), text(&key["state"])))
        .collect()
}

#[test]
fn a_key_is_added_rotated_to_and_retired_while_codes_go_on_working() {
    let desk = Desk::with_user();
    let secret = text(&desk.json(&["user", "otp", "enable", "mona"], "")["secret"]);
    let server = desk.program.start_serve(&[]);
    let works = || {
        let code = code_now(&secret);
        let mut connection = Connection::open(&server.base_url).unwrap();
        let headers = [
            ("authorization", basic("mona", PASSWORD)),
            ("x-github-otp", code),
        ];
        let headers = headers
            .each_ref()
            .map(|(name, value)| (*name, value.as_str()));
        connection
            .ask("GET", "/api/v3/user", &headers, None)
            .unwrap()
            .status
            == 200
    };
    assert!(works());
    let first = keys(&desk)[0].0.clone();
    let added = text(&desk.json(&["key", "add"], "")["id"]);
    assert_eq!(
        desk.refused(&["key", "retire", &first, "--yes"], ""),
        format!(
            "key {first} is in use; run `counterfoil key rotate` first, which seals everything under another one"
        )
    );
    // The key under which short secrets are digested, that of the audit trail, and the seed of
    // mona's codes.
    assert_eq!(
        desk.json(&["key", "rotate", "--yes"], ""),
        json!({"id": added, "resealed_values": 3})
    );
    assert!(works());
    desk.done(&["key", "retire", &first, "--yes"], "");
    assert!(works());
    assert_eq!(
        keys(&desk),
        [
            (first.clone(), "retired".to_owned()),
            (added.clone(), "primary".to_owned())
        ]
    );
    let file = fs::read_to_string(key_file(&desk)).unwrap();
    assert!(file.starts_with(&added) && !file.contains(&first));
    assert_eq!(
        desk.refused(&["key", "retire", &first, "--yes"], ""),
        format!("key {first} was retired before")
    );
    assert_eq!(
        desk.refused(&["key", "retire", "00000000", "--yes"], ""),
        "there is no key 00000000; `counterfoil key list` shows all keys"
    );
    desk.mistyped(&["key", "retire", "first"], "");
}

#[test]
fn a_given_key_is_taken_from_standard_input() {
    let desk = Desk::with_user();
    let given = "0badcafe:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    assert_eq!(
        desk.json(&["key", "add", "--key-stdin"], given),
        json!({"id": "0badcafe"})
    );
    assert_eq!(
        desk.refused(&["key", "add", "--key-stdin"], "0badcafe:short"),
        "standard input holds no key; a key is ID:BASE64, eight hexadecimal digits and 32 bytes in base 64"
    );
    assert_eq!(
        desk.refused(&["key", "add", "--key-stdin"], given),
        "the database knows this key already; give another one"
    );
}

#[test]
fn without_the_key_nothing_starts_and_its_id_is_named() {
    let desk = Desk::with_user();
    let id = keys(&desk)[0].0.clone();
    let key = fs::read_to_string(key_file(&desk)).unwrap();
    fs::remove_file(key_file(&desk)).unwrap();
    for command in [&["user", "list"][..], &["serve", "--listen", "127.0.0.1:0"]] {
        let sentence = desk.refused(command, "");
        assert!(
            sentence.contains(&format!("sealed under key {id}, which was not given")),
            "{sentence}"
        );
    }
    // None is invented in its place.
    assert!(!key_file(&desk).exists());
    let (_, other) = key.trim().split_once(':').unwrap();
    let first = if other.starts_with('A') { "B" } else { "A" };
    let forged = format!("{id}:{first}{}\n", &other[1..]);
    desk.data_file("keys", &forged);
    let sentence = desk.refused(&["user", "list"], "");
    assert!(
        sentence.contains(&format!("the key given as {id} is not the one")),
        "{sentence}"
    );
    assert!(!sentence.contains(other));
}

#[test]
fn the_environment_may_hold_the_key_and_the_file_those_that_are_added() {
    let given = "0badcafe:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    let mut desk = Desk::with_files("a rotation makes a key only where no other node needs it");
    desk.program = desk.program.with_environment("COUNTERFOIL_KEY", given);
    desk.program.init();
    desk.done(&["user", "create", "mona"], PASSWORD);
    assert_eq!(keys(&desk), [("0badcafe".to_owned(), "primary".to_owned())]);
    assert!(!key_file(&desk).exists());
    let rotated = text(&desk.json(&["key", "rotate", "--yes"], "")["id"]);
    desk.done(&["key", "retire", "0badcafe", "--yes"], "");
    assert!(
        fs::read_to_string(key_file(&desk))
            .unwrap()
            .starts_with(&rotated)
    );
    desk.json(&["user", "list"], "");
}

#[test]
fn nothing_is_sealed_under_a_key_that_other_nodes_do_not_have() {
    let desk = Desk::on(Engine::Postgres).and_user();
    let before = keys(&desk);
    assert_eq!(
        desk.refused(&["key", "rotate", "--yes"], ""),
        "other nodes may share this database and need the new key first: run `counterfoil key add`, copy the key file to every node, then run `counterfoil key rotate` again"
    );
    assert_eq!(keys(&desk), before);
    let added = text(&desk.json(&["key", "add"], "")["id"]);
    assert_eq!(
        text(&desk.json(&["key", "rotate", "--yes"], "")["id"]),
        added
    );
}

#[test]
fn a_malformed_key_in_the_environment_is_not_repeated() {
    let mut desk = Desk::empty();
    desk.program = desk.program.with_environment("COUNTERFOIL_KEY", "s3cret");
    let sentence = desk.refused(&["user", "create", "mona"], PASSWORD);
    assert!(
        sentence.starts_with("COUNTERFOIL_KEY does not hold a key") && !sentence.contains("s3cret")
    );
}
