//! Authenticators' seeds, the steps whose code was used, and recovery codes.

mod enrolment;
mod recovery;
mod since;

use counterfoil_domain::account::{NoSuchUser, TwoFactor};
use counterfoil_domain::audit::{Action, Detail, Event, Outcome};
use counterfoil_domain::code::{CodeUse, EarlierUse, STEP_SECONDS, Step, may_be_used};
use counterfoil_domain::id::AccountId;
use counterfoil_domain::key::{KeyId, Sealed};
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::mail::MailKind;
use counterfoil_domain::principal::Attribution;
use counterfoil_domain::second_factor::{DisableRefused, LastFactor};
use counterfoil_domain::timestamp::Timestamp;

use crate::accounts::{self, Credential, subject_of};
use crate::engine::Store;
use crate::error::{ChangeError, StoreError, WriteError};
use crate::keys;
use crate::links;
use crate::outbox;
use crate::passkeys;
use crate::statement::{params, statements};
use crate::tx::Tx;
use crate::writing::{Change, Locks, Note, Operation, SystemChange, SystemOperation};

pub use crate::two_factor::enrolment::{
    ConfirmedEnrolment, NewEnrolment, WaitingSeed, waiting_seed_place,
};
pub(crate) use crate::two_factor::since::end_factors_since;

#[cfg(test)]
pub(crate) const ALL_STATEMENTS: [&[crate::statement::Statement]; 4] = [
    STATEMENTS,
    enrolment::STATEMENTS,
    recovery::STATEMENTS,
    since::STATEMENTS,
];

type Changed<T> = Result<T, ChangeError<NoSuchUser>>;

/// Steps of a day: older ones are forgotten, since their codes match nothing any more.
const STEPS_KEPT: i64 = 24 * 60 * 60 / STEP_SECONDS;

statements! {
    FIND_SEED = "SELECT t.key_id, t.sealed_seed, a.credential_version FROM totp_seeds t
        JOIN accounts a ON a.id = t.account_id WHERE t.account_id = $1 AND t.ended_at IS NULL";
    STATE = "SELECT created_at, last_used_at FROM totp_seeds WHERE account_id = $1 AND ended_at IS NULL";
    SET_SEED = "INSERT INTO totp_seeds (account_id, key_id, sealed_seed, created_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (account_id) DO UPDATE SET key_id = excluded.key_id, sealed_seed = excluded.sealed_seed,
        created_at = excluded.created_at, last_used_at = NULL, ended_at = NULL, end_reason = NULL, wrong_codes = 0";
    END_SEED = "UPDATE totp_seeds SET key_id = NULL, sealed_seed = NULL, ended_at = $2, end_reason = $3
        WHERE account_id = $1 AND ended_at IS NULL";
    USE_SEED = "UPDATE totp_seeds SET last_used_at = $2, wrong_codes = 0
        WHERE account_id = $1 AND ended_at IS NULL AND wrong_codes < $3";
    COUNT_WRONG_CODE = "UPDATE totp_seeds SET wrong_codes = wrong_codes + 1
        WHERE account_id = $1 AND ended_at IS NULL AND wrong_codes < $2 RETURNING wrong_codes";
    WRONG_CODES = "SELECT wrong_codes FROM totp_seeds WHERE account_id = $1 AND ended_at IS NULL";
    FORGIVE_WRONG_CODES = "UPDATE totp_seeds SET wrong_codes = 0 WHERE account_id = $1 AND wrong_codes > 0";
    INSERT_CODE = "INSERT INTO recovery_codes (account_id, digest, created_at) VALUES ($1, $2, $3)";
    END_CODES = "UPDATE recovery_codes SET ended_at = $2, end_reason = $3 WHERE account_id = $1 AND ended_at IS NULL";
    HAS_CODE = "SELECT 1 FROM recovery_codes WHERE account_id = $1 AND digest = $2 AND ended_at IS NULL";
    USE_CODE = "UPDATE recovery_codes SET ended_at = $3, end_reason = $4, last_used_at = $3
        WHERE account_id = $1 AND digest = $2 AND ended_at IS NULL";
    COUNT_CODES = "SELECT count(*) FROM recovery_codes WHERE account_id = $1 AND ended_at IS NULL";
    EARLIER_USE = "SELECT s.by_page, s.address_key, t.wrong_codes FROM totp_steps s
        JOIN accounts a ON a.id = s.account_id AND a.credential_version = $3
        JOIN totp_seeds t ON t.account_id = s.account_id AND t.ended_at IS NULL
        WHERE s.account_id = $1 AND s.step = $2";
    INSERT_STEP = "INSERT INTO totp_steps (account_id, step, address_key, by_page, used_at) VALUES ($1, $2, $3, $4, $5)";
    FORGET_STEPS = "DELETE FROM totp_steps WHERE account_id = $1 AND step < $2";
}

