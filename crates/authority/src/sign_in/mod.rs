//! Signing in with a password, and with a code where the user has two factors: two steps, which a
//! request with Basic authentication takes at once.
//!
//! In order: what was verified a moment ago is remembered; attempts on one login from one address
//! go one after another, so that a burst cannot outrun the count of its failures and equal ones
//! cost one verification; a lock refuses before any Argon2id; an unknown login costs what a wrong
//! password costs; a code is looked at only after a right password.

pub(crate) mod attempt_mutex;
pub(crate) mod code_prompts;
pub(crate) mod failure_counting;
pub(crate) mod failures;
mod password;
mod refusal;
pub(crate) mod verification;

use std::sync::Arc;

use counterfoil_domain::account::{Account, TwoFactor};
use counterfoil_domain::code::CodeUse;
use counterfoil_domain::id::AccountId;
use counterfoil_domain::password::Password;
use counterfoil_domain::principal::{Origin, Principal, Proof};
use counterfoil_domain::sign_in::{
    LockedFor, LockoutDecision, LockoutState, SignInSubject, fold_typed,
};
use counterfoil_store::{RecoveryCodeUse, StoreError};

use crate::authority::Authority;
use crate::passwords::memory::MemoryKey;
use crate::passwords::queue::Busy;
use crate::principal::Caller;
use crate::sign_in::code_prompts::TooManyPrompts;
use crate::sign_in::verification::CodeCheck;

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

/// Whatever may stop a sign-in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// The login or the password is wrong.
    #[error("wrong login or password")]
    BadCredentials,
    /// The password is right and a code is missing, or wrong.
    #[error("a one-time code is needed")]
    CodeRequired,
    /// The password is right and the account is suspended.
    #[error("the account is suspended")]
    Suspended,
    /// The password is right, and a second factor should have been turned on by now.
    #[error("a second factor is required")]
    SecondFactorOverdue,
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

/// Where a sign-in stands after its password was right.
pub(crate) enum Step {
    /// Nothing else is wanted.
    Done(Caller),
    /// The user has two factors.
    CodeWanted(CodeWanted),
}

/// A sign-in whose password was right and that waits for a code. It holds nothing that was typed.
pub(crate) struct CodeWanted {
    pub(crate) asker: Asker,
    pub(crate) account: Arc<Account>,
    pub(crate) subject: SignInSubject,
}

/// From where somebody signs in.
#[derive(Clone)]
pub(crate) struct Asker {
    pub(crate) origin: Origin,
    /// What failures from there are counted under.
    pub(crate) address_key: String,
}

impl Asker {
    /// Whoever asks from there.
    pub(crate) fn at(origin: Origin) -> Self {
        let address_key = origin.address.key();
        Self {
            origin,
            address_key,
        }
    }

    /// Whoever it is, who has proved nothing.
    fn nobody(&self) -> Principal {
        self.principal(Proof::Nothing)
    }

    /// A user who is about to sign in.
    pub(crate) fn signing_in(&self, account: AccountId) -> Principal {
        self.principal(Proof::SigningIn(account))
    }

    fn principal(&self, proof: Proof) -> Principal {
        Principal {
            proof,
            origin: Some(self.origin.clone()),
        }
    }
}

/// A login and a password, with what they are counted and remembered under.
pub(crate) struct Attempt {
    pub(crate) login: String,
    pub(crate) password: Password,
    pub(crate) asker: Asker,
    /// None where passwords are not remembered.
    pub(crate) memory_key: Option<MemoryKey>,
}

/// Whether a verified password is remembered, and believed again for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Remembering {
    /// It is: programs send it with each request.
    Yes,
    /// It is not: a page asks for it when somebody is to prove who they are.
    No,
}

impl Authority {
    /// Verifies a login and password given with Basic authentication, and the code beside them: all
    /// steps of a sign-in at once.
    #[tracing::instrument(name = "sign_in.basic", level = "debug", skip_all)]
    pub async fn sign_in_basic(
        &self,
        typed: PasswordAttempt,
        origin: Origin,
    ) -> Result<Caller, SignInError> {
        let PasswordAttempt {
            login,
            password,
            code,
        } = typed;
        match self
            .sign_in_by_password(login, password, origin, Remembering::Yes)
            .await?
        {
            Step::Done(caller) if self.second_factor_of(caller.account()).is_overdue() => {
                Err(SignInError::SecondFactorOverdue)
            }
            Step::Done(caller) => Ok(caller),
            Step::CodeWanted(wanted) => match code {
                Some(code) => {
                    let signed_in = self.sign_in_by_code(wanted, code, CodeUse::Basic).await?;
                    Ok(signed_in.0)
                }
                None => Err(self.ask_for_code(&wanted)),
            },
        }
    }

