//! Authorizations and the digests of their tokens.

use counterfoil_domain::account::Account;
use counterfoil_domain::app::{AppSummary, AppUrl, ClientId, KeptSecret};
use counterfoil_domain::audit::{Action, Attribution, Event, Subject};
use counterfoil_domain::authorization::{
    Authorization, AuthorizationChange, AuthorizationRefused, Kind, NewAuthorization, Provenance, Purpose, TokenLimits,
};
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::id::{AccountId, AppId, AuthorizationId, GrantId};
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::page::{Page, Paged};
use counterfoil_domain::scope::ScopeSet;
use counterfoil_domain::text::{DisplayName, Fingerprint, Note, NoteUrl};
use counterfoil_domain::timestamp::Timestamp;

use crate::engine::Store;
use crate::error::{StoreError, WriteError};
use crate::statement::statements;
use crate::tx::{Row, Tx, params};
use crate::{accounts, audit, grants};

type Refusable<T> = Result<T, WriteError<AuthorizationRefused>>;

/// The columns that [`authorization_from`] reads, with the live digest and the app beside them.
macro_rules! live_authorizations {
    ($rest:literal) => {
        concat!(
            "SELECT a.id, a.account_id, a.kind, a.scopes, a.note, a.note_url, a.fingerprint, a.created_at, a.updated_at,
                a.expires_at, a.last_used_at, d.digest, d.last_eight, p.id, p.name, p.url, p.client_id, a.provenance, a.grant_id
            FROM authorizations a
            JOIN token_digests d ON d.id = (SELECT max(id) FROM token_digests WHERE authorization_id = a.id AND ended_at IS NULL)
            LEFT JOIN apps p ON p.id = a.app_id
            WHERE a.ended_at IS NULL ",
            $rest
        )
    };
}

statements! {
    LIST = live_authorizations!(
        "AND a.account_id = $1 AND (a.expires_at IS NULL OR a.expires_at > $2) AND a.kind <> 'impersonation'
        AND ($3 = '' OR coalesce(p.client_id, '00000000000000000000') = $3)
        ORDER BY coalesce(a.app_id, 0), coalesce(a.fingerprint, ''), a.id LIMIT $4 OFFSET $5"
    );
    COUNT = "SELECT count(*) FROM authorizations a LEFT JOIN apps p ON p.id = a.app_id
        WHERE a.ended_at IS NULL AND a.account_id = $1 AND (a.expires_at IS NULL OR a.expires_at > $2)
        AND a.kind <> 'impersonation' AND ($3 = '' OR coalesce(p.client_id, '00000000000000000000') = $3)";
    FIND = live_authorizations!(
        "AND a.id = $1 AND a.account_id = $2 AND (a.expires_at IS NULL OR a.expires_at > $3) AND a.kind <> 'impersonation'"
    );
    FIND_ANY = live_authorizations!("AND a.id = $1 AND (a.expires_at IS NULL OR a.expires_at > $2)");
    FIND_BY_DIGEST = live_authorizations!("AND a.id = $1 AND d.digest = $2 AND (a.expires_at IS NULL OR a.expires_at > $3)");
    FIND_FOR_APP = live_authorizations!(
        "AND a.account_id = $1 AND a.app_id = $2 AND coalesce(a.fingerprint, '') = $3 AND a.kind = 'app'
        AND (a.expires_at IS NULL OR a.expires_at > $4) ORDER BY a.id LIMIT 1"
    );
    TOKENS_AFTER = live_authorizations!(
        "AND ($1 = 0 OR a.account_id = $1) AND a.id > $2 AND (a.expires_at IS NULL OR a.expires_at > $3) ORDER BY a.id LIMIT $4"
    );
    AUTHORIZATION_OF_DIGEST = "SELECT authorization_id FROM token_digests
        WHERE digest_head = $1 AND digest = $2 AND ended_at IS NULL";
    KNOWN_DIGEST = "SELECT id FROM token_digests WHERE digest_head = $1 AND digest = $2";
    SAME_NOTE = "SELECT id FROM authorizations
        WHERE account_id = $1 AND note = $2 AND kind = 'personal' AND ended_at IS NULL AND id <> $3";
    SAME_FINGERPRINT = "SELECT id FROM authorizations
        WHERE account_id = $1 AND app_id = $2 AND fingerprint = $3 AND ended_at IS NULL AND id <> $4";
    EXPIRED_OF_ACCOUNT = "SELECT id, grant_id FROM authorizations
        WHERE account_id = $1 AND ended_at IS NULL AND expires_at IS NOT NULL AND expires_at <= $2";
    COUNT_UP_TO = "SELECT count(*) FROM (SELECT 1 FROM authorizations WHERE account_id = $1 AND ended_at IS NULL LIMIT $2) AS live";
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
        fingerprint = $6, updated_at = CASE WHEN updated_at > $7 THEN updated_at ELSE $7 END WHERE id = $1 AND ended_at IS NULL RETURNING updated_at";
    END_AUTHORIZATION = "UPDATE authorizations SET ended_at = $2, end_reason = $3, updated_at = CASE WHEN updated_at > $2 THEN updated_at ELSE $2 END
        WHERE id = $1 AND ended_at IS NULL";
    END_DIGESTS = "UPDATE token_digests SET ended_at = $2, end_reason = $3 WHERE authorization_id = $1 AND ended_at IS NULL";
    LIVE_OF_ACCOUNT = "SELECT id, grant_id FROM authorizations WHERE account_id = $1 AND ended_at IS NULL";
    LIVE_OF_APP = "SELECT id, grant_id FROM authorizations WHERE app_id = $1 AND ended_at IS NULL";
    LIVE_OF_GRANT = "SELECT id, grant_id FROM authorizations WHERE account_id = $1 AND app_id = $2 AND ended_at IS NULL";
}

