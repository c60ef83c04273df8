//! A passkey signs somebody in, alone or after a password, or proves anew who they are.

use std::sync::Arc;

use counterfoil_domain::account::Account;
use counterfoil_domain::passkey::relying_party::RelyingParty;
use counterfoil_domain::passkey::{Ceremony, ChallengeHolder, PasskeyRefused};
use counterfoil_domain::principal::Origin;
use counterfoil_domain::session::CookieSecret;
use counterfoil_store::{ChangeError, StoreError};

use crate::authority::Authority;
use crate::passkeys::ceremony::{Asked, Given};
use crate::passkeys::{AssertionAnswer, AssertionOptions, FactorsAwaited, PasskeyError};
use crate::principal::Caller;
use crate::sessions::person::Person;
use crate::sessions::sign_in::{GiveCodeError, SignedIn};
use crate::sign_in::{Asker, SignInError};

impl Authority {
    /// Asks a visitor's browser for a passkey that says who they are: no password, no login.
    pub async fn begin_passkey_sign_in(
        &self,
        visitor: &CookieSecret,
        party: &RelyingParty,
        origin: &Origin,
    ) -> Result<AssertionOptions, PasskeyError> {
        let given = Given {
            ceremony: Ceremony::SignIn,
            holder: ChallengeHolder::visitor(visitor.digest()),
            account: None,
            user_handle: None,
            address_key: origin.address.key(),
        };
        self.ask_for_passkey(given, party, Vec::new()).await
    }

    /// Signs in whoever's passkey this visitor's browser used. No lock of passwords stops it; a
    /// refused one counts as a failure of the address.
    #[tracing::instrument(name = "sign_in.passkey", level = "debug", skip_all)]
    pub async fn finish_passkey_sign_in(
        &self,
        visitor: &CookieSecret,
        party: &RelyingParty,
        answer: AssertionAnswer,
        origin: Origin,
    ) -> Result<SignedIn, PasskeyError> {
        let asker = Asker::at(origin.clone());
        let awaited = Asked {
            ceremony: Ceremony::SignIn,
            holder: ChallengeHolder::visitor(visitor.digest()),
            party: party.clone(),
            asker: asker.clone(),
            expected: None,
        };
        let account = self.take_passkey(awaited, answer).await?;
        self.note_signed_in(&asker, &account).await;
        let caller = Caller::by_passkey(account, origin);
        let started = self.start_session(caller, None, None).await;
        started.map_err(not_started)
    }

    /// What the password of this visitor waits for; nothing when none waits.
    pub async fn factors_awaited(
        &self,
        half: &CookieSecret,
        visitor: &CookieSecret,
    ) -> Result<Option<FactorsAwaited>, StoreError> {
        let (half, visitor) = (half.digest(), visitor.digest());
        let found = self.store().find_half_sign_in(half, visitor, self.now());
        let Some(waiting) = found.await? else {
            return Ok(None);
        };
        let codes = self.store().find_totp(waiting.account).await?;
        let passkeys = self.store().passkeys_of(waiting.account).await?;
        Ok(Some(FactorsAwaited {
            codes: codes.is_some(),
            passkeys: !passkeys.is_empty(),
        }))
    }

    /// Asks the browser of a visitor whose password was right for one of the user's passkeys.
    pub async fn begin_passkey_second_factor(
        &self,
        half: &CookieSecret,
        visitor: &CookieSecret,
        party: &RelyingParty,
        origin: &Origin,
    ) -> Result<AssertionOptions, PasskeyError> {
        let (half, visitor) = (half.digest(), visitor.digest());
        let found = self.store().find_half_sign_in(half, visitor, self.now());
        let waiting = found.await?.ok_or(PasskeyError::Over)?;
        let allow = self.known_credentials(waiting.account, party).await?;
        if allow.is_empty() {
            return Err(PasskeyError::NoPasskeys);
        }
        let given = Given {
            ceremony: Ceremony::SecondFactor,
            holder: ChallengeHolder::half_sign_in(half),
            account: Some(waiting.account),
            user_handle: None,
            address_key: origin.address.key(),
        };
        self.ask_for_passkey(given, party, allow).await
    }

