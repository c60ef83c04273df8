//! Making and changing authorizations: the rules that decide by what is there already.

use std::time::Duration;

use counterfoil_domain::app::KeptSecret;
use counterfoil_domain::audit::{Action, Attribution, Event, Subject};
use counterfoil_domain::authorization::{
    Authorization, AuthorizationChange, AuthorizationRefused, Kind, NewAuthorization, Purpose,
    TokenLimits,
};
use counterfoil_domain::id::{AccountId, AppId, AuthorizationId, GrantId};
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::text::{Fingerprint, Note, NoteUrl};
use counterfoil_domain::timestamp::Timestamp;

use crate::authorizations::{Refusable, end, find, refuse, subject_of};
use crate::error::StoreError;
use crate::statement::statements;
use crate::tx::{Tx, params};
use crate::{accounts, audit, grants};

/// No authorization's id: nothing is left out of a search for others.
const NONE: AuthorizationId = AuthorizationId(0);

statements! {
    KNOWN_DIGEST = "SELECT 1 FROM token_digests WHERE digest_head = $1 AND digest = $2 LIMIT 1";
    SAME_NOTE = "SELECT 1 FROM authorizations
        WHERE account_id = $1 AND note = $2 AND kind = 'personal' AND ended_at IS NULL AND id <> $3";
    SAME_FINGERPRINT = "SELECT 1 FROM authorizations
        WHERE account_id = $1 AND app_id = $2 AND fingerprint = $3 AND ended_at IS NULL AND id <> $4";
    COUNT_UP_TO = "SELECT count(*) FROM
        (SELECT 1 FROM authorizations WHERE account_id = $1 AND ended_at IS NULL LIMIT $2) AS live";
    SAME_SCOPE_SET = "SELECT id FROM authorizations WHERE account_id = $1 AND app_id = $2 AND scope_set_key = $3
        AND kind = 'app' AND ended_at IS NULL ORDER BY id";
    MADE_SINCE = "SELECT count(*) FROM authorizations
        WHERE account_id = $1 AND app_id = $2 AND scope_set_key = $3 AND kind = 'app' AND created_at > $4";
    INSERT_AUTHORIZATION = "INSERT INTO authorizations (account_id, kind, app_id, grant_id, provenance, scopes, scope_set_key,
        note, note_url, fingerprint, created_at, updated_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11, $12) RETURNING id";
    INSERT_DIGEST = "INSERT INTO token_digests (authorization_id, digest_head, digest, last_eight, created_at)
        VALUES ($1, $2, $3, $4, $5)";
    UPDATE_AUTHORIZATION = "UPDATE authorizations SET scopes = $2, scope_set_key = $3, note = $4, note_url = $5,
        fingerprint = $6, updated_at = CASE WHEN updated_at > $7 THEN updated_at ELSE $7 END
        WHERE id = $1 AND ended_at IS NULL RETURNING updated_at";
}

/// Makes an authorization, and for an app its grant.
pub(super) async fn create(
    tx: &mut Tx,
    new: &NewAuthorization,
    limits: TokenLimits,
    by: &Attribution,
) -> Refusable<Authorization> {
    let now = by.at;
    refuse_lapsed(tx, by).await?;
    if !accounts::is_active(tx, new.owner).await? {
        return Err(refuse(AuthorizationRefused::OwnerGone));
    }
    if new.provenance.is_the_owners_wish() && accounts::is_unverified(tx, new.owner).await? {
        return Err(refuse(AuthorizationRefused::EmailUnverified));
    }
    let (grant, ended) = match &new.purpose {
        Purpose::Personal { note } => {
            refuse_taken_note(tx, new.owner, note, NONE, now).await?;
            (None, Vec::new())
        }
        Purpose::App {
            app,
            client_secret,
            fingerprint,
            ..
        } => {
            grants::lock_pair(tx, new.owner, *app, now).await?;
            if !grants::app_is_live(tx, *app, client_secret.as_ref()).await? {
                return Err(refuse(AuthorizationRefused::AppGone));
            }
            if let Some(fingerprint) = fingerprint {
                refuse_taken_fingerprint(tx, (new.owner, *app), fingerprint, NONE, now).await?;
            }
            let scope_set_key = new.scopes.canonical_key();
            let ended = make_room(tx, (new.owner, *app), &scope_set_key, limits, now).await?;
            let grant = grants::find_or_make(tx, new.owner, *app, &new.scopes, now).await?;
            (Some(grant), ended)
        }
    };
    refuse_one_too_many(tx, new.owner, limits, now).await?;
    let id = insert(tx, new, grant, now).await?;
    if let Some(grant) = grant {
        grants::recompute(tx, grant, now).await?;
    }
    let missing = StoreError::Inconsistent {
        table: "authorizations",
        column: "id",
    };
    // As of the beginning of time: what was made is told even if it expired before it was made.
    let (authorization, _) = find::anybodys(tx, id, Timestamp::from_microseconds(i64::MIN))
        .await?
        .ok_or(missing)?;
    let subject = subject_of(&authorization, grant);
    audit::record(tx, by, creation(new, subject, &ended)).await?;
    Ok(authorization)
}

