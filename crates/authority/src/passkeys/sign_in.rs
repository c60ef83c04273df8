//! A passkey signs somebody in, alone or after a password, or proves anew who they are.

use counterfoil_domain::passkey::relying_party::RelyingParty;
use counterfoil_domain::principal::Origin;
use counterfoil_domain::session::CookieSecret;
use counterfoil_store::StoreError;

use crate::authority::Authority;
use crate::passkeys::{AssertionAnswer, AssertionOptions, FactorsAwaited, PasskeyError};
use crate::sessions::person::Person;
use crate::sessions::sign_in::SignedIn;

impl Authority {
    /// Asks a visitor's browser for a passkey that says who they are: no password, no login.
    pub async fn begin_passkey_sign_in(
        &self,
        visitor: &CookieSecret,
        party: &RelyingParty,
        origin: &Origin,
    ) -> Result<AssertionOptions, PasskeyError> {
        let _ = (visitor, party, origin);
        unimplemented!("comes with the store's part")
    }

    /// Signs in whoever's passkey this visitor's browser used. No lock of passwords stops it; a refused
    /// one counts as a failure of the address.
    pub async fn finish_passkey_sign_in(
        &self,
        visitor: &CookieSecret,
        party: &RelyingParty,
        answer: AssertionAnswer,
        origin: Origin,
    ) -> Result<SignedIn, PasskeyError> {
        let _ = (visitor, party, answer, origin);
        unimplemented!("comes with the store's part")
    }

    /// What the password of this visitor waits for; nothing when none waits.
    pub async fn factors_awaited(
        &self,
        half: &CookieSecret,
        visitor: &CookieSecret,
    ) -> Result<Option<FactorsAwaited>, StoreError> {
        let _ = (half, visitor);
        unimplemented!("comes with the store's part")
    }

    /// Asks the browser of a visitor whose password was right for one of the user's passkeys.
    pub async fn begin_passkey_second_factor(
        &self,
        half: &CookieSecret,
        visitor: &CookieSecret,
        party: &RelyingParty,
        origin: &Origin,
    ) -> Result<AssertionOptions, PasskeyError> {
        let _ = (half, visitor, party, origin);
        unimplemented!("comes with the store's part")
    }

    /// The second step of a sign-in with a passkey in the place of a code. A refused one counts as a
    /// wrong code.
    pub async fn finish_passkey_second_factor(
        &self,
        half: &CookieSecret,
        visitor: &CookieSecret,
        party: &RelyingParty,
        answer: AssertionAnswer,
        origin: Origin,
    ) -> Result<SignedIn, PasskeyError> {
        let _ = (half, visitor, party, answer, origin);
        unimplemented!("comes with the store's part")
    }

    /// Asks the browser of somebody who is signed in for one of their passkeys, to prove anew who they
    /// are.
    pub async fn begin_passkey_confirmation(
        &self,
        person: &Person,
        party: &RelyingParty,
    ) -> Result<AssertionOptions, PasskeyError> {
        let _ = (person, party);
        unimplemented!("comes with the store's part")
    }

    /// Takes a passkey for a proof as fresh as a password with its code. The session goes on under
    /// another secret.
    pub async fn finish_passkey_confirmation(
        &self,
        person: &Person,
        party: &RelyingParty,
        answer: AssertionAnswer,
    ) -> Result<CookieSecret, PasskeyError> {
        let _ = (person, party, answer);
        unimplemented!("comes with the store's part")
    }
}
