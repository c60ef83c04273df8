//! How the record of an authorization and what is kept of its token are stored.

use std::sync::LazyLock;

use counterfoil_domain::app::KeptSecret;
use counterfoil_domain::authorization::{ForApp, NewAuthorization, Purpose};
use counterfoil_domain::id::{AuthorizationId, GrantId};
use counterfoil_domain::scope::AdministratorEpoch;
use counterfoil_domain::text::{Fingerprint, Note, NoteUrl};
use counterfoil_domain::timestamp::Timestamp;
use counterfoil_domain::token_life::TokenTimes;

use crate::error::StoreError;
use crate::statement::{Batched, Row, Value, params, statements};
use crate::tx::Tx;

statements! {
    KNOWN_DIGEST = "SELECT 1 FROM token_digests WHERE digest_head = $1 AND digest = $2 LIMIT 1";
    INSERT_AUTHORIZATION = "INSERT INTO authorizations (account_id, kind, app_id, grant_id, provenance, scopes, scope_set_key,
        note, note_url, fingerprint, created_at, updated_at, last_used_at, expires_at, administrator_epoch)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) RETURNING id";
    INSERT_DIGEST = "INSERT INTO token_digests (authorization_id, digest_head, digest, last_eight, created_at)
        VALUES ($1, $2, $3, $4, $5)";
    INSERT_EXPIRING_DIGEST = "INSERT INTO token_digests (authorization_id, digest_head, digest, last_eight, created_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6)";
}

/// For a transaction that takes over many at once.
pub(super) static LOOK_UP_DIGESTS: LazyLock<Batched> =
    LazyLock::new(|| Batched::look_up(KNOWN_DIGEST));
pub(super) static INSERT_AUTHORIZATIONS: LazyLock<Batched> =
    LazyLock::new(|| Batched::insert(INSERT_AUTHORIZATION));
pub(super) static INSERT_DIGESTS: LazyLock<Batched> =
    LazyLock::new(|| Batched::insert(INSERT_DIGEST));

/// The times that a record is inserted with.
#[derive(Clone, Copy, Debug)]
pub(super) struct RowTimes {
    pub(super) created: Timestamp,
    pub(super) updated: Timestamp,
    pub(super) last_used: Option<Timestamp>,
}

impl RowTimes {
    pub(super) fn of_a_new_one(now: Timestamp) -> Self {
        Self {
            created: now,
            updated: now,
            last_used: None,
        }
    }
}

/// Inserts the record, and leaves its token to the caller.
pub(super) async fn insert(
    tx: &mut Tx,
    new: &NewAuthorization,
    grant: Option<GrantId>,
    stamp: Option<AdministratorEpoch>,
    times: RowTimes,
) -> Result<AuthorizationId, StoreError> {
    let row = record_row(new, grant, stamp, times);
    Ok(AuthorizationId(
        tx.insert(INSERT_AUTHORIZATION, &row).await?,
    ))
}

/// The row of a record, for [`INSERT_AUTHORIZATION`].
pub(super) fn record_row(
    new: &NewAuthorization,
    grant: Option<GrantId>,
    stamp: Option<AdministratorEpoch>,
    times: RowTimes,
) -> Vec<Value> {
    let (kind, app, note, fingerprint) = match &new.purpose {
        Purpose::Personal { note } => ("personal", None, Some(note), None),
        Purpose::App(ForApp {
            app,
            note,
            fingerprint,
        }) => ("app", Some(*app), note.as_ref(), fingerprint.as_ref()),
    };
    let row: &[Value] = params![
        new.owner,
        kind,
        app,
        grant,
        new.provenance.as_str(),
        new.scopes.to_string(),
        new.scopes.canonical_key(),
        note.map(Note::as_str),
        new.note_url.as_ref().map(NoteUrl::as_str),
        fingerprint.map(Fingerprint::as_str),
        times.created,
        times.updated,
        times.last_used,
        new.expires_at,
        stamp.map(|epoch| epoch.0),
    ];
    row.to_vec()
}

/// Whether a token is or was somebody's.
pub(super) async fn is_known(tx: &mut Tx, token: &KeptSecret) -> Result<bool, StoreError> {
    let known = params![token.digest.head(), token.digest.as_bytes()];
    Ok(tx.optional(KNOWN_DIGEST, known).await?.is_some())
}

/// Keeps what is kept of a token, under its authorization.
pub(super) async fn keep_token(
    tx: &mut Tx,
    id: AuthorizationId,
    token: &KeptSecret,
    now: Timestamp,
) -> Result<(), StoreError> {
    let row = token_row(id, token, now);
    tx.execute(INSERT_DIGEST, &row).await.map(drop)
}

/// The same of a token that may be over before its authorization.
pub(super) async fn keep_token_until(
    tx: &mut Tx,
    id: AuthorizationId,
    token: &KeptSecret,
    now: Timestamp,
    until: Option<Timestamp>,
) -> Result<(), StoreError> {
    if until.is_none() {
        return keep_token(tx, id, token, now).await;
    }
    let mut row = token_row(id, token, now);
    row.push(until.into());
    tx.execute(INSERT_EXPIRING_DIGEST, &row).await.map(drop)
}

/// The row of what is kept of a token, for [`INSERT_DIGEST`].
pub(super) fn token_row(id: AuthorizationId, token: &KeptSecret, now: Timestamp) -> Vec<Value> {
    let row: &[Value] = params![
        id,
        token.digest.head(),
        token.digest.as_bytes(),
        token.last_eight.as_str(),
        now
    ];
    row.to_vec()
}

/// Making, last use and expiry, in three columns from `first` on.
pub(crate) fn times_from(row: &mut Row, first: usize) -> Result<TokenTimes, StoreError> {
    Ok(TokenTimes {
        created_at: row.timestamp(first)?,
        last_used_at: row.optional_timestamp(first + 1)?,
        expires_at: row.optional_timestamp(first + 2)?,
    })
}
