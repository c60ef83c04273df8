//! Reading grants.

use counterfoil_domain::grant::{Grant, shown_scopes};
use counterfoil_domain::id::{AccountId, AppId, GrantId};
use counterfoil_domain::page::{Page, Paged};
use counterfoil_domain::scope::ScopeSet;
use counterfoil_domain::timestamp::Timestamp;

use crate::apps::summary_from;
use crate::authorizations::times_from;
use crate::error::StoreError;
use crate::liveness::live_at;
use crate::statement::{Row, params, statements};
use crate::tx::Tx;

/// The columns that [`shown`] reads.
macro_rules! grant_columns {
    () => {
        "g.id, g.account_id, g.scopes, g.created_at, g.updated_at, p.id, p.name, p.url, p.client_id, p.updated_at"
    };
}
pub(super) use grant_columns;

macro_rules! live_grants {
    ($rest:literal) => {
        concat!(
            "SELECT ",
            grant_columns!(),
            " FROM grants g JOIN apps p ON p.id = g.app_id WHERE g.ended_at IS NULL ",
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
}

/// One page of a user's live grants, ascending by id. A `client_id` that is not empty leaves only
/// the one of that app.
pub(super) async fn page_of(
    tx: &mut Tx,
    owner: AccountId,
    client_id: &str,
    page: Page,
    now: Timestamp,
) -> Result<Paged<Grant>, StoreError> {
    let total = count(tx, owner, client_id).await?;
    let mut items = Vec::new();
    for row in tx
        .rows(LIST, params![owner, client_id, page.size(), page.offset()])
        .await?
    {
        items.push(shown(tx, row, now).await?);
    }
    Ok(Paged { items, total })
}

/// How many live grants a user has, or has for the app of a `client_id` that is not empty.
pub(super) async fn count(
    tx: &mut Tx,
    owner: AccountId,
    client_id: &str,
) -> Result<u64, StoreError> {
    tx.one(COUNT, params![owner, client_id]).await?.count(0)
}

/// The row of a live grant. Whosever it is when `owner` is `None`.
pub(super) async fn row(
    tx: &mut Tx,
    owner: Option<AccountId>,
    id: GrantId,
) -> Result<Option<Row>, StoreError> {
    let owner = owner.map_or(0, |owner| owner.0);
    tx.optional(FIND, params![id, owner]).await
}

/// A user's live grant. Whosever it is when `owner` is `None`.
pub(super) async fn one(
    tx: &mut Tx,
    owner: Option<AccountId>,
    id: GrantId,
    now: Timestamp,
) -> Result<Option<Grant>, StoreError> {
    match row(tx, owner, id).await? {
        Some(row) => shown(tx, row, now).await.map(Some),
        None => Ok(None),
    }
}

/// The grant of a row as it is now: a token that expired or is idle no longer adds to its scopes.
/// When that changed them they changed at that moment, though nobody has written it down yet.
pub(super) async fn shown(tx: &mut Tx, mut row: Row, now: Timestamp) -> Result<Grant, StoreError> {
    let owner = AccountId(row.integer(1)?);
    let app = summary_from(&mut row, [5, 6, 7, 8, 9])?;
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
        let over = life.refused_from(times_from(&mut row, 0)?);
        last = last.max(over.filter(|over| *over <= now));
    }
    Ok(last)
}

/// The scopes of the live tokens that a user gave an app.
pub(super) async fn live_scopes(
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
