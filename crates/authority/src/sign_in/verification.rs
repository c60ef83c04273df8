//! Passwords and codes are verified, and what comes of it is written down, in one task that nobody
//! can cut short.
//!
//! The task holds the attempt's turn. A client that resets its request would otherwise have guesses
//! verified that nothing counts; so would one that goes away between the verification and the
//! count.

use std::sync::Arc;

use counterfoil_domain::account::{Account, Credentials, TwoFactor};
use counterfoil_domain::code::CodeUse;
use counterfoil_domain::id::AccountId;
use counterfoil_domain::password::{Password, PasswordHash};
use counterfoil_domain::principal::Principal;
use counterfoil_domain::sign_in::{FailureKind, SignInSubject};
use counterfoil_store::{FailedSignIn, RecoveryCodeUse, StoreError};

use crate::accounts::two_factor::CodeOutcome;
use crate::authority::Authority;
use crate::passwords::memory::Remembered;
use crate::passwords::queue::Permit;
use crate::sign_in::attempt_mutex::AttemptGuard;
use crate::sign_in::{Asker, Attempt, CodeWanted, SignInError};

/// A password that is to be verified.
pub(crate) struct PasswordCheck {
    pub(crate) attempt: Arc<Attempt>,
    /// Whose password it may be; none for an unknown login.
    pub(crate) credentials: Option<Credentials>,
    pub(crate) subject: SignInSubject,
    /// How often everything was forgotten before the credentials were read.
    pub(crate) losses: u64,
    /// The next attempt begins when this one counts, even if its client has left.
    pub(crate) turn: AttemptGuard,
}

/// A code that came with a right password.
pub(crate) struct CodeCheck {
    pub(crate) wanted: CodeWanted,
    /// What was typed. Nothing is a wrong code.
    pub(crate) code: String,
    pub(crate) code_use: CodeUse,
    pub(crate) turn: AttemptGuard,
}

impl Authority {
    /// Verifies a password and counts it if it was wrong. To be run in a task of its own.
    pub(crate) async fn check_password(
        &self,
        check: PasswordCheck,
        permit: Permit,
    ) -> Result<Arc<Account>, SignInError> {
        let PasswordCheck {
            attempt,
            credentials,
            subject,
            losses,
            turn: _turn,
        } = check;
        let known = credentials
            .as_ref()
            .map(|credentials| credentials.account.clone());
        let kept = credentials
            .as_ref()
            .and_then(|credentials| credentials.password.clone());
        let password = attempt.password.clone();
        let right = self
            .verifier()
            .verify(credentials, password, permit)
            .await?;
        let account = match known {
            Some(account) if right => account,
            known => {
                let id = known.map(|account| account.id);
                self.note_failure(&attempt.asker, id, subject, FailureKind::Password)
                    .await?;
                return Err(SignInError::BadCredentials);
            }
        };
        if account.is_suspended() {
            self.note_failure(
                &attempt.asker,
                Some(account.id),
                subject,
                FailureKind::Suspended,
            )
            .await?;
            return Err(SignInError::Suspended);
        }
        // What was verified may have changed meanwhile: the row read after the verification
        // decides.
        let current = self.store().account_by_id(account.id).await?;
        let account = current
            .filter(|current| current.credential_version == account.credential_version)
            .map(Arc::new)
            .ok_or(SignInError::BadCredentials)?;
        if let Some(kept) = kept {
            self.bring_up_to_date(&account, kept, &attempt.password)
                .await;
        }
        self.remember(&attempt, &account, (subject, losses));
        if account.two_factor == TwoFactor::Off {
            self.note_signed_in(&attempt.asker, &account).await;
        }
        Ok(account)
    }

    /// Remembers a password that was right, where that is done.
    fn remember(
        &self,
        attempt: &Attempt,
        account: &Account,
        (subject, losses): (SignInSubject, u64),
    ) {
        let Some(key) = attempt.memory_key else {
            return;
        };
        let remembered = Remembered {
            account: account.id,
            credential_version: account.credential_version,
            subject,
            losses,
        };
        let address = &attempt.asker.address_key;
        self.memory().remember(key, remembered, address, self.now());
    }

    /// Checks a code and counts it if it was wrong. To be run in a task of its own.
    pub(crate) async fn check_code_given(
        &self,
        check: CodeCheck,
    ) -> Result<Option<RecoveryCodeUse>, SignInError> {
        let CodeCheck {
            wanted,
            code,
            code_use,
            turn: _turn,
        } = check;
        let CodeWanted {
            asker,
            account,
            subject,
        } = wanted;
        let by = self.attribute_to(&asker.signing_in(account.id));
        let given = (by, asker.address_key.as_str());
        let outcome = self.check_code(&account, &code, code_use, given).await?;
        match outcome {
            CodeOutcome::Accepted(recovery) => {
                self.note_signed_in(&asker, &account).await;
                Ok(recovery)
            }
            CodeOutcome::Refused => {
                self.note_failure(&asker, Some(account.id), subject, FailureKind::Code)
                    .await?;
                Err(SignInError::CodeRequired)
            }
        }
    }

    /// Counts what went wrong.
    pub(crate) async fn note_failure(
        &self,
        asker: &Asker,
        account: Option<AccountId>,
        subject: SignInSubject,
        kind: FailureKind,
    ) -> Result<(), StoreError> {
        let failed = FailedSignIn {
            subject,
            account,
            address_key: asker.address_key.clone(),
            kind,
        };
        let by = self.attribute_to(&asker.nobody());
        self.count_failure(failed, by).await
    }

    /// Replaces a hash that came from elsewhere, or costs less than the settings want, now that the
    /// password is known. It is the same password, so sessions and whatever is remembered go on.
    /// What goes wrong is tried again at the next sign-in.
    async fn bring_up_to_date(&self, account: &Account, kept: PasswordHash, password: &Password) {
        let Some(cost) = kept.cost_anew(self.settings().hashing.cost) else {
            return;
        };
        let entropy = self.entropy_handle();
        let anew = self.passwords().hash(password.clone(), cost, entropy).await;
        let Ok(anew) = anew else { return };
        let by = self.attribute_to(&Principal::PROGRAM);
        let kept = self.store().replace_hash(account.id, kept, anew, by);
        if let Err(error) = kept.await {
            tracing::warn!(account.id = account.id.0, cause = %error.causes(), "rehashing a password failed");
        }
    }

    /// Notes from where a user signed in. A database that takes no writes must not keep people from
    /// reading.
    pub(crate) async fn note_signed_in(&self, asker: &Asker, account: &Account) {
        let by = self.attribute_to(&asker.signing_in(account.id));
        let address_key = asker.address_key.clone();
        let noted = self
            .store()
            .note_signed_in(account.id, address_key, by)
            .await;
        if let Err(error) = noted {
            tracing::warn!(account.id = account.id.0, cause = %error.causes(), "the address of a sign-in was not recorded");
        }
    }
}
