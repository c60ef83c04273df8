//! Signing in with a password, and with a code where the user has two factors.
//!
//! In order: what was verified a moment ago is remembered; attempts on one login from one address
//! go one after another, so that a burst cannot outrun the count of its failures and equal ones
//! cost one verification; a lock refuses before any Argon2id; an unknown login costs what a wrong
//! password costs; a code is looked at only after a right password.

pub(crate) mod counting;
pub(crate) mod failures;
pub(crate) mod questions;
mod refusal;
pub(crate) mod turns;
pub(crate) mod verification;

use std::sync::Arc;

use counterfoil_domain::account::{Account, TwoFactor};
use counterfoil_domain::id::AccountId;
use counterfoil_domain::password::Password;
use counterfoil_domain::sign_in::{ClosedFor, Gate, GateFacts, SignInSubject, fold_typed};
use counterfoil_store::StoreError;

use crate::authority::Authority;
use crate::passwords::memory::MemoryKey;
use crate::passwords::queue::Busy;
use crate::passwords::queue::{Lane, Requester};
use crate::principal::Caller;
use crate::sign_in::questions::TooManyQuestions;
use crate::sign_in::verification::{CodeCheck, PasswordCheck};
use counterfoil_domain::principal::Origin;

/// Refusals that are written to the audit trail in one transaction.
const REFUSALS_AT_A_TIME: usize = 500;

/// What somebody typed to sign in.
#[derive(Clone)]
pub struct PasswordAttempt {
    /// The login, or a verified e-mail address.
    pub login: String,
    /// The password.
    pub password: Password,
    /// The one-time or recovery code. `Some("")` is a wrong code, `None` is none.
    pub code: Option<String>,
}

/// Shows nothing that was typed: a code is a secret, and people type passwords into the wrong
/// field.
impl std::fmt::Debug for PasswordAttempt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordAttempt(…)")
    }
}

/// Why a sign-in was refused.
#[derive(Debug, thiserror::Error)]
pub enum SignInRefused {
    /// The login or the password is wrong.
    #[error("wrong login or password")]
    BadCredentials,
    /// The password is right and a code is missing, or wrong.
    #[error("a one-time code is needed")]
    CodeRequired,
    /// The password is right and the account is suspended.
    #[error("the account is suspended")]
    Suspended,
    /// Too many attempts failed before.
    #[error("too many attempts failed")]
    TooManyAttempts,
    /// Too many passwords are being verified.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// An attempt with what it is counted under.
pub(crate) struct Attempt {
    pub(crate) typed: PasswordAttempt,
    pub(crate) origin: Origin,
    pub(crate) address_key: String,
    pub(crate) memory_key: MemoryKey,
}

impl Authority {
    /// Verifies a login and password given with Basic authentication, and the code beside them.
    #[tracing::instrument(name = "sign_in.basic", level = "debug", skip_all)]
    pub async fn sign_in_basic(
        &self,
        typed: PasswordAttempt,
        origin: Origin,
    ) -> Result<Caller, SignInRefused> {
        let address_key = origin.address.key();
        let memory_key = self
            .memory()
            .key(&typed.login, &typed.password, &address_key);
        let attempt = Arc::new(Attempt {
            typed,
            origin,
            address_key,
            memory_key,
        });
        let (account, subject) = match self.recall(&attempt).await? {
            Some(recalled) => recalled,
            None => self.verify(&attempt).await?,
        };
        match account.two_factor {
            TwoFactor::Off => {}
            TwoFactor::On => self.verify_code(&attempt, &account, subject).await?,
        }
        Ok(Caller {
            account,
            origin: attempt.origin.clone(),
        })
    }

    /// The account of a password that was verified a short while ago, if it still counts.
    async fn recall(
        &self,
        attempt: &Attempt,
    ) -> Result<Option<(Arc<Account>, SignInSubject)>, StoreError> {
        let Some(remembered) = self.memory().find(&attempt.memory_key, self.now()) else {
            return Ok(None);
        };
        let current = self.current_account(remembered.account).await?;
        let unchanged = |account: &Arc<Account>| {
            account.credential_version == remembered.credential_version
                && !account.is_suspended()
                && self.checks().losses() == remembered.losses
        };
        let account = current
            .map(|current| Arc::clone(&current.account))
            .filter(unchanged);
        if account.is_none() {
            self.memory().forget(&attempt.memory_key);
        }
        Ok(account.map(|account| (account, remembered.subject)))
    }

