//! What a server says about itself, for whoever looks after it. Nothing here is decided by.

use std::time::{Duration, Instant};

use counterfoil_domain::timestamp::Timestamp;

use crate::engine::postgres::connection::PostgresConnection;
use crate::engine::postgres::failure::PostgresFailure;

/// How often the way to the server is measured; the shortest counts.
const ROUNDS: usize = 5;

const TIME: &str = "SELECT floor(extract(epoch FROM clock_timestamp()) * 1000000)::bigint::text";

/// A PostgreSQL server, as it describes itself to this user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerSurvey {
    /// Its version, as it writes it.
    pub version: String,
    /// How long a question and its answer take.
    pub round_trip: Duration,
    /// By how many microseconds its clock is ahead of the caller's; below zero if it is behind.
    pub ahead_microseconds: i64,
    /// Its setting `synchronous_commit` for this user.
    pub synchronous_commit: String,
    /// Its setting `synchronous_standby_names`: the standbys that it waits for. Empty if it waits
    /// for none.
    pub synchronous_standbys: String,
    /// Whether what it writes is synced; unknown where it does not say.
    pub fsync: Option<bool>,
    /// Whether it survives pages that were written in part; unknown where it does not say.
    pub full_page_writes: Option<bool>,
    /// How many connections it takes; unknown where it does not say.
    pub max_connections: Option<u32>,
    /// Whether this user may do everything in the whole server.
    pub is_superuser: bool,
}

/// Asks the server.
pub(super) async fn survey(
    tx: &PostgresConnection,
    now: &(dyn Fn() -> Timestamp + Send + Sync),
) -> Result<ServerSurvey, PostgresFailure> {
    let mut best: Option<(Duration, i64)> = None;
    for _ in 0..ROUNDS {
        let (before, asked) = (now().microseconds(), Instant::now());
        let time = tx.look_up(TIME).await?;
        let took = asked.elapsed();
        let half = i64::try_from(took.as_micros() / 2).unwrap_or(i64::MAX);
        let time = time.and_then(|text| text.parse::<i64>().ok()).unwrap_or(0);
        let ahead = time.saturating_sub(before.saturating_add(half));
        if best.is_none_or(|(shortest, _)| took < shortest) {
            best = Some((took, ahead));
        }
    }
    let (round_trip, ahead_microseconds) = best.unwrap_or_default();
    // A server that does not know a setting answers with nothing.
    let setting = async |name: &str| {
        let asked = format!("SELECT current_setting('{name}', true)");
        tx.look_up(&asked).await
    };
    let switch = async |name: &str| {
        let value = setting(name).await?;
        Ok::<_, PostgresFailure>(value.map(|value| value == "on"))
    };
    Ok(ServerSurvey {
        version: setting("server_version").await?.unwrap_or_default(),
        round_trip,
        ahead_microseconds,
        synchronous_commit: setting("synchronous_commit").await?.unwrap_or_default(),
        synchronous_standbys: setting("synchronous_standby_names")
            .await?
            .unwrap_or_default(),
        fsync: switch("fsync").await?,
        full_page_writes: switch("full_page_writes").await?,
        max_connections: setting("max_connections")
            .await?
            .and_then(|number| number.parse().ok()),
        is_superuser: switch("is_superuser").await?.unwrap_or(false),
    })
}
