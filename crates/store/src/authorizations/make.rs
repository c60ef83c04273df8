//! Making and changing authorizations: the rules that decide by what is there already.

use std::sync::LazyLock;
use std::time::Duration;

use counterfoil_domain::audit::{Action, Detail, Event, Outcome, Subject};
use counterfoil_domain::authorization::{
    Authorization, AuthorizationChange, AuthorizationChangeRefused, CreationRefused, ForApp, Kind,
    NameTaken, NewAuthorization, NoSuchToken, Provenance, Purpose, TokenLimits,
};
use counterfoil_domain::id::{AccountId, AppId, AuthorizationId, GrantId};
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::mail::MailKind;
use counterfoil_domain::principal::Attribution;
use counterfoil_domain::text::{Fingerprint, Note, NoteUrl};
use counterfoil_domain::timestamp::Timestamp;

use crate::accounts::HeldStanding;
use crate::authorizations::end::DirtyGrants;
use crate::authorizations::rows::{self, RowTimes};
use crate::authorizations::{Refusable, asleep, end, find, on_pages, refuse, subject_of};
use crate::error::StoreError;
use crate::statement::{Batched, params, statements};
use crate::tx::Tx;
use crate::writing::{Change, Proven};
use crate::{accounts, apps, grants, outbox};

/// No authorization's id: nothing is left out of a search for others.
pub(super) const NONE: AuthorizationId = AuthorizationId(0);

statements! {
    SAME_NOTE = "SELECT 1 FROM authorizations
        WHERE account_id = $1 AND note = $2 AND kind = 'personal' AND ended_at IS NULL AND id <> $3";
    SAME_FINGERPRINT = "SELECT 1 FROM authorizations
        WHERE account_id = $1 AND app_id = $2 AND fingerprint = $3 AND ended_at IS NULL AND id <> $4";
    AS_MANY_AS = "SELECT 1 FROM authorizations WHERE account_id = $1 AND ended_at IS NULL LIMIT 1 OFFSET $2";
    SAME_NOTE_OR_AS_MANY_AS = "SELECT
        (SELECT 1 FROM authorizations WHERE account_id = $1 AND note = $2 AND kind = 'personal' AND ended_at IS NULL),
        (SELECT 1 FROM authorizations WHERE account_id = $1 AND ended_at IS NULL LIMIT 1 OFFSET $3)";
    SAME_SCOPE_SET = "SELECT id FROM authorizations WHERE account_id = $1 AND app_id = $2 AND scope_set_key = $3
        AND kind = 'app' AND ended_at IS NULL ORDER BY id";
    MADE_SINCE = "SELECT count(*) FROM authorizations
        WHERE account_id = $1 AND app_id = $2 AND scope_set_key = $3 AND kind = 'app' AND created_at > $4";
    LOCK_ONE = @Exclusive "SELECT 1 FROM authorizations WHERE id = $1";
    UPDATE_AUTHORIZATION = "UPDATE authorizations SET scopes = $2, scope_set_key = $3, note = $4, note_url = $5,
        fingerprint = $6, updated_at = CASE WHEN updated_at > $7 THEN updated_at ELSE $7 END, administrator_epoch = $8
        WHERE id = $1 AND ended_at IS NULL RETURNING updated_at";
}

/// For a transaction that takes over many at once.
pub(super) static LOOK_UP_NOTES: LazyLock<Batched> = LazyLock::new(|| Batched::look_up(SAME_NOTE));
pub(super) static LOOK_UP_FINGERPRINTS: LazyLock<Batched> =
    LazyLock::new(|| Batched::look_up(SAME_FINGERPRINT));

/// Makes an authorization, and for an app its grant.
pub(crate) async fn create(
    Change { tx, by, proven }: Change<'_>,
    new: &NewAuthorization,
    limits: TokenLimits,
) -> Refusable<Outcome<Authorization>, CreationRefused> {
    let owner = match proven.standing_of(new.owner) {
        Some(standing) => Some(standing),
        None => accounts::standing(tx, new.owner).await?,
    };
    let owner = active(owner).ok_or(refuse(CreationRefused::OwnerGone))?;
    if new.provenance.is_the_owners_wish() && owner.is_unverified {
        return Err(refuse(CreationRefused::EmailUnverified));
    }
    if new.provenance == Provenance::Page {
        on_pages::refuse_too_many_on_pages(tx, new.owner, limits, by.at).await?;
    }
    let is_stamped = new
        .stamp(owner.standing, owner.administrator_epoch)
        .is_some();
    let mut touched = DirtyGrants::default();
    let made = make(tx, new, (limits, owner, proven), by.at, &mut touched).await?;
    end::recompute(tx, touched, by.at).await?;
    if is_stamped && new.scopes.for_administrators().next().is_some() {
        outbox::tell(tx, MailKind::AdministratorScopes, new.owner, by).await?;
    }
    Ok(made)
}

