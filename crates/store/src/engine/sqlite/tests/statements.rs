//! Which way statements take, and how their parameters are bound.

use super::*;
use crate::{
    accounts, addresses, apps, audit, authorizations, changes, clean_up, codes, copy, devices,
    gateway, grants, import, installation, keys, leases, links, maintenance, nodes, oauth,
    organizations, outbox, passkeys, refresh_tokens, restore, second_factor, seeds, sessions,
    sign_in, trail, two_factor, uses, verify, writing,
};

/// Every statement with the file it stands in.
pub(crate) fn all_statements() -> Vec<(String, Statement)> {
    let mut files: Vec<(&str, &[Statement])> = vec![
        ("addresses", addresses::STATEMENTS),
        ("audit", audit::STATEMENTS),
        ("changes", changes::STATEMENTS),
        ("clean_up", clean_up::STATEMENTS),
        ("codes", codes::STATEMENTS),
        ("copy", copy::STATEMENTS),
        ("devices", devices::STATEMENTS),
        ("gateway", gateway::STATEMENTS),
        ("import", import::STATEMENTS),
        ("installation", installation::STATEMENTS),
        ("keys", keys::STATEMENTS),
        ("leases", leases::STATEMENTS),
        ("maintenance", maintenance::STATEMENTS),
        ("nodes", nodes::STATEMENTS),
        ("refresh_tokens", refresh_tokens::STATEMENTS),
        ("restore", restore::STATEMENTS),
        ("second_factor", second_factor::STATEMENTS),
        ("seeds", seeds::STATEMENTS),
        ("uses", uses::STATEMENTS),
        ("verify", verify::STATEMENTS),
    ];
    files.extend(two_factor::ALL_STATEMENTS.map(|statements| ("two_factor", statements)));
    files.extend(trail::ALL_STATEMENTS.map(|statements| ("trail", statements)));
    files.extend(sessions::STATEMENTS.map(|statements| ("sessions", statements)));
    files.extend(sign_in::STATEMENTS.map(|statements| ("sign_in", statements)));
    files.extend(links::STATEMENTS.map(|statements| ("links", statements)));
    files.extend(oauth::STATEMENTS.map(|statements| ("oauth", statements)));
    files.extend(passkeys::ALL_STATEMENTS.map(|statements| ("passkeys", statements)));
    files.extend(outbox::STATEMENTS.map(|statements| ("outbox", statements)));
    files.extend(writing::STATEMENTS.map(|statements| ("writing", statements)));
    files.extend(accounts::STATEMENTS.map(|statements| ("accounts", statements)));
    files.extend(apps::STATEMENTS.map(|statements| ("apps", statements)));
    files.extend(grants::STATEMENTS.map(|statements| ("grants", statements)));
    files.extend(organizations::ALL_STATEMENTS.map(|statements| ("organizations", statements)));
    files.extend(authorizations::STATEMENTS.map(|statements| ("authorizations", statements)));
    let named = files.into_iter().flat_map(|(file, statements)| {
        statements
            .iter()
            .map(move |statement| (format!("{file}::{}", statement.name), *statement))
    });
    named.collect()
}

#[test]
fn parameters_are_bound_by_their_number_wherever_they_stand() {
    let database = Database::new("numbers");
    let text = statement("SWAPPED", "SELECT $2, $1, $3, $2");
    let Row { values, .. } = database
        .reader()
        .optional(text, params!["one", 2_i64, &[3_u8]])
        .unwrap()
        .unwrap();
    let swapped = [
        Value::from(2_i64),
        Value::from("one"),
        Value::from(&[3_u8]),
        Value::from(2_i64),
    ];
    assert_eq!(values, swapped);
}

#[test]
fn parameters_too_few_or_too_many_are_an_error() {
    let database = Database::new("parameters");
    let text = statement("TWO", "SELECT $1, $2");
    for given in [
        params![1_i64].as_slice(),
        params![1_i64, 2_i64, 3_i64].as_slice(),
    ] {
        let error = database.reader().rows(text, given).unwrap_err();
        assert!(matches!(error, StoreError::Unavailable(_)), "{error}");
    }
}

#[test]
fn every_statement_is_one_that_the_engine_understands() {
    let database = Database::new("understands");
    let connection = database.sqlite.open_reader().unwrap();
    let own = bulk::STATEMENTS
        .iter()
        .map(|statement| (format!("sqlite::bulk::{}", statement.name), *statement));
    for (name, statement) in all_statements().into_iter().chain(own) {
        let prepared = connection
            .prepare(statement.text)
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        for index in 1..=prepared.parameter_count() {
            let numbered = prepared
                .parameter_name(index)
                .is_some_and(|name| name[1..].parse::<usize>().is_ok());
            assert!(numbered, "{name}: parameter {index} has no number");
        }
    }
}

#[test]
fn every_value_of_every_statement_is_known_by_its_table_and_column() {
    let database = Database::new("columns");
    let connection = database.sqlite.open_reader().unwrap();
    let is_there = |(table, column): (&str, &str)| {
        let question = "SELECT count(*) FROM pragma_table_info(?1) WHERE name = ?2";
        let found: i64 = connection
            .query_row(question, [table, column], |row| row.get(0))
            .unwrap();
        found == 1
    };
    let mut findings = Vec::new();
    for (name, statement) in all_statements() {
        let prepared = connection.prepare(statement.text).unwrap();
        for index in 0..prepared.column_count() {
            let (table, column) = statement.column(index);
            let computed = !column
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'_');
            if !computed && !is_there((table, column)) {
                findings.push(format!("{name}: {table}.{column}"));
            }
        }
    }
    // Of a table that the statement makes of several, which has a name there alone.
    assert_eq!(findings, ["verify::SEALED_UNDER_LOST_KEYS: s.key_id"]);
}