/// What get-or-create found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GotOrCreated {
    /// A live authorization was there; nothing changed.
    Existing(Authorization),
    /// There was none, and this one was made.
    Created(Authorization),
}

/// A token's record with the account it belongs to, as a check needs it.
#[derive(Clone, Debug)]
pub struct TokenOwner {
    /// The record.
    pub authorization: Authorization,
    /// Whose it is, as the account stands now.
    pub account: Account,
}

/// A token's record as operators see it.
#[derive(Clone, Debug)]
pub struct OwnedAuthorization {
    /// The record.
    pub authorization: Authorization,
    /// How it was made.
    pub provenance: Provenance,
}

/// Whose tokens are to be revoked together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// All tokens of a user.
    Account(AccountId),
    /// All tokens of an app, whoever's.
    App(AppId),
}

impl Store {
    /// One page of a user's live authorizations: personal ones first, then by app, fingerprint and id. `client_id` leaves
    /// only those of one app.
    pub async fn list_authorizations(
        &self,
        owner: AccountId,
        client_id: Option<String>,
        page: Page,
        now: Timestamp,
    ) -> Result<Paged<Authorization>, StoreError> {
        self.read(move |tx| {
            Box::pin(async move {
                let client_id = client_id.unwrap_or_default();
                let total = tx.one(COUNT, params![owner, now, client_id.as_str()]).await?.count(0)?;
                let offset = i64::try_from(page.offset()).unwrap_or(i64::MAX);
                let rows = tx.rows(LIST, params![owner, now, client_id, page.size(), offset]).await?;
                let items = rows.into_iter().map(|row| owned_from(row).map(|owned| owned.authorization));
                Ok(Paged { items: items.collect::<Result<_, _>>()?, total })
            })
        })
        .await
    }

    /// A user's live authorization.
    pub async fn find_authorization(
        &self,
        owner: AccountId,
        id: AuthorizationId,
        now: Timestamp,
    ) -> Result<Option<Authorization>, StoreError> {
        self.read(move |tx| Box::pin(async move { find(tx, owner, id, now).await })).await
    }

    /// The live token with this digest, and whose it is.
    pub async fn find_by_digest(&self, digest: SecretDigest, now: Timestamp) -> Result<Option<TokenOwner>, StoreError> {
        self.read(move |tx| {
            Box::pin(async move {
                let known = params![digest.head(), digest.as_bytes()];
                let Some(mut row) = tx.optional(AUTHORIZATION_OF_DIGEST, known).await? else { return Ok(None) };
                let found = params![row.integer(0)?, digest.as_bytes(), now];
                let Some(row) = tx.optional(FIND_BY_DIGEST, found).await? else { return Ok(None) };
                let authorization = owned_from(row)?.authorization;
                let account = accounts::find_by_id(tx, authorization.owner).await?;
                Ok(account.map(|account| TokenOwner { authorization, account }))
            })
        })
        .await
    }

