//! Grants, and the lock on what one user gives one app.

use counterfoil_domain::audit::{Action, Detail, Event, Outcome, Subject};
use counterfoil_domain::grant::{Grant, GrantRefused, shown_scopes};
use counterfoil_domain::id::{AccountId, AppId, GrantId};
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::page::{Page, Paged};
use counterfoil_domain::principal::Attribution;
use counterfoil_domain::scope::ScopeSet;
use counterfoil_domain::timestamp::Timestamp;

use crate::engine::Store;
use crate::error::{ChangeError, StoreError, WriteError};
use crate::liveness::live_at;
use crate::statement::{Row, params, statements};
use crate::tx::Tx;
use crate::writing::{Change, Locks, Operation};
use crate::{apps, authorizations};

macro_rules! live_grants {
    ($rest:literal) => {
        concat!(
            "SELECT g.id, g.account_id, g.scopes, g.created_at, g.updated_at, p.id, p.name, p.url, p.client_id,
                p.updated_at
            FROM grants g JOIN apps p ON p.id = g.app_id WHERE g.ended_at IS NULL ",
            $rest
        )
    };
}

statements! {
    LIST = live_grants!("AND g.account_id = $1 AND ($2 = '' OR p.client_id = $2) ORDER BY g.id LIMIT $3 OFFSET $4");
    COUNT = "SELECT count(*) FROM grants g JOIN apps p ON p.id = g.app_id
        WHERE g.ended_at IS NULL AND g.account_id = $1 AND ($2 = '' OR p.client_id = $2)";
    FIND = live_grants!("AND g.id = $1 AND ($2 = 0 OR g.account_id = $2)");
    LIVE_SCOPES = concat!(
        "SELECT scopes FROM authorizations WHERE account_id = $1 AND app_id = $2 AND kind = 'app' AND ended_at IS NULL AND ",
        live_at!("", "$3", "$4"),
        " ORDER BY id"
    );
    TIMES = "SELECT created_at, last_used_at, expires_at FROM authorizations
        WHERE account_id = $1 AND app_id = $2 AND kind = 'app' AND ended_at IS NULL";
    LOCK_PAIR = "INSERT INTO app_users (account_id, app_id, locked_at) VALUES ($1, $2, $3)
        ON CONFLICT (account_id, app_id) DO UPDATE SET locked_at = excluded.locked_at";
    LOCK = @Exclusive "SELECT 1 FROM grants WHERE id = $1";
    // An update of several rows takes them in any order.
    HOLD_OF_ACCOUNT = @Exclusive "SELECT id FROM grants WHERE account_id = $1 AND ended_at IS NULL ORDER BY id";
    HOLD_OF_APP = @Exclusive "SELECT id FROM grants WHERE app_id = $1 AND ended_at IS NULL ORDER BY id";
    OF_PAIR = "SELECT id FROM grants WHERE account_id = $1 AND app_id = $2 AND ended_at IS NULL";
    INSERT = "INSERT INTO grants (account_id, app_id, scopes, created_at, updated_at) VALUES ($1, $2, $3, $4, $4) RETURNING id";
    TOUCH = "UPDATE grants SET updated_at = CASE WHEN updated_at > $2 THEN updated_at ELSE $2 END WHERE id = $1";
    SET_SCOPES = "UPDATE grants SET scopes = $2, updated_at = CASE WHEN updated_at > $3 THEN updated_at ELSE $3 END WHERE id = $1";
    END = "UPDATE grants SET ended_at = $2, end_reason = $3, updated_at = CASE WHEN updated_at > $2 THEN updated_at ELSE $2 END WHERE id = $1 AND ended_at IS NULL";
    END_OF_ACCOUNT = "UPDATE grants SET ended_at = $2, end_reason = $3, updated_at = CASE WHEN updated_at > $2 THEN updated_at ELSE $2 END WHERE account_id = $1 AND ended_at IS NULL";
    END_OF_APP = "UPDATE grants SET ended_at = $2, end_reason = $3, updated_at = CASE WHEN updated_at > $2 THEN updated_at ELSE $2 END WHERE app_id = $1 AND ended_at IS NULL";
}