    /// Verifies the password, once it is this attempt's turn and nothing forbids it. A client that
    /// goes away while it waits leaves nothing behind; once the verification begins, it is counted
    /// whether somebody waits for it or not.
    async fn verify(
        &self,
        attempt: &Arc<Attempt>,
    ) -> Result<(Arc<Account>, SignInSubject), SignInRefused> {
        let losses = self.checks().losses();
        let credentials = self.store().find_credentials(&attempt.typed.login).await?;
        let known = credentials
            .as_ref()
            .map(|credentials| credentials.account.id);
        let subject = self.subject(&attempt.typed.login);
        let turn = self.turns().take(subject, &attempt.address_key).await;
        // Whoever waited may find that the one before it verified the same password.
        if let Some(recalled) = self.recall(attempt).await? {
            return Ok(recalled);
        }
        let facts = self.pass_gate(attempt, subject, known).await?;
        self.demand_counting().await?;
        let lockout = &self.settings().lockout;
        let lane = if lockout.is_known_address(&facts, self.now()) {
            Lane::Known
        } else {
            Lane::Strangers
        };
        let requester = Requester::at(attempt.origin.address, lane);
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
            Err(SignInRefused::BadCredentials) => {
                // Outside the task: who goes away while it waits waits no longer.
                self.wait_for_refusal(began).await;
                Err(SignInRefused::BadCredentials)
            }
            Err(refused) => Err(refused),
        }
    }

    /// While failures cannot be written down, no password is looked at: guesses that nothing counts
    /// must not be answered. Whoever is remembered goes on.
    async fn demand_counting(&self) -> Result<(), StoreError> {
        if self.counting().is_broken() {
            self.store().heartbeat(self.now()).await?;
            self.counting().mend();
        }
        Ok(())
    }

    /// Refuses an attempt that a lock covers, before it costs anything.
    async fn pass_gate(
        &self,
        attempt: &Attempt,
        subject: SignInSubject,
        account: Option<AccountId>,
    ) -> Result<GateFacts, SignInRefused> {
        let policy = &self.settings().lockout;
        let now = self.now();
        let facts = self
            .store()
            .gate_facts(subject, account, &attempt.address_key, policy, now)
            .await?;
        let closed = match policy.gate(&facts, now) {
            Gate::Open => return Ok(facts),
            Gate::Closed(closed) => closed,
        };
        // Another process may have set the lock. Who else signs in from the address is not to pay
        // for it, unless the whole address is refused: a locked attempt costs next to nothing, a
        // verification does not.
        let covered = match closed {
            ClosedFor::Address => None,
            ClosedFor::Pair | ClosedFor::Login => Some(subject),
        };
        self.memory().forget_locked(covered, &attempt.address_key);
        self.refusals()
            .note(closed, account, attempt.origin.address, now);
        Err(SignInRefused::TooManyAttempts)
    }

    async fn verify_code(
        &self,
        attempt: &Arc<Attempt>,
        account: &Arc<Account>,
        subject: SignInSubject,
    ) -> Result<(), SignInRefused> {
        if attempt.typed.code.is_none() {
            return Err(self.ask_for_code(attempt, subject));
        }
        let turn = self.turns().take(subject, &attempt.address_key).await;
        self.pass_gate(attempt, subject, Some(account.id)).await?;
        let check = CodeCheck {
            attempt: Arc::clone(attempt),
            account: Arc::clone(account),
            subject,
            turn,
        };
        let authority = self.clone();
        let checked = tokio::spawn(async move { authority.check_code_given(check).await });
        checked.await.map_err(|_| StoreError::Closed)?
    }

    /// A missing code is how clients find out that they need one: it counts as no failure. Yet some
    /// ask on and on.
    fn ask_for_code(&self, attempt: &Attempt, subject: SignInSubject) -> SignInRefused {
        let most = self.settings().lockout.code_questions;
        let asked = self
            .questions()
            .ask(subject, &attempt.address_key, most, self.now());
        match asked {
            Ok(()) => SignInRefused::CodeRequired,
            Err(TooManyQuestions) => SignInRefused::TooManyAttempts,
        }
    }

    /// Under what failures are counted that come of this typed text.
    pub(crate) fn subject(&self, typed: &str) -> SignInSubject {
        let digest = self
            .digest_key()
            .digest("sign-in login", &[fold_typed(typed).as_bytes()]);
        SignInSubject(digest)
    }

    /// Writes refusals that were counted for a minute to the audit trail; all of them when
    /// `closing`.
    pub async fn flush_refusals(&self, closing: bool) -> Result<(), StoreError> {
        let mut due = self.refusals().take_due(self.now(), closing);
        // In portions, so that nothing else that is to be written waits long.
        while !due.is_empty() {
            let portion = due.split_off(due.len().saturating_sub(REFUSALS_AT_A_TIME));
            let by = self.by_program();
            let written = self
                .store()
                .record_refused_requests(portion.clone(), by)
                .await;
            if let Err(error) = written {
                due.extend(portion);
                self.refusals().put_back(due, self.now());
                return Err(error);
            }
        }
        Ok(())
    }
}
