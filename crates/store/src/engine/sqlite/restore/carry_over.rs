//! What a restored database takes over from the one that it replaces, table by table.
//!
//! `main` is the copy of the backup, `old` the database that is replaced. Both have this program's
//! schema, and `old` holds all events that the backup holds, so it is the later state. Where the
//! two differ, what may be allowed is the narrower of both, and what proves who somebody is comes
//! from `old`: its passwords, second factors, client secrets and keys are the ones in use. Users
//! and apps that were made after the backup are kept as ended ones, so that neither their ids nor
//! their logins and client ids are given again. A later restore of a backup that knows them brings
//! them back: then what was kept of them still counts where it says that they may do less, and what
//! proved who they are counts only if it was not replaced meanwhile.

mod statements;

use rusqlite::Connection;

use crate::engine::sqlite::restore::RestoredCounts;
use crate::engine::sqlite::restore::carry_over::statements::STATEMENTS;

/// The tables that were thought about. A test compares the list with the schema, so that a new one
/// is not forgotten. Left as the backup has them: `app_users`, whose rows
/// only stand for locks. Sessions end whatever they are, and with them `half_sign_ins` and what
/// `spent_forms` is kept for.
#[cfg(test)]
pub(super) const TABLES: [&str; 42] = [
    "accounts",
    "app_requests",
    "app_users",
    "apps",
    "audit_events",
    "audit_keys",
    "audit_writers",
    "authorization_codes",
    "authorizations",
    "callback_urls",
    "change_feed",
    "changes",
    "client_secrets",
    "device_codes",
    "emails",
    "grants",
    "half_sign_ins",
    "installation",
    "installation_keys",
    "leases",
    "links",
    "nodes",
    "organization_members",
    "outbox",
    "passkey_challenges",
    "passkeys",
    "recovery_codes",
    "refresh_tokens",
    "schema_migrations",
    "second_factor_requirements",
    "seeds",
    "sessions",
    "sign_in_addresses",
    "sign_in_failures",
    "sign_in_locks",
    "spent_forms",
    "team_members",
    "teams",
    "token_digests",
    "totp_enrolments",
    "totp_seeds",
    "totp_steps",
];

/// Whether `old` is the same installation, begun at the same time and with a key in common.
pub(super) const IS_THE_SAME_INSTALLATION: &str = "SELECT EXISTS (
    SELECT 1 FROM main.installation m JOIN old.installation o ON o.created_at = m.created_at
    WHERE EXISTS (SELECT 1 FROM main.installation_keys k
        JOIN old.installation_keys ok ON ok.key_id = k.key_id AND ok.check_value = k.check_value))";

/// Whether `old` holds every event that the backup holds, and so came after it.
pub(super) const CAME_AFTER: &str = "SELECT NOT EXISTS (
    SELECT 1 FROM main.audit_writers m LEFT JOIN old.audit_writers o ON o.id = m.id
    WHERE o.id IS NULL OR o.head < m.head)";

/// Counters of ids, which go on from the larger of the two.
pub(super) const COUNTERS: &[&str] = &[
    "UPDATE main.sqlite_sequence SET seq = max(seq, (SELECT o.seq FROM old.sqlite_sequence o
        WHERE o.name = sqlite_sequence.name)) WHERE name IN (SELECT name FROM old.sqlite_sequence)",
    "INSERT INTO main.sqlite_sequence (name, seq)
        SELECT name, seq FROM old.sqlite_sequence WHERE name NOT IN (SELECT name FROM main.sqlite_sequence)",
];

/// Counters of ids where nobody knows which ids were given after the backup: a leap that leaves
/// room for them.
pub(super) const LEAP: &str = "UPDATE main.sqlite_sequence SET seq = seq + 1000000";

