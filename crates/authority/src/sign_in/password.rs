//! The first step of a sign-in: a password, remembered or verified.

use std::sync::Arc;

use counterfoil_domain::account::Account;
use counterfoil_domain::sign_in::SignInSubject;
use counterfoil_store::StoreError;

use crate::authority::Authority;
use crate::passwords::queue::{Lane, Requester};
use crate::sign_in::verification::PasswordCheck;
use crate::sign_in::{Attempt, SignInError};

impl Authority {
    /// The account of a password that was verified a short while ago, if it still counts.
    pub(super) async fn recall(
        &self,
        attempt: &Attempt,
    ) -> Result<Option<(Arc<Account>, SignInSubject)>, StoreError> {
        let Some(key) = attempt.memory_key else {
            return Ok(None);
        };
        let Some(remembered) = self.memory().find(&key, self.now()) else {
            return Ok(None);
        };
        let current = self.current_account(remembered.account).await?;
        let unchanged = |account: &Arc<Account>| {
            account.credential_version == remembered.credential_version
                && !account.is_suspended()
                && self.token_cache().losses() == remembered.losses
        };
        let account = current
            .map(|current| Arc::clone(&current.account))
            .filter(unchanged);
        if account.is_none() {
            self.memory().forget(&key);
        }
        Ok(account.map(|account| (account, remembered.subject)))
    }

    /// Verifies the password, once it is this attempt's turn and nothing forbids it. A client that
    /// goes away while it waits leaves nothing behind; once the verification begins, it is counted
    /// whether somebody waits for it or not.
    pub(super) async fn verify(
        &self,
        attempt: &Arc<Attempt>,
    ) -> Result<(Arc<Account>, SignInSubject), SignInError> {
        let losses = self.token_cache().losses();
        let credentials = self.store().find_credentials(&attempt.login).await?;
        let known = credentials
            .as_ref()
            .map(|credentials| credentials.account.id);
        let subject = self.subject(&attempt.login);
        let turn = self
            .attempt_mutex()
            .take(subject, &attempt.asker.address_key)
            .await;
        // Whoever waited may find that the one before it verified the same password.
        if let Some(recalled) = self.recall(attempt).await? {
            return Ok(recalled);
        }
        let state = self.refuse_locked(&attempt.asker, subject, known).await?;
        self.demand_counting().await?;
        let lockout = &self.settings().lockout;
        let lane = if lockout.is_known_address(&state, self.now()) {
            Lane::Known
        } else {
            Lane::Strangers
        };
        let requester = Requester::at(attempt.asker.origin.address, lane);
        let permit = self.passwords().queue().admit(requester).await?;
        let began = self.monotonic();
        let check = PasswordCheck {
            attempt: Arc::clone(attempt),
            credentials,
            subject,
            losses,
            turn,
        };
        let authority = self.clone();
        let checked = tokio::spawn(async move { authority.check_password(check, permit).await });
        match checked.await.map_err(|_| StoreError::Closed)? {
            Ok(account) => Ok((account, subject)),
            Err(SignInError::BadCredentials) => {
                // Outside the task: who goes away while it waits waits no longer.
                self.wait_for_refusal(began).await;
                Err(SignInError::BadCredentials)
            }
            Err(refused) => Err(refused),
        }
    }

    /// While failures cannot be written down, no password is looked at: guesses that nothing counts
    /// must not be answered. Whoever is remembered goes on.
    async fn demand_counting(&self) -> Result<(), StoreError> {
        if self.failure_counting().is_broken() {
            self.store().heartbeat(self.now()).await?;
            self.failure_counting().mend();
        }
        Ok(())
    }
}
