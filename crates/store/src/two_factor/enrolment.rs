//! Seeds that were shown and wait for their first code: nothing is turned on before the user's
//! authenticator shows what ours expects.

use counterfoil_domain::account::{EnrolmentRefused, NoSuchUser};
use counterfoil_domain::audit::{Action, Event, Outcome};
use counterfoil_domain::code::{EnrolmentHolder, Step};
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::id::AccountId;
use counterfoil_domain::key::{KeyId, Sealed, SealedPlace};
use counterfoil_domain::link::LinkKind;
use counterfoil_domain::principal::Attribution;
use counterfoil_domain::timestamp::Timestamp;

use crate::accounts::{self, subject_of};
use crate::engine::Store;
use crate::error::{ChangeError, StoreError, WriteError};
use crate::keys;
use crate::links;
use crate::removal;
use crate::statement::{params, statements};
use crate::two_factor::{spend_step, turn_on};
use crate::tx::Tx;
use crate::writing::{Change, Locks, Note, Operation};

type Changed<T> = Result<T, ChangeError<EnrolmentRefused>>;

statements! {
    WAITING = "SELECT key_id, sealed_seed FROM totp_enrolments
        WHERE account_id = $1 AND holder = $2 AND expires_at > $3";
    BEGIN = "INSERT INTO totp_enrolments (account_id, holder, key_id, sealed_seed, created_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (account_id) DO UPDATE SET holder = excluded.holder, key_id = excluded.key_id,
        sealed_seed = excluded.sealed_seed, created_at = excluded.created_at, expires_at = excluded.expires_at";
    TAKE = "DELETE FROM totp_enrolments
        WHERE account_id = $1 AND holder = $2 AND sealed_seed = $3 AND expires_at > $4";
    FORGET = "DELETE FROM totp_enrolments WHERE account_id = $1";
    OVER = "SELECT account_id FROM totp_enrolments WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2";
    FORGET_OVER = "DELETE FROM totp_enrolments WHERE account_id = $1 AND expires_at <= $2";
}

/// Where a seed stands that waits for its first code. `row` is the account's id as text.
pub const fn waiting_seed_place(row: &str) -> SealedPlace<'_> {
    SealedPlace {
        table: "totp_enrolments",
        column: "sealed_seed",
        row,
    }
}

/// A seed that is shown to somebody.
#[derive(Clone, Debug)]
pub struct NewEnrolment {
    /// Whose it is to be.
    pub account: AccountId,
    /// The session or link that it is shown to.
    pub holder: EnrolmentHolder,
    /// Sealed for [`waiting_seed_place`].
    pub seed: Sealed,
    /// From when on it counts no more.
    pub expires_at: Timestamp,
}

/// A seed that waits for its first code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingSeed(pub Sealed);

/// A seed that waited, and the code by which its owner showed to have it.
#[derive(Clone, Debug)]
pub struct ConfirmedEnrolment {
    /// Whose it is to be.
    pub account: AccountId,
    /// The session or link that it was shown to.
    pub holder: EnrolmentHolder,
    /// The seed as it waited.
    pub waiting: WaitingSeed,
    /// The same, sealed for [`keys::totp_seed_place`].
    pub seed: Sealed,
    /// The step whose code was given. It is spent with it.
    pub step: Step,
    /// From where it was given.
    pub address_key: String,
    /// The digests of new recovery codes.
    pub recovery_digests: Vec<[u8; 32]>,
    /// What is kept of the link that allows it, where the password alone does not. It is used up.
    pub link: Option<SecretDigest>,
}

impl Store {
    /// The seed that waits for its first code from this holder.
    pub async fn waiting_seed(
        &self,
        account: AccountId,
        holder: EnrolmentHolder,
        now: Timestamp,
    ) -> Result<Option<WaitingSeed>, StoreError> {
        let found = self
            .read_one(move |tx| {
                Box::pin(async move {
                    let sought = params![account, holder.as_str(), now];
                    tx.optional(WAITING, sought).await
                })
            })
            .await?;
        let Some(mut row) = found else {
            return Ok(None);
        };
        let inconsistent = StoreError::Inconsistent {
            table: "totp_enrolments",
            column: "key_id",
        };
        let key = KeyId::parse(&row.text(0)?).ok_or(inconsistent)?;
        let bytes = row.blob(1)?;
        Ok(Some(WaitingSeed(Sealed { key, bytes })))
    }