    /// The second step of a sign-in with a passkey in the place of a code. A refused one counts as
    /// a wrong code.
    #[tracing::instrument(name = "sign_in.page_passkey", level = "debug", skip_all)]
    pub async fn finish_passkey_second_factor(
        &self,
        half: &CookieSecret,
        visitor: &CookieSecret,
        party: &RelyingParty,
        answer: AssertionAnswer,
        origin: Origin,
    ) -> Result<SignedIn, PasskeyError> {
        let (half, visitor) = (half.digest(), visitor.digest());
        let now = self.now();
        // Looked for first, so that who has none writes nothing.
        let found = self.store().find_half_sign_in(half, visitor, now).await?;
        found.ok_or(PasskeyError::Over)?;
        let tried = self.store().try_half_sign_in(half, visitor, now).await?;
        let waiting = tried.ok_or(PasskeyError::Over)?;
        let account = self.store().account_by_id(waiting.account).await?;
        let stands = |account: &Account| {
            account.credential_version == waiting.credential_version && !account.is_suspended()
        };
        if !account.as_ref().is_some_and(stands) {
            return Err(PasskeyError::Over);
        }
        let asker = Asker::at(origin.clone());
        let awaited = Asked {
            ceremony: Ceremony::SecondFactor,
            holder: ChallengeHolder::half_sign_in(half),
            party: party.clone(),
            asker: asker.clone(),
            expected: Some((waiting.account, waiting.subject)),
        };
        let account = self.take_passkey(awaited, answer).await?;
        // The password was right under one version of the credentials.
        if !stands(&account) {
            return Err(PasskeyError::Over);
        }
        self.note_signed_in(&asker, &account).await;
        let caller = Caller::by_passkey(account, origin);
        let started = self.start_session(caller, Some(half), None).await;
        started.map_err(not_started)
    }

    /// Asks the browser of somebody who is signed in for one of their passkeys, to prove anew who
    /// they are.
    pub async fn begin_passkey_confirmation(
        &self,
        person: &Person,
        party: &RelyingParty,
    ) -> Result<AssertionOptions, PasskeyError> {
        let account = person.account().id;
        let allow = self.known_credentials(account, party).await?;
        if allow.is_empty() {
            return Err(PasskeyError::NoPasskeys);
        }
        let given = Given {
            ceremony: Ceremony::Confirmation,
            holder: ChallengeHolder::session(person.session().id),
            account: Some(account),
            user_handle: None,
            address_key: person.caller().address().key(),
        };
        self.ask_for_passkey(given, party, allow).await
    }

    /// Takes a passkey for a proof as fresh as a password with its code. The session goes on under
    /// another secret.
    pub async fn finish_passkey_confirmation(
        &self,
        person: &Person,
        party: &RelyingParty,
        answer: AssertionAnswer,
    ) -> Result<CookieSecret, PasskeyError> {
        let account = person.account();
        let awaited = Asked {
            ceremony: Ceremony::Confirmation,
            holder: ChallengeHolder::session(person.session().id),
            party: party.clone(),
            asker: Asker::at(person.caller().origin()),
            expected: Some((account.id, self.subject(account.login.as_str()))),
        };
        let given: Arc<Account> = self.take_passkey(awaited, answer).await?;
        let secret = CookieSecret::generate(self.entropy());
        let by = self.attribute_to(person.caller().principal());
        let confirmed = self
            .store()
            .confirm_session(given.id, person.session().id, secret.digest(), by)
            .await
            .map_err(|error| match error {
                ChangeError::Refused(never) => match never {},
                ChangeError::Lapsed(lapsed) => PasskeyError::CallerGone(lapsed),
                ChangeError::Store(error) => error.into(),
            })?;
        confirmed.then_some(secret).ok_or(PasskeyError::Over)
    }
}

/// A session that did not begin: what was proven holds no more, or has led to one.
fn not_started(error: GiveCodeError) -> PasskeyError {
    match error {
        GiveCodeError::Over => PasskeyError::Over,
        GiveCodeError::SignIn(SignInError::Store(error)) => PasskeyError::Store(error),
        GiveCodeError::SignIn(_) => PasskeyError::Refused(PasskeyRefused::Unknown),
    }
}
