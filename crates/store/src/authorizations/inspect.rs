//! Records of tokens as operators look at them: also of those that are over, with the reason.

use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::id::{AccountId, AuthorizationId};
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::login::Login;
use counterfoil_domain::timestamp::Timestamp;

use crate::authorizations::OwnedAuthorization;
use crate::authorizations::find::{authorization_columns, owned_from};
use crate::engine::Store;
use crate::error::StoreError;
use crate::liveness::live_at;
use crate::statement::{Row, params, statements};
use crate::tx::Tx;

macro_rules! records {
    ($digest:literal, $($rest:expr),+) => {
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

statements! {
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