/// What a user's second factor is like.
pub(crate) async fn totp_state(
    tx: &mut Tx,
    id: AccountId,
) -> Result<Option<(Timestamp, Option<Timestamp>)>, StoreError> {
    let Some(mut row) = tx.optional(STATE, params![id]).await? else {
        return Ok(None);
    };
    Ok(Some((row.timestamp(0)?, row.optional_timestamp(1)?)))
}

/// How many unused recovery codes a user has.
pub(crate) async fn count_codes(tx: &mut Tx, id: AccountId) -> Result<u64, StoreError> {
    tx.one(COUNT_CODES, params![id]).await?.count(0)
}

/// A user's seed as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredTotp {
    /// Sealed for [`keys::totp_seed_place`].
    pub sealed: Sealed,
    /// The version of what proves who its owner is, of which it is a part: another seed comes with
    /// another version.
    pub credential_version: i64,
}

/// A step whose code somebody gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MatchedStep {
    /// The step.
    pub step: Step,
    /// The [`StoredTotp::credential_version`] of the seed that the code was compared with.
    pub credential_version: i64,
}

/// A recovery code that was accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecoveryCodeUse {
    /// How many unused ones are left.
    pub remaining: u64,
}

impl Store {
    /// Turns one-time codes on, with the digests of new recovery codes. An earlier seed and earlier
    /// recovery codes end.
    pub async fn enable_totp(
        &self,
        id: AccountId,
        seed: Sealed,
        recovery_digests: Vec<[u8; 32]>,
        by: Attribution,
    ) -> Changed<()> {
        let (operation, locks) = (Operation::EnableTotp, Locks::none().account(id));
        self.change(operation, by, locks, move |Change { tx, by, .. }| {
            Box::pin(async move {
                let event = turn_on(tx, id, (seed, &recovery_digests), by).await?;
                Ok(Outcome::new((), event))
            })
        })
        .await
    }

    /// Takes whatever second factor a user has: one-time codes, passkeys and recovery codes;
    /// `false` when they had none.
    pub async fn disable_totp(&self, id: AccountId, by: Attribution) -> Changed<bool> {
        let (operation, locks) = (Operation::DisableTotp, Locks::none().account(id));
        self.change(operation, by, locks, move |Change { tx, by, .. }| {
            Box::pin(async move {
                let account = accounts::find_by_id(tx, id)
                    .await?
                    .ok_or(WriteError::Refused(NoSuchUser))?;
                match account.two_factor {
                    TwoFactor::Off => return Ok(Outcome::unchanged(false)),
                    TwoFactor::On => {}
                }
                let reason = EndReason::of_deletion_by(&by.principal.proof);
                let had_codes = totp_state(tx, id).await?.is_some();
                end_all_of_account(tx, id, reason, by.at).await?;
                let passkeys = passkeys::end_all_of_account(tx, id, reason, by.at).await?;
                accounts::touch(tx, id, Credential::Changed, by.at).await?;
                outbox::tell(tx, MailKind::TwoFactorOff, id, by).await?;
                let codes_off = Event::new(Action::OtpDisabled, subject_of(id));
                let removed = Event::new(Action::PasskeyRemoved, subject_of(id))
                    .with(Detail::Count(passkeys));
                Ok(match (had_codes, passkeys) {
                    (true, 0) => Outcome::new(true, codes_off),
                    (true, _) => Outcome::new(true, codes_off).and(removed),
                    (false, _) => Outcome::new(true, removed),
                })
            })
        })
        .await
    }