    /// The first step of a sign-in.
    pub(crate) async fn sign_in_by_password(
        &self,
        login: String,
        password: Password,
        origin: Origin,
        remembering: Remembering,
    ) -> Result<Step, SignInError> {
        let asker = Asker::at(origin);
        let memory_key = match remembering {
            Remembering::Yes => Some(self.memory().key(&login, &password, &asker.address_key)),
            Remembering::No => None,
        };
        let attempt = Arc::new(Attempt {
            login,
            password,
            asker,
            memory_key,
        });
        let (account, subject) = match self.recall(&attempt).await? {
            Some(recalled) => recalled,
            None => self.verify(&attempt).await?,
        };
        Ok(match account.two_factor {
            TwoFactor::Off => {
                let origin = attempt.asker.origin.clone();
                Step::Done(Caller::by_password(account, origin))
            }
            TwoFactor::On => Step::CodeWanted(CodeWanted {
                asker: attempt.asker.clone(),
                account,
                subject,
            }),
        })
    }

    /// The second step, for who has two factors; with what is left of recovery codes where one was
    /// given. A client that goes away while it waits leaves nothing behind; once the code is looked
    /// at, it is counted whether somebody waits or not.
    pub(crate) async fn sign_in_by_code(
        &self,
        wanted: CodeWanted,
        code: String,
        code_use: CodeUse,
    ) -> Result<(Caller, Option<RecoveryCodeUse>), SignInError> {
        let CodeWanted {
            asker,
            account,
            subject,
        } = &wanted;
        let turn = self
            .attempt_mutex()
            .take(*subject, &asker.address_key)
            .await;
        self.refuse_locked(asker, *subject, Some(account.id))
            .await?;
        let caller = Caller::by_password(Arc::clone(account), asker.origin.clone());
        let check = CodeCheck {
            wanted,
            code,
            code_use,
            turn,
        };
        let authority = self.clone();
        let checked = tokio::spawn(async move { authority.check_code_given(check).await });
        let recovery = checked.await.map_err(|_| StoreError::Closed)??;
        Ok((caller, recovery))
    }

    /// Refuses an attempt that a lock covers, before it costs anything.
    async fn refuse_locked(
        &self,
        asker: &Asker,
        subject: SignInSubject,
        account: Option<AccountId>,
    ) -> Result<LockoutState, SignInError> {
        let policy = &self.settings().lockout;
        let now = self.now();
        let state = self
            .store()
            .lockout_state(subject, account, &asker.address_key, policy, now)
            .await?;
        let closed = match policy.decide(&state, now) {
            LockoutDecision::Open => return Ok(state),
            LockoutDecision::Closed(closed) => closed,
        };
        // Another process may have set the lock. Who else signs in from the address is not to pay
        // for it, unless the whole address is refused: a locked attempt costs next to nothing, a
        // verification does not.
        let covered = match closed {
            LockedFor::Address => None,
            LockedFor::Pair | LockedFor::Login => Some(subject),
        };
        self.memory().forget_locked(covered, &asker.address_key);
        self.refusals()
            .note(closed, account, asker.origin.address, now);
        Err(SignInError::TooManyAttempts)
    }

    /// A missing code is how clients find out that they need one: it counts as no failure. Yet some
    /// ask on and on.
    fn ask_for_code(&self, wanted: &CodeWanted) -> SignInError {
        let most = self.settings().lockout.code_questions;
        let address_key = &wanted.asker.address_key;
        let asked = self
            .code_prompts()
            .ask(wanted.subject, address_key, most, self.now());
        match asked {
            Ok(()) => SignInError::CodeRequired,
            Err(TooManyPrompts) => SignInError::TooManyAttempts,
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
            let by = self.attribute_to(&Principal::PROGRAM);
            let written = self
                .store()
                .record_counted_requests(portion.clone(), by)
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
