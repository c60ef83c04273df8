//! Reading passkeys.

use counterfoil_domain::id::{AccountId, PasskeyId};
use counterfoil_domain::login::Login;
use counterfoil_domain::passkey::{CredentialId, Passkey, PasskeyName, Transport, UserHandle};

use crate::engine::Store;
use crate::error::StoreError;
use crate::statement::{Row, params, statements};

statements! {
    LIST = "SELECT id, credential_id, name, rp_id, transports, backed_up, created_at, last_used_at
        FROM passkeys WHERE account_id = $1 AND ended_at IS NULL ORDER BY id";
    FIND = "SELECT id, account_id, user_handle, public_key, rp_id, backup_eligible
        FROM passkeys WHERE credential_id = $1 AND ended_at IS NULL";
    // Who has passkeys and none for this host, and cannot do without: no password, or one that
    // wants a second factor of which nothing else is left.
    STRANDED = "SELECT a.login FROM accounts a WHERE a.ended_at IS NULL AND a.suspended_at IS NULL
        AND a.id IN (SELECT k.account_id FROM passkeys k WHERE k.ended_at IS NULL)
        AND NOT EXISTS (SELECT 1 FROM passkeys h WHERE h.account_id = a.id AND h.ended_at IS NULL AND h.rp_id = $1)
        AND (a.password_phc IS NULL OR (NOT EXISTS
                (SELECT 1 FROM totp_seeds t WHERE t.account_id = a.id AND t.ended_at IS NULL)
            AND NOT EXISTS
                (SELECT 1 FROM recovery_codes c WHERE c.account_id = a.id AND c.ended_at IS NULL)))
        ORDER BY a.id LIMIT $2";
    USER_HANDLE = "SELECT user_handle FROM passkeys WHERE account_id = $1 ORDER BY id LIMIT 1";
}

/// A passkey, as an answer is judged by it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredPasskey {
    /// Its id here.
    pub id: PasskeyId,
    /// Whose it is.
    pub account: AccountId,
    /// The handle that it was made for.
    pub user_handle: UserHandle,
    /// Its public key.
    pub public_key: Vec<u8>,
    /// The host that it is for.
    pub rp_id: String,
    /// Whether it may be copied to other devices.
    pub is_backup_eligible: bool,
}

impl Store {
    /// The passkeys that a user has, the eldest first.
    pub async fn passkeys_of(&self, id: AccountId) -> Result<Vec<Passkey>, StoreError> {
        self.read(move |tx| {
            Box::pin(async move {
                let rows = tx.rows(LIST, params![id]).await?;
                rows.into_iter().map(passkey_from).collect()
            })
        })
        .await
    }

    /// Users who have passkeys and none for this host, and no other way in, at most so many.
    pub async fn stranded_by_passkeys(
        &self,
        rp_id: Option<&str>,
        most: u32,
    ) -> Result<Vec<Login>, StoreError> {
        // No passkey is bound to a host without a name.
        let rp_id = rp_id.unwrap_or_default().to_owned();
        self.read_one(move |tx| {
            Box::pin(async move {
                let rows = tx.rows(STRANDED, params![rp_id.as_str(), most]).await?;
                let logins = rows.into_iter().map(|mut row| row.text(0));
                logins.map(|login| login.map(Login::from_stored)).collect()
            })
        })
        .await
    }

    /// The live passkey of a credential id, whoever it is of.
    pub async fn find_passkey(
        &self,
        credential: CredentialId,
    ) -> Result<Option<StoredPasskey>, StoreError> {
        self.read_one(move |tx| {
            Box::pin(async move {
                let found = tx.optional(FIND, params![credential.as_bytes()]).await?;
                found.map(stored_from).transpose()
            })
        })
        .await
    }

    /// The handle under which authenticators know a user who has or had a passkey.
    pub async fn user_handle_of(&self, id: AccountId) -> Result<Option<UserHandle>, StoreError> {
        self.read_one(move |tx| {
            Box::pin(async move {
                let found = tx.optional(USER_HANDLE, params![id]).await?;
                found.map(|mut row| handle_from(&mut row, 0)).transpose()
            })
        })
        .await
    }
}

fn inconsistent(column: &'static str) -> StoreError {
    StoreError::Inconsistent {
        table: "passkeys",
        column,
    }
}

fn credential_from(row: &mut Row, column: usize) -> Result<CredentialId, StoreError> {
    CredentialId::from_bytes(&row.blob(column)?).ok_or_else(|| inconsistent("credential_id"))
}

fn handle_from(row: &mut Row, column: usize) -> Result<UserHandle, StoreError> {
    UserHandle::from_bytes(&row.blob(column)?).ok_or_else(|| inconsistent("user_handle"))
}

fn passkey_from(mut row: Row) -> Result<Passkey, StoreError> {
    Ok(Passkey {
        id: PasskeyId(row.integer(0)?),
        credential: credential_from(&mut row, 1)?,
        name: PasskeyName::from_stored(row.text(2)?),
        rp_id: row.text(3)?,
        transports: Transport::known(row.text(4)?.split(' ')),
        is_backed_up: row.flag(5)?,
        created_at: row.timestamp(6)?,
        last_used_at: row.optional_timestamp(7)?,
    })
}

fn stored_from(mut row: Row) -> Result<StoredPasskey, StoreError> {
    Ok(StoredPasskey {
        id: PasskeyId(row.integer(0)?),
        account: AccountId(row.integer(1)?),
        user_handle: handle_from(&mut row, 2)?,
        public_key: row.blob(3)?,
        rp_id: row.text(4)?,
        is_backup_eligible: row.flag(5)?,
    })
}