    /// Turns one-time codes off; `false` when they were off. Passkeys stay, and recovery codes with
    /// them. Without one the second factor goes, which may have to stay.
    pub async fn disable_own_totp(
        &self,
        id: AccountId,
        last: LastFactor,
        by: Attribution,
    ) -> Result<bool, ChangeError<DisableRefused>> {
        let (operation, locks) = (Operation::DisableTotp, Locks::none().account(id));
        self.change(operation, by, locks, move |Change { tx, by, .. }| {
            Box::pin(async move {
                if totp_state(tx, id).await?.is_none() {
                    return Ok(Outcome::unchanged(false));
                }
                let reason = EndReason::of_deletion_by(&by.principal.proof);
                if passkeys::count_live(tx, id).await? == 0 {
                    if last == LastFactor::MustStay {
                        return Err(WriteError::Refused(DisableRefused::Required));
                    }
                    end_codes(tx, id, reason, by.at).await?;
                }
                end_seed(tx, id, reason, by.at).await?;
                accounts::touch::<DisableRefused>(tx, id, Credential::Changed, by.at).await?;
                outbox::tell(tx, MailKind::TwoFactorOff, id, by).await?;
                let event = Event::new(Action::OtpDisabled, subject_of(id));
                Ok(Outcome::new(true, event))
            })
        })
        .await
    }

    /// A user's seed, if one-time codes are on.
    pub async fn find_totp(&self, id: AccountId) -> Result<Option<StoredTotp>, StoreError> {
        self.read(move |tx| {
            Box::pin(async move {
                let Some(mut row) = tx.optional(FIND_SEED, params![id]).await? else {
                    return Ok(None);
                };
                let inconsistent = StoreError::Inconsistent {
                    table: "totp_seeds",
                    column: "key_id",
                };
                let key = KeyId::parse(&row.text(0)?).ok_or(inconsistent)?;
                Ok(Some(StoredTotp {
                    sealed: Sealed {
                        key,
                        bytes: row.blob(1)?,
                    },
                    credential_version: row.integer(2)?,
                }))
            })
        })
        .await
    }

    /// Whether the right code of a step may be accepted from this address, and if so remembers that
    /// it was. Two that use one step at the same time are told apart here, whatever process they
    /// came through. The code of a seed that was replaced since it was looked at is no right one,
    /// and none is after `most_wrong` wrong ones. An accepted one makes their count zero.
    pub async fn use_totp_step(
        &self,
        id: AccountId,
        matched: MatchedStep,
        code_use: CodeUse,
        address_key: String,
        most_wrong: u32,
        by: Attribution,
    ) -> Result<bool, StoreError> {
        // What was written about a step never changes, so a client that repeats its code costs no
        // transaction, unless there are wrong codes to forget.
        let earlier = self
            .read_one(move |tx| Box::pin(async move { earlier_use(tx, id, matched).await }))
            .await?;
        if let Some((earlier, wrong_codes)) = earlier {
            let accepted = may_be_used(code_use, Some(&earlier), &address_key);
            if !accepted || wrong_codes == 0 {
                return Ok(accepted);
            }
        }
        self.note(Note::CodeGiven, move |tx| {
            Box::pin(async move {
                let held = accounts::hold_standing(tx, id).await?;
                if held.is_none_or(|held| held.credential_version != matched.credential_version) {
                    return Ok(false);
                }
                let step = matched.step;
                let earlier = earlier_use(tx, id, matched)
                    .await?
                    .map(|(earlier, _)| earlier);
                if !may_be_used(code_use, earlier.as_ref(), &address_key)
                    || tx.execute(USE_SEED, params![id, by.at, most_wrong]).await? == 0
                {
                    return Ok(false);
                }
                if earlier.is_none() {
                    tx.execute(FORGET_STEPS, params![id, step.0 - STEPS_KEPT])
                        .await?;
                    let by_page = code_use == CodeUse::Page;
                    tx.execute(
                        INSERT_STEP,
                        params![id, step.0, address_key, by_page, by.at],
                    )
                    .await?;
                    tx.record(&by, Event::new(Action::OtpUsed, subject_of(id)))
                        .await?;
                }
                Ok(true)
            })
        })
        .await
    }

