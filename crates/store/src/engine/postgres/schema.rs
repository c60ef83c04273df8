//! The schema of a PostgreSQL database: whose it is, what the server must be like, and how the
//! schema is brought up to date.

use std::collections::BTreeSet;

use tokio_postgres::error::SqlState;

use crate::engine::postgres::connection::PostgresConnection;
use crate::engine::postgres::failure::PostgresFailure;
use crate::engine::postgres::options::PostgresOptions;
use crate::engine::postgres::pool::Connector;
use crate::engine::postgres::reason::{reason_of, why_not_connected};
use crate::error::{OpenError, StoreError};
use crate::migrations::{Applied, SchemaState, missing_after, tables_after};
use crate::statement::{Statement, params, statements};

/// The oldest server that is supported, as `server_version_num` tells it.
const OLDEST_SERVER: i64 = 140_000;
/// How often the migration is tried when another node migrates at the same moment.
const ATTEMPTS: u32 = 10;

/// Of our own table, so that the rest of a migration can be ordinary.
const MIGRATIONS_TABLE: &str = r#"CREATE TABLE IF NOT EXISTS schema_migrations (
    number BIGINT PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL,
    oldest_program TEXT COLLATE "C" NOT NULL,
    applied_at BIGINT NOT NULL DEFAULT (floor(extract(epoch FROM clock_timestamp()) * 1000000)::bigint)
);
LOCK TABLE schema_migrations IN ACCESS EXCLUSIVE MODE"#;

statements! {
    APPLIED = "SELECT number, oldest_program FROM schema_migrations ORDER BY number";
    NOTE = "INSERT INTO schema_migrations (number, name, oldest_program) VALUES ($1, $2, $3)";
}

/// What a server is asked before anything else: each answers with one text.
const SERVER_VERSION: &str = "SELECT current_setting('server_version_num')";
const ENCODING: &str = "SELECT current_setting('server_encoding')";
const SYNCHRONOUS_COMMIT: &str = "SELECT current_setting('synchronous_commit')";
const IS_STANDBY: &str = "SELECT pg_is_in_recovery()::text";
const TAKES_NO_WRITES: &str = "SELECT current_setting('default_transaction_read_only')";
/// The names of all tables, whoever they belong to: those that this user may not see are there too.
const TABLES: &str =
    "SELECT coalesce(string_agg(tablename::text, ' ' ORDER BY tablename), '') FROM pg_tables
    WHERE schemaname = current_schema()";

/// The table that says which migrations a database has.
const OWN_TABLE: &str = "schema_migrations";

/// Demands a server and a schema that this program can use, making or migrating the schema where
/// that was asked for.
pub(super) async fn prepare(connector: &Connector, wanted: SchemaState) -> Result<(), OpenError> {
    let unusable = |failure: PostgresFailure| OpenError::UnusableServer {
        database: connector.options.to_string(),
        reason: reason_of(&failure),
    };
    let connected = connector.connect().await;
    let mut connected = connected.map_err(|failure| OpenError::UnusableServer {
        database: connector.options.to_string(),
        reason: why_not_connected(&failure, &connector.options),
    })?;
    let tx = connected.postgres();
    demand_server(tx, &connector.options).await?;
    let applied = inspect(tx, &connector.options).await?;
    if applied.is_empty() && matches!(wanted, SchemaState::Require | SchemaState::Update) {
        return Err(OpenError::UnusableServer {
            database: connector.options.to_string(),
            reason:
                "it is empty; `counterfoil init` or `counterfoil serve` makes an installation in it"
                    .to_owned(),
        });
    }
    wanted.judge(&applied)?;
    if !wanted.is_to_migrate(&applied) {
        return Ok(());
    }
    for _ in 1..ATTEMPTS {
        match migrate(tx).await {
            // Another node makes the same tables at the same moment. The next look finds them.
            Err(failure) if failure.is_a_lost_race() || is_made_twice(&failure) => {}
            outcome => return outcome.map_err(unusable),
        }
    }
    migrate(tx).await.map_err(unusable)
}

async fn demand_server(
    tx: &PostgresConnection,
    options: &PostgresOptions,
) -> Result<(), OpenError> {
    let refuse = |reason: String| OpenError::UnusableServer {
        database: options.to_string(),
        reason,
    };
    let asked = |question| async move {
        let answer = tx.look_up(question).await;
        answer.map_err(|failure| refuse(reason_of(&failure)))
    };
    let version = asked(SERVER_VERSION).await?.unwrap_or_default();
    if version.parse().unwrap_or(0) < OLDEST_SERVER {
        return Err(refuse(format!(
            "its server is PostgreSQL {}, and {} or newer is needed",
            major(&version),
            OLDEST_SERVER / 10_000
        )));
    }
    let encoding = asked(ENCODING).await?.unwrap_or_default();
    if encoding != "UTF8" {
        return Err(refuse(format!(
            "its encoding is {encoding}; make a database with the encoding UTF8"
        )));
    }
    if asked(IS_STANDBY).await?.as_deref() == Some("true") {
        return Err(refuse(
            "it is a standby, which takes no writes; name the primary".to_owned(),
        ));
    }
    if asked(TAKES_NO_WRITES).await?.as_deref() == Some("on") {
        return Err(refuse(
            "it takes no writes, as its setting default_transaction_read_only says; set it to off"
                .to_owned(),
        ));
    }
    // What was acknowledged must survive a crash of the server.
    if asked(SYNCHRONOUS_COMMIT).await?.as_deref() == Some("off") {
        return Err(refuse(
            "its setting synchronous_commit is off, so it may lose what it has confirmed; set it to on".to_owned(),
        ));
    }
    Ok(())
}

