//! A user adds a passkey.

use counterfoil_domain::link::LinkCode;
use counterfoil_domain::passkey::PasskeyName;
use counterfoil_domain::passkey::relying_party::RelyingParty;

use crate::authority::Authority;
use crate::passkeys::{
    RegisteredPasskey, RegistrationAnswer, RegistrationError, RegistrationOptions,
};
use crate::sessions::person::{FreshPerson, GoneOn};

impl Authority {
    /// Asks the caller's browser for a new passkey. Who should have had a second factor by now needs a
    /// link for it.
    pub async fn begin_passkey_registration(
        &self,
        person: &FreshPerson,
        link: Option<&LinkCode>,
        party: &RelyingParty,
    ) -> Result<RegistrationOptions, RegistrationError> {
        let _ = (person, link, party);
        unimplemented!("comes with the store's part")
    }

    /// Adds the passkey that the caller's browser made, and gives recovery codes, this once, if it is
    /// the caller's first second factor. The link that allowed it is spent. The session goes on under
    /// another secret, and all others end.
    pub async fn finish_passkey_registration(
        &self,
        person: &FreshPerson,
        link: Option<&LinkCode>,
        party: &RelyingParty,
        name: PasskeyName,
        answer: RegistrationAnswer,
    ) -> Result<GoneOn<RegisteredPasskey>, RegistrationError> {
        let _ = (person, link, party, name, answer);
        unimplemented!("comes with the store's part")
    }
}