/// The audit trail goes on where `old` stands. What was removed there stays removed.
pub(super) const TRAIL: &[&str] = &[
    "INSERT INTO main.audit_writers SELECT * FROM old.audit_writers WHERE id NOT IN (SELECT id FROM main.audit_writers)",
    "UPDATE main.audit_writers AS m SET head = max(m.head, o.head), removed = max(m.removed, o.removed)
        FROM old.audit_writers o WHERE o.id = m.id",
    "DELETE FROM main.audit_events WHERE writer_number <=
        (SELECT removed FROM main.audit_writers w WHERE w.id = audit_events.writer_id)",
    "INSERT INTO main.audit_keys SELECT * FROM old.audit_keys WHERE id NOT IN (SELECT id FROM main.audit_keys)",
    "INSERT INTO main.audit_events (writer_id, writer_number, format, bytes, happened_at, action, actor, account_id, app_id,
            authorization_id, grant_id, organization_id, token_head, request_id, personal_salt, address, agent, personal, mac)
        SELECT writer_id, writer_number, format, bytes, happened_at, action, actor, account_id, app_id, authorization_id,
            grant_id, organization_id, token_head, request_id, personal_salt, address, agent, personal, mac
        FROM old.audit_events o
        WHERE NOT EXISTS (SELECT 1 FROM main.audit_events m
            WHERE m.writer_id = o.writer_id AND m.writer_number = o.writer_number) ORDER BY o.id",
    // Personal fields that were erased after the backup.
    "UPDATE main.audit_events AS m SET address = o.address, agent = o.agent, personal_salt = o.personal_salt,
            personal = o.personal
        FROM old.audit_events o WHERE o.writer_id = m.writer_id AND o.writer_number = m.writer_number
        AND (o.personal_salt <> m.personal_salt OR o.personal IS NOT m.personal)",
];

/// Entries of the feed mean nothing to caches that begin anew, nor do the nodes that there were to
/// those that there will be. No seed waits for a code from a page that was there before, no
/// challenge and no app for an answer, and no code can be exchanged. Leases are free, and their
/// fences rise above what any holder had.
pub(super) const FEED: &[&str] = &[
    "DELETE FROM main.totp_enrolments",
    "DELETE FROM main.passkey_challenges",
    "DELETE FROM main.app_requests",
    "DELETE FROM main.authorization_codes",
    "DELETE FROM main.device_codes",
    "DELETE FROM main.nodes",
    "UPDATE main.leases SET ends_at = 0, fence = fence + 1000000",
    "DELETE FROM main.changes",
    "UPDATE main.change_feed SET number = number + 1",
];

/// Links never come back, and mail that had not gone when the backup was made is not sent: it may
/// have gone since. Nothing is sent until somebody says that this is the database in use.
pub(super) const MAIL: &[&str] = &[
    "UPDATE main.links SET ended_at = :now, end_reason = 'restored' WHERE ended_at IS NULL",
    "UPDATE main.outbox SET finished_at = :now, outcome = 'restored', typed = NULL WHERE finished_at IS NULL",
    "UPDATE main.installation SET sending_paused = 1",
];

