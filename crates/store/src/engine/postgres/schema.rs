//! The schema of a PostgreSQL database: whose it is, what the server must be like, and how the schema is brought up to date.

use std::io;
use std::path::Path;
use std::sync::Arc;

use tokio_postgres::error::SqlState;
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::engine::postgres::connection::PostgresTx;
use crate::engine::postgres::failure::PostgresFailure;
use crate::engine::postgres::options::{Encryption, PostgresOptions};
use crate::engine::postgres::pool::Connector;
use crate::error::{OpenError, StoreError};
use crate::migrations::{Applied, SchemaState, missing_after};
use crate::statement::{Statement, statements};
use crate::tx::params;

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
const OWN_TABLE: &str = "SELECT 'there' FROM information_schema.tables
    WHERE table_schema = current_schema() AND table_name = 'schema_migrations'";
const OTHER_TABLE: &str = "SELECT table_name::text FROM information_schema.tables
    WHERE table_schema = current_schema() AND table_name <> 'schema_migrations' LIMIT 1";

/// How connections are encrypted. The error is the rest of a sentence.
pub(super) fn encryption(wanted: &Encryption) -> Result<Option<MakeRustlsConnect>, String> {
    let (roots, whose) = match wanted {
        Encryption::Off => return Ok(None),
        Encryption::SystemRoots => (system_roots()?, "this system".to_owned()),
        Encryption::Authorities(file) => (
            authorities_in(file)
                .map_err(|error| format!("cannot read {}: {error}", file.display()))?,
            file.display().to_string(),
        ),
    };
    if roots.is_empty() {
        return Err(format!(
            "{whose} has no certificate of an authority to verify the server by"
        ));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Some(MakeRustlsConnect::new(config)))
}

fn system_roots() -> Result<rustls::RootCertStore, String> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = rustls::RootCertStore::empty();
    roots.add_parsable_certificates(found.certs);
    Ok(roots)
}

fn authorities_in(file: &Path) -> io::Result<rustls::RootCertStore> {
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject;
    let mut roots = rustls::RootCertStore::empty();
    let certificates = CertificateDer::pem_file_iter(file).map_err(io::Error::other)?;
    for certificate in certificates {
        let certificate = certificate.map_err(io::Error::other)?;
        roots.add(certificate).map_err(io::Error::other)?;
    }
    Ok(roots)
}

/// Demands a server and a schema that this program can use, making or migrating the schema where that was asked for.
pub(super) async fn prepare(connector: &Connector, wanted: SchemaState) -> Result<(), OpenError> {
    let unusable = |failure: PostgresFailure| OpenError::UnusableServer {
        database: connector.options.to_string(),
        reason: reason_of(&failure),
    };
    let mut tx = connector.connect().await.map_err(unusable)?;
    demand_server(&tx, &connector.options).await?;
    let applied = inspect(&mut tx, &connector.options).await?;
    wanted.judge(&applied)?;
    if !wanted.is_to_migrate(&applied) {
        return Ok(());
    }
    for _ in 1..ATTEMPTS {
        match migrate(&mut tx).await {
            // Another node makes the same tables at the same moment. The next look finds them.
            Err(failure) if failure.is_a_lost_race() || is_made_twice(&failure) => {}
            outcome => return outcome.map_err(unusable),
        }
    }
    migrate(&mut tx).await.map_err(unusable)
}

/// What to do about a failure to connect or to migrate.
fn reason_of(failure: &PostgresFailure) -> String {
    let PostgresFailure::Server { code, message } = failure else {
        return failure.to_string();
    };
    let advice = if *code == SqlState::INVALID_PASSWORD {
        "give the right password, in COUNTERFOIL_DATABASE_PASSWORD or the file that database.password_file names"
    } else if *code == SqlState::INVALID_CATALOG_NAME {
        "make it with `createdb`, or name another one"
    } else if *code == SqlState::INSUFFICIENT_PRIVILEGE {
        "let the user of the database URL own the database, or grant it CREATE on the schema"
    } else {
        return failure.to_string();
    };
    format!("{message}; {advice}")
}

async fn demand_server(tx: &PostgresTx, options: &PostgresOptions) -> Result<(), OpenError> {
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
            "its server is of version {version}, and {OLDEST_SERVER} (PostgreSQL 14) or newer is needed"
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
    // What was acknowledged must survive a crash of the server.
    if asked(SYNCHRONOUS_COMMIT).await?.as_deref() == Some("off") {
        return Err(refuse(
            "its setting synchronous_commit is off, so it may lose what it has confirmed; set it to on".to_owned(),
        ));
    }
    Ok(())
}

/// The migrations that the database has. One of somebody else is refused.
async fn inspect(
    tx: &mut PostgresTx,
    options: &PostgresOptions,
) -> Result<Vec<Applied>, OpenError> {
    let unusable = |failure: PostgresFailure| OpenError::UnusableServer {
        database: options.to_string(),
        reason: reason_of(&failure),
    };
    let is_ours = tx.look_up(OWN_TABLE).await.map_err(unusable)?.is_some();
    let other = tx.look_up(OTHER_TABLE).await.map_err(unusable)?;
    let foreign = |table: &str| OpenError::ForeignServer {
        database: options.to_string(),
        table: table.to_owned(),
    };
    if !is_ours {
        return match other {
            Some(table) => Err(foreign(&table)),
            None => Ok(Vec::new()),
        };
    }
    let mut applied = Vec::new();
    let rows = tx.rows(APPLIED, &[]).await;
    for mut row in rows.map_err(|_| foreign("schema_migrations"))? {
        applied.push(Applied {
            number: row.integer(0)?,
            oldest_program: row.text(1)?,
        });
    }
    let in_order = applied
        .iter()
        .zip(1..)
        .all(|(one, number)| one.number == number);
    if !in_order || (!applied.is_empty() && other.is_none()) {
        return Err(OpenError::UnusableServer {
            database: options.to_string(),
            reason: "its schema was migrated in part; restore it from a backup, or make an empty database".to_owned(),
        });
    }
    Ok(applied)
}

/// One transaction for all: of several nodes that start together one migrates, and the others find nothing left to do.
async fn migrate(tx: &mut PostgresTx) -> Result<(), PostgresFailure> {
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

async fn apply_missing(tx: &mut PostgresTx) -> Result<(), PostgresFailure> {
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
    tx: &mut PostgresTx,
    statement: Statement,
    number: i64,
    name: &str,
    oldest_program: &str,
) -> Result<(), PostgresFailure> {
    let noted = tx
        .execute(statement, params![number, name, oldest_program])
        .await;
    match noted {
        Ok(_) => Ok(()),
        Err(StoreError::Unavailable(cause)) => match cause.downcast::<PostgresFailure>() {
            Ok(failure) => Err(*failure),
            Err(cause) => Err(PostgresFailure::Connection(cause.to_string())),
        },
        Err(error) => Err(PostgresFailure::Connection(error.to_string())),
    }
}

fn is_made_twice(failure: &PostgresFailure) -> bool {
    let codes = [SqlState::DUPLICATE_TABLE, SqlState::DUPLICATE_OBJECT];
    matches!(failure, PostgresFailure::Server { code, .. } if codes.contains(code))
}
