//! Challenges: made, spent by whatever answers them, and forgotten.

use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::id::AccountId;
use counterfoil_domain::passkey::{
    CHALLENGE_LIFE, CHALLENGES_COUNTED, CHALLENGES_PER_ADDRESS, CHALLENGES_PER_USER, Ceremony,
    ChallengeHolder, OPEN_CHALLENGES, UserHandle,
};
use counterfoil_domain::timestamp::Timestamp;

use crate::engine::Store;
use crate::error::StoreError;
use crate::statement::{Row, Value, params, statements};
use crate::tx::Tx;
use crate::writing::Note;

statements! {
    COUNT_OF_ADDRESS = "SELECT count(*) FROM passkey_challenges
        WHERE address_key = $1 AND created_at > $2 AND ceremony = $3";
    COUNT_OF_USER = "SELECT count(*) FROM passkey_challenges
        WHERE account_id = $1 AND created_at > $2 AND ceremony = $3";
    INSERT = "INSERT INTO passkey_challenges (digest, ceremony, holder, account_id, user_handle, address_key, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    // An ended one counts for its address all the same. Of those that are equally old some ends,
    // and never the one that was made just now.
    END_ELDEST = "UPDATE passkey_challenges SET ended_at = $4
        WHERE holder = $1 AND ended_at IS NULL AND digest <> $2 AND digest NOT IN
        (SELECT k.digest FROM passkey_challenges k WHERE k.holder = $1 AND k.ended_at IS NULL AND k.digest <> $2
            ORDER BY k.created_at DESC, k.digest DESC LIMIT $3)";
    IS_OPEN = "SELECT 1 FROM passkey_challenges
        WHERE digest = $1 AND ceremony = $2 AND holder = $3 AND created_at > $4 AND ended_at IS NULL";
    TAKE = "UPDATE passkey_challenges SET ended_at = $5
        WHERE digest = $1 AND ceremony = $2 AND holder = $3 AND created_at > $4 AND ended_at IS NULL
        RETURNING account_id, user_handle";
    OLD = "SELECT digest FROM passkey_challenges WHERE created_at <= $1 ORDER BY created_at LIMIT $2";
    REMOVE = "DELETE FROM passkey_challenges WHERE digest = $1";
    FORGET_ALL = "DELETE FROM passkey_challenges";
}

/// A challenge that is given to a browser.
#[derive(Clone, Debug)]
pub struct NewChallenge {
    /// What is kept of it.
    pub digest: SecretDigest,
    /// What it is for.
    pub ceremony: Ceremony,
    /// To what it is given.
    pub holder: ChallengeHolder,
    /// Whose answer it must be, where that is known.
    pub account: Option<AccountId>,
    /// The handle of the user whom an authenticator is to make a passkey for.
    pub user_handle: Option<UserHandle>,
    /// From where it was asked for.
    pub address_key: String,
}

/// A challenge that was open until now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenChallenge {
    /// Whose answer it must be, where that was known.
    pub account: Option<AccountId>,
    /// The handle of the user whom an authenticator was to make a passkey for.
    pub user_handle: Option<UserHandle>,
}

impl Store {
    /// Keeps a challenge; `false`, and nothing is kept, when the address, or the user who is signed
    /// in, had as many as they may. Of too many open ones of the same holder the eldest ends.
    pub async fn make_challenge(
        &self,
        new: NewChallenge,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        // Who asks on and on must not take the writer's time.
        let asked = new.clone();
        let looked =
            self.read_one(move |tx| Box::pin(async move { is_full(tx, &asked, now).await }));
        if looked.await? {
            return Ok(false);
        }
        self.note(Note::PasskeyChallenge, move |tx| {
            Box::pin(async move {
                if is_full(tx, &new, now).await? {
                    return Ok(false);
                }
                let holder = new.holder.as_str();
                let handle = new.user_handle.as_ref();
                let row = params![
                    new.digest.as_bytes(),
                    new.ceremony.as_str(),
                    holder,
                    new.account,
                    handle.map(UserHandle::as_bytes),
                    new.address_key.as_str(),
                    now
                ];
                tx.execute(INSERT, row).await?;
                let made = new.digest.as_bytes();
                let eldest = params![holder, made, OPEN_CHALLENGES - 1, now];
                tx.execute(END_ELDEST, eldest).await?;
                Ok(true)
            })
        })
        .await
    }

