//! Whether mail goes.

use std::time::Duration;

use counterfoil_authority::Clock;
use counterfoil_store::{OutboxState, Store};

use super::Finding;
use crate::clock::SystemClock;
use crate::commands::table::count;
use crate::config::Settings;

/// How long a mail may wait before something is wrong: by then it was tried several times.
const PATIENCE: Duration = Duration::from_mins(15);

/// How the outbox stands.
pub(super) async fn finding(settings: &Settings, store: &Store) -> Finding {
    match store.outbox_state().await {
        Ok(state) => judge(settings.mail.server.as_deref(), &state),
        Err(error) => Finding::error("mail", error),
    }
}

fn judge(server: Option<&str>, state: &OutboxState) -> Finding {
    let waiting = count(state.waiting, "mail");
    let now = SystemClock::default().now();
    let oldest = state.oldest.filter(|at| now.since(*at) > PATIENCE);
    match (server, oldest) {
        _ if state.is_paused => Finding::warning(
            "mail",
            "nothing is sent: this database was restored or copied; `counterfoil outbox resume` lets mail go",
        ),
        (None, _) if state.waiting > 0 => Finding::warning(
            "mail",
            format!("{waiting} waiting and mail.server is not set, so nothing is sent"),
        ),
        (None, _) => Finding::ok("mail", "none is sent: mail.server is not set"),
        (Some(server), Some(oldest)) => Finding::warning(
            "mail",
            format!(
                "{waiting} waiting, the oldest since {oldest}: {server} does not take it, or no server runs; \
                 `counterfoil mail test ADDRESS` says what it answers"
            ),
        ),
        (Some(server), None) => Finding::ok("mail", format!("{waiting} waiting for {server}")),
    }
}
