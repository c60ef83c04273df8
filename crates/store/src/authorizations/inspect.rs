//! Records of tokens as operators look at them: also of those that are over, with the reason.

use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::id::{AccountId, AuthorizationId};
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::login::Login;
use counterfoil_domain::page::{Page, Paged};
use counterfoil_domain::timestamp::Timestamp;

use crate::authorizations::find::{authorization_columns, owned_from};
use crate::authorizations::{OwnedAuthorization, Whose};
use crate::engine::Store;
use crate::error::StoreError;
use crate::liveness::live_at;
use crate::statement::{Row, params, statements};
use crate::tx::Tx;

macro_rules! records {
    ($digest:expr, $($rest:expr),+) => {
        concat!(
            "SELECT ",
            authorization_columns!(),
            ", coalesce(d.ended_at, a.ended_at), coalesce(d.end_reason, a.end_reason), u.login, u.suspended_at FROM ",
            $digest,
            " JOIN accounts u ON u.id = a.account_id LEFT JOIN apps p ON p.id = a.app_id WHERE ",
            $($rest),+
        )
    };
}

/// The last token that an authorization had.
macro_rules! last_tokens {
    ($($rest:expr),+) => {
        records!(
            "authorizations a JOIN token_digests d ON d.id = (SELECT max(id) FROM token_digests WHERE authorization_id = a.id)",
            $($rest),+
        )
    };
}

/// Of an authorization its last token, or whichever ends with these characters (`$2`): an older one
/// may be what somebody found.
macro_rules! sought_digests {
    () => {
        "JOIN token_digests d ON d.authorization_id = a.id AND CASE WHEN $2 = ''
            THEN d.id = (SELECT max(t.id) FROM token_digests t WHERE t.authorization_id = a.id) ELSE d.last_eight = $2 END"
    };
}

/// The tokens of a user (`$1`): of authorizations that live, and of those that ended, by the index
/// of each kind.
macro_rules! of_account {
    () => {
        concat!(
            "(SELECT id FROM authorizations WHERE account_id = $1 AND ended_at IS NULL
            UNION ALL SELECT id FROM authorizations
                WHERE account_id = $1 AND ended_at IS NOT NULL AND (app_id IS NULL OR end_reason = 'max_for_app')
            UNION ALL SELECT id FROM authorizations
                WHERE account_id = $1 AND app_id IS NOT NULL AND ended_at IS NOT NULL AND end_reason <> 'max_for_app') AS listed
            JOIN authorizations a ON a.id = listed.id ",
            sought_digests!()
        )
    };
}

/// The same of an app (`$1`), of what lives: no index finds what ended.
macro_rules! of_app {
    () => {
        concat!("authorizations a ", sought_digests!())
    };
}

statements! {
    OF_ACCOUNT = records!(of_account!(), "1 = 1 ORDER BY a.id DESC, d.id DESC LIMIT $3 OFFSET $4");
    COUNT_OF_ACCOUNT = concat!("SELECT count(*) FROM ", of_account!());
    OF_APP = records!(
        of_app!(),
        "a.app_id = $1 AND a.ended_at IS NULL ORDER BY a.id DESC, d.id DESC LIMIT $3 OFFSET $4"
    );
    COUNT_OF_APP = concat!("SELECT count(*) FROM ", of_app!(), " WHERE a.app_id = $1 AND a.ended_at IS NULL");
    BY_ID = last_tokens!("a.id = $1");
    BY_DIGEST = records!(
        "token_digests d JOIN authorizations a ON a.id = d.authorization_id",
        "d.digest_head = $1 AND d.digest = $2"
    );
    OVER_AFTER = last_tokens!(
        "a.id > $1 AND NOT (a.ended_at IS NULL AND ", live_at!("a.", "$2", "$3"), ") ORDER BY a.id LIMIT $4"
    );
    OVER_OF_ACCOUNT_AFTER = last_tokens!(
        "a.account_id = $5 AND a.id > $1 AND NOT (a.ended_at IS NULL AND ", live_at!("a.", "$2", "$3"), ")
        ORDER BY a.id LIMIT $4"
    );
}

/// All that is known of a token.
#[derive(Clone, Debug)]
pub struct TokenRecord {
    /// Its record, and how it was made.
    pub owned: OwnedAuthorization,
    /// The login of whose it is, even if that user was deleted.
    pub login: Login,
    /// Whether its owner is suspended, so that it is refused for now.
    pub owner_is_suspended: bool,
    /// When and why it was over, whether or not anybody has written that down; `None` while it
    /// lives.
    pub over: Option<(Timestamp, EndReason)>,
}