    /// Lets a seed wait for its first code. One that waits already is forgotten.
    pub async fn begin_enrolment(&self, new: NewEnrolment, by: Attribution) -> Changed<()> {
        let locks = Locks::none().account(new.account);
        self.change(
            Operation::BeginEnrolment,
            by,
            locks,
            move |Change { tx, by, .. }| {
                Box::pin(async move {
                    let account = accounts::find_by_id(tx, new.account).await?;
                    account.ok_or(WriteError::Refused(EnrolmentRefused::from(NoSuchUser)))?;
                    keys::refuse_gone(tx, &new.seed.key).await?;
                    let row = params![
                        new.account,
                        new.holder.as_str(),
                        new.seed.key.as_str(),
                        new.seed.bytes,
                        by.at,
                        new.expires_at
                    ];
                    tx.execute(BEGIN, row).await?;
                    let event = Event::new(Action::OtpEnrolmentBegun, subject_of(new.account));
                    Ok(Outcome::new((), event))
                })
            },
        )
        .await
    }

    /// Turns one-time codes on with the seed that waited, and spends the code that confirms it. Of
    /// two that confirm the same one, one finds it gone.
    pub async fn confirm_enrolment(
        &self,
        confirmed: ConfirmedEnrolment,
        by: Attribution,
    ) -> Changed<()> {
        let locks = Locks::none().account(confirmed.account);
        self.change(
            Operation::ConfirmEnrolment,
            by,
            locks,
            move |Change { tx, by, .. }| {
                Box::pin(async move {
                    let ConfirmedEnrolment { account: id, .. } = confirmed;
                    if let Some(link) = confirmed.link {
                        let link = (LinkKind::Enrolment, link);
                        if !links::spend_of(tx, link, id, by).await? {
                            return Err(WriteError::Refused(EnrolmentRefused::DeadLink));
                        }
                    }
                    let WaitingSeed(waiting) = &confirmed.waiting;
                    let sought = params![
                        id,
                        confirmed.holder.as_str(),
                        waiting.bytes.as_slice(),
                        by.at
                    ];
                    if tx.execute(TAKE, sought).await? == 0 {
                        return Err(WriteError::Refused(EnrolmentRefused::Gone));
                    }
                    let given = (confirmed.seed, confirmed.recovery_digests.as_slice());
                    let event = turn_on(tx, id, given, by).await?;
                    spend_step(tx, id, confirmed.step, &confirmed.address_key, by.at).await?;
                    let outcome = Outcome::new((), event);
                    Ok(match confirmed.link {
                        Some(_) => {
                            let kind = LinkKind::Enrolment;
                            outcome.and(links::told(Action::LinkUsed, Some(id), kind))
                        }
                        None => outcome,
                    })
                })
            },
        )
        .await
    }
}

impl Store {
    /// Forgets seeds that nobody confirmed in time, at most `limit`. No event: that they were shown
    /// left its own. Says how many.
    pub async fn forget_unconfirmed(&self, limit: u32, now: Timestamp) -> Result<u64, StoreError> {
        let found = self
            .read_one(move |tx| {
                Box::pin(async move { removal::ids(tx, OVER, params![now, limit]).await })
            })
            .await?;
        if found.is_empty() {
            return Ok(0);
        }
        self.note(Note::TracesForgotten, move |tx| {
            Box::pin(async move {
                let mut forgotten = 0;
                for id in found {
                    forgotten += tx.execute(FORGET_OVER, params![id, now]).await?;
                }
                Ok(forgotten)
            })
        })
        .await
    }
}

/// Forgets a seed that waits for its first code.
pub(crate) async fn forget_waiting(tx: &mut Tx, id: AccountId) -> Result<(), StoreError> {
    tx.execute(FORGET, params![id]).await.map(drop)
}
