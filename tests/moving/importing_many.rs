//! `counterfoil import` of more tokens than one statement inserts. On both engines.

use serde_json::{Value, json};

use super::importing::{CLIENT_ID, everything, on_both, write};

/// A token as one of many: its note is its end.
fn numbered(number: u64, login: &str, app: Option<&str>) -> Value {
    let mut token = json!({"type": "token", "login": login, "hashed_token": format!("{number:064}"),
        "token_last_eight": format!("{number:08}"), "note": format!("{number:08}")});
    if let Some(client_id) = app {
        token["app"] = json!(client_id);
        token["fingerprint"] = json!(format!("machine {number}"));
    }
    token
}

#[test]
fn each_of_many_tokens_is_the_one_of_its_line() {
    on_both(|desk| {
        let mut lines = everything();
        lines.extend((100..200).map(|number| match number % 3 {
            0 => numbered(number, "mona", None),
            1 => numbered(number, "hubot", None),
            _ => numbered(number, "mona", Some(CLIENT_ID)),
        }));
        write(desk, &lines);
        desk.run(&["import", "all.jsonl"]);
        let of = |login: &str, kind: &str| {
            desk.text(&format!(
                "SELECT CAST(count(*) AS text) FROM authorizations a JOIN token_digests d ON d.authorization_id = a.id
                JOIN accounts o ON o.id = a.account_id WHERE d.last_eight = a.note AND o.login = '{login}'
                AND a.kind = '{kind}'"
            ))
        };
        let found = [("mona", "personal"), ("hubot", "personal"), ("mona", "app")];
        assert_eq!(
            found.map(|(login, kind)| of(login, kind)),
            ["33", "34", "33"]
        );
        let events = desk.program.audit_trail();
        let made = events
            .iter()
            .filter(|event| event["action"] == "authorization.created");
        assert_eq!(made.count(), 103);
    });
}

#[test]
fn tokens_that_cannot_be_are_told_in_the_order_of_their_lines_however_many_go_at_once() {
    on_both(|desk| {
        let mut before = everything();
        before.push(numbered(1, "mona", Some(CLIENT_ID)));
        write(desk, &before);
        desk.run(&["import", "all.jsonl"]);
        let mut lines: Vec<_> = (100..180)
            .map(|number| numbered(number, "mona", None))
            .collect();
        // What was there before, what stands elsewhere in the file, and what is nowhere.
        lines[4]["note"] = json!("laptop");
        lines[19]["login"] = json!("nobody");
        lines[39] = numbered(139, "mona", Some(CLIENT_ID));
        lines[39]["fingerprint"] = json!("machine 1");
        lines[40]["hashed_token"] = lines[2]["hashed_token"].clone();
        lines[59]["note"] = lines[58]["note"].clone();
        lines[69]["hashed_token"] = json!("0".repeat(64));
        write(desk, &lines);
        let output = desk.program.command(&["import", "all.jsonl"], "");
        assert_eq!(output.status.code(), Some(1));
        let said: Vec<_> = output.stderr.lines().collect();
        let expected = [
            "error: nothing of all.jsonl was taken over:",
            "  line 5: another personal access token has this note",
            "  line 20: nobody is no user, here or in the file",
            "  line 40: another token for this app has this fingerprint",
            "  line 41: this token is already known",
            "  line 60: another personal access token has this note",
            "  line 70: this token is already known",
        ];
        assert_eq!(said, expected);
        assert_eq!(
            desk.text("SELECT CAST(count(*) AS text) FROM token_digests"),
            "4"
        );
    });
}
