//! A user adds a passkey.

use counterfoil_domain::link::LinkCode;
use counterfoil_domain::passkey::ceremony::judge_registration;
use counterfoil_domain::passkey::client_data::AskedFor;
use counterfoil_domain::passkey::relying_party::RelyingParty;
use counterfoil_domain::passkey::{
    Ceremony, ChallengeHolder, PasskeyName, PasskeyRefused, RegistrationRefused, Transport,
    UserHandle,
};
use counterfoil_store::{AddedPasskey, NewPasskey};

use crate::accounts::enrolment::MayEnrol;
use crate::authority::Authority;
use crate::passkeys::answer::answered;
use crate::passkeys::ceremony::Given;
use crate::passkeys::{
    RegisteredPasskey, RegistrationAnswer, RegistrationError, RegistrationOptions,
};
use crate::principal::Caller;
use crate::sessions::person::{FreshPerson, GoneOn};
use crate::use_case::UseCaseError;

/// Words about transports that are read of an answer.
const MOST_TRANSPORTS: usize = 16;

impl Authority {
    /// Asks the caller's browser for a new passkey. Who should have had a second factor by now
    /// needs a link for it.
    pub async fn begin_passkey_registration(
        &self,
        person: &FreshPerson,
        link: Option<&LinkCode>,
        party: &RelyingParty,
    ) -> Result<RegistrationOptions, RegistrationError> {
        self.refuse_passkey_without_link(person.caller(), link)
            .await?;
        let account = person.account();
        // One handle for all passkeys of a user, so that an authenticator knows them again.
        let known = self.store().user_handle_of(account.id).await?;
        let user_handle = known.unwrap_or_else(|| UserHandle::generate(self.entropy()));
        let exclude = self.known_credentials(account.id, party).await?;
        let given = Given {
            ceremony: Ceremony::Registration,
            holder: ChallengeHolder::session(person.session().id),
            account: Some(account.id),
            user_handle: Some(user_handle.clone()),
            address_key: person.caller().address().key(),
        };
        let challenge = self.new_challenge(given).await?;
        let name = account.name.as_ref().map(|name| name.as_str().to_owned());
        Ok(RegistrationOptions {
            challenge: challenge.ok_or(RegistrationError::TooManyChallenges)?,
            rp_id: party.id().to_owned(),
            user_handle,
            login: account.login.clone(),
            display_name: name.unwrap_or_else(|| account.login.as_str().to_owned()),
            exclude,
        })
    }

    /// Adds the passkey that the caller's browser made, and gives recovery codes, this once, if it
    /// is the caller's first second factor. The link that allowed it is spent. The session goes on
    /// under another secret, and all others end.
    pub async fn finish_passkey_registration(
        &self,
        person: &FreshPerson,
        link: Option<&LinkCode>,
        party: &RelyingParty,
        name: PasskeyName,
        answer: RegistrationAnswer,
    ) -> Result<GoneOn<RegisteredPasskey>, RegistrationError> {
        self.refuse_passkey_without_link(person.caller(), link)
            .await?;
        let challenge = answered(&answer.client_data, AskedFor::Creation, party)?;
        let holder = ChallengeHolder::session(person.session().id);
        // Spent before anything else is looked at, so that each answers once.
        let taken = self.take_challenge(&challenge, Ceremony::Registration, holder);
        let taken = taken.await?.ok_or(PasskeyRefused::Challenge)?;
        let account = person.account().id;
        let user_handle = taken.user_handle.filter(|_| taken.account == Some(account));
        let user_handle = user_handle.ok_or(PasskeyRefused::OtherUser)?;
        let made = judge_registration(
            party,
            Ceremony::Registration.user_verification(),
            &answer.client_data,
            &answer.attestation,
        )?;
        let words = answer.transports.iter().map(String::as_str);
        let (caller, cookie) = self.going_on(person.caller());
        let codes = self.new_recovery_codes(account);
        let new = NewPasskey {
            account,
            credential: made.credential,
            user_handle,
            public_key: made.public_key,
            rp_id: party.id().to_owned(),
            sign_count: made.sign_count,
            is_backup_eligible: made.is_backup_eligible,
            is_backed_up: made.is_backed_up,
            transports: Transport::known(words.take(MOST_TRANSPORTS)),
            name,
            recovery_digests: codes.digests,
            link: link.map(LinkCode::digest),
        };
        let by = self.attribute_to(caller.principal());
        let added = self.store().register_passkey(new, by).await;
        let AddedPasskey {
            passkey,
            is_first_factor,
        } = added.map_err(|error| RegistrationError::UseCase(error.into()))?;
        let value = RegisteredPasskey {
            passkey,
            recovery_codes: is_first_factor.then_some(codes.shown),
        };
        Ok(GoneOn { value, cookie })
    }

    /// As for one-time codes: the password alone must not enrol an overdue second factor.
    async fn refuse_passkey_without_link(
        &self,
        caller: &Caller,
        link: Option<&LinkCode>,
    ) -> Result<(), RegistrationError> {
        match self.may_enrol(caller, link).await? {
            MayEnrol::Yes => Ok(()),
            MayEnrol::Overdue => Err(RegistrationError::Overdue),
            MayEnrol::DeadLink => Err(UseCaseError::Refused(RegistrationRefused::DeadLink).into()),
        }
    }
}
