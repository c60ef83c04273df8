//! What only this engine can be asked: whether the server understands what it is told.

use counterfoil_testkit::postgres::Database;

use super::*;
use crate::engine::sqlite::tests::statements::all_statements;
use crate::statement::Statement;

/// Those that are PostgreSQL's alone.
fn own_statements() -> impl Iterator<Item = (String, Statement)> {
    let files = [
        ("postgres", STATEMENTS),
        ("postgres::connection", connection::STATEMENTS),
        ("postgres::schema", schema::STATEMENTS),
        ("postgres::size", size::STATEMENTS),
    ];
    files.into_iter().flat_map(|(file, statements)| {
        let named =
            move |statement: &Statement| (format!("{file}::{}", statement.name), *statement);
        statements.iter().map(named)
    })
}

#[tokio::test]
async fn every_statement_is_one_that_the_server_understands() {
    let database = Database::new();
    let (client, connection) = tokio_postgres::connect(&database.url(), tokio_postgres::NoTls)
        .await
        .unwrap();
    let driver = tokio::spawn(connection);
    let mut failures = Vec::new();
    let (mut prepared, mut locking) = (0, 0);
    for (name, statement) in all_statements().into_iter().chain(own_statements()) {
        let text = connection::text_of(statement);
        if let Err(error) = client.prepare(&text).await {
            failures.push(format!("{name}: {:?}", error.as_db_error()));
        }
        prepared += 1;
        locking += usize::from(statement.lock != crate::statement::Lock::None);
    }
    assert_eq!(failures, [] as [String; 0]);
    assert!(
        prepared > 150 && locking > 5,
        "{prepared}, {locking} of them lock"
    );
    drop(client);
    driver.await.unwrap().unwrap();
}

/// What the server reads for one of the statements, with these values for its parameters.
fn plan_of(database: &Database, name: &str, values: &[i64]) -> String {
    let mut statements = all_statements().into_iter();
    let found = statements.find(|(known, _)| known == name);
    let (_, statement) = found.expect("there is a statement of this name");
    let numbered = values.iter().zip(1..);
    let text = numbered.fold(statement.text.to_owned(), |text, (value, number)| {
        text.replace(&format!("${number}"), &value.to_string())
    });
    let rows = database.rows(&format!("EXPLAIN {text}")).into_iter();
    rows.flatten().flatten().collect::<Vec<_>>().join("\n")
}

#[test]
fn the_clean_up_finds_old_traces_without_reading_those_that_stay() {
    let database = Database::new();
    database.run(
        "INSERT INTO accounts (id, kind, login, login_key, site_administrator, credential_version, created_at, updated_at)
            VALUES (1, 'user', 'mona', 'mona', 0, 1, 0, 0);
        INSERT INTO totp_steps SELECT 1, n, 'here', 0, n FROM generate_series(1, 20000) n;
        INSERT INTO sign_in_addresses SELECT 1, n::text, n FROM generate_series(1, 20000) n;
        INSERT INTO recovery_codes (account_id, digest, created_at, ended_at, end_reason)
            SELECT 1, '', 0, n, 'used' FROM generate_series(1, 20000) n;
        ANALYZE",
    );
    for (name, index) in [
        ("clean_up::OLD_STEPS", "totp_steps_by_use"),
        ("clean_up::OLD_ADDRESSES", "sign_in_addresses_by_time"),
        ("clean_up::OLD_RECOVERY_CODES", "recovery_codes_by_end"),
    ] {
        // Few are old, and then all of them are.
        for before in [100, 20_000] {
            let plan = plan_of(&database, name, &[before, 1_000]);
            assert!(plan.contains(index), "{name}: {plan}");
            assert!(!plan.contains("Seq Scan"), "{name}: {plan}");
        }
    }
}

#[test]
fn a_user_s_ended_tokens_are_found_without_reading_those_of_others() {
    let database = Database::new();
    database.run(
        "INSERT INTO accounts (id, kind, login, login_key, site_administrator, credential_version, created_at, updated_at)
            SELECT n, 'user', 'user' || n, 'user' || n, 0, 1, 0, 0 FROM generate_series(1, 1000) n;
        INSERT INTO authorizations (id, account_id, kind, provenance, scopes, scope_set_key, note, created_at, updated_at, ended_at, end_reason)
            SELECT n, 1 + n % 1000, 'personal', 'page', '', '', n, n, n, n, 'deleted_by_owner' FROM generate_series(1, 20000) n;
        INSERT INTO authorizations (id, account_id, kind, provenance, scopes, scope_set_key, note, created_at, updated_at)
            SELECT n, 1 + n % 1000, 'personal', 'page', '', '', n, n, n FROM generate_series(20001, 40000) n;
        INSERT INTO token_digests (authorization_id, digest_head, digest, last_eight, created_at, ended_at, end_reason)
            SELECT n, n, '', '', n, n, 'deleted_by_owner' FROM generate_series(1, 20000) n;
        INSERT INTO token_digests (authorization_id, digest_head, digest, last_eight, created_at)
            SELECT n, n, '', '', n FROM generate_series(20001, 40000) n;
        ANALYZE",
    );
    for (name, values) in [
        (
            "authorizations::ENDED",
            [7, 50_000, 0, 100, 1_000, 0, 30, 0].as_slice(),
        ),
        (
            "authorizations::COUNTS",
            &[7, 50_000, 0, 100, 1_000, 0, 60_000],
        ),
        ("authorizations::LIVE", &[7, 50_000, 0, 30, 0]),
        ("authorizations::MADE_ON_PAGES", &[7, 19_000]),
    ] {
        let plan = plan_of(&database, name, values);
        let reads = |table: &str| plan.contains(&format!("Seq Scan on {table}"));
        let read = ["authorizations", "token_digests"].map(reads);
        assert_eq!(read, [false, false], "{name}: {plan}");
    }
}

#[test]
fn what_a_user_is_shown_of_the_trail_is_found_without_reading_that_of_others() {
    let database = Database::new();
    database.run(
        "INSERT INTO audit_writers (id, program, started_at, head) VALUES ('w', 'test', 0, 0);
        INSERT INTO audit_events (writer_id, writer_number, format, bytes, happened_at, action, actor, account_id,
                authorization_id, personal_salt)
            SELECT 'w', n, 2, '', n, (ARRAY['sign_in.failed', 'user.changed', 'user.otp_used', 'authorization.created'])[1 + n % 4],
                'program', 1 + n / 4 % 2, CASE n % 4 WHEN 3 THEN n END, '' FROM generate_series(1, 40000) n;
        ANALYZE",
    );
    for (name, index) in [
        ("trail::OF_ACCOUNT", "audit_events_by_account"),
        ("trail::REFUSALS", "audit_events_by_refusal"),
    ] {
        let plan = plan_of(&database, name, &[1, 200]);
        assert!(plan.contains(index), "{name}: {plan}");
        for slow in ["Seq Scan", "Sort"] {
            assert!(!plan.contains(slow), "{name}: {plan}");
        }
    }
}