/// Makes an authorization, whose grant the caller brings up to date afterwards.
async fn make(
    tx: &mut Tx,
    new: &NewAuthorization,
    (limits, owner, proven): (TokenLimits, HeldStanding, Proven),
    now: Timestamp,
    touched: &mut DirtyGrants,
) -> Refusable<Outcome<Authorization>, CreationRefused> {
    let stamp = new.stamp(owner.standing, owner.administrator_epoch);
    let (kind, grant, ended) = match &new.purpose {
        Purpose::Personal { note } => {
            refuse_note_or_one_too_many(tx, new.owner, note, limits, now, touched).await?;
            (Kind::Personal, None, Vec::new())
        }
        Purpose::App(ForApp {
            app, fingerprint, ..
        }) => {
            let app = match proven.into_app(*app) {
                Some(app) => app,
                None => apps::keep_live(tx, *app)
                    .await?
                    .ok_or(refuse(CreationRefused::AppGone))?,
            };
            let pair = (new.owner, app.id);
            grants::lock_pair(tx, pair.0, pair.1, now).await?;
            if let Some(fingerprint) = fingerprint {
                refuse_taken_fingerprint(tx, pair, fingerprint, NONE, now, touched).await?;
            }
            let key = new.scopes.canonical_key();
            let ended = make_room(tx, pair, &key, limits, now, touched).await?;
            refuse_one_too_many(tx, new.owner, limits, now, touched).await?;
            let grant = grants::find_or_make(tx, new.owner, app.id, &new.scopes, now).await?;
            touched.gained(grant);
            (Kind::App(app), Some(grant), ended)
        }
    };
    // Nobody draws the same 128 bits twice; but a file may name a token that was here and ended.
    if new.provenance == Provenance::Import && rows::is_known(tx, &new.token).await? {
        return Err(refuse(CreationRefused::TokenKnown));
    }
    let id = rows::insert(tx, new, grant, stamp, RowTimes::of_a_new_one(now)).await?;
    rows::keep_token(tx, id, &new.token, now).await?;
    let authorization = Authorization {
        administrator_epoch: stamp,
        ..as_made(new, id, kind, now)
    };
    let subject = subject_of(&authorization, grant);
    Ok(Outcome::new(authorization, creation(new, subject, &ended)))
}

/// An owner, who is held, if they may have tokens at all.
pub(super) fn active(owner: Option<HeldStanding>) -> Option<HeldStanding> {
    owner.filter(|owner| !owner.is_suspended)
}

/// The record as a reader would find it.
fn as_made(
    new: &NewAuthorization,
    id: AuthorizationId,
    kind: Kind,
    now: Timestamp,
) -> Authorization {
    let (note, fingerprint) = match &new.purpose {
        Purpose::Personal { note } => (Some(note), None),
        Purpose::App(ForApp {
            note, fingerprint, ..
        }) => (note.as_ref(), fingerprint.as_ref()),
    };
    Authorization {
        id,
        owner: new.owner,
        kind,
        scopes: new.scopes.clone(),
        administrator_epoch: None,
        note: note.cloned(),
        note_url: new.note_url.clone(),
        fingerprint: fingerprint.cloned(),
        token: new.token.clone(),
        created_at: now,
        updated_at: now,
        expires_at: new.expires_at,
        last_used_at: None,
    }
}

/// The event of a creation, which says what ended to make room.
fn creation(new: &NewAuthorization, subject: Subject, ended: &[AuthorizationId]) -> Event {
    let subject = Subject {
        token: Some(new.token.digest),
        ..subject
    };
    let event = Event::new(Action::AuthorizationCreated, subject)
        .with(Detail::Provenance(new.provenance.as_str().to_owned()))
        .with(Detail::Scopes(new.scopes.clone()));
    if ended.is_empty() {
        return event;
    }
    let ids: Vec<_> = ended.iter().map(ToString::to_string).collect();
    event.with(Detail::TokenIds(ids))
}