    /// Counts a wrong code. With the last that is allowed, an event says that from now on none is
    /// right.
    ///
    /// A right code is used, and a wrong one counted, in one transaction that follows the
    /// comparison: of however many that come at the same time, a right one is accepted only if
    /// fewer than `most` wrong ones were counted before it.
    pub async fn count_wrong_code(
        &self,
        id: AccountId,
        most: u32,
        by: Attribution,
    ) -> Result<(), StoreError> {
        self.note(Note::CodeGiven, move |tx| {
            Box::pin(async move {
                let counted = tx.optional(COUNT_WRONG_CODE, params![id, most]).await?;
                let Some(mut counted) = counted else {
                    return Ok(());
                };
                if counted.count(0)? == u64::from(most) {
                    outbox::tell(tx, MailKind::CodesExhausted, id, &by).await?;
                    let event = Event::new(Action::OtpExhausted, subject_of(id))
                        .with(Detail::WrongCodes(most.into()));
                    tx.record(&by, event).await?;
                }
                Ok(())
            })
        })
        .await
    }

    /// How many codes of a user were wrong since the last right one.
    pub async fn wrong_codes(&self, id: AccountId) -> Result<u64, StoreError> {
        self.read(move |tx| {
            Box::pin(async move {
                match tx.optional(WRONG_CODES, params![id]).await? {
                    Some(mut row) => row.count(0),
                    None => Ok(0),
                }
            })
        })
        .await
    }

    /// Uses up a recovery code, with which wrong codes before it are forgotten. Of two that use the
    /// same code at the same time one is told so; the other finds none.
    pub async fn use_recovery_code(
        &self,
        id: AccountId,
        digest: [u8; 32],
        by: Attribution,
    ) -> Result<Option<RecoveryCodeUse>, StoreError> {
        // Codes that are guessed must not take the writer's time.
        let is_one = self
            .read(move |tx| {
                Box::pin(
                    async move { Ok(tx.optional(HAS_CODE, params![id, &digest]).await?.is_some()) },
                )
            })
            .await?;
        if !is_one {
            return Ok(None);
        }
        self.change_by_system(
            SystemOperation::UseRecoveryCode,
            by,
            move |SystemChange { tx, by }| {
                Box::pin(async move {
                    // Two that use different codes at the same time are told different numbers of
                    // those that are left.
                    accounts::lock_account(tx, id).await?;
                    if tx
                        .execute(
                            USE_CODE,
                            params![id, &digest, by.at, EndReason::Used.as_str()],
                        )
                        .await?
                        == 0
                    {
                        return Ok(Outcome::unchanged(None));
                    }
                    forgive_wrong_codes(tx, id).await?;
                    let remaining = count_codes(tx, id).await?;
                    outbox::tell(tx, MailKind::RecoveryCodeUsed, id, by).await?;
                    let event = Event::new(Action::RecoveryCodeUsed, subject_of(id))
                        .with(Detail::Remaining(remaining));
                    Ok(Outcome::new(Some(RecoveryCodeUse { remaining }), event))
                })
            },
        )
        .await
    }
}

