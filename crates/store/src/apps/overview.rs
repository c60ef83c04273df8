//! All apps with their owners and how much they are used, as site administrators look at them.

use counterfoil_domain::administered::AppInUse;
use counterfoil_domain::app::ClientId;
use counterfoil_domain::id::AppId;
use counterfoil_domain::login::Login;
use counterfoil_domain::page::{Page, Paged};
use counterfoil_domain::timestamp::Timestamp;

use crate::apps::find;
use crate::engine::Store;
use crate::error::StoreError;
use crate::liveness::live_at;
use crate::statement::{Row, params, statements};
use crate::tx::Tx;

/// What hangs on a live app. The first two parameters say when a token lives.
macro_rules! overview {
    ($rest:literal) => {
        concat!(
            "SELECT p.id, o.login, o.kind, o.suspended_at,
                (SELECT count(*) FROM grants g WHERE g.app_id = p.id AND g.ended_at IS NULL),
                (SELECT max(g.last_used_at) FROM grants g WHERE g.app_id = p.id AND g.ended_at IS NULL),
                (SELECT count(*) FROM authorizations a WHERE a.app_id = p.id AND a.ended_at IS NULL AND ",
            live_at!("a.", "$1", "$2"),
            "),
                (SELECT count(*) FROM client_secrets s WHERE s.app_id = p.id AND s.ended_at IS NULL AND s.published_at IS NOT NULL)
            FROM apps p JOIN accounts o ON o.id = p.owner_account_id WHERE p.ended_at IS NULL ",
            $rest
        )
    };
}

statements! {
    OVERVIEW = overview!("ORDER BY p.id LIMIT $3 OFFSET $4");
    OVERVIEW_COUNT = "SELECT count(*) FROM apps WHERE ended_at IS NULL";
    OVERVIEW_OF_ONE = overview!("AND p.client_id = $3");
}

impl Store {
    /// One page of all live apps, in the order they were made.
    pub async fn apps_in_use(
        &self,
        page: Page,
        now: Timestamp,
    ) -> Result<Paged<AppInUse>, StoreError> {
        self.read(move |tx| {
            Box::pin(async move {
                let total = tx.one(OVERVIEW_COUNT, &[]).await?.count(0)?;
                let place = params![now, tx.idle_since(now), page.size(), page.offset()];
                let rows = tx.rows(OVERVIEW, place).await?;
                let mut items = Vec::with_capacity(rows.len());
                for row in rows {
                    items.extend(in_use_from(tx, row).await?);
                }
                Ok(Paged { items, total })
            })
        })
        .await
    }

    /// The live app of a client id.
    pub async fn app_in_use(
        &self,
        client_id: &ClientId,
        now: Timestamp,
    ) -> Result<Option<AppInUse>, StoreError> {
        let client_id = client_id.clone();
        self.read(move |tx| {
            Box::pin(async move {
                let sought = params![now, tx.idle_since(now), client_id.as_str()];
                match tx.optional(OVERVIEW_OF_ONE, sought).await? {
                    Some(row) => in_use_from(tx, row).await,
                    None => Ok(None),
                }
            })
        })
        .await
    }
}

async fn in_use_from(tx: &mut Tx, mut row: Row) -> Result<Option<AppInUse>, StoreError> {
    let id = AppId(row.integer(0)?);
    let owner = Login::from_stored(row.text(1)?);
    let is_of_organization = row.text(2)? == "organization";
    let owner_is_suspended = !row.is_null(3);
    let users = row.count(4)?;
    let last_used_at = row.optional_timestamp(5)?;
    let tokens = row.count(6)?;
    let is_published = row.count(7)? > 0;
    let app = find::by_id(tx, id).await?;
    Ok(app.map(|app| AppInUse {
        app,
        owner,
        is_of_organization,
        owner_is_suspended,
        users,
        tokens,
        last_used_at,
        is_published,
    }))
}
