//! Signing in on a page: a password, then a code where the user has two factors, each on a page of
//! its own. Failures, locks and the queue are those of Basic authentication; passwords are neither
//! remembered nor believed from memory, and a code counts once.

use std::convert::Infallible;
use std::sync::Arc;

use counterfoil_domain::account::Account;
use counterfoil_domain::code::CodeUse;
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::id::SessionId;
use counterfoil_domain::password::Password;
use counterfoil_domain::principal::Origin;
use counterfoil_domain::session::{CookieSecret, SignInRepeated};
use counterfoil_domain::sign_in::SignInSubject;
use counterfoil_store::{
    ChangeError, HalfSignIn, NewHalfSignIn, NewSession, RecoveryCodeUse, StoreError,
};

use crate::authority::Authority;
use crate::principal::Caller;
use crate::sessions::person::Person;
use crate::sign_in::{Asker, CodeWanted, Remembering, SignInError, Step};

/// Where a sign-in on a page stands after its password was right.
#[derive(Debug)]
pub enum PageSignIn {
    /// The user is signed in.
    SignedIn(SignedIn),
    /// The user has two factors; the secret stands for the password until the code comes.
    CodeWanted(CookieSecret),
}

/// A session that has begun.
#[derive(Debug)]
pub struct SignedIn {
    /// What the browser keeps.
    pub secret: CookieSecret,
    /// Which one it is.
    pub session: SessionId,
    /// Who signed in.
    pub account: Arc<Account>,
    /// How many recovery codes are left, where one was used.
    pub recovery_codes_left: Option<u64>,
}

/// Whatever may stop the second step of a sign-in on a page.
#[derive(Debug, thiserror::Error)]
pub enum GiveCodeError {
    /// No password waits for a code: its time or its codes are over, or it has led to a session.
    #[error("no sign-in waits for a code")]
    Over,
    /// As any sign-in may be stopped.
    #[error(transparent)]
    SignIn(#[from] SignInError),
}

impl From<StoreError> for GiveCodeError {
    fn from(error: StoreError) -> Self {
        Self::SignIn(error.into())
    }
}

impl Authority {
    /// The first step: a login or verified e-mail address, and a password. What comes of it is for
    /// this visitor alone.
    #[tracing::instrument(name = "sign_in.page", level = "debug", skip_all)]
    pub async fn sign_in_on_page(
        &self,
        login: String,
        password: Password,
        visitor: &CookieSecret,
        origin: Origin,
    ) -> Result<PageSignIn, SignInError> {
        let step = self.sign_in_by_password(login, password, origin, Remembering::No);
        let wanted = match step.await? {
            Step::Done(caller) => {
                let started = self.start_session(caller, None, None).await;
                return started.map(PageSignIn::SignedIn).map_err(not_over);
            }
            Step::CodeWanted(wanted) => wanted,
        };
        let secret = CookieSecret::generate(self.entropy());
        let new = NewHalfSignIn {
            digest: secret.digest(),
            visitor: visitor.digest(),
            half: HalfSignIn {
                account: wanted.account.id,
                credential_version: wanted.account.credential_version,
                subject: wanted.subject,
            },
        };
        self.store().make_half_sign_in(new, self.now()).await?;
        Ok(PageSignIn::CodeWanted(secret))
    }

    /// For how long, in minutes rounded up, sign-ins by this typed login are refused from there.
    pub async fn minutes_locked(&self, login: &str, origin: &Origin) -> Result<u64, StoreError> {
        let policy = &self.settings().lockout;
        let (now, key) = (self.now(), origin.address.key());
        let subject = self.subject(login);
        let state = self
            .store()
            .lockout_state(subject, None, &key, policy, now)
            .await?;
        // An address as a whole has no end that is known: its failures go by one after another.
        let left = state
            .pair_locked_until
            .map_or(policy.window, |until| until.since(now));
        Ok(left.as_secs().div_ceil(60).max(1))
    }