    /// Live tokens with ids above `after`, ascending, at most `limit`; of one user or of all.
    pub async fn tokens_after(
        &self,
        owner: Option<AccountId>,
        after: AuthorizationId,
        limit: u32,
        now: Timestamp,
    ) -> Result<Vec<OwnedAuthorization>, StoreError> {
        self.read(move |tx| {
            Box::pin(async move {
                let rows = tx.rows(TOKENS_AFTER, params![owner.map_or(0, |id| id.0), after, now, limit]).await?;
                rows.into_iter().map(owned_from).collect()
            })
        })
        .await
    }

    /// Makes an authorization, and for an app its grant.
    pub async fn create_authorization(
        &self,
        new: NewAuthorization,
        limits: TokenLimits,
        by: Attribution,
    ) -> Refusable<Authorization> {
        let store = self.clone();
        self.write(move |tx| Box::pin(async move { create(&store, tx, &new, limits, &by).await })).await
    }

    /// The user's oldest live authorization for an app and fingerprint, or a new one. `new` must be for an app.
    pub async fn get_or_create_authorization(
        &self,
        new: NewAuthorization,
        limits: TokenLimits,
        by: Attribution,
    ) -> Refusable<GotOrCreated> {
        let Purpose::App { app, ref fingerprint, .. } = new.purpose else {
            return Err(WriteError::Refused(AuthorizationRefused::AppGone));
        };
        let wanted = (new.owner, app, fingerprint.clone());
        let (sought, now) = (wanted.clone(), by.at);
        // Most calls find one. Looking first spares them the transaction; those that find none look again inside it.
        let found = self.read(move |tx| Box::pin(async move { find_for_app(tx, &sought, now).await })).await?;
        if let Some(existing) = found {
            return Ok(GotOrCreated::Existing(existing));
        }
        let store = self.clone();
        self.write(move |tx| {
            Box::pin(async move {
                grants::lock_pair(tx, wanted.0, wanted.1, by.at).await?;
                match find_for_app(tx, &wanted, by.at).await? {
                    Some(existing) => Ok(GotOrCreated::Existing(existing)),
                    None => create(&store, tx, &new, limits, &by).await.map(GotOrCreated::Created),
                }
            })
        })
        .await
    }

    /// Changes a user's live authorization.
    pub async fn change_authorization(
        &self,
        owner: AccountId,
        id: AuthorizationId,
        change: AuthorizationChange,
        by: Attribution,
    ) -> Refusable<Authorization> {
        let store = self.clone();
        self.write(move |tx| Box::pin(async move { change_one(&store, tx, (owner, id), &change, &by).await })).await
    }

    /// Ends a live authorization and its token; of one user, or whosever it is when `owner` is `None`.
    pub async fn revoke_authorization(
        &self,
        owner: Option<AccountId>,
        id: AuthorizationId,
        reason: EndReason,
        by: Attribution,
    ) -> Refusable<Authorization> {
        let store = self.clone();
        self.write(move |tx| {
            Box::pin(async move {
                let found = match owner {
                    Some(owner) => find_with_grant(tx, owner, id, by.at).await?,
                    None => with_grant(tx.optional(FIND_ANY, params![id, by.at]).await?)?,
                };
                let (authorization, grant) = found.ok_or(refuse(AuthorizationRefused::NotFound))?;
                end(tx, id, reason, by.at).await?;
                if let Some(grant) = grant {
                    grants::recompute(tx, grant, by.at).await?;
                }
                let event = Event::new(Action::AuthorizationRevoked, subject_of(&authorization, grant)).with("reason", reason.as_str());
                audit::record(tx, store.writer(), &by, event).await?;
                Ok(authorization)
            })
        })
        .await
    }