    /// Whether a challenge of this ceremony that was given to this holder may still be answered.
    pub async fn is_challenge_open(
        &self,
        digest: SecretDigest,
        ceremony: Ceremony,
        holder: ChallengeHolder,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let sought = sought(digest, ceremony, &holder, now);
        self.read_one(move |tx| {
            Box::pin(async move { Ok(tx.optional(IS_OPEN, &sought).await?.is_some()) })
        })
        .await
    }

    /// Spends a challenge of this ceremony that was given to this holder; `None` when there is
    /// none, or its time is over, or it was spent. Of two answers that come at the same time one
    /// finds it.
    pub async fn take_challenge(
        &self,
        digest: SecretDigest,
        ceremony: Ceremony,
        holder: ChallengeHolder,
        now: Timestamp,
    ) -> Result<Option<TakenChallenge>, StoreError> {
        // Looked for first, so that who has none writes nothing.
        if !self
            .is_challenge_open(digest, ceremony, holder.clone(), now)
            .await?
        {
            return Ok(None);
        }
        let sought = sought(digest, ceremony, &holder, now);
        self.note(Note::PasskeyChallenge, move |tx| {
            Box::pin(async move {
                let mut taken = sought;
                taken.push(now.into());
                tx.optional(TAKE, &taken).await?.map(taken_from).transpose()
            })
        })
        .await
    }

    /// Removes challenges that were made before `before`, at most `limit`. No event: what came of
    /// them left its own. Says how many.
    pub async fn remove_old_challenges(
        &self,
        before: Timestamp,
        limit: u32,
    ) -> Result<u64, StoreError> {
        let found = self
            .read_one(move |tx| Box::pin(async move { tx.rows(OLD, params![before, limit]).await }))
            .await?;
        if found.is_empty() {
            return Ok(0);
        }
        let keys: Vec<Vec<Value>> = found.into_iter().map(|row| row.values).collect();
        self.note(Note::TracesForgotten, move |tx| {
            Box::pin(async move {
                let mut removed = 0;
                for key in &keys {
                    removed += tx.execute(REMOVE, key).await?;
                }
                Ok(removed)
            })
        })
        .await
    }
}

/// The values by which an open challenge is found.
fn sought(
    digest: SecretDigest,
    ceremony: Ceremony,
    holder: &ChallengeHolder,
    now: Timestamp,
) -> Vec<Value> {
    params![
        digest.as_bytes(),
        ceremony.as_str(),
        holder.as_str(),
        now.minus(CHALLENGE_LIFE)
    ]
    .to_vec()
}

/// Whether no more challenge is to be made. Who is signed in is counted alone: others at the same
/// address must not keep them from proving who they are. And who typed a password is not counted
/// with those who typed none.
async fn is_full(tx: &mut Tx, new: &NewChallenge, now: Timestamp) -> Result<bool, StoreError> {
    let (since, ceremony) = (now.minus(CHALLENGES_COUNTED), new.ceremony.as_str());
    let (mut made, most) = match (new.ceremony, new.account) {
        (Ceremony::Registration | Ceremony::Confirmation, Some(account)) => {
            let of_user = params![account, since, ceremony];
            (tx.one(COUNT_OF_USER, of_user).await?, CHALLENGES_PER_USER)
        }
        (Ceremony::Registration | Ceremony::Confirmation, None)
        | (Ceremony::SignIn | Ceremony::SecondFactor, _) => {
            let of_address = params![new.address_key.as_str(), since, ceremony];
            (
                tx.one(COUNT_OF_ADDRESS, of_address).await?,
                CHALLENGES_PER_ADDRESS,
            )
        }
    };
    Ok(made.count(0)? >= u64::from(most))
}

fn taken_from(mut row: Row) -> Result<TakenChallenge, StoreError> {
    let account = row.optional_integer(0)?.map(AccountId);
    let user_handle = match row.optional_blob(1)? {
        None => None,
        Some(bytes) => Some(
            UserHandle::from_bytes(&bytes).ok_or(StoreError::Inconsistent {
                table: "passkey_challenges",
                column: "user_handle",
            })?,
        ),
    };
    Ok(TakenChallenge {
        account,
        user_handle,
    })
}

/// Forgets all of them: of a restored database nobody can say which were answered.
pub(crate) async fn forget_all(tx: &mut Tx) -> Result<(), StoreError> {
    tx.execute(FORGET_ALL, &[]).await.map(drop)
}
