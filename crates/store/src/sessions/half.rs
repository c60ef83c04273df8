//! Passwords that were right and wait for a code.

use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::id::AccountId;
use counterfoil_domain::session::{CODE_AWAITED, CODES_TRIED};
use counterfoil_domain::sign_in::SignInSubject;
use counterfoil_domain::timestamp::Timestamp;

use crate::engine::Store;
use crate::error::StoreError;
use crate::statement::{Row, Value, params, statements};
use crate::tx::Tx;
use crate::writing::Note;

/// Rows of one user at most: whoever knows the password could make any number of them.
const MOST_PER_ACCOUNT: u32 = 50;

statements! {
    INSERT = "INSERT INTO half_sign_ins (digest, visitor, account_id, credential_version, subject, codes, created_at)
        VALUES ($1, $2, $3, $4, $5, 0, $6)";
    FORGET_ELDEST = "DELETE FROM half_sign_ins WHERE account_id = $1 AND created_at <
        (SELECT created_at FROM half_sign_ins WHERE account_id = $1 ORDER BY created_at DESC LIMIT 1 OFFSET $2)";
    FIND = "SELECT account_id, credential_version, subject FROM half_sign_ins
        WHERE digest = $1 AND visitor = $2 AND ended_at IS NULL AND codes < $3 AND created_at > $4";
    TRY = "UPDATE half_sign_ins SET codes = codes + 1
        WHERE digest = $1 AND visitor = $2 AND ended_at IS NULL AND codes < $3 AND created_at > $4
        RETURNING account_id, credential_version, subject";
    END = "UPDATE half_sign_ins SET ended_at = $2 WHERE digest = $1 AND ended_at IS NULL";
}

/// A password that was right.
#[derive(Clone, Debug)]
pub struct NewHalfSignIn {
    /// What is kept of the secret that stands for it.
    pub digest: SecretDigest,
    /// What is kept of the visitor's secret, to which it is bound.
    pub visitor: SecretDigest,
    /// Whose password it was, and under which version of their credentials.
    pub half: HalfSignIn,
}

/// A password that was right and waits for its code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HalfSignIn {
    /// Whose password it was.
    pub account: AccountId,
    /// The version that their credentials had.
    pub credential_version: i64,
    /// What failures are counted under.
    pub subject: SignInSubject,
}

impl Store {
    /// Keeps that a password was right.
    pub async fn make_half_sign_in(
        &self,
        new: NewHalfSignIn,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.note(Note::HalfSignIn, move |tx| {
            Box::pin(async move {
                let HalfSignIn {
                    account,
                    credential_version,
                    subject: SignInSubject(subject),
                } = new.half;
                let (digest, visitor) = (new.digest.as_bytes(), new.visitor.as_bytes());
                let row = params![digest, visitor, account, credential_version, &subject, now];
                tx.execute(INSERT, row).await?;
                tx.execute(FORGET_ELDEST, params![account, MOST_PER_ACCOUNT - 1])
                    .await?;
                Ok(())
            })
        })
        .await
    }

    /// The password that was right of this visitor, if its time and its codes are not over.
    pub async fn find_half_sign_in(
        &self,
        digest: SecretDigest,
        visitor: SecretDigest,
        now: Timestamp,
    ) -> Result<Option<HalfSignIn>, StoreError> {
        self.read_one(move |tx| {
            Box::pin(async move {
                let sought = sought(digest, visitor, now);
                tx.optional(FIND, &sought).await?.map(half_from).transpose()
            })
        })
        .await
    }

    /// The same, and counts that a code is tried: each counts before it is looked at, or many at
    /// the same time would.
    pub async fn try_half_sign_in(
        &self,
        digest: SecretDigest,
        visitor: SecretDigest,
        now: Timestamp,
    ) -> Result<Option<HalfSignIn>, StoreError> {
        self.note(Note::HalfSignIn, move |tx| {
            Box::pin(async move {
                let sought = sought(digest, visitor, now);
                tx.optional(TRY, &sought).await?.map(half_from).transpose()
            })
        })
        .await
    }
}

fn sought(digest: SecretDigest, visitor: SecretDigest, now: Timestamp) -> Vec<Value> {
    let (digest, visitor) = (digest.as_bytes(), visitor.as_bytes());
    params![digest, visitor, CODES_TRIED, now.minus(CODE_AWAITED)].to_vec()
}

fn half_from(mut row: Row) -> Result<HalfSignIn, StoreError> {
    let inconsistent = StoreError::Inconsistent {
        table: "half_sign_ins",
        column: "subject",
    };
    Ok(HalfSignIn {
        account: AccountId(row.integer(0)?),
        credential_version: row.integer(1)?,
        subject: SignInSubject(row.blob(2)?.try_into().map_err(|_| inconsistent)?),
    })
}

/// Ends one that becomes a session; `false` when it has become one.
pub(super) async fn end(
    tx: &mut Tx,
    digest: SecretDigest,
    now: Timestamp,
) -> Result<bool, StoreError> {
    Ok(tx.execute(END, params![digest.as_bytes(), now]).await? == 1)
}
