//! What is gathered from others at each scrape, a function for each subject.

use std::fmt;

use counterfoil_authority::{Authority, OutboxState};
use counterfoil_domain::timestamp::Timestamp;

use super::Listener;
use super::catalog;
use super::told::Told;
use crate::listen::ConnectionCounts;

pub(super) fn passwords(told: &mut Told<'_>, authority: &Authority) -> fmt::Result {
    told.counter(
        &catalog::WRONG_CLIENT_SECRETS,
        authority.wrong_client_secrets(),
    )?;
    told.counter(&catalog::PASSWORDS_COMPUTED, authority.passwords_computed())?;
    told.gauge(&catalog::PASSWORDS_WAITING, &authority.passwords_waiting())?;
    told.gauge(
        &catalog::PASSWORDS_WAITING_LIMIT,
        &authority.settings().hashing.queue,
    )
}

/// Live tokens and the size of the database, as they were last counted.
pub(super) fn inventory(told: &mut Told<'_>, authority: &Authority) -> fmt::Result {
    let Some(inventory) = authority.inventory() else {
        return Ok(());
    };
    let tokens = inventory.tokens;
    let by_kind = [
        ("personal", tokens.personal),
        ("app", tokens.app),
        ("impersonation", tokens.impersonation),
    ];
    told.gauges(
        &catalog::TOKENS,
        by_kind.map(|(kind, count)| ([("kind", kind)], count)),
    )?;
    told.gauge(&catalog::TOKENS_COUNTED_AT, &inventory.at.seconds())?;
    told.gauge(&catalog::DATABASE_SIZE, &inventory.database_bytes)
}

pub(super) fn checks(told: &mut Told<'_>, authority: &Authority) -> fmt::Result {
    let stats = authority.check_stats();
    told.gauge(&catalog::REMEMBERED_TOKENS, &stats.remembered)?;
    told.gauge(
        &catalog::REMEMBERED_TOKENS_LIMIT,
        &authority.settings().checks.remembered_tokens,
    )?;
    told.counter(&catalog::TOKEN_LOOK_UPS, stats.look_ups)?;
    told.counter(&catalog::CLIENT_LOOK_UPS, stats.client_look_ups)?;
    told.counter(&catalog::REFUSED_LOOK_UPS, stats.surplus)?;
    told.counter(&catalog::FEED_FAILURES, stats.feed_failures)?;
    told.counter(&catalog::FEED_LOSSES, stats.feed_losses)
}

pub(super) fn store(told: &mut Told<'_>, authority: &Authority) -> fmt::Result {
    let stats = authority.store_stats();
    told.counter(&catalog::STORE_WRITES, stats.writes)?;
    told.counter(&catalog::STORE_COMMITS, stats.commits)?;
    told.counter(&catalog::STORE_FAILED_COMMITS, stats.failed_commits)?;
    told.gauge(&catalog::STORE_WRITES_WAITING, &stats.queued)?;
    let cleaned = authority.cleaned_rows().by_kind();
    told.counters(
        &catalog::CLEANED_ROWS,
        cleaned.map(|(kind, count)| ([("kind", kind)], count)),
    )?;
    told.gauge(&catalog::LAST_CLEAN_UP, &authority.last_clean_up())
}

/// Mail that waits; nothing while the database cannot be read.
pub(super) fn mail(
    told: &mut Told<'_>,
    outbox: Option<&OutboxState>,
    now: Timestamp,
) -> fmt::Result {
    let Some(outbox) = outbox else {
        return Ok(());
    };
    let by_state = [
        ("untried", outbox.waiting.saturating_sub(outbox.tried)),
        ("tried", outbox.tried),
    ];
    told.gauges(
        &catalog::MAILS_WAITING,
        by_state.map(|(state, count)| ([("state", state)], count)),
    )?;
    let age = outbox.oldest.map(|oldest| now.since(oldest));
    told.gauge(
        &catalog::MAIL_OLDEST_AGE,
        &age.unwrap_or_default().as_secs_f64(),
    )?;
    told.gauge(&catalog::MAIL_PAUSED, &u32::from(outbox.is_paused))
}

pub(super) fn connections(
    told: &mut Told<'_>,
    counts: &ConnectionCounts,
    listener: Option<&Listener>,
) -> fmt::Result {
    told.gauge(&catalog::CONNECTIONS, &counts.open())?;
    told.counter(&catalog::CONNECTIONS_REFUSED, counts.refused())?;
    told.counter(&catalog::CONNECTIONS_IDLE_CLOSED, counts.idle_closed())?;
    told.counter(&catalog::CONNECTIONS_UNREAD_CLOSED, counts.unread_closed())?;
    told.gauge(&catalog::UNREAD_ANSWERS, &counts.unread_bytes())?;
    let Some(listener) = listener else {
        return Ok(());
    };
    told.gauge(&catalog::CONNECTIONS_LIMIT, &listener.connections)?;
    told.gauge(
        &catalog::UNREAD_ANSWERS_LIMIT,
        &listener.limits.now().unread_answer_bytes,
    )?;
    let expiry = listener.tls.as_ref().and_then(|tls| tls.expires_at());
    if let Some(expiry) = expiry {
        told.gauge(&catalog::CERTIFICATE_EXPIRY, &expiry)?;
    }
    match listener.tls.as_ref().and_then(|tls| tls.orders()) {
        Some(orders) => told.counters(
            &catalog::CERTIFICATE_ORDERS,
            orders
                .by_outcome()
                .map(|(outcome, count)| ([("outcome", outcome)], count)),
        ),
        None => Ok(()),
    }
}

/// How a node follows the database that it shares with others. Where the database is a file of this
/// machine there is none of this to tell.
pub(super) fn nodes(told: &mut Told<'_>, authority: &Authority) -> fmt::Result {
    let Some(pool) = authority.pool_stats() else {
        return Ok(());
    };
    let checks = authority.check_stats();
    let lags = &checks.lags;
    told.histogram(&catalog::FEED_LAG, lags.sum.as_secs_f64(), &lags.classes)?;
    told.gauge(
        &catalog::LEASE_REMAINING,
        &checks.lease_remaining.as_secs_f64(),
    )?;
    told.counter(&catalog::FEED_READINGS, checks.feed_readings)?;
    told.counter(&catalog::STALE_REFUSALS, checks.stale_refusals)?;
    told.gauge(&catalog::FEED_LISTENING, &u32::from(pool.is_listening))?;
    told.counter(&catalog::FEED_NOTIFICATIONS, pool.notifications)?;
    told.gauge(&catalog::DATABASE_CONNECTIONS, &pool.connections)?;
    told.gauge(&catalog::DATABASE_CONNECTIONS_IN_USE, &pool.in_use)?;
    told.gauge(&catalog::DATABASE_CONNECTIONS_WAITED_FOR, &pool.waiting)?;
    told.gauge(&catalog::DATABASE_CONNECTIONS_LIMIT, &pool.limit)?;
    told.counter(
        &catalog::TRANSACTIONS_RUN_AGAIN,
        pool.transactions_run_again,
    )?;
    told.counter(
        &catalog::COMMITS_OF_UNKNOWN_OUTCOME,
        pool.commits_of_unknown_outcome,
    )
}
