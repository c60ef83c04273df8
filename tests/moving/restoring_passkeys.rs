//! What becomes of passkeys in a restored database: they are what the replaced one says they are,
//! as authenticators' seeds are, and a credential id is never given again.

use super::desk::Desk;

fn write(desk: &Desk, statements: &str) {
    let file = rusqlite::Connection::open(desk.database()).expect("it can be opened");
    file.execute_batch(statements).expect("it can be written");
}

/// A passkey of a user, as a page leaves it.
fn add(desk: &Desk, login: &str, credential: &str) {
    write(
        desk,
        &format!(
            "INSERT INTO passkeys (account_id, credential_id, user_handle, public_key, algorithm, rp_id, sign_count,
                backup_eligible, backed_up, transports, name, created_at)
            SELECT id, x'{credential}', zeroblob(64), x'01', 'ES256', 'a.example', 0, 0, 0, '', '{credential}', 1
            FROM accounts WHERE login = '{login}'"
        ),
    );
}

#[test]
fn passkeys_are_those_of_the_replaced_database_and_challenges_are_gone() {
    let desk = Desk::with_users(&["mona"]);
    add(&desk, "mona", "0a");
    add(&desk, "mona", "0b");
    write(
        &desk,
        "INSERT INTO passkey_challenges (digest, ceremony, holder, address_key, created_at)
            VALUES (x'01', 'sign_in', 'visitor:01', '192.0.2.1', 9000000000000000)",
    );
    desk.run(&["db", "backup", "backup.db"]);
    write(
        &desk,
        "UPDATE passkeys SET ended_at = 2, end_reason = 'deleted_by_owner' WHERE credential_id = x'0a';
        UPDATE passkeys SET sign_count = 7 WHERE credential_id = x'0b'",
    );
    add(&desk, "mona", "0c");
    desk.program.add_user("later");
    add(&desk, "later", "0d");
    desk.run(&["db", "restore", "backup.db"]);
    let count =
        |condition: &str| desk.look_up(&format!("SELECT count(*) FROM passkeys WHERE {condition}"));
    assert_eq!(
        count("credential_id = x'0a' AND end_reason = 'deleted_by_owner'"),
        1
    );
    assert_eq!(
        count("credential_id = x'0b' AND ended_at IS NULL AND sign_count = 7"),
        1
    );
    assert_eq!(count("credential_id = x'0c' AND ended_at IS NULL"), 1);
    // Of a user whom the backup does not know the id stays taken, and opens nothing.
    assert_eq!(
        count("credential_id = x'0d' AND end_reason = 'restored'"),
        1
    );
    assert_eq!(count("1 = 1"), 4);
    assert_eq!(desk.look_up("SELECT count(*) FROM passkey_challenges"), 0);
}

#[test]
fn without_the_replaced_database_no_challenge_comes_back() {
    let desk = Desk::with_users(&["mona"]);
    add(&desk, "mona", "0a");
    write(
        &desk,
        "INSERT INTO passkey_challenges (digest, ceremony, holder, address_key, created_at)
            VALUES (x'01', 'sign_in', 'visitor:01', '192.0.2.1', 9000000000000000)",
    );
    desk.run(&["db", "backup", "backup.db"]);
    std::fs::remove_file(desk.database()).expect("it is there");
    desk.run(&["db", "restore", "backup.db"]);
    let live = "SELECT count(*) FROM passkeys WHERE ended_at IS NULL";
    assert_eq!(desk.look_up(live), 1);
    assert_eq!(desk.look_up("SELECT count(*) FROM passkey_challenges"), 0);
}
