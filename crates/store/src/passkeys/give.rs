//! A passkey that was given, and was right.

use counterfoil_domain::audit::{Action, Detail, Event, Outcome};
use counterfoil_domain::id::{AccountId, PasskeyId};
use counterfoil_domain::mail::MailKind;
use counterfoil_domain::passkey::{Ceremony, Counter};
use counterfoil_domain::principal::Attribution;

use crate::accounts::{self, subject_of};
use crate::engine::Store;
use crate::error::StoreError;
use crate::outbox;
use crate::statement::{params, statements};
use crate::two_factor;
use crate::writing::{SystemChange, SystemOperation};

statements! {
    SIGN_COUNT = "SELECT sign_count FROM passkeys WHERE id = $1 AND account_id = $2 AND ended_at IS NULL";
    // The highest count is kept, so that a copy that lags behind is told again and again.
    USE = "UPDATE passkeys SET sign_count = CASE WHEN sign_count > $2 THEN sign_count ELSE $2 END,
        backed_up = $3, last_used_at = $4 WHERE id = $1 AND ended_at IS NULL";
}

/// A passkey whose signature was right.
#[derive(Clone, Copy, Debug)]
pub struct UsedPasskey {
    /// Its id here.
    pub id: PasskeyId,
    /// Whose it is.
    pub account: AccountId,
    /// The version that their credentials had when it was looked at.
    pub credential_version: i64,
    /// What it was given for.
    pub ceremony: Ceremony,
    /// How many signatures it made, as it says.
    pub sign_count: u32,
    /// Whether it is copied to other devices.
    pub is_backed_up: bool,
}

impl Store {
    /// Notes that a passkey was given; `false` when it ended meanwhile, or its user was suspended
    /// or has other credentials. A count that does not grow is an event of its own, and its user is
    /// told. With a right passkey wrong codes before it are forgotten.
    pub async fn use_passkey(
        &self,
        used: UsedPasskey,
        by: Attribution,
    ) -> Result<bool, StoreError> {
        let operation = SystemOperation::UsePasskey;
        self.change_by_system(operation, by, move |SystemChange { tx, by }| {
            Box::pin(async move {
                let held = accounts::hold_standing(tx, used.account).await?;
                let stands = held.is_some_and(|held| {
                    !held.is_suspended && held.credential_version == used.credential_version
                });
                let sought = params![used.id, used.account];
                let before = tx.optional(SIGN_COUNT, sought).await?;
                let Some(mut before) = before.filter(|_| stands) else {
                    return Ok(Outcome::unchanged(false));
                };
                let before = before.small_count(0)?;
                let row = params![used.id, used.sign_count, used.is_backed_up, by.at];
                tx.execute(USE, row).await?;
                two_factor::forgive_wrong_codes(tx, used.account).await?;
                let event = |action| {
                    Event::new(action, subject_of(used.account))
                        .with(Detail::Passkey(used.id.0.unsigned_abs()))
                };
                let purpose = Detail::Purpose(used.ceremony.as_str().to_owned());
                let given = Outcome::new(true, event(Action::PasskeyUsed).with(purpose));
                Ok(match Counter::judge(before, used.sign_count) {
                    Counter::Grew => given,
                    Counter::Stalled => {
                        outbox::tell(tx, MailKind::PasskeyStalled, used.account, by).await?;
                        given.and(event(Action::PasskeyStalled))
                    }
                })
            })
        })
        .await
    }
}
