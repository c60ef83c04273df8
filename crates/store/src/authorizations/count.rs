//! How many tokens live, counted a piece at a time: a count of millions at once would take seconds
//! and, on PostgreSQL, hold back what cleans up behind updates.

use counterfoil_domain::id::AuthorizationId;
use counterfoil_domain::timestamp::Timestamp;

use crate::engine::Store;
use crate::error::StoreError;
use crate::liveness::live_at;
use crate::statement::{params, statements};

statements! {
    // By id, ended or not, so that each piece reads a bounded number of rows.
    COUNT_AFTER = concat!(
        "SELECT count(*), coalesce(max(id), 0),
            count(CASE WHEN lives = 1 AND kind = 'personal' THEN 1 END),
            count(CASE WHEN lives = 1 AND kind = 'app' THEN 1 END),
            count(CASE WHEN lives = 1 AND kind = 'impersonation' THEN 1 END)
        FROM (SELECT id, kind, CASE WHEN ended_at IS NULL AND ", live_at!("", "$3", "$4"), " THEN 1 ELSE 0 END AS lives
            FROM authorizations WHERE id > $1 ORDER BY id LIMIT $2) AS counted"
    );
}

/// Live tokens by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TokenCounts {
    /// Personal tokens.
    pub personal: u64,
    /// Tokens of apps.
    pub app: u64,
    /// Tokens that administrators made to act as somebody else.
    pub impersonation: u64,
}

impl std::ops::AddAssign for TokenCounts {
    fn add_assign(&mut self, other: Self) {
        self.personal += other.personal;
        self.app += other.app;
        self.impersonation += other.impersonation;
    }
}

impl Store {
    /// Counts the live tokens among the next records after `after`, at most `limit`; and says where
    /// to go on, or `None` when that was the last piece.
    pub async fn count_tokens_after(
        &self,
        after: AuthorizationId,
        limit: u32,
        now: Timestamp,
    ) -> Result<(TokenCounts, Option<AuthorizationId>), StoreError> {
        self.read_one(move |tx| {
            Box::pin(async move {
                let idle_since = tx.idle_since(now);
                let sought = params![after, limit, now, idle_since];
                let mut row = tx.one(COUNT_AFTER, sought).await?;
                let (seen, last) = (row.integer(0)?, row.integer(1)?);
                let mut count = |column| {
                    let count = row.integer(column)?;
                    Ok::<_, StoreError>(u64::try_from(count).unwrap_or_default())
                };
                let counts = TokenCounts {
                    personal: count(2)?,
                    app: count(3)?,
                    impersonation: count(4)?,
                };
                let is_last = seen < i64::from(limit);
                Ok((counts, (!is_last).then_some(AuthorizationId(last))))
            })
        })
        .await
    }
}