    /// Ends all live tokens of a user or an app, and says how many there were.
    pub async fn revoke_all(&self, whose: Whose, by: Attribution) -> Refusable<u64> {
        let store = self.clone();
        self.write(move |tx| {
            Box::pin(async move {
                let (count, subject) = match whose {
                    Whose::Account(account) => (
                        end_all_of_account(tx, account, EndReason::RevokedByOperator, by.at).await?,
                        Subject { account: Some(account), ..Subject::default() },
                    ),
                    Whose::App(app) => (
                        end_all_of_app(tx, app, EndReason::RevokedByOperator, by.at).await?,
                        Subject { app: Some(app), ..Subject::default() },
                    ),
                };
                let event = Event::new(Action::AuthorizationRevoked, subject)
                    .with("reason", EndReason::RevokedByOperator.as_str())
                    .with("count", count);
                audit::record(tx, store.writer(), &by, event).await?;
                Ok(count)
            })
        })
        .await
    }
}

async fn find(tx: &mut Tx, owner: AccountId, id: AuthorizationId, now: Timestamp) -> Result<Option<Authorization>, StoreError> {
    Ok(find_with_grant(tx, owner, id, now).await?.map(|(authorization, _)| authorization))
}

async fn find_with_grant(
    tx: &mut Tx,
    owner: AccountId,
    id: AuthorizationId,
    now: Timestamp,
) -> Result<Option<(Authorization, Option<GrantId>)>, StoreError> {
    with_grant(tx.optional(FIND, params![id, owner, now]).await?)
}

fn with_grant(row: Option<Row>) -> Result<Option<(Authorization, Option<GrantId>)>, StoreError> {
    let Some(mut row) = row else { return Ok(None) };
    let grant = row.optional_integer(18)?.map(GrantId);
    Ok(Some((owned_from(row)?.authorization, grant)))
}

async fn find_for_app(
    tx: &mut Tx,
    (owner, app, fingerprint): &(AccountId, AppId, Option<Fingerprint>),
    now: Timestamp,
) -> Result<Option<Authorization>, StoreError> {
    let fingerprint = fingerprint.as_ref().map_or("", Fingerprint::as_str);
    let row = tx.optional(FIND_FOR_APP, params![*owner, *app, fingerprint, now]).await?;
    row.map(|row| owned_from(row).map(|owned| owned.authorization)).transpose()
}

async fn create(
    store: &Store,
    tx: &mut Tx,
    new: &NewAuthorization,
    limits: TokenLimits,
    by: &Attribution,
) -> Refusable<Authorization> {
    let now = by.at;
    if !accounts::is_active(tx, new.owner).await? {
        return Err(refuse(AuthorizationRefused::OwnerGone));
    }
    let grant = match &new.purpose {
        Purpose::Personal { note } => {
            refuse_taken_note(tx, new.owner, note, AuthorizationId(0), now).await?;
            None
        }
        Purpose::App { app, fingerprint, .. } => {
            grants::lock_pair(tx, new.owner, *app, now).await?;
            if !grants::app_is_live(tx, *app).await? {
                return Err(refuse(AuthorizationRefused::AppGone));
            }
            if let Some(fingerprint) = fingerprint {
                refuse_taken_fingerprint(tx, (new.owner, *app), fingerprint, AuthorizationId(0), now).await?;
            }
            make_room(tx, new.owner, *app, &new.scopes.canonical_key(), limits, now).await?;
            Some(grants::find_or_make(tx, new.owner, *app, &new.scopes, now).await?)
        }
    };
    refuse_one_too_many(tx, new.owner, limits, now).await?;
    let id = insert(tx, new, grant, now).await?;
    if let Some(grant) = grant {
        grants::recompute(tx, grant, now).await?;
    }
    let found = find(tx, new.owner, id, now).await?;
    let authorization = found.ok_or(StoreError::Inconsistent { table: "authorizations", column: "id" })?;
    let event = Event::new(Action::AuthorizationCreated, subject_of(&authorization, grant))
        .with("provenance", new.provenance.as_str())
        .with("scopes", &new.scopes);
    audit::record(tx, store.writer(), by, event).await?;
    Ok(authorization)
}

