//! The live tokens of an app as pages show them to the user who gave them.

use counterfoil_domain::app::ClientId;
use counterfoil_domain::authorization::OwnToken;
use counterfoil_domain::id::{AccountId, AppId, AuthorizationId};
use counterfoil_domain::page::Page;
use counterfoil_domain::timestamp::Timestamp;

use crate::authorizations::find::{authorization_columns, newest_digest};
use crate::authorizations::own::{own_from, own_tokens};
use crate::error::StoreError;
use crate::liveness::live_at;
use crate::statement::{params, statements};
use crate::tx::Tx;

macro_rules! tokens_given {
    ($($rest:expr),+) => {
        own_tokens!(
            "",
            newest_digest!(),
            "WHERE a.account_id = $1 AND a.kind = 'app' AND a.ended_at IS NULL AND ",
            live_at!("a.", "$2", "$3"),
            $($rest),+
        )
    };
}

statements! {
    LIST = tokens_given!(" AND a.app_id = $4 ORDER BY a.id DESC LIMIT $5 OFFSET $6");
    FIND = tokens_given!(" AND a.id = $4 AND p.client_id = $5");
}

/// One page of the live tokens that a user gave an app, the newest first.
pub(crate) async fn tokens_given(
    tx: &mut Tx,
    (owner, app): (AccountId, AppId),
    page: Page,
    now: Timestamp,
) -> Result<Vec<OwnToken>, StoreError> {
    let idle_since = tx.idle_since(now);
    let sought = params![owner, now, idle_since, app, page.size(), page.offset()];
    let rows = tx.rows(LIST, sought).await?;
    rows.into_iter().map(own_from).collect()
}

/// One of them.
pub(crate) async fn token_given(
    tx: &mut Tx,
    owner: AccountId,
    client_id: &ClientId,
    id: AuthorizationId,
    now: Timestamp,
) -> Result<Option<OwnToken>, StoreError> {
    let sought = params![owner, now, tx.idle_since(now), id, client_id.as_str()];
    let row = tx.optional(FIND, sought).await?;
    row.map(own_from).transpose()
}