/// The event of a creation, which says what ended to make room.
fn creation(new: &NewAuthorization, subject: Subject, ended: &[AuthorizationId]) -> Event {
    let event = Event::new(Action::AuthorizationCreated, subject)
        .with("provenance", new.provenance.as_str())
        .with("scopes", &new.scopes);
    if ended.is_empty() {
        return event;
    }
    let ids: Vec<_> = ended.iter().map(ToString::to_string).collect();
    event.with("ended_max_for_app", ids.join(" "))
}

async fn insert(
    tx: &mut Tx,
    new: &NewAuthorization,
    grant: Option<GrantId>,
    now: Timestamp,
) -> Refusable<AuthorizationId> {
    let (kind, app, note, fingerprint) = match &new.purpose {
        Purpose::Personal { note } => ("personal", None, Some(note), None),
        Purpose::App {
            app,
            note,
            fingerprint,
            ..
        } => ("app", Some(*app), note.as_ref(), fingerprint.as_ref()),
    };
    refuse_known(tx, &new.token).await?;
    let row = params![
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
        now,
        new.expires_at,
    ];
    let id = AuthorizationId(tx.one(INSERT_AUTHORIZATION, row).await?.integer(0)?);
    keep_token(tx, id, &new.token, now).await?;
    Ok(id)
}

/// Refuses a token that is or was somebody's.
pub(super) async fn refuse_known(tx: &mut Tx, token: &KeptSecret) -> Refusable<()> {
    let known = params![token.digest.head(), token.digest.as_bytes()];
    match tx.optional(KNOWN_DIGEST, known).await? {
        None => Ok(()),
        Some(_) => Err(refuse(AuthorizationRefused::TokenKnown)),
    }
}

/// Keeps what is kept of a token, under its authorization.
pub(super) async fn keep_token(
    tx: &mut Tx,
    id: AuthorizationId,
    token: &KeptSecret,
    now: Timestamp,
) -> Result<(), StoreError> {
    let row = params![
        id,
        token.digest.head(),
        token.digest.as_bytes(),
        token.last_eight.as_str(),
        now
    ];
    tx.execute(INSERT_DIGEST, row).await.map(drop)
}

/// Keeps the bound on live tokens of one user, app and scope set by ending the oldest, which it names, and the hourly bound by
/// refusing.
async fn make_room(
    tx: &mut Tx,
    (owner, app): (AccountId, AppId),
    scope_set_key: &str,
    limits: TokenLimits,
    now: Timestamp,
) -> Refusable<Vec<AuthorizationId>> {
    end::lapsed(tx, owner, now).await?;
    if limits.per_hour > 0 {
        let hour_ago = now.minus(Duration::from_hours(1));
        let made = tx
            .one(MADE_SINCE, params![owner, app, scope_set_key, hour_ago])
            .await?
            .count(0)?;
        if made >= u64::from(limits.per_hour) {
            return Err(refuse(AuthorizationRefused::TooManyThisHour {
                limit: limits.per_hour,
            }));
        }
    }
    let live = tx
        .rows(SAME_SCOPE_SET, params![owner, app, scope_set_key])
        .await?;
    let surplus = (live.len() + 1).saturating_sub(limits.live_per_scope_set.max(1) as usize);
    let mut ended = Vec::new();
    for mut oldest in live.into_iter().take(surplus) {
        let id = AuthorizationId(oldest.integer(0)?);
        end::one(tx, id, EndReason::MaxForApp, now).await?;
        ended.push(id);
    }
    Ok(ended)
}