/// What is counted before anything is carried over, with its name.
const COUNTS: &[(&str, &str)] = &[
    (
        "tokens_that_had_ended",
        "SELECT count(*) FROM main.authorizations m JOIN old.authorizations o ON o.id = m.id
            WHERE m.ended_at IS NULL AND o.ended_at IS NOT NULL",
    ),
    (
        "tokens_that_were_removed",
        "SELECT count(*) FROM main.authorizations WHERE ended_at IS NULL AND id NOT IN (SELECT id FROM old.authorizations)",
    ),
    (
        "tokens_that_were_replaced_by_others_of_the_same_authorization",
        "SELECT count(*) FROM main.token_digests m LEFT JOIN old.token_digests o ON o.id = m.id
            JOIN old.authorizations a ON a.id = m.authorization_id AND a.ended_at IS NULL
            WHERE m.ended_at IS NULL AND (o.id IS NULL OR o.ended_at IS NOT NULL)",
    ),
    (
        "tokens_with_other_scopes",
        "SELECT count(*) FROM main.authorizations m JOIN old.authorizations o ON o.id = m.id
            WHERE m.ended_at IS NULL AND o.ended_at IS NULL AND m.scopes <> o.scopes",
    ),
    (
        "grants_that_had_ended",
        "SELECT count(*) FROM main.grants m LEFT JOIN old.grants o ON o.id = m.id
            WHERE m.ended_at IS NULL AND (o.id IS NULL OR o.ended_at IS NOT NULL)",
    ),
    (
        "apps_that_had_ended",
        "SELECT count(*) FROM main.apps m JOIN old.apps o ON o.id = m.id
            WHERE m.ended_at IS NULL AND o.ended_at IS NOT NULL AND o.end_reason <> 'restored'",
    ),
    (
        "apps_whose_client_secrets_had_changed",
        "SELECT count(DISTINCT m.app_id) FROM main.client_secrets m LEFT JOIN old.client_secrets o ON o.id = m.id
            JOIN old.apps p ON p.id = m.app_id AND p.ended_at IS NULL
            WHERE m.ended_at IS NULL AND (o.id IS NULL OR o.ended_at IS NOT NULL)",
    ),
    (
        "apps_that_were_suspended",
        "SELECT count(*) FROM main.apps m JOIN old.apps o ON o.id = m.id
            WHERE (o.ended_at IS NULL OR o.end_reason = 'restored') AND m.suspended_at IS NULL AND o.suspended_at IS NOT NULL",
    ),
    (
        "accounts_that_had_ended",
        "SELECT count(*) FROM main.accounts m JOIN old.accounts o ON o.id = m.id
            WHERE m.ended_at IS NULL AND o.ended_at IS NOT NULL AND o.end_reason <> 'restored'",
    ),
    (
        "users_whose_credentials_had_changed",
        "SELECT count(*) FROM main.accounts m JOIN old.accounts o ON o.id = m.id
            WHERE m.ended_at IS NULL AND (o.ended_at IS NULL OR o.end_reason = 'restored')
            AND o.credential_version <> m.credential_version",
    ),
    (
        "users_that_were_suspended",
        "SELECT count(*) FROM main.accounts m JOIN old.accounts o ON o.id = m.id
            WHERE (o.ended_at IS NULL OR o.end_reason = 'restored') AND m.suspended_at IS NULL AND o.suspended_at IS NOT NULL",
    ),
    (
        "users_that_administer_no_more",
        "SELECT count(*) FROM main.accounts m JOIN old.accounts o ON o.id = m.id
            WHERE (o.ended_at IS NULL OR o.end_reason = 'restored')
            AND m.site_administrator > o.site_administrator",
    ),
    (
        "accounts_made_after_the_backup_kept_as_ended",
        "SELECT count(*) FROM old.accounts WHERE id NOT IN (SELECT id FROM main.accounts)",
    ),
    (
        "apps_made_after_the_backup_kept_as_ended",
        "SELECT count(*) FROM old.apps WHERE id NOT IN (SELECT id FROM main.apps)",
    ),
    (
        "tokens_made_after_the_backup_gone",
        "SELECT count(*) FROM old.authorizations WHERE ended_at IS NULL AND id NOT IN (SELECT id FROM main.authorizations)",
    ),
    (
        "events_of_the_audit_trail",
        "SELECT count(*) FROM old.audit_events o WHERE NOT EXISTS (SELECT 1 FROM main.audit_events m
            WHERE m.writer_id = o.writer_id AND m.writer_number = o.writer_number)",
    ),
];

/// Carries over what must not be lost, and counts it.
pub(super) fn carry_over(connection: &Connection, now: i64) -> rusqlite::Result<RestoredCounts> {
    let mut counts = RestoredCounts::default();
    for (name, count) in COUNTS {
        let count: i64 = connection.query_row(count, [], |row| row.get(0))?;
        counts.named.push((name, count.unsigned_abs()));
    }
    for statement in STATEMENTS {
        run(connection, statement, now)?;
    }
    run_all(connection, TRAIL, now)?;
    run_all(connection, COUNTERS, now)?;
    Ok(counts)
}

/// Runs statements, which may name `:now`.
pub(super) fn run_all(connection: &Connection, all: &[&str], now: i64) -> rusqlite::Result<()> {
    all.iter()
        .try_for_each(|statement| run(connection, statement, now))
}

fn run(connection: &Connection, statement: &str, now: i64) -> rusqlite::Result<()> {
    let mut prepared = connection.prepare(statement)?;
    if let Some(index) = prepared.parameter_index(":now")? {
        prepared.raw_bind_parameter(index, now)?;
    }
    prepared.raw_execute().map(drop)
}