/// The number that a version begins with, of `server_version_num`.
fn major(version: &str) -> String {
    let number: i64 = version.parse().unwrap_or(0);
    (number / 10_000).to_string()
}

/// The migrations that the database has. One of somebody else is refused.
async fn inspect(
    tx: &mut PostgresConnection,
    options: &PostgresOptions,
) -> Result<Vec<Applied>, OpenError> {
    let unusable = |reason: String| OpenError::UnusableServer {
        database: options.to_string(),
        reason,
    };
    let foreign = |table: &str| OpenError::ForeignServer {
        database: options.to_string(),
        table: table.to_owned(),
    };
    let found = tx.look_up(TABLES).await;
    let found = found.map_err(|failure| unusable(reason_of(&failure)))?;
    let found = found.unwrap_or_default();
    let mut tables: BTreeSet<&str> = found.split_whitespace().collect();
    if !tables.remove(OWN_TABLE) {
        return match tables.first() {
            Some(table) => Err(foreign(table)),
            None => Ok(Vec::new()),
        };
    }
    let mut applied = Vec::new();
    let rows = tx.rows(APPLIED, &[]).await.map_err(failure_of);
    let rows = rows.map_err(|failure| match &failure {
        PostgresFailure::Server { code, .. } if *code == SqlState::UNDEFINED_COLUMN => {
            foreign(OWN_TABLE)
        }
        _ => unusable(reason_of(&failure)),
    })?;
    for mut row in rows {
        applied.push(Applied {
            number: row.integer(0)?,
            oldest_program: row.text(1)?,
        });
    }
    let newest = applied.last().map_or(0, |last| last.number);
    let in_order = applied
        .iter()
        .zip(1..)
        .all(|(one, number)| one.number == number);
    let missing = tables_after(newest).find(|table| !tables.contains(table));
    let in_part = match (in_order, missing, tables.first()) {
        (false, _, _) => Some("a migration is missing among those that it has".to_owned()),
        (true, Some(table), _) => Some(format!("its table {table} is missing")),
        (true, None, Some(table)) if applied.is_empty() => return Err(foreign(table)),
        (true, None, _) => None,
    };
    match in_part {
        Some(what) => Err(unusable(format!(
            "its schema was migrated in part, for {what}; restore it from a backup, or name an empty database"
        ))),
        None => Ok(applied),
    }
}

/// One transaction for all: of several nodes that start together one migrates, and the others find
/// nothing left to do.
async fn migrate(tx: &mut PostgresConnection) -> Result<(), PostgresFailure> {
    tx.begin().await?;
    let outcome = apply_missing(tx).await;
    match outcome {
        Ok(()) => tx.commit().await,
        Err(failure) => {
            tx.roll_back().await?;
            Err(failure)
        }
    }
}

async fn apply_missing(tx: &mut PostgresConnection) -> Result<(), PostgresFailure> {
    tx.run(MIGRATIONS_TABLE).await?;
    let newest = tx
        .look_up("SELECT coalesce(max(number), 0)::text FROM schema_migrations")
        .await?;
    let newest = newest.and_then(|text| text.parse().ok()).unwrap_or(0);
    for migration in missing_after(newest) {
        tx.run(migration.postgres).await?;
        note(
            tx,
            NOTE,
            migration.number,
            migration.name,
            migration.oldest_program,
        )
        .await?;
        tracing::info!(
            number = migration.number,
            name = migration.name,
            "migration applied"
        );
    }
    Ok(())
}

async fn note(
    tx: &mut PostgresConnection,
    statement: Statement,
    number: i64,
    name: &str,
    oldest_program: &str,
) -> Result<(), PostgresFailure> {
    let noted = tx
        .execute(statement, params![number, name, oldest_program])
        .await;
    noted.map(|_| ()).map_err(failure_of)
}

/// The failure of the engine's own under one of the store.
fn failure_of(error: StoreError) -> PostgresFailure {
    match error {
        StoreError::Unavailable(cause) => match cause.downcast::<PostgresFailure>() {
            Ok(failure) => *failure,
            Err(cause) => PostgresFailure::broken(cause.to_string()),
        },
        error => PostgresFailure::broken(error.to_string()),
    }
}

fn is_made_twice(failure: &PostgresFailure) -> bool {
    let codes = [
        SqlState::DUPLICATE_TABLE,
        SqlState::DUPLICATE_COLUMN,
        SqlState::DUPLICATE_OBJECT,
    ];
    matches!(failure, PostgresFailure::Server { code, .. } if codes.contains(code))
}