impl Store {
    /// One page of a user's live grants, ascending by id. `client_id` leaves only the one of that
    /// app.
    pub async fn list_grants(
        &self,
        owner: AccountId,
        client_id: Option<String>,
        page: Page,
        now: Timestamp,
    ) -> Result<Paged<Grant>, StoreError> {
        self.read(move |tx| {
            Box::pin(async move {
                let client_id = client_id.unwrap_or_default();
                let total = tx
                    .one(COUNT, params![owner, client_id.as_str()])
                    .await?
                    .count(0)?;
                let mut items = Vec::new();
                for row in tx
                    .rows(LIST, params![owner, client_id, page.size(), page.offset()])
                    .await?
                {
                    items.push(shown(tx, row, now).await?);
                }
                Ok(Paged { items, total })
            })
        })
        .await
    }

    /// A user's live grant. Whosever it is when `owner` is `None`.
    pub async fn find_grant(
        &self,
        owner: Option<AccountId>,
        id: GrantId,
        now: Timestamp,
    ) -> Result<Option<Grant>, StoreError> {
        self.read(move |tx| Box::pin(async move { find(tx, owner, id, now).await }))
            .await
    }

    /// Ends a live grant and every token under it, and says how many those were. Whosever it is
    /// when `owner` is `None`.
    pub async fn revoke_grant(
        &self,
        owner: Option<AccountId>,
        id: GrantId,
        by: Attribution,
    ) -> Result<u64, ChangeError<GrantRefused>> {
        let (operation, locks) = (Operation::RevokeGrant, Locks::none());
        self.change(operation, by, locks, move |Change { tx, by, .. }| {
            Box::pin(async move {
                let grant = find(tx, owner, id, by.at)
                    .await?
                    .ok_or(WriteError::Refused(GrantRefused::NotFound))?;
                let pair = (grant.owner, grant.app.id);
                lock_pair(tx, pair.0, pair.1, by.at).await?;
                let ended = end(tx, id, pair, by).await?;
                ended.ok_or(WriteError::Refused(GrantRefused::NotFound))
            })
        })
        .await
    }
}

/// Ends a live grant, whose pair is locked, with every token under it, and says how many those
/// were. Nothing when it has ended before.
pub(crate) async fn end(
    tx: &mut Tx,
    id: GrantId,
    pair: (AccountId, AppId),
    by: &Attribution,
) -> Result<Option<Outcome<u64>>, StoreError> {
    let tokens = authorizations::end_all_of_grant(tx, pair, EndReason::GrantDeleted, by.at).await?;
    let reason = EndReason::of_deletion_by(&by.actor());
    if tx.execute(END, params![id, by.at, reason.as_str()]).await? == 0 {
        return Ok(None);
    }
    let subject = Subject {
        account: Some(pair.0),
        app: Some(pair.1),
        grant: Some(id),
        authorization: None,
        ..Subject::default()
    };
    let event = Event::new(Action::GrantRevoked, subject).with(Detail::Tokens(tokens));
    Ok(Some(Outcome::new(tokens, event)))
}

async fn find(
    tx: &mut Tx,
    owner: Option<AccountId>,
    id: GrantId,
    now: Timestamp,
) -> Result<Option<Grant>, StoreError> {
    match tx
        .optional(FIND, params![id, owner.map_or(0, |owner| owner.0)])
        .await?
    {
        Some(row) => shown(tx, row, now).await.map(Some),
        None => Ok(None),
    }
}

/// The grant of a row as it is now: a token that expired or is idle no longer adds to its scopes.
/// When that changed them they changed at that moment, though nobody has written it down yet.
async fn shown(tx: &mut Tx, mut row: Row, now: Timestamp) -> Result<Grant, StoreError> {
    let owner = AccountId(row.integer(1)?);
    let app = apps::summary_from(&mut row, [5, 6, 7, 8, 9])?;
    let last_granted = ScopeSet::from_stored(&row.text(2)?);
    let scopes = shown_scopes(&last_granted, &live_scopes(tx, owner, app.id, now).await?);
    let mut updated_at = row.timestamp(4)?;
    if scopes != last_granted {
        let lapsed = last_lapse(tx, owner, app.id, now).await?;
        updated_at = lapsed.map_or(updated_at, |lapsed| updated_at.max(lapsed));
    }
    Ok(Grant {
        id: GrantId(row.integer(0)?),
        owner,
        app,
        scopes,
        created_at: row.timestamp(3)?,
        updated_at,
    })
}