async fn insert(
    tx: &mut Tx,
    new: &NewAuthorization,
    grant: Option<GrantId>,
    now: Timestamp,
) -> Refusable<AuthorizationId> {
    let (kind, app, note, fingerprint) = match &new.purpose {
        Purpose::Personal { note } => ("personal", None, Some(note), None),
        Purpose::App { app, note, fingerprint } => ("app", Some(*app), note.as_ref(), fingerprint.as_ref()),
    };
    let digest = &new.token.digest;
    if tx.optional(KNOWN_DIGEST, params![digest.head(), digest.as_bytes()]).await?.is_some() {
        return Err(refuse(AuthorizationRefused::TokenKnown));
    }
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
    let row = params![id, digest.head(), digest.as_bytes(), new.token.last_eight.as_str(), now];
    tx.execute(INSERT_DIGEST, row).await?;
    Ok(id)
}

/// Keeps the bound on live tokens of one user, app and scope set by ending the oldest, and the hourly bound by refusing.
async fn make_room(
    tx: &mut Tx,
    owner: AccountId,
    app: AppId,
    scope_set_key: &str,
    limits: TokenLimits,
    now: Timestamp,
) -> Refusable<()> {
    end_expired(tx, owner, now).await?;
    if limits.per_hour > 0 {
        let hour_ago = now.minus(std::time::Duration::from_hours(1));
        let made = tx.one(MADE_SINCE, params![owner, app, scope_set_key, hour_ago]).await?.count(0)?;
        if made >= u64::from(limits.per_hour) {
            return Err(refuse(AuthorizationRefused::TooManyThisHour));
        }
    }
    let live = tx.rows(SAME_SCOPE_SET, params![owner, app, scope_set_key]).await?;
    let surplus = (live.len() + 1).saturating_sub(limits.live_per_scope_set.max(1) as usize);
    for mut oldest in live.into_iter().take(surplus) {
        end(tx, AuthorizationId(oldest.integer(0)?), EndReason::MaxForApp, now).await?;
    }
    Ok(())
}

async fn refuse_one_too_many(tx: &mut Tx, owner: AccountId, limits: TokenLimits, now: Timestamp) -> Refusable<()> {
    let full = params![owner, limits.live_per_user];
    let limit = u64::from(limits.live_per_user);
    if tx.one(COUNT_UP_TO, full).await?.count(0)? < limit {
        return Ok(());
    }
    // Expired tokens count until somebody looks; this is the look.
    end_expired(tx, owner, now).await?;
    if tx.one(COUNT_UP_TO, full).await?.count(0)? < limit { Ok(()) } else { Err(refuse(AuthorizationRefused::TooManyTokens)) }
}

async fn change_one(
    store: &Store,
    tx: &mut Tx,
    (owner, id): (AccountId, AuthorizationId),
    change: &AuthorizationChange,
    by: &Attribution,
) -> Refusable<Authorization> {
    let (held, grant) = find_with_grant(tx, owner, id, by.at).await?.ok_or(refuse(AuthorizationRefused::NotFound))?;
    let scopes = change.scopes.apply(&held.scopes);
    let note = change.note.clone().unwrap_or_else(|| held.note.clone());
    let note_url = change.note_url.clone().unwrap_or_else(|| held.note_url.clone());
    let mut fingerprint = held.fingerprint.clone();
    match (&held.kind, &note) {
        (Kind::Personal, None) => return Err(refuse(AuthorizationRefused::NoteMissing)),
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
    let event = Event::new(Action::AuthorizationChanged, subject_of(&held, grant))
        .with("scopes_before", &held.scopes)
        .with("scopes", &scopes);
    audit::record(tx, store.writer(), by, event).await?;
    Ok(Authorization { scopes, note, note_url, fingerprint, updated_at, ..held })
}

/// Refuses a note that another live personal token of the owner has. An expired one in the way ends.
async fn refuse_taken_note(tx: &mut Tx, owner: AccountId, note: &Note, own: AuthorizationId, now: Timestamp) -> Refusable<()> {
    let same = params![owner, note.as_str(), own];
    if tx.optional(SAME_NOTE, same).await?.is_none() {
        return Ok(());
    }
    end_expired(tx, owner, now).await?;
    match tx.optional(SAME_NOTE, same).await? {
        None => Ok(()),
        Some(_) => Err(refuse(AuthorizationRefused::NoteTaken)),
    }
}

/// Refuses a fingerprint that another live token of the owner and app has. An expired one in the way ends.
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
    end_expired(tx, owner, now).await?;
    match tx.optional(SAME_FINGERPRINT, same).await? {
        None => Ok(()),
        Some(_) => Err(refuse(AuthorizationRefused::FingerprintTaken)),
    }
}

