//! Reading sessions.

use counterfoil_domain::account::Account;
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::id::{AccountId, SessionId};
use counterfoil_domain::preferences::Preferences;
use counterfoil_domain::session::{Session, SessionLife};
use counterfoil_domain::timestamp::Timestamp;

use crate::accounts;
use crate::engine::Store;
use crate::error::StoreError;
use crate::sessions::live_sessions;
use crate::statement::{Row, params, statements};
use crate::tx::Tx;

statements! {
    FIND = live_sessions!(
        "s.id, s.account_id, s.digest, s.created_at, s.confirmed_at, s.last_used_at, s.address, s.agent, s.status",
        "s.digest = $1"
    );
    LIST = live_sessions!(
        "s.id, s.account_id, s.digest, s.created_at, s.confirmed_at, s.last_used_at, s.address, s.agent",
        "s.account_id = $1 ORDER BY s.last_used_at DESC, s.id DESC"
    );
    OWNER = "SELECT account_id FROM sessions WHERE id = $1 AND ended_at IS NULL";
}

/// A live session with whose it is.
#[derive(Clone, Debug)]
pub struct FoundSession {
    /// The session.
    pub session: Session,
    /// The user.
    pub account: Account,
    /// How pages speak to the user.
    pub preferences: Preferences,
    /// What the user is to be told at the next page.
    pub status: Option<String>,
}

impl Store {
    /// The live session that a cookie stands for, with its user, both as one moment had them.
    pub async fn find_session(
        &self,
        digest: SecretDigest,
        life: SessionLife,
        now: Timestamp,
    ) -> Result<Option<FoundSession>, StoreError> {
        self.read(move |tx| {
            Box::pin(async move {
                let sought = params![
                    digest.as_bytes(),
                    life.made_since(now),
                    life.idle_since(now)
                ];
                let Some(mut row) = tx.optional(FIND, sought).await? else {
                    return Ok(None);
                };
                let status = row.optional_text(8)?;
                let session = session_from(row, life)?;
                let account = accounts::find_by_id(tx, session.account).await?;
                let preferences = accounts::preferences(tx, session.account).await?;
                Ok(account.map(|account| FoundSession {
                    session,
                    account,
                    preferences,
                    status,
                }))
            })
        })
        .await
    }

    /// A user's live sessions, the one that was used last first.
    pub async fn list_sessions(
        &self,
        account: AccountId,
        life: SessionLife,
        now: Timestamp,
    ) -> Result<Vec<Session>, StoreError> {
        self.read_one(move |tx| {
            Box::pin(async move {
                let sought = params![account, life.made_since(now), life.idle_since(now)];
                let rows = tx.rows(LIST, sought).await?.into_iter();
                rows.map(|row| session_from(row, life)).collect()
            })
        })
        .await
    }

    /// Whose a session is that was not ended; it stays theirs.
    pub async fn owner_of_session(&self, id: SessionId) -> Result<Option<AccountId>, StoreError> {
        self.read_one(move |tx| Box::pin(async move { owner(tx, id).await }))
            .await
    }
}

async fn owner(tx: &mut Tx, id: SessionId) -> Result<Option<AccountId>, StoreError> {
    let row = tx.optional(OWNER, params![id]).await?;
    row.map(|mut row| Ok(AccountId(row.integer(0)?)))
        .transpose()
}

fn session_from(mut row: Row, life: SessionLife) -> Result<Session, StoreError> {
    let inconsistent = |column| StoreError::Inconsistent {
        table: "sessions",
        column,
    };
    let created_at = row.timestamp(3)?;
    Ok(Session {
        id: SessionId(row.integer(0)?),
        account: AccountId(row.integer(1)?),
        digest: SecretDigest::from_stored(&row.blob(2)?).ok_or_else(|| inconsistent("digest"))?,
        created_at,
        confirmed_at: row.timestamp(4)?,
        last_used_at: row.timestamp(5)?,
        address: row.text(6)?.parse().map_err(|_| inconsistent("address"))?,
        agent: row.optional_text(7)?,
        ends_at: created_at.plus(life.absolute),
    })
}
