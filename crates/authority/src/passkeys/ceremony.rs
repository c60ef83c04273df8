//! What all ceremonies have in common: challenges, and the judgement of an answer.

use std::sync::Arc;

use counterfoil_domain::account::Account;
use counterfoil_domain::id::AccountId;
use counterfoil_domain::passkey::ceremony::{KnownPasskey, Signed, judge_assertion};
use counterfoil_domain::passkey::client_data::AskedFor;
use counterfoil_domain::passkey::public_key::PublicKey;
use counterfoil_domain::passkey::relying_party::RelyingParty;
use counterfoil_domain::passkey::{
    Ceremony, Challenge, ChallengeHolder, CredentialId, PasskeyRefused, UserHandle,
};
use counterfoil_domain::sign_in::{FailureKind, SignInSubject};
use counterfoil_store::{NewChallenge, StoreError, StoredPasskey, TakenChallenge, UsedPasskey};

use crate::authority::Authority;
use crate::passkeys::answer::answered;
use crate::passkeys::{AssertionAnswer, AssertionOptions, KnownCredential, PasskeyError};
use crate::sign_in::Asker;

/// To whom a challenge is given.
pub(super) struct Given {
    pub(super) ceremony: Ceremony,
    pub(super) holder: ChallengeHolder,
    /// Whose answer it must be, where that is known.
    pub(super) account: Option<AccountId>,
    /// The handle for a new passkey.
    pub(super) user_handle: Option<UserHandle>,
    pub(super) address_key: String,
}

/// An answer that is to be judged.
pub(super) struct Asked {
    pub(super) ceremony: Ceremony,
    pub(super) holder: ChallengeHolder,
    pub(super) party: RelyingParty,
    pub(super) asker: Asker,
    /// Whose it must be and under what a refused one counts; none where the passkey alone says who
    /// it is.
    pub(super) expected: Option<(AccountId, SignInSubject)>,
}

/// Why an answer came to nothing.
enum Stopped {
    Refused(PasskeyRefused, Option<AccountId>),
    Suspended(AccountId),
    Store(StoreError),
}

impl From<StoreError> for Stopped {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<PasskeyRefused> for Stopped {
    fn from(refused: PasskeyRefused) -> Self {
        Self::Refused(refused, None)
    }
}

impl Authority {
    /// A new challenge; none when the address, or who is signed in, had as many as they may.
    pub(super) async fn new_challenge(
        &self,
        given: Given,
    ) -> Result<Option<Challenge>, StoreError> {
        let challenge = Challenge::generate(self.entropy());
        let new = NewChallenge {
            digest: challenge.digest(),
            ceremony: given.ceremony,
            holder: given.holder,
            account: given.account,
            user_handle: given.user_handle,
            address_key: given.address_key,
        };
        let made = self.store().make_challenge(new, self.now()).await?;
        Ok(made.then_some(challenge))
    }

    /// What a browser is asked for, with a challenge that was kept for it.
    pub(super) async fn ask_for_passkey(
        &self,
        given: Given,
        party: &RelyingParty,
        allow: Vec<KnownCredential>,
    ) -> Result<AssertionOptions, PasskeyError> {
        let user_verification = given.ceremony.user_verification();
        let challenge = self.new_challenge(given).await?;
        Ok(AssertionOptions {
            challenge: challenge.ok_or(PasskeyError::TooManyChallenges)?,
            rp_id: party.id().to_owned(),
            allow,
            user_verification,
        })
    }

    /// The passkeys of a user that are bound to this host.
    pub(super) async fn known_credentials(
        &self,
        id: AccountId,
        party: &RelyingParty,
    ) -> Result<Vec<KnownCredential>, StoreError> {
        let passkeys = self.store().passkeys_of(id).await?.into_iter();
        let bound = passkeys.filter(|passkey| passkey.rp_id == party.id());
        let known = bound.map(|passkey| KnownCredential {
            id: passkey.credential,
            transports: passkey.transports,
        });
        Ok(known.collect())
    }

    /// Spends the challenge that client data answer.
    pub(super) async fn take_challenge(
        &self,
        challenge: &Challenge,
        ceremony: Ceremony,
        holder: ChallengeHolder,
    ) -> Result<Option<TakenChallenge>, StoreError> {
        let (digest, now) = (challenge.digest(), self.now());
        self.store()
            .take_challenge(digest, ceremony, holder, now)
            .await
    }

    /// Whose passkey an answer shows. A refused one is counted, whether somebody waits for that or
    /// not, and only if it spent a challenge: these are bounded for each address, and answers that
    /// name none are not.
    pub(super) async fn take_passkey(
        &self,
        asked: Asked,
        answer: AssertionAnswer,
    ) -> Result<Arc<Account>, PasskeyError> {
        let challenge = answered(&answer.client_data, AskedFor::Assertion, &asked.party)?;
        let (digest, holder) = (challenge.digest(), asked.holder.clone());
        let open = self
            .store()
            .is_challenge_open(digest, asked.ceremony, holder, self.now());
        if !open.await? {
            return Err(PasskeyRefused::Challenge.into());
        }
        let authority = self.clone();
        let checked =
            tokio::spawn(async move { authority.check_passkey(asked, &challenge, answer).await });
        checked.await.map_err(|_| StoreError::Closed)?
    }