/// Turns one-time codes on with this seed and the digests of these recovery codes; earlier ones
/// end, and with them whatever was proven by the credentials as they were.
async fn turn_on<R: From<NoSuchUser>>(
    tx: &mut Tx,
    id: AccountId,
    (seed, recovery_digests): (Sealed, &[[u8; 32]]),
    by: &Attribution,
) -> Result<Event, WriteError<R>> {
    let now = by.at;
    accounts::touch(tx, id, Credential::Changed, now).await?;
    // A seed under a key that another process retired meanwhile could never be opened.
    keys::refuse_gone(tx, &seed.key).await?;
    end_all_of_account(tx, id, EndReason::Replaced, now).await?;
    tx.execute(SET_SEED, params![id, seed.key.as_str(), seed.bytes, now])
        .await?;
    insert_codes(tx, id, recovery_digests, now).await?;
    links::end_enrolments(tx, id, now).await?;
    outbox::tell(tx, MailKind::TwoFactorOn, id, by).await?;
    let given = Detail::RecoveryCodes(recovery_digests.len() as u64);
    Ok(Event::new(Action::OtpEnabled, subject_of(id)).with(given))
}

async fn insert_codes(
    tx: &mut Tx,
    id: AccountId,
    digests: &[[u8; 32]],
    now: Timestamp,
) -> Result<(), StoreError> {
    for digest in digests {
        tx.execute(INSERT_CODE, params![id, digest, now]).await?;
    }
    Ok(())
}

/// Gives a user these recovery codes, in the place of whatever there were.
pub(crate) async fn give_codes(
    tx: &mut Tx,
    id: AccountId,
    digests: &[[u8; 32]],
    now: Timestamp,
) -> Result<(), StoreError> {
    end_codes(tx, id, EndReason::Replaced, now).await?;
    insert_codes(tx, id, digests, now).await
}

/// Ends the recovery codes of a user.
pub(crate) async fn end_codes(
    tx: &mut Tx,
    id: AccountId,
    reason: EndReason,
    now: Timestamp,
) -> Result<(), StoreError> {
    let ended = params![id, now, reason.as_str()];
    tx.execute(END_CODES, ended).await.map(drop)
}

/// Notes that a page took the code of this step, which spends it.
async fn spend_step(
    tx: &mut Tx,
    id: AccountId,
    step: Step,
    address_key: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let used = params![id, step.0, address_key, true, now];
    tx.execute(INSERT_STEP, used).await.map(drop)
}

/// Forgets how many codes of an account were wrong.
pub(crate) async fn forgive_wrong_codes(tx: &mut Tx, id: AccountId) -> Result<(), StoreError> {
    tx.execute(FORGIVE_WRONG_CODES, params![id]).await.map(drop)
}

/// The use of a step of the seed that is in use, with how many codes were wrong since the last
/// right one.
async fn earlier_use(
    tx: &mut Tx,
    id: AccountId,
    matched: MatchedStep,
) -> Result<Option<(EarlierUse, u64)>, StoreError> {
    let sought = params![id, matched.step.0, matched.credential_version];
    let Some(mut row) = tx.optional(EARLIER_USE, sought).await? else {
        return Ok(None);
    };
    let earlier = EarlierUse {
        by_page: row.flag(0)?,
        address_key: row.text(1)?,
    };
    Ok(Some((earlier, row.count(2)?)))
}

/// Ends a user's seed and recovery codes, and forgets a seed that waits. Used steps are forgotten
/// with the seed: another seed's codes are other codes.
pub(crate) async fn end_all_of_account(
    tx: &mut Tx,
    id: AccountId,
    reason: EndReason,
    now: Timestamp,
) -> Result<(), StoreError> {
    end_seed(tx, id, reason, now).await?;
    end_codes(tx, id, reason, now).await
}

async fn end_seed(
    tx: &mut Tx,
    id: AccountId,
    reason: EndReason,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(END_SEED, params![id, now, reason.as_str()])
        .await?;
    enrolment::forget_waiting(tx, id).await?;
    tx.execute(FORGET_STEPS, params![id, i64::MAX])
        .await
        .map(drop)
}
