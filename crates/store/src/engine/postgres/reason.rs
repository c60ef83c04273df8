//! Why a database cannot be used, and what to do about it: the rest of a sentence that begins with
//! its URL.

use tokio_postgres::error::SqlState;

use crate::engine::postgres::failure::PostgresFailure;
use crate::engine::postgres::options::PostgresOptions;
use crate::error::{Outage, StoreError};

const GIVE_PASSWORD: &str =
    "in COUNTERFOIL_DATABASE_PASSWORD or the file that database.password_file names";
/// What the driver says where the server wants a password and there is none; it has no other sign
/// of it.
const NO_PASSWORD: &str = "password missing";

/// What an attempt to connect failed by, while the program runs: where to, and why, as it is said
/// at a start.
pub(super) fn not_connected(failure: &PostgresFailure, options: &PostgresOptions) -> StoreError {
    let outage = match failure {
        PostgresFailure::TimedOut => Outage::Silent,
        PostgresFailure::Connection(_)
        | PostgresFailure::NotEncrypted(_)
        | PostgresFailure::Server { .. } => Outage::Unreachable,
    };
    let reason = why_not_connected(failure, options);
    StoreError::trouble(
        outage,
        format!("cannot use the database {options}: {reason}"),
    )
}

/// Why there is no connection.
pub(super) fn why_not_connected(failure: &PostgresFailure, options: &PostgresOptions) -> String {
    match failure {
        PostgresFailure::TimedOut => format!(
            "nobody answered within {} seconds; look at host and port, or give database.connect_timeout more",
            options.connect_timeout.as_secs()
        ),
        PostgresFailure::Connection(broken) if broken.to_string().ends_with(NO_PASSWORD) => {
            format!("its server asks for a password; give it {GIVE_PASSWORD}")
        }
        PostgresFailure::Connection(broken) => match &broken.system {
            Some(system) => format!("cannot connect: {system}"),
            None => format!("cannot connect: {broken}"),
        },
        PostgresFailure::Server { .. } | PostgresFailure::NotEncrypted(_) => reason_of(failure),
    }
}

/// What to do about something that the server refused or that failed on the way.
pub(super) fn reason_of(failure: &PostgresFailure) -> String {
    match failure {
        PostgresFailure::Server { code, message } => match advice(code) {
            Some(advice) => format!("{message}; {advice}"),
            None => failure.to_string(),
        },
        PostgresFailure::NotEncrypted(why) => why.clone(),
        PostgresFailure::Connection(_) | PostgresFailure::TimedOut => failure.to_string(),
    }
}

fn advice(code: &SqlState) -> Option<String> {
    let advice = if *code == SqlState::INVALID_PASSWORD {
        return Some(format!("give the right password, {GIVE_PASSWORD}"));
    } else if *code == SqlState::INVALID_AUTHORIZATION_SPECIFICATION {
        "make the user with `createuser`, or let it in with a line of pg_hba.conf"
    } else if *code == SqlState::INVALID_CATALOG_NAME {
        "make it with `createdb`, or name another one"
    } else if *code == SqlState::INSUFFICIENT_PRIVILEGE {
        "let the user of the database URL own the database"
    } else if *code == SqlState::INVALID_SCHEMA_NAME {
        "let the user of the database URL own a schema that its search_path names"
    } else if *code == SqlState::TOO_MANY_CONNECTIONS {
        "raise max_connections there, or lower database.connections here"
    } else if [
        SqlState::DUPLICATE_TABLE,
        SqlState::DUPLICATE_COLUMN,
        SqlState::DUPLICATE_OBJECT,
    ]
    .contains(code)
    {
        "its schema was migrated in part: restore it from a backup, or name an empty database"
    } else if *code == SqlState::PROTOCOL_VIOLATION {
        "if this is PgBouncer, set database.unnamed_statements to true"
    } else {
        return None;
    };
    Some(advice.to_owned())
}
