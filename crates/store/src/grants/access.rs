//! Grants as pages show them to the user who gave them: with the app's owner, how many tokens there
//! are, and when one of them was last used.

use counterfoil_domain::app::ClientId;
use counterfoil_domain::authorization::OwnToken;
use counterfoil_domain::grant::AppAccess;
use counterfoil_domain::id::{AccountId, AuthorizationId};
use counterfoil_domain::login::Login;
use counterfoil_domain::page::{Page, Paged};
use counterfoil_domain::timestamp::Timestamp;

use crate::authorizations::{token_given, tokens_given};
use crate::engine::Store;
use crate::error::StoreError;
use crate::grants::find::{self, grant_columns};
use crate::liveness::live_at;
use crate::statement::{Row, params, statements};
use crate::tx::Tx;

statements! {
    LIST = concat!(
        "SELECT ", grant_columns!(), ", o.login, p.created_at, g.last_used_at
        FROM grants g JOIN apps p ON p.id = g.app_id JOIN accounts o ON o.id = p.owner_account_id
        WHERE g.ended_at IS NULL AND g.account_id = $1 AND ($2 = '' OR p.client_id = $2)
        ORDER BY coalesce(g.last_used_at, g.created_at) DESC, g.id DESC LIMIT $3 OFFSET $4"
    );
    TOKENS = concat!(
        "SELECT count(*) FROM authorizations WHERE account_id = $1 AND app_id = $2 AND kind = 'app' AND ended_at IS NULL AND ",
        live_at!("", "$3", "$4")
    );
    LAST_USE = concat!(
        "SELECT last_used_at, last_used_address FROM authorizations
        WHERE account_id = $1 AND app_id = $2 AND kind = 'app' AND ended_at IS NULL AND last_used_at IS NOT NULL AND ",
        live_at!("", "$3", "$4"),
        " ORDER BY last_used_at DESC, id DESC LIMIT 1"
    );
}

impl Store {
    /// One page of the apps that a user gave access to, the ones used last first.
    pub async fn apps_with_access(
        &self,
        owner: AccountId,
        page: Page,
        now: Timestamp,
    ) -> Result<Paged<AppAccess>, StoreError> {
        self.read(move |tx| {
            Box::pin(async move {
                let total = find::count(tx, owner, "").await?;
                let sought = params![owner, "", page.size(), page.offset()];
                let mut items = Vec::new();
                for row in tx.rows(LIST, sought).await? {
                    items.push(access(tx, row, now).await?);
                }
                Ok(Paged { items, total })
            })
        })
        .await
    }

    /// What a user gave an app, with one page of the app's live tokens, the newest first.
    pub async fn app_access(
        &self,
        owner: AccountId,
        client_id: &ClientId,
        page: Page,
        now: Timestamp,
    ) -> Result<Option<(AppAccess, Vec<OwnToken>)>, StoreError> {
        let client_id = client_id.clone();
        self.read(move |tx| {
            Box::pin(async move {
                let sought = params![owner, client_id.as_str(), 1_u32, 0_u64];
                let Some(row) = tx.optional(LIST, sought).await? else {
                    return Ok(None);
                };
                let access = access(tx, row, now).await?;
                let app = access.grant.app.id;
                let tokens = tokens_given(tx, (owner, app), page, now).await?;
                Ok(Some((access, tokens)))
            })
        })
        .await
    }

    /// A live token that a user gave an app.
    pub async fn token_given(
        &self,
        owner: AccountId,
        client_id: &ClientId,
        id: AuthorizationId,
        now: Timestamp,
    ) -> Result<Option<OwnToken>, StoreError> {
        let client_id = client_id.clone();
        self.read_one(move |tx| {
            Box::pin(async move { token_given(tx, owner, &client_id, id, now).await })
        })
        .await
    }
}

async fn access(tx: &mut Tx, mut row: Row, now: Timestamp) -> Result<AppAccess, StoreError> {
    let app_owner = Login::from_stored(row.text(10)?);
    let registered_at = row.timestamp(11)?;
    let of_grant = row.optional_timestamp(12)?;
    let grant = find::shown(tx, row, now).await?;
    let live = params![grant.owner, grant.app.id, now, tx.idle_since(now)];
    let tokens = tx.one(TOKENS, live).await?.count(0)?;
    let (mut last_used_at, mut last_used_from) = (of_grant, None);
    if let Some(mut used) = tx.optional(LAST_USE, live).await? {
        let at = used.timestamp(0)?;
        // Otherwise the last use was of a token that is over.
        if of_grant.is_none_or(|of_grant| of_grant <= at) {
            last_used_at = Some(at);
            // Written by a program that may have known more forms of addresses.
            last_used_from = used.optional_text(1)?.and_then(|text| text.parse().ok());
        }
    }
    Ok(AppAccess {
        grant,
        app_owner,
        registered_at,
        tokens,
        last_used_at,
        last_used_from,
    })
}