    /// The second step: a one-time or recovery code for the password that waits.
    #[tracing::instrument(name = "sign_in.page_code", level = "debug", skip_all)]
    pub async fn give_code(
        &self,
        half: &CookieSecret,
        visitor: &CookieSecret,
        code: String,
        origin: Origin,
    ) -> Result<SignedIn, GiveCodeError> {
        let (half, visitor) = (half.digest(), visitor.digest());
        let now = self.now();
        // Looked for first, so that who has none writes nothing.
        let found = self.store().find_half_sign_in(half, visitor, now).await?;
        found.ok_or(GiveCodeError::Over)?;
        let tried = self.store().try_half_sign_in(half, visitor, now).await?;
        let waiting = tried.ok_or(GiveCodeError::Over)?;
        let account = self.store().account_by_id(waiting.account).await?;
        let account = account
            .filter(|account| account.credential_version == waiting.credential_version)
            .filter(|account| !account.is_suspended())
            .ok_or(GiveCodeError::Over)?;
        let wanted = wanted(account, waiting.subject, origin);
        let given = self.sign_in_by_code(wanted, code, CodeUse::Page).await?;
        let (caller, recovery) = given;
        self.start_session(caller, Some(half), recovery).await
    }

    /// Has somebody who is signed in prove anew who they are: with the password, and a code where
    /// they have two factors. The session goes on under another secret.
    pub async fn confirm(
        &self,
        person: &Person,
        password: Password,
        code: Option<String>,
    ) -> Result<CookieSecret, SignInError> {
        let origin = person.caller().origin();
        let account = person.account();
        let login = account.login.as_str().to_owned();
        let step = self.sign_in_by_password(login, password, origin, Remembering::No);
        let caller = match (step.await?, code) {
            (Step::Done(caller), _) => caller,
            (Step::CodeWanted(wanted), Some(code)) => {
                self.sign_in_by_code(wanted, code, CodeUse::Page).await?.0
            }
            (Step::CodeWanted(_), None) => return Err(SignInError::CodeRequired),
        };
        // A login may have moved to somebody else meanwhile.
        if caller.account().id != account.id {
            return Err(SignInError::BadCredentials);
        }
        let secret = CookieSecret::generate(self.entropy());
        let by = self.attribute_to(person.caller().principal());
        let confirmed = self
            .store()
            .confirm_session(account.id, person.session().id, secret.digest(), by)
            .await
            .map_err(|error: ChangeError<Infallible>| lapsed(error))?;
        confirmed
            .then_some(secret)
            .ok_or(SignInError::BadCredentials)
    }

    /// Begins a session of somebody who has proved who they are.
    pub(crate) async fn start_session(
        &self,
        caller: Caller,
        half: Option<SecretDigest>,
        recovery: Option<RecoveryCodeUse>,
    ) -> Result<SignedIn, GiveCodeError> {
        let secret = CookieSecret::generate(self.entropy());
        let origin = caller.origin();
        let new = NewSession {
            account: caller.account().id,
            digest: secret.digest(),
            address: origin.address,
            agent: origin.agent().map(str::to_owned),
            half,
        };
        let by = self.attribute_to(caller.principal());
        let life = self.settings().session_life;
        let started = self.store().start_session(new, life, by).await;
        let session = started.map_err(|error| match error {
            ChangeError::Refused(SignInRepeated) => GiveCodeError::Over,
            ChangeError::Lapsed(_) => SignInError::BadCredentials.into(),
            ChangeError::Store(error) => error.into(),
        })?;
        Ok(SignedIn {
            secret,
            session,
            account: caller.shared_account(),
            recovery_codes_left: recovery.map(|used| used.remaining),
        })
    }
}

/// A password that waits for its code, as whoever gives the code asks from there.
fn wanted(account: Account, subject: SignInSubject, origin: Origin) -> CodeWanted {
    CodeWanted {
        asker: Asker::at(origin),
        account: Arc::new(account),
        subject,
    }
}

/// Without a password that waits nothing can be over.
fn not_over(error: GiveCodeError) -> SignInError {
    match error {
        GiveCodeError::Over => SignInError::BadCredentials,
        GiveCodeError::SignIn(error) => error,
    }
}

fn lapsed(error: ChangeError<Infallible>) -> SignInError {
    match error {
        ChangeError::Refused(never) => match never {},
        ChangeError::Lapsed(_) => SignInError::BadCredentials,
        ChangeError::Store(error) => error.into(),
    }
}