/// When the last of the tokens that are over by now and did not end yet was over.
async fn last_lapse(
    tx: &mut Tx,
    owner: AccountId,
    app: AppId,
    now: Timestamp,
) -> Result<Option<Timestamp>, StoreError> {
    let life = tx.liveness().life();
    let mut last = None;
    for mut row in tx.rows(TIMES, params![owner, app]).await? {
        let over = life.refused_from(authorizations::times_from(&mut row, 0)?);
        last = last.max(over.filter(|over| *over <= now));
    }
    Ok(last)
}

async fn live_scopes(
    tx: &mut Tx,
    owner: AccountId,
    app: AppId,
    now: Timestamp,
) -> Result<Vec<ScopeSet>, StoreError> {
    let live = params![owner, app, now, tx.idle_since(now)];
    let rows = tx.rows(LIVE_SCOPES, live).await?;
    rows.into_iter()
        .map(|mut row| row.text(0).map(|text| ScopeSet::from_stored(&text)))
        .collect()
}

/// Locks what one user gives one app until the transaction ends. Whatever decides by it calls this
/// first.
pub(crate) async fn lock_pair(
    tx: &mut Tx,
    owner: AccountId,
    app: AppId,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(LOCK_PAIR, params![owner, app, now])
        .await
        .map(drop)
}

/// The live grant of a pair, made if there is none. Nobody ends it while the pair is locked.
pub(crate) async fn find_or_make(
    tx: &mut Tx,
    owner: AccountId,
    app: AppId,
    scopes: &ScopeSet,
    now: Timestamp,
) -> Result<GrantId, StoreError> {
    if let Some(mut row) = tx.optional(OF_PAIR, params![owner, app]).await? {
        return Ok(GrantId(row.integer(0)?));
    }
    Ok(GrantId(
        tx.one(INSERT, params![owner, app, scopes.to_string(), now])
            .await?
            .integer(0)?,
    ))
}

/// Moves a grant's time, since a token came to it.
pub(crate) async fn touch(tx: &mut Tx, id: GrantId, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(TOUCH, params![id, now]).await.map(drop)
}

/// Brings a grant's scopes up to date after a token came, changed or went. Without live tokens they
/// stay as last granted. Called after the change: of several who change tokens of one grant at the
/// same time, the last one here sees what all did.
pub(crate) async fn recompute(tx: &mut Tx, id: GrantId, now: Timestamp) -> Result<(), StoreError> {
    tx.lock(LOCK, params![id]).await?;
    let Some(mut row) = tx.optional(FIND, params![id, 0_i64]).await? else {
        return Ok(());
    };
    let (owner, app) = (AccountId(row.integer(1)?), AppId(row.integer(5)?));
    let before = ScopeSet::from_stored(&row.text(2)?);
    let after = shown_scopes(&before, &live_scopes(tx, owner, app, now).await?);
    if after != before {
        tx.execute(SET_SCOPES, params![id, after.to_string(), now])
            .await?;
    }
    Ok(())
}

/// Ends all live grants of a user.
pub(crate) async fn end_all_of_account(
    tx: &mut Tx,
    owner: AccountId,
    now: Timestamp,
) -> Result<u64, StoreError> {
    tx.lock(HOLD_OF_ACCOUNT, params![owner]).await?;
    tx.execute(
        END_OF_ACCOUNT,
        params![owner, now, EndReason::AccountDeleted.as_str()],
    )
    .await
}

/// Ends all live grants of an app.
pub(crate) async fn end_all_of_app(
    tx: &mut Tx,
    app: AppId,
    now: Timestamp,
) -> Result<u64, StoreError> {
    tx.lock(HOLD_OF_APP, params![app]).await?;
    tx.execute(
        END_OF_APP,
        params![app, now, EndReason::AppDeleted.as_str()],
    )
    .await
}
