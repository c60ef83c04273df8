//! Passkeys: what pages ask a browser for, and what comes of its answer.
//!
//! Each ceremony is two calls. The first makes a challenge, which the store keeps for five minutes
//! together with whom it was given to: a visitor, a password that waits, or a session. The second
//! refuses what answers no open one, which leaves no trace; it spends the challenge of anything
//! else, and then looks at the rest of the answer.

mod answer;
mod ceremony;
mod look_after;
mod registration;
mod sign_in;

use counterfoil_domain::login::Login;
use counterfoil_domain::passkey::relying_party::{NoPasskeysHere, RelyingParty};
use counterfoil_domain::passkey::{
    Challenge, CredentialId, Passkey, PasskeyRefused, RegistrationRefused, Transport, UserHandle,
    UserVerification,
};
use counterfoil_domain::principal::Lapsed;
use counterfoil_store::StoreError;
use zeroize::Zeroizing;

use crate::authority::Authority;
use crate::use_case::UseCaseError;

/// A passkey that a browser is told of: to use it, or to make no second one beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownCredential {
    /// The name that its authenticator gave it.
    pub id: CredentialId,
    /// By which ways it can be reached.
    pub transports: Vec<Transport>,
}

/// What a browser is asked to make a passkey of: `PublicKeyCredentialCreationOptions`. Beside it
/// pages say what is the same for everybody: the algorithms -7, -8 and -257, `residentKey` and
/// `userVerification` `required`, `attestation` `none`, and a time-out of five minutes.
#[derive(Clone, Debug)]
pub struct RegistrationOptions {
    /// `challenge`.
    pub challenge: Challenge,
    /// `rp.id`.
    pub rp_id: String,
    /// `user.id`.
    pub user_handle: UserHandle,
    /// `user.name`.
    pub login: Login,
    /// `user.displayName`: what the user is called, or the login.
    pub display_name: String,
    /// `excludeCredentials`.
    pub exclude: Vec<KnownCredential>,
}

/// What a browser made: `AuthenticatorAttestationResponse`, in bytes.
#[derive(Clone)]
pub struct RegistrationAnswer {
    /// `clientDataJSON`.
    pub client_data: Vec<u8>,
    /// `attestationObject`.
    pub attestation: Vec<u8>,
    /// What `getTransports()` says. Words that nobody knows are passed over.
    pub transports: Vec<String>,
}

/// What a browser is asked to use a passkey for: `PublicKeyCredentialRequestOptions`, beside a
/// time-out of five minutes.
#[derive(Clone, Debug)]
pub struct AssertionOptions {
    /// `challenge`.
    pub challenge: Challenge,
    /// `rpId`.
    pub rp_id: String,
    /// `allowCredentials`. Empty where whoever it is signs in with nothing else: the passkey says
    /// who.
    pub allow: Vec<KnownCredential>,
    /// `userVerification`.
    pub user_verification: UserVerification,
}

/// How a browser used a passkey: `AuthenticatorAssertionResponse`, in bytes.
#[derive(Clone)]
pub struct AssertionAnswer {
    /// The `rawId` of the credential.
    pub credential: Vec<u8>,
    /// `clientDataJSON`.
    pub client_data: Vec<u8>,
    /// `authenticatorData`.
    pub authenticator_data: Vec<u8>,
    /// `signature`.
    pub signature: Vec<u8>,
    /// `userHandle`, where there is one.
    pub user_handle: Option<Vec<u8>>,
}

/// Shows nothing of an answer: pages get it from whoever sends it.
impl std::fmt::Debug for RegistrationAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RegistrationAnswer(…)")
    }
}

impl std::fmt::Debug for AssertionAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AssertionAnswer(…)")
    }
}

/// A passkey that was added.
pub struct RegisteredPasskey {
    /// What its user is shown of it.
    pub passkey: Passkey,
    /// Recovery codes, this once, where it is the user's first second factor.
    pub recovery_codes: Option<Vec<Zeroizing<String>>>,
}

/// What waits for a second factor may be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FactorsAwaited {
    /// Codes of an authenticator app. Recovery codes always.
    pub codes: bool,
    /// Passkeys, under whichever host they were made.
    pub passkeys: bool,
}

/// Whatever may stop a passkey from signing in or proving who somebody is.
#[derive(Debug, thiserror::Error)]
pub enum PasskeyError {
    /// Nothing waits for a second factor: its time or its tries are over, or it has led to a
    /// session.
    #[error("no sign-in waits for a second factor")]
    Over,
    /// The user has no passkey that is bound to this host.
    #[error("the user has no passkey for this host")]
    NoPasskeys,
    /// The address, or who is signed in, had as many challenges in the last hour as they may have.
    #[error("too many challenges were made")]
    TooManyChallenges,
    /// The answer is refused: "The passkey was not accepted".
    #[error("the passkey was not accepted: {0}")]
    Refused(PasskeyRefused),
    /// The passkey is right and the account is suspended.
    #[error("the account is suspended")]
    Suspended,
    /// What proves who is signed in holds no more.
    #[error("the caller's credentials changed meanwhile")]
    CallerGone(Lapsed),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<PasskeyRefused> for PasskeyError {
    fn from(refused: PasskeyRefused) -> Self {
        Self::Refused(refused)
    }
}

/// Whatever may stop a user from adding a passkey.
#[derive(Debug, thiserror::Error)]
pub enum RegistrationError {
    /// A second factor should have been there by now: whoever has no more than the password must
    /// not choose it.
    #[error("a second factor should have been turned on earlier")]
    Overdue,
    /// The address, or who is signed in, had as many challenges in the last hour as they may have.
    #[error("too many challenges were made")]
    TooManyChallenges,
    /// The answer is refused: "The passkey was not accepted".
    #[error("the passkey was not accepted: {0}")]
    Answer(PasskeyRefused),
    /// What is not about the answer.
    #[error(transparent)]
    UseCase(#[from] UseCaseError<RegistrationRefused>),
}

impl From<PasskeyRefused> for RegistrationError {
    fn from(refused: PasskeyRefused) -> Self {
        Self::Answer(refused)
    }
}

impl From<StoreError> for RegistrationError {
    fn from(error: StoreError) -> Self {
        Self::UseCase(error.into())
    }
}

impl Authority {
    /// For which site passkeys are made and asked for on pages of this origin
    /// (`https://host:port`), or why there are none. Nothing is to be offered then.
    pub fn relying_party(&self, origin: &str) -> Result<RelyingParty, NoPasskeysHere> {
        RelyingParty::of(origin, self.settings().passkey_rp_id.as_ref())
    }
}
