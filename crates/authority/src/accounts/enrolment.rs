//! A user turns one-time codes on, in two steps: a new seed is shown, and counts when the first
//! code of it is given. Until then nothing about the account changes, so that nobody locks
//! themselves out with an authenticator that did not take the seed.

use counterfoil_domain::account::EnrolmentRefused;
use counterfoil_domain::code::{CODE_OF_A_NEW_SEED, EnrolmentHolder, TotpSeed};
use counterfoil_domain::id::AccountId;
use counterfoil_domain::key::SealBroken;
use counterfoil_domain::link::{LinkCode, LinkKind};
use counterfoil_store::{
    ChangeError, ConfirmedEnrolment, NewEnrolment, StoreError, WaitingSeed, totp_seed_place,
    waiting_seed_place,
};
use zeroize::Zeroizing;

use crate::authority::Authority;
use crate::keys::KeyError;
use crate::principal::Caller;
use crate::sessions::person::{FreshPerson, GoneOn};
use crate::use_case::UseCaseError;

/// A seed as its user is shown it, until a code of it was given.
pub struct ShownSeed {
    /// In base 32.
    pub secret: Zeroizing<String>,
    /// The URL that an authenticator reads from a QR code.
    pub otpauth_url: Zeroizing<String>,
}

impl std::fmt::Debug for ShownSeed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ShownSeed(…)")
    }
}

/// Whatever may stop a user from turning one-time codes on.
#[derive(Debug, thiserror::Error)]
pub enum EnrolmentError {
    /// The code is none of the seed that waits.
    #[error("the code is wrong")]
    WrongCode(ShownSeed),
    /// A second factor should have been there by now: whoever has no more than the password must
    /// not choose it.
    #[error("a second factor should have been turned on earlier")]
    Overdue,
    /// The seed cannot be sealed.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// What is not about codes or keys.
    #[error(transparent)]
    UseCase(#[from] UseCaseError<EnrolmentRefused>),
}

impl From<ChangeError<EnrolmentRefused>> for EnrolmentError {
    fn from(error: ChangeError<EnrolmentRefused>) -> Self {
        Self::UseCase(error.into())
    }
}

impl From<StoreError> for EnrolmentError {
    fn from(error: StoreError) -> Self {
        Self::UseCase(error.into())
    }
}

/// Whether somebody may turn a second factor on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MayEnrol {
    Yes,
    /// One should have been there by now, and no link allows it.
    Overdue,
    /// The link is over, or somebody else's.
    DeadLink,
}

/// What a seed that is shown to this person waits for.
fn holder_of(person: &FreshPerson) -> EnrolmentHolder {
    EnrolmentHolder::session(person.session().id)
}

impl Authority {
    /// A seed for the caller to put into an authenticator: the one that waits already, or a new
    /// one. Who should have had one by now needs a link for it.
    pub async fn begin_enrolment(
        &self,
        person: &FreshPerson,
        link: Option<&LinkCode>,
    ) -> Result<ShownSeed, EnrolmentError> {
        let (caller, holder) = (person.caller(), holder_of(person));
        self.refuse_without_link(caller, link).await?;
        let account = caller.account().id;
        if let Some((seed, _)) = self.waiting(account, &holder).await? {
            return Ok(self.shown(&seed, caller));
        }
        let seed = TotpSeed::generate(self.entropy());
        let row = account.to_string();
        let sealed = self.seal(waiting_seed_place(&row), seed.expose()).await?;
        let by = self.attribute_to(caller.principal());
        let new = NewEnrolment {
            account,
            holder,
            seed: sealed,
            expires_at: by.at.plus(CODE_OF_A_NEW_SEED),
        };
        self.store().begin_enrolment(new, by).await?;
        Ok(self.shown(&seed, caller))
    }

    /// Turns one-time codes on by a code of the seed that was shown, and gives new recovery codes,
    /// this once. The code is spent, and so is the link that allowed it; the session goes on under
    /// another secret.
    pub async fn confirm_enrolment(
        &self,
        person: &FreshPerson,
        link: Option<&LinkCode>,
        code: &str,
    ) -> Result<GoneOn<Vec<Zeroizing<String>>>, EnrolmentError> {
        let (caller, cookie) = self.going_on(person.caller());
        let holder = holder_of(person);
        self.refuse_without_link(&caller, link).await?;
        let account = caller.account().id;
        let waiting = self.waiting(account, &holder).await?;
        let (seed, waiting) = waiting.ok_or(UseCaseError::Refused(EnrolmentRefused::Gone))?;
        let Some(step) = seed.matching_step(code, self.now()) else {
            return Err(EnrolmentError::WrongCode(self.shown(&seed, &caller)));
        };
        let codes = self.new_recovery_codes(account);
        let row = account.to_string();
        let sealed = self.seal(totp_seed_place(&row), seed.expose()).await?;
        let confirmed = ConfirmedEnrolment {
            account,
            holder,
            waiting,
            seed: sealed,
            step,
            address_key: caller.address().key(),
            recovery_digests: codes.digests,
            link: link.map(LinkCode::digest),
        };
        let by = self.attribute_to(caller.principal());
        self.store().confirm_enrolment(confirmed, by).await?;
        Ok(GoneOn {
            value: codes.shown,
            cookie,
        })
    }

    async fn refuse_without_link(
        &self,
        caller: &Caller,
        link: Option<&LinkCode>,
    ) -> Result<(), EnrolmentError> {
        match self.may_enrol(caller, link).await? {
            MayEnrol::Yes => Ok(()),
            MayEnrol::Overdue => Err(EnrolmentError::Overdue),
            MayEnrol::DeadLink => Err(UseCaseError::Refused(EnrolmentRefused::DeadLink).into()),
        }
    }

    /// The password alone must not enrol an overdue second factor: an attacker with a stolen
    /// password could. A link proves access to the user's mailbox, or comes from an operator.
    pub(crate) async fn may_enrol(
        &self,
        caller: &Caller,
        link: Option<&LinkCode>,
    ) -> Result<MayEnrol, StoreError> {
        let account = caller.account();
        let Some(link) = link else {
            let is_overdue = self.second_factor_of(account).is_overdue();
            return Ok(if is_overdue {
                MayEnrol::Overdue
            } else {
                MayEnrol::Yes
            });
        };
        let found = self.open_link(link).await?;
        let found = found.filter(|found| found.kind == LinkKind::Enrolment);
        Ok(match found.and_then(|found| found.account) {
            Some(owner) if owner.id == account.id => MayEnrol::Yes,
            Some(_) | None => MayEnrol::DeadLink,
        })
    }

    /// The seed that waits for its first code. One whose key is gone meanwhile is as good as none.
    async fn waiting(
        &self,
        account: AccountId,
        holder: &EnrolmentHolder,
    ) -> Result<Option<(TotpSeed, WaitingSeed)>, StoreError> {
        let found = self
            .store()
            .waiting_seed(account, holder.clone(), self.now());
        let Some(waiting) = found.await? else {
            return Ok(None);
        };
        let row = account.to_string();
        let place = waiting_seed_place(&row);
        let seed = match self.keyring().open_sealed(place, &waiting.0) {
            Ok(plain) => TotpSeed::from_bytes(&plain),
            Err(SealBroken) => None,
        };
        Ok(seed.map(|seed| (seed, waiting)))
    }

    fn shown(&self, seed: &TotpSeed, caller: &Caller) -> ShownSeed {
        let login = caller.account().login.as_str();
        ShownSeed {
            secret: seed.to_base32(),
            otpauth_url: seed.otpauth_url(&self.settings().code_issuer, login),
        }
    }
}
