//! Whether mail goes.

use counterfoil_authority::{Clock, judge_mail};
use counterfoil_domain::health::MailHealth;
use counterfoil_store::{OutboxState, Store};

use super::Finding;
use crate::clock::SystemClock;
use crate::commands::table::count;
use crate::config::Settings;

/// How the outbox stands.
pub(super) async fn finding(settings: &Settings, store: &Store) -> Finding {
    match store.outbox_state().await {
        Ok(state) => judge(settings.mail.server.as_deref(), state),
        Err(error) => Finding::error("mail", error),
    }
}

fn judge(server: Option<&str>, state: OutboxState) -> Finding {
    let now = SystemClock::default().now();
    let server_name = server.unwrap_or("mail.server");
    match judge_mail(state, server.is_some(), now) {
        MailHealth::Paused { .. } => Finding::warning(
            "mail",
            "nothing is sent: this database was restored or copied; `counterfoil outbox resume` lets mail go",
        ),
        MailHealth::NoServer { waiting } => Finding::warning(
            "mail",
            format!(
                "{} waiting and mail.server is not set, so nothing is sent",
                count(waiting, "mail")
            ),
        ),
        MailHealth::Off => Finding::ok("mail", "none is sent: mail.server is not set"),
        MailHealth::Stuck { waiting, oldest } => Finding::warning(
            "mail",
            format!(
                "{} waiting, the oldest since {oldest}: {server_name} does not take it, or no server runs; \
                 `counterfoil mail test ADDRESS` says what it answers",
                count(waiting, "mail")
            ),
        ),
        MailHealth::Good { waiting, .. } => Finding::ok(
            "mail",
            format!("{} waiting for {server_name}", count(waiting, "mail")),
        ),
    }
}