#[test]
fn a_value_of_another_type_is_told_by_its_table_and_column() {
    let database = Database::new("inconsistent");
    let text = statement("MIGRATIONS", "SELECT number, name FROM schema_migrations");
    let row = || {
        database
            .reader()
            .optional(text, params![])
            .unwrap()
            .unwrap()
    };
    for (error, place) in [
        (row().integer(1).unwrap_err(), "schema_migrations.name"),
        (row().text(0).unwrap_err(), "schema_migrations.number"),
        (row().blob(0).unwrap_err(), "schema_migrations.number"),
    ] {
        let said = error.to_string();
        assert!(said.ends_with(place), "{said}");
    }
}

/// Statements that may read a whole table: small ones, lists of all there is, and checks that an
/// operator asks for.
const READ_ALL: &[&str] = &[
    "accounts::LIST",
    "accounts::SEARCH",
    "accounts::SEARCH_COUNT",
    "apps::LIST",
    "apps::OVERVIEW",
    "apps::OVERVIEW_COUNT",
    "apps::OWNERS",
    "installation::HAS_DATA",
    "keys::AUDIT_KEYS",
    "keys::LOCK_KEYS",
    "keys::LIST_KEYS",
    "keys::LIVE_KEYS",
    "keys::CLEAR_PRIMARY",
    "keys::FORGET_WAITING_UNDER",
    "keys::SEEDS",
    "maintenance::GAPS_IN_AUDIT",
    "maintenance::NEWEST_MIGRATION",
    "nodes::NEEDED_PROGRAMS",
    "organizations::LIST",
    "organizations::OVERVIEW",
    "organizations::OVERVIEW_COUNT",
    "authorizations::ADMINISTRATORS",
    "authorizations::ALL_AFTER",
    "authorizations::PERSONAL",
    "authorizations::PERSONAL_COUNT",
    // Once at a start, and when an operator asks.
    "passkeys::STRANDED",
    "second_factor::REQUIREMENTS",
    "trail::FORMER_HOLDERS",
    // The first row of an index.
    "trail::NEWEST",
    "trail::WRITERS",
    // Of a restored database.
    "sessions::END_ALL",
    "verify::SEALED_UNDER_LOST_KEYS",
];

#[test]
fn no_statement_reads_a_whole_table_but_those_that_must() {
    let database = Database::new("plans");
    let connection = database.sqlite.open_reader().unwrap();
    // Plans of inserts name the tables that refer to the new row, though those are read only while
    // a violation is open.
    connection
        .pragma_update(None, "foreign_keys", false)
        .unwrap();
    let mut findings = Vec::new();
    for (name, statement) in all_statements() {
        if READ_ALL.contains(&name.as_str()) {
            continue;
        }
        let mut explained = connection
            .prepare(&format!("EXPLAIN QUERY PLAN {}", statement.text))
            .unwrap();
        let steps = explained.raw_query().mapped(|row| row.get::<_, String>(3));
        let scans = steps.map(Result::unwrap).filter(|step| {
            step.starts_with("SCAN")
                && !step.starts_with("SCAN counted")
                // A row without a table, around statements that have one.
                && step != "SCAN CONSTANT ROW"
                // Rows that stand in the statement itself.
                && !step.ends_with("-ROW VALUES CLAUSE")
                && step != "SCAN used"
                // The ended tokens of one user, found by an index.
                && step != "SCAN ended"
                && step != "SCAN listed"
        });
        findings.extend(scans.map(|step| format!("{name}: {step}")));
    }
    assert_eq!(findings, [] as [String; 0]);
}

#[test]
fn a_user_s_ended_tokens_are_found_by_their_index() {
    let database = Database::new("ended");
    let connection = database.sqlite.open_reader().unwrap();
    for name in ["ENDED", "COUNTS", "MADE_ON_PAGES"] {
        let name = format!("authorizations::{name}");
        let statements = all_statements().into_iter();
        let found = { statements }.find(|(known, _)| *known == name);
        let (_, statement) = found.expect("there is a statement of this name");
        let mut explained = connection
            .prepare(&format!("EXPLAIN QUERY PLAN {}", statement.text))
            .unwrap();
        let steps = explained.raw_query().mapped(|row| row.get::<_, String>(3));
        let plan = steps.map(Result::unwrap).collect::<Vec<_>>().join("\n");
        let by_time = "USING INDEX authorizations_by_account_end (account_id=? AND ended_at>?)";
        assert!(plan.contains(by_time), "{name}: {plan}");
        assert!(!plan.contains("AUTOMATIC"), "{name}: {plan}");
    }
}

#[test]
fn what_a_user_is_shown_of_the_trail_is_found_by_an_index_in_its_order() {
    let database = Database::new("shown");
    let connection = database.sqlite.open_reader().unwrap();
    for (name, index) in [
        ("trail::OF_ACCOUNT", "audit_events_by_account"),
        ("trail::REFUSALS", "audit_events_by_refusal"),
    ] {
        let mut statements = all_statements().into_iter();
        let found = statements.find(|(known, _)| known == name);
        let (_, statement) = found.expect("there is a statement of this name");
        let mut explained = connection
            .prepare(&format!("EXPLAIN QUERY PLAN {}", statement.text))
            .unwrap();
        let steps = explained.raw_query().mapped(|row| row.get::<_, String>(3));
        let plan: Vec<_> = steps.map(Result::unwrap).collect();
        let [step] = plan.as_slice() else {
            panic!("{name}: {plan:?}")
        };
        assert!(
            step.starts_with("SEARCH") && step.contains(index),
            "{name}: {step}"
        );
    }
}
