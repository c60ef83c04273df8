//! Recovery codes, as their owner looks after them.

use counterfoil_domain::account::{NoSecondFactor, NoSuchUser, RecoveryCodesRefused, TwoFactor};
use counterfoil_domain::audit::{Action, Detail, Event, Outcome};
use counterfoil_domain::id::AccountId;
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::mail::MailKind;
use counterfoil_domain::principal::Attribution;

use crate::accounts::{self, Credential, subject_of};
use crate::engine::Store;
use crate::error::{ChangeError, StoreError, WriteError};
use crate::outbox;
use crate::statement::{params, statements};
use crate::two_factor::{count_codes, end_codes, insert_codes};
use crate::writing::{Change, Locks, Operation};

statements! {
    ARE_LIVE = "SELECT digest FROM recovery_codes WHERE account_id = $1 AND ended_at IS NULL";
}

impl Store {
    /// Gives a user with a second factor other recovery codes; the earlier ones end.
    pub async fn replace_recovery_codes(
        &self,
        id: AccountId,
        digests: Vec<[u8; 32]>,
        by: Attribution,
    ) -> Result<(), ChangeError<RecoveryCodesRefused>> {
        let (operation, locks) = (Operation::ReplaceRecoveryCodes, Locks::none().account(id));
        self.change(operation, by, locks, move |Change { tx, by, .. }| {
            Box::pin(async move {
                let account = accounts::find_by_id(tx, id).await?;
                let account = account.ok_or(WriteError::Refused(NoSuchUser.into()))?;
                match account.two_factor {
                    TwoFactor::On => {}
                    TwoFactor::Off => return Err(WriteError::Refused(NoSecondFactor.into())),
                }
                end_codes(tx, id, EndReason::Replaced, by.at).await?;
                insert_codes(tx, id, &digests, by.at).await?;
                accounts::touch::<RecoveryCodesRefused>(tx, id, Credential::Changed, by.at).await?;
                outbox::tell(tx, MailKind::RecoveryCodesReplaced, id, by).await?;
                let event = Event::new(Action::RecoveryCodesReplaced, subject_of(id))
                    .with(Detail::RecoveryCodes(digests.len() as u64));
                Ok(Outcome::new((), event))
            })
        })
        .await
    }

    /// How many unused recovery codes a user has.
    pub async fn recovery_codes_left(&self, id: AccountId) -> Result<u64, StoreError> {
        self.read(move |tx| Box::pin(async move { count_codes(tx, id).await }))
            .await
    }

    /// Whether all of these are digests of unused recovery codes of this user.
    pub async fn are_recovery_codes(
        &self,
        id: AccountId,
        digests: Vec<[u8; 32]>,
    ) -> Result<bool, StoreError> {
        self.read(move |tx| {
            Box::pin(async move {
                let mut live = Vec::new();
                for mut row in tx.rows(ARE_LIVE, params![id]).await? {
                    live.push(row.blob(0)?);
                }
                Ok(digests
                    .iter()
                    .all(|digest| live.iter().any(|known| known == digest)))
            })
        })
        .await
    }
}