    async fn check_passkey(
        &self,
        asked: Asked,
        challenge: &Challenge,
        answer: AssertionAnswer,
    ) -> Result<Arc<Account>, PasskeyError> {
        let holder = asked.holder.clone();
        // Spent before anything else is looked at, so that each answers once.
        let taken = self
            .take_challenge(challenge, asked.ceremony, holder)
            .await?;
        // Another answer, or the time, came before.
        let taken = taken.ok_or(PasskeyRefused::Challenge)?;
        let (account, kind, error) = match self.judge_passkey(&asked, &taken, &answer).await {
            Ok(account) => return Ok(account),
            Err(Stopped::Store(error)) => return Err(error.into()),
            Err(Stopped::Refused(refused, account)) => {
                let kind = match asked.expected {
                    Some(_) => FailureKind::Code,
                    None => FailureKind::Passkey,
                };
                (account, kind, PasskeyError::Refused(refused))
            }
            Err(Stopped::Suspended(account)) => {
                let kind = FailureKind::Suspended;
                (Some(account), kind, PasskeyError::Suspended)
            }
        };
        let (account, subject) = match asked.expected {
            Some((expected, subject)) => (Some(expected), subject),
            None => (account, self.subject_of_credential(&answer.credential)),
        };
        self.note_failure(&asked.asker, account, subject, kind)
            .await?;
        Err(error)
    }

    /// Under what refused passkeys are counted that came without a login. Nothing is ever locked by
    /// it.
    fn subject_of_credential(&self, credential: &[u8]) -> SignInSubject {
        let digest = self.digest_key().digest("sign-in passkey", &[credential]);
        SignInSubject(digest)
    }

    async fn judge_passkey(
        &self,
        asked: &Asked,
        taken: &TakenChallenge,
        answer: &AssertionAnswer,
    ) -> Result<Arc<Account>, Stopped> {
        let credential = CredentialId::from_bytes(&answer.credential);
        let credential = credential.ok_or(PasskeyRefused::Unknown)?;
        let found = self.store().find_passkey(credential).await?;
        let stored = found.ok_or(PasskeyRefused::Unknown)?;
        let refused = |refused| Stopped::Refused(refused, Some(stored.account));
        refuse_of_others(asked, taken, answer, &stored).map_err(refused)?;
        let known = known_from(&stored)?;
        let signed = Signed {
            client_data: &answer.client_data,
            authenticator_data: &answer.authenticator_data,
            signature: &answer.signature,
        };
        let user_verification = asked.ceremony.user_verification();
        let told =
            judge_assertion(&asked.party, user_verification, &known, signed).map_err(refused)?;
        let account = self.store().account_by_id(stored.account).await?;
        let account = account.ok_or_else(|| refused(PasskeyRefused::Unknown))?;
        if account.is_suspended() {
            return Err(Stopped::Suspended(account.id));
        }
        let used = UsedPasskey {
            id: stored.id,
            account: account.id,
            credential_version: account.credential_version,
            ceremony: asked.ceremony,
            sign_count: told.sign_count,
            is_backed_up: told.is_backed_up,
        };
        let by = self.attribute_to(&asked.asker.signing_in(account.id));
        if !self.store().use_passkey(used, by).await? {
            return Err(refused(PasskeyRefused::Unknown));
        }
        Ok(Arc::new(account))
    }
}

/// Refuses a passkey of another user than the challenge was made for, of another user handle than
/// the authenticator names, or of another host. Without a user who is known before, the handle must
/// be there: it is what says who it is.
fn refuse_of_others(
    asked: &Asked,
    taken: &TakenChallenge,
    answer: &AssertionAnswer,
    stored: &StoredPasskey,
) -> Result<(), PasskeyRefused> {
    let expected = asked.expected.map(|(account, _)| account);
    let is_theirs = taken.account == expected
        && expected.is_none_or(|expected| expected == stored.account)
        && match &answer.user_handle {
            Some(handle) => handle == stored.user_handle.as_bytes(),
            None => expected.is_some(),
        };
    if !is_theirs {
        return Err(PasskeyRefused::OtherUser);
    }
    if stored.rp_id != asked.party.id() {
        return Err(PasskeyRefused::RelyingParty);
    }
    Ok(())
}

fn known_from(stored: &StoredPasskey) -> Result<KnownPasskey, StoreError> {
    let public_key = PublicKey::parse(&stored.public_key);
    let public_key = public_key.map_err(|_| StoreError::Inconsistent {
        table: "passkeys",
        column: "public_key",
    })?;
    Ok(KnownPasskey {
        public_key,
        is_backup_eligible: stored.is_backup_eligible,
    })
}