/// Ends what has expired, so that it is in nobody's way.
async fn end_expired(tx: &mut Tx, owner: AccountId, now: Timestamp) -> Result<u64, StoreError> {
    let expired = tx.rows(EXPIRED_OF_ACCOUNT, params![owner, now]).await?;
    end_rows(tx, expired, EndReason::Expired, now).await
}

/// Ends all live tokens of a user.
pub(crate) async fn end_all_of_account(tx: &mut Tx, account: AccountId, reason: EndReason, now: Timestamp) -> Result<u64, StoreError> {
    let live = tx.rows(LIVE_OF_ACCOUNT, params![account]).await?;
    end_rows(tx, live, reason, now).await
}

/// Ends all live tokens of an app.
pub(crate) async fn end_all_of_app(tx: &mut Tx, app: AppId, reason: EndReason, now: Timestamp) -> Result<u64, StoreError> {
    let live = tx.rows(LIVE_OF_APP, params![app]).await?;
    end_rows(tx, live, reason, now).await
}

/// Ends all live tokens that a user gave an app.
pub(crate) async fn end_all_of_grant(
    tx: &mut Tx,
    (account, app): (AccountId, AppId),
    reason: EndReason,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let live = tx.rows(LIVE_OF_GRANT, params![account, app]).await?;
    end_rows(tx, live, reason, now).await
}

/// Ends each row (id, grant), and brings the grants up to date once each.
async fn end_rows(tx: &mut Tx, rows: Vec<Row>, reason: EndReason, now: Timestamp) -> Result<u64, StoreError> {
    let mut touched = Vec::new();
    let count = rows.len() as u64;
    for mut row in rows {
        touched.extend(row.optional_integer(1)?);
        end(tx, AuthorizationId(row.integer(0)?), reason, now).await?;
    }
    touched.sort_unstable();
    touched.dedup();
    for grant in touched {
        grants::recompute(tx, GrantId(grant), now).await?;
    }
    Ok(count)
}

async fn end(tx: &mut Tx, id: AuthorizationId, reason: EndReason, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(END_AUTHORIZATION, params![id, now, reason.as_str()]).await?;
    tx.execute(END_DIGESTS, params![id, now, reason.as_str()]).await.map(drop)
}

fn refuse(reason: AuthorizationRefused) -> WriteError<AuthorizationRefused> {
    WriteError::Refused(reason)
}

fn subject_of(authorization: &Authorization, grant: Option<GrantId>) -> Subject {
    Subject {
        account: Some(authorization.owner),
        app: authorization.kind.app().map(|app| app.id),
        authorization: Some(authorization.id),
        grant,
    }
}

fn owned_from(mut row: Row) -> Result<OwnedAuthorization, StoreError> {
    let inconsistent = |column| StoreError::Inconsistent { table: "authorizations", column };
    let kind = match row.optional_integer(13)? {
        None => Kind::Personal,
        Some(id) => Kind::App(AppSummary {
            id: AppId(id),
            name: DisplayName::from_stored(row.text(14)?),
            url: AppUrl::from_stored(row.text(15)?),
            client_id: ClientId::from_stored(row.text(16)?),
        }),
    };
    let digest = SecretDigest::from_stored(&row.blob(11)?).ok_or(inconsistent("digest"))?;
    let authorization = Authorization {
        id: AuthorizationId(row.integer(0)?),
        owner: AccountId(row.integer(1)?),
        kind,
        scopes: ScopeSet::from_stored(&row.text(3)?),
        note: row.optional_text(4)?.map(Note::from_stored),
        note_url: row.optional_text(5)?.map(NoteUrl::from_stored),
        fingerprint: row.optional_text(6)?.map(Fingerprint::from_stored),
        token: KeptSecret { digest, last_eight: row.text(12)? },
        created_at: row.timestamp(7)?,
        updated_at: row.timestamp(8)?,
        expires_at: row.optional_timestamp(9)?,
        last_used_at: row.optional_timestamp(10)?,
    };
    let provenance = Provenance::from_stored(&row.text(17)?).ok_or(inconsistent("provenance"))?;
    Ok(OwnedAuthorization { authorization, provenance })
}
