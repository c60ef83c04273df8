//! What can be better about PostgreSQL: in the settings, before anybody connects, and at the
//! server.

use std::time::Duration;

use counterfoil_authority::Clock;
use counterfoil_domain::health::ClockHealth;
use counterfoil_store::{Encryption, PostgresOptions, ServerSurvey, Store};

use super::Finding;
use crate::clock::SystemClock;
use crate::config::{Database, Settings};

const CHECK: &str = "postgresql";
/// A server that answers later makes every request that asks it slow.
const SLOW: Duration = Duration::from_millis(20);
/// Beside those for requests: one reads the feed of changes, one listens.
const OTHER_CONNECTIONS: u32 = 2;

/// Settings about PostgreSQL that are allowed and rarely meant.
pub(super) fn settings_warnings(settings: &Settings) -> Vec<String> {
    let mut warnings = Vec::new();
    let Some(Database::Postgres(given)) = &settings.general.database_url else {
        return warnings;
    };
    let listen = settings.database.listen_url.as_ref();
    if given.has_password() || listen.is_some_and(PostgresOptions::has_password) {
        warnings.push(
            "a database URL has the password in it, where whoever sees the settings or the list of processes can read it; put it \
             into the file that database.password_file names, or into COUNTERFOIL_DATABASE_PASSWORD"
                .to_owned(),
        );
    }
    let used = settings.database();
    if let Some(server) = used.server()
        && server.encryption == Encryption::Off
        && let Some(host) = server.hosts_elsewhere().next()
    {
        warnings.push(format!(
            "connections to the database on {host} are not encrypted, and can be read and changed on the way; set \
             database.tls_ca_file, or write sslmode=require in database_url"
        ));
    }
    if settings.database.unnamed_statements && listen.is_none() {
        warnings.push(
            "database.unnamed_statements is true and database.listen_url is not set: nobody tells this node of changes elsewhere, \
             and it finds them a little later"
                .to_owned(),
        );
    }
    warnings
}

/// What the server says about itself; nothing for a file.
pub(super) async fn findings(settings: &Settings, store: &Store) -> Vec<Finding> {
    let clock = SystemClock::default();
    match Box::pin(store.survey(&|| clock.now())).await {
        Err(error) => vec![Finding::error(CHECK, error)],
        Ok(None) => Vec::new(),
        Ok(Some(survey)) => vec![
            answers(&survey),
            encryption(settings),
            clocks(&survey),
            lasts(&survey),
            connections(&survey, settings.database.connections),
            rights(&survey),
        ],
    }
}

fn answers(survey: &ServerSurvey) -> Finding {
    let milliseconds = survey.round_trip.as_secs_f64() * 1000.0;
    let sentence = format!(
        "PostgreSQL {} answers in {milliseconds:.1} ms",
        survey.version
    );
    if survey.round_trip > SLOW {
        let advice = "; a change asks it several times, so bring node and database closer together";
        return Finding::warning(CHECK, sentence + advice);
    }
    Finding::ok(CHECK, sentence)
}

/// How what goes to the server and back is protected.
fn encryption(settings: &Settings) -> Finding {
    let database = settings.database();
    let Some(server) = database.server() else {
        return Finding::ok(CHECK, "no connection is needed");
    };
    match &server.encryption {
        Encryption::SystemRoots => Finding::ok(
            CHECK,
            "connections to it are encrypted, and its certificate and name are verified by the authorities of this system",
        ),
        Encryption::Authorities(file) => Finding::ok(
            CHECK,
            format!(
                "connections to it are encrypted, and its certificate and name are verified by {}",
                file.display()
            ),
        ),
        Encryption::Off => match server.hosts_elsewhere().next() {
            Some(host) => Finding::warning(
                CHECK,
                format!(
                    "connections to it on {host} are not encrypted; set database.tls_ca_file, or write sslmode=require in database_url"
                ),
            ),
            None => Finding::ok(
                CHECK,
                "connections to it are not encrypted and do not leave this machine",
            ),
        },
    }
}

fn clocks(survey: &ServerSurvey) -> Finding {
    let apart = survey.ahead_microseconds.unsigned_abs();
    let way = match survey.ahead_microseconds {
        ..0 => "behind",
        0.. => "ahead of",
    };
    let seconds = Duration::from_micros(apart).as_secs_f64();
    let sentence = format!("its clock is {seconds:.3} s {way} this machine's");
    if ClockHealth::of_clocks(survey.ahead_microseconds) != ClockHealth::Good {
        let advice = "; set the one that is wrong: all nodes go by the database's";
        return Finding::warning(CHECK, sentence + advice);
    }
    Finding::ok(CHECK, sentence)
}

fn lasts(survey: &ServerSurvey) -> Finding {
    let off = [
        ("fsync", survey.fsync),
        ("full_page_writes", survey.full_page_writes),
    ];
    let off: Vec<&str> = off
        .into_iter()
        .filter(|(_, on)| *on == Some(false))
        .map(|(name, _)| name)
        .collect();
    if !off.is_empty() {
        return Finding::warning(
            CHECK,
            format!(
                "{} off there: a power cut may lose what was acknowledged and break the database; set to on what is off",
                match off.as_slice() {
                    [one] => format!("{one} is"),
                    several => format!("{} are", several.join(" and ")),
                }
            ),
        );
    }
    let confirmed = format!("synchronous_commit is {}", survey.synchronous_commit);
    let standbys = &survey.synchronous_standbys;
    if standbys.is_empty() {
        return Finding::ok(
            CHECK,
            format!("what it confirms is on its disk ({confirmed})"),
        );
    }
    if survey.synchronous_commit == "local" {
        return Finding::warning(
            CHECK,
            format!(
                "{confirmed}, so it does not wait for its standbys ({standbys}): a failover may lose what was acknowledged; set \
                 it to on"
            ),
        );
    }
    let sentence = format!("what it confirms is with its standbys too ({confirmed}, {standbys})");
    Finding::ok(CHECK, sentence)
}

fn connections(survey: &ServerSurvey, set: u32) -> Finding {
    let wanted = set.saturating_add(OTHER_CONNECTIONS);
    match survey.max_connections {
        Some(most) if most < wanted => Finding::warning(
            CHECK,
            format!(
                "it takes {most} connections, and this node alone may make {wanted}; lower database.connections, or raise \
                 max_connections there"
            ),
        ),
        Some(most) => Finding::ok(
            CHECK,
            format!(
                "it takes {most} connections, and each node makes at most {wanted}: enough for {}",
                match most / wanted {
                    1 => "one node".to_owned(),
                    nodes => format!("{nodes} nodes"),
                }
            ),
        ),
        None => Finding::ok(
            CHECK,
            format!("this node makes at most {wanted} connections"),
        ),
    }
}

fn rights(survey: &ServerSurvey) -> Finding {
    if survey.is_superuser {
        return Finding::warning(
            CHECK,
            "the user of database_url may do everything in the whole server; make one that owns this database and no more",
        );
    }
    Finding::ok(CHECK, "the user of database_url is no superuser")
}