/// Keeps the bound on live tokens of one user, app and scope set by ending the oldest, which it
/// names, and the hourly bound by refusing.
async fn make_room(
    tx: &mut Tx,
    (owner, app): (AccountId, AppId),
    scope_set_key: &str,
    limits: TokenLimits,
    now: Timestamp,
    touched: &mut DirtyGrants,
) -> Refusable<Vec<AuthorizationId>, CreationRefused> {
    if limits.live_per_scope_set == u32::MAX && limits.per_hour == 0 {
        return Ok(Vec::new());
    }
    end::lapsed(tx, owner, now, touched).await?;
    if limits.per_hour > 0 {
        let hour_ago = now.minus(Duration::from_hours(1));
        let made = tx
            .one(MADE_SINCE, params![owner, app, scope_set_key, hour_ago])
            .await?
            .count(0)?;
        if made >= u64::from(limits.per_hour) {
            return Err(refuse(CreationRefused::TooManyThisHour {
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

/// Refuses a note that another live personal token of the owner has, and one token more than the
/// owner may have. What is in the way and is over ends.
async fn refuse_note_or_one_too_many(
    tx: &mut Tx,
    owner: AccountId,
    note: &Note,
    limits: TokenLimits,
    now: Timestamp,
    touched: &mut DirtyGrants,
) -> Refusable<(), CreationRefused> {
    if limits.live_per_user == u32::MAX {
        return refuse_taken_note(tx, owner, note, NONE, now, touched).await;
    }
    let sought = params![owner, note.as_str(), limits.live_per_user.saturating_sub(1)];
    let found = tx.one(SAME_NOTE_OR_AS_MANY_AS, sought).await?;
    if found.is_null(0) && found.is_null(1) && limits.live_per_user > 0 {
        return Ok(());
    }
    refuse_taken_note(tx, owner, note, NONE, now, touched).await?;
    refuse_one_too_many(tx, owner, limits, now, touched).await
}

async fn refuse_one_too_many(
    tx: &mut Tx,
    owner: AccountId,
    limits: TokenLimits,
    now: Timestamp,
    touched: &mut DirtyGrants,
) -> Refusable<(), CreationRefused> {
    if limits.live_per_user == u32::MAX {
        return Ok(());
    }
    if !is_full(tx, owner, limits).await? {
        return Ok(());
    }
    // Tokens that are over count until somebody looks; this is the look.
    end::lapsed(tx, owner, now, touched).await?;
    if !is_full(tx, owner, limits).await? {
        return Ok(());
    }
    Err(refuse(CreationRefused::TooManyTokens {
        limit: limits.live_per_user,
    }))
}

/// Whether the owner has as many live tokens as one may have. Asks for the last of them instead of
/// counting: that there is none is found at the end of what the owner has.
async fn is_full(tx: &mut Tx, owner: AccountId, limits: TokenLimits) -> Result<bool, StoreError> {
    let Some(before_the_last) = limits.live_per_user.checked_sub(1) else {
        return Ok(true);
    };
    let last = params![owner, before_the_last];
    Ok(tx.optional(AS_MANY_AS, last).await?.is_some())
}

/// A live authorization of one user, which stays as it is until the transaction ends: what a change
/// leaves alone must not be written back over what another one has changed meanwhile.
async fn hold_one(
    tx: &mut Tx,
    (owner, id): (AccountId, AuthorizationId),
    now: Timestamp,
) -> Refusable<(Authorization, Option<GrantId>), AuthorizationChangeRefused> {
    let gone = refuse(NoSuchToken);
    let (seen, _) = find::one(tx, owner, id, now).await?.ok_or(gone)?;
    if let Kind::App(app) = &seen.kind {
        grants::lock_pair(tx, owner, app.id, now).await?;
    }
    lock_one(tx, id).await?;
    let held = find::one(tx, owner, id, now).await?;
    held.ok_or(refuse(NoSuchToken))
}

/// Holds on to the row of an authorization until the transaction ends.
pub(crate) async fn lock_one(tx: &mut Tx, id: AuthorizationId) -> Result<(), StoreError> {
    tx.lock(LOCK_ONE, params![id]).await
}

/// Changes a live authorization.
pub(super) async fn change(
    tx: &mut Tx,
    (owner, id): (AccountId, AuthorizationId),
    change: &AuthorizationChange,
    by: &Attribution,
) -> Refusable<Outcome<Authorization>, AuthorizationChangeRefused> {
    let now = by.at;
    let (held, grant) = hold_one(tx, (owner, id), now).await?;
    let scopes = change.scopes.apply(&held.scopes);
    let stamp = asleep::stamp_after(tx, &held, &change.scopes).await?;
    let note = change.note.clone().unwrap_or_else(|| held.note.clone());
    let note_url = change
        .note_url
        .clone()
        .unwrap_or_else(|| held.note_url.clone());
    let mut fingerprint = held.fingerprint.clone();
    let mut touched = DirtyGrants::default();
    match (&held.kind, &note) {
        (Kind::Personal, None) => return Err(refuse(AuthorizationChangeRefused::NoteMissing)),
        // Users neither see nor change them.
        (Kind::Impersonation { .. }, _) => return Err(refuse(NoSuchToken)),
        (Kind::Personal, Some(note)) => {
            refuse_taken_note(tx, owner, note, id, now, &mut touched).await?;
        }
        (Kind::App(app), _) => {
            fingerprint = change.fingerprint.clone().unwrap_or(fingerprint);
            if let Some(fingerprint) = &fingerprint {
                let pair = (owner, app.id);
                refuse_taken_fingerprint(tx, pair, fingerprint, id, now, &mut touched).await?;
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
        now,
        stamp.map(|epoch| epoch.0),
    ];
    let updated = tx.optional(UPDATE_AUTHORIZATION, row).await?;
    let updated_at = updated.ok_or(refuse(NoSuchToken))?.timestamp(0)?;
    if let Some(grant) = grant {
        touched.changed(grant);
    }
    end::recompute(tx, touched, now).await?;
    end::announce_change(tx, id, now).await?;
    if asleep::gives_more(&scopes, stamp, &held) {
        outbox::tell(tx, MailKind::AdministratorScopes, owner, by).await?;
    }
    let event = Event::new(Action::AuthorizationChanged, subject_of(&held, grant))
        .with(Detail::ScopesBefore(held.scopes.clone()))
        .with(Detail::Scopes(scopes.clone()));
    let changed = Authorization {
        scopes,
        administrator_epoch: stamp,
        note,
        note_url,
        fingerprint,
        updated_at,
        ..held
    };
    Ok(Outcome::new(changed, event))
}

/// Refuses a note that another live personal token of the owner has. One in the way that is over
/// ends.
pub(super) async fn refuse_taken_note<R: From<NameTaken>>(
    tx: &mut Tx,
    owner: AccountId,
    note: &Note,
    own: AuthorizationId,
    now: Timestamp,
    touched: &mut DirtyGrants,
) -> Refusable<(), R> {
    let same = params![owner, note.as_str(), own];
    if tx.optional(SAME_NOTE, same).await?.is_none() {
        return Ok(());
    }
    end::lapsed(tx, owner, now, touched).await?;
    match tx.optional(SAME_NOTE, same).await? {
        None => Ok(()),
        Some(_) => Err(refuse(NameTaken::Note)),
    }
}

/// Refuses a fingerprint that another live token of the owner and app has. One in the way that is
/// over ends.
pub(super) async fn refuse_taken_fingerprint<R: From<NameTaken>>(
    tx: &mut Tx,
    (owner, app): (AccountId, AppId),
    fingerprint: &Fingerprint,
    own: AuthorizationId,
    now: Timestamp,
    touched: &mut DirtyGrants,
) -> Refusable<(), R> {
    let same = params![owner, app, fingerprint.as_str(), own];
    if tx.optional(SAME_FINGERPRINT, same).await?.is_none() {
        return Ok(());
    }
    end::lapsed(tx, owner, now, touched).await?;
    match tx.optional(SAME_FINGERPRINT, same).await? {
        None => Ok(()),
        Some(_) => Err(refuse(NameTaken::Fingerprint)),
    }
}