impl Store {
    /// What is known of the token with this digest, whatever became of it.
    pub async fn inspect_token(
        &self,
        digest: SecretDigest,
        now: Timestamp,
    ) -> Result<Option<TokenRecord>, StoreError> {
        self.read_one(move |tx| {
            Box::pin(async move {
                let sought = params![digest.head(), digest.as_bytes()];
                let row = tx.optional(BY_DIGEST, sought).await?;
                row.map(|row| record_from(tx, row, now)).transpose()
            })
        })
        .await
    }

    /// What is known of the last token that an authorization had.
    pub async fn inspect_authorization(
        &self,
        id: AuthorizationId,
        now: Timestamp,
    ) -> Result<Option<TokenRecord>, StoreError> {
        self.read_one(move |tx| {
            Box::pin(async move {
                let row = tx.optional(BY_ID, params![id]).await?;
                row.map(|row| record_from(tx, row, now)).transpose()
            })
        })
        .await
    }

    /// One page of the tokens of a user, whatever became of them, or of an app, of which only live
    /// authorizations are found; the newest first. With `last_eight` only those that end so.
    pub async fn tokens_of(
        &self,
        whose: Whose,
        last_eight: Option<String>,
        page: Page,
        now: Timestamp,
    ) -> Result<Paged<TokenRecord>, StoreError> {
        let last_eight = last_eight.unwrap_or_default();
        self.read(move |tx| {
            Box::pin(async move {
                let (count, list, id) = match whose {
                    Whose::Account(account) => (COUNT_OF_ACCOUNT, OF_ACCOUNT, account.0),
                    Whose::App(app) => (COUNT_OF_APP, OF_APP, app.0),
                };
                let sought = params![id, last_eight.as_str()];
                let total = tx.one(count, sought).await?.count(0)?;
                let place = params![id, last_eight.as_str(), page.size(), page.offset()];
                let rows = tx.rows(list, place).await?.into_iter();
                let items = rows.map(|row| record_from(tx, row, now));
                let items = items.collect::<Result<_, _>>()?;
                Ok(Paged { items, total })
            })
        })
        .await
    }

    /// Tokens that are over, with ids above `after`, ascending, at most `limit`; of one user or of
    /// all.
    pub async fn tokens_over_after(
        &self,
        owner: Option<AccountId>,
        after: AuthorizationId,
        limit: u32,
        now: Timestamp,
    ) -> Result<Vec<TokenRecord>, StoreError> {
        self.read_one(move |tx| {
            Box::pin(async move {
                let idle_since = tx.idle_since(now);
                let rows = if let Some(owner) = owner {
                    let sought = params![after, now, idle_since, limit, owner];
                    tx.rows(OVER_OF_ACCOUNT_AFTER, sought).await?
                } else {
                    let sought = params![after, now, idle_since, limit];
                    tx.rows(OVER_AFTER, sought).await?
                };
                rows.into_iter()
                    .map(|row| record_from(tx, row, now))
                    .collect()
            })
        })
        .await
    }
}

fn record_from(tx: &Tx, mut row: Row, now: Timestamp) -> Result<TokenRecord, StoreError> {
    let written = match row.optional_timestamp(22)? {
        None => None,
        Some(at) => {
            let reason =
                EndReason::from_stored(&row.text(23)?).ok_or(StoreError::Inconsistent {
                    table: "authorizations",
                    column: "end_reason",
                })?;
            Some((at, reason))
        }
    };
    let login = Login::from_stored(row.text(24)?);
    let owner_is_suspended = !row.is_null(25);
    let owned = owned_from(row)?;
    let life = tx.liveness().life();
    let times = owned.authorization.times();
    // It was refused from its expiry on, however late somebody wrote down that it was over.
    let written = written.map(|(at, reason)| match (reason, times.expires_at) {
        (EndReason::Expired, Some(expired)) => (at.min(expired), reason),
        (reason, _) => (at, reason),
    });
    let lapsed = life.refused_from(times).zip(life.lapsed(times, now));
    Ok(TokenRecord {
        owned,
        login,
        owner_is_suspended,
        over: written.or(lapsed),
    })
}
