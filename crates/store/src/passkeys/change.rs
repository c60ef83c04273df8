//! What users do with the passkeys that they have.

use counterfoil_domain::audit::{Action, Detail, Event, Outcome};
use counterfoil_domain::id::{AccountId, PasskeyId};
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::mail::MailKind;
use counterfoil_domain::passkey::{PasskeyGone, PasskeyName, RemovalRefused};
use counterfoil_domain::principal::Attribution;
use counterfoil_domain::second_factor::LastFactor;

use crate::accounts::{self, Credential, subject_of};
use crate::engine::Store;
use crate::error::{ChangeError, WriteError};
use crate::outbox;
use crate::passkeys::end::{count_live, end};
use crate::statement::{params, statements};
use crate::two_factor;
use crate::writing::{Change, Locks, Operation};

statements! {
    NAME = "SELECT name FROM passkeys WHERE id = $1 AND account_id = $2 AND ended_at IS NULL";
    RENAME = "UPDATE passkeys SET name = $2 WHERE id = $1 AND ended_at IS NULL";
}

impl Store {
    /// Gives a passkey of a user another name; `false` when it has it already.
    pub async fn rename_passkey(
        &self,
        account: AccountId,
        id: PasskeyId,
        name: PasskeyName,
        by: Attribution,
    ) -> Result<bool, ChangeError<PasskeyGone>> {
        let locks = Locks::none().account(account);
        let operation = Operation::RenamePasskey;
        self.change(operation, by, locks, move |Change { tx, .. }| {
            Box::pin(async move {
                let found = tx.optional(NAME, params![id, account]).await?;
                let mut found = found.ok_or(WriteError::Refused(PasskeyGone))?;
                if found.text(0)? == name.as_str() {
                    return Ok(Outcome::unchanged(false));
                }
                tx.execute(RENAME, params![id, name.as_str()]).await?;
                let event = Event::new(Action::PasskeyRenamed, subject_of(account))
                    .with(Detail::Passkey(id.0.unsigned_abs()));
                Ok(Outcome::new(true, event))
            })
        })
        .await
    }

    /// Ends a passkey of a user. Recovery codes end with the last second factor, which may have to
    /// stay.
    pub async fn remove_passkey(
        &self,
        account: AccountId,
        id: PasskeyId,
        last: LastFactor,
        by: Attribution,
    ) -> Result<(), ChangeError<RemovalRefused>> {
        let locks = Locks::none().account(account);
        let operation = Operation::RemovePasskey;
        self.change(operation, by, locks, move |Change { tx, by, .. }| {
            Box::pin(async move {
                let reason = EndReason::of_deletion_by(&by.principal.proof);
                if !end(tx, account, id, reason, by.at).await? {
                    return Err(WriteError::Refused(PasskeyGone.into()));
                }
                let has_another = count_live(tx, account).await? > 0
                    || two_factor::totp_state(tx, account).await?.is_some();
                if !has_another {
                    if last == LastFactor::MustStay {
                        return Err(WriteError::Refused(RemovalRefused::Required));
                    }
                    two_factor::end_codes(tx, account, reason, by.at).await?;
                }
                accounts::touch::<RemovalRefused>(tx, account, Credential::Changed, by.at).await?;
                outbox::tell(tx, MailKind::PasskeyRemoved, account, by).await?;
                let event = Event::new(Action::PasskeyRemoved, subject_of(account))
                    .with(Detail::Passkey(id.0.unsigned_abs()));
                Ok(Outcome::new((), event))
            })
        })
        .await
    }
}