async fn refuse_one_too_many(
    tx: &mut Tx,
    owner: AccountId,
    limits: TokenLimits,
    now: Timestamp,
) -> Refusable<()> {
    let full = params![owner, limits.live_per_user];
    let limit = u64::from(limits.live_per_user);
    if tx.one(COUNT_UP_TO, full).await?.count(0)? < limit {
        return Ok(());
    }
    // Tokens that are over count until somebody looks; this is the look.
    end::lapsed(tx, owner, now).await?;
    if tx.one(COUNT_UP_TO, full).await?.count(0)? < limit {
        return Ok(());
    }
    Err(refuse(AuthorizationRefused::TooManyTokens {
        limit: limits.live_per_user,
    }))
}

/// Changes a live authorization.
pub(super) async fn change(
    tx: &mut Tx,
    (owner, id): (AccountId, AuthorizationId),
    change: &AuthorizationChange,
    by: &Attribution,
) -> Refusable<Authorization> {
    refuse_lapsed(tx, by).await?;
    let (held, grant) = find::one(tx, owner, id, by.at)
        .await?
        .ok_or(refuse(AuthorizationRefused::NotFound))?;
    let scopes = change.scopes.apply(&held.scopes);
    let note = change.note.clone().unwrap_or_else(|| held.note.clone());
    let note_url = change
        .note_url
        .clone()
        .unwrap_or_else(|| held.note_url.clone());
    let mut fingerprint = held.fingerprint.clone();
    match (&held.kind, &note) {
        (Kind::Personal, None) => return Err(refuse(AuthorizationRefused::NoteMissing)),
        // Users neither see nor change them.
        (Kind::Impersonation { .. }, _) => return Err(refuse(AuthorizationRefused::NotFound)),
        (Kind::Personal, Some(note)) => refuse_taken_note(tx, owner, note, id, by.at).await?,
        (Kind::App(app), _) => {
            grants::lock_pair(tx, owner, app.id, by.at).await?;
            fingerprint = change.fingerprint.clone().unwrap_or(fingerprint);
            if let Some(fingerprint) = &fingerprint {
                refuse_taken_fingerprint(tx, (owner, app.id), fingerprint, id, by.at).await?;
            }
        }
    }
    let row = params![
        id,
        scopes.to_string(),
        scopes.canonical_key(),
        note.as_ref().map(Note::as_str),
        note_url.as_ref().map(NoteUrl::as_str),
        fingerprint.as_ref().map(Fingerprint::as_str),
        by.at,
    ];
    let updated_at = tx.one(UPDATE_AUTHORIZATION, row).await?.timestamp(0)?;
    if let Some(grant) = grant {
        grants::recompute(tx, grant, by.at).await?;
    }
    end::announce_change(tx, id, by.at).await?;
    let event = Event::new(Action::AuthorizationChanged, subject_of(&held, grant))
        .with("scopes_before", &held.scopes)
        .with("scopes", &scopes);
    audit::record(tx, by, event).await?;
    Ok(Authorization {
        scopes,
        note,
        note_url,
        fingerprint,
        updated_at,
        ..held
    })
}

/// Refuses a user whose credentials changed since they proved who they are.
pub(super) async fn refuse_lapsed(tx: &mut Tx, by: &Attribution) -> Refusable<()> {
    if accounts::still_holds(tx, by).await? {
        Ok(())
    } else {
        Err(refuse(AuthorizationRefused::OwnerGone))
    }
}

/// Refuses a note that another live personal token of the owner has. One in the way that is over ends.
async fn refuse_taken_note(
    tx: &mut Tx,
    owner: AccountId,
    note: &Note,
    own: AuthorizationId,
    now: Timestamp,
) -> Refusable<()> {
    let same = params![owner, note.as_str(), own];
    if tx.optional(SAME_NOTE, same).await?.is_none() {
        return Ok(());
    }
    end::lapsed(tx, owner, now).await?;
    match tx.optional(SAME_NOTE, same).await? {
        None => Ok(()),
        Some(_) => Err(refuse(AuthorizationRefused::NoteTaken)),
    }
}

/// Refuses a fingerprint that another live token of the owner and app has. One in the way that is over ends.
async fn refuse_taken_fingerprint(
    tx: &mut Tx,
    (owner, app): (AccountId, AppId),
    fingerprint: &Fingerprint,
    own: AuthorizationId,
    now: Timestamp,
) -> Refusable<()> {
    let same = params![owner, app, fingerprint.as_str(), own];
    if tx.optional(SAME_FINGERPRINT, same).await?.is_none() {
        return Ok(());
    }
    end::lapsed(tx, owner, now).await?;
    match tx.optional(SAME_FINGERPRINT, same).await? {
        None => Ok(()),
        Some(_) => Err(refuse(AuthorizationRefused::FingerprintTaken)),
    }
}
