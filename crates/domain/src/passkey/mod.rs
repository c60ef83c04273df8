//! Passkeys (Web Authentication level 3): what is asked of a browser, and how its answer is judged.
//!
//! No attestation is asked for, so that nothing depends on who made an authenticator. What remains
//! to be judged is small: which ceremony, challenge and origin a browser says it answered
//! ([`client_data`]), which site and which tests of its user an authenticator says so of
//! ([`authenticator_data`]), the public key that it made ([`public_key`]), and a signature over all
//! of that ([`ceremony`]). Signatures are verified by `ring`. Nothing here knows JSON: whoever calls
//! reads that.

pub mod authenticator_data;
pub mod ceremony;
pub mod client_data;
mod limits;
pub mod public_key;
pub mod relying_party;

use std::fmt;
use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;

use crate::account::NoSuchUser;
use crate::digest::SecretDigest;
use crate::entropy::{Entropy, random_bytes};
use crate::id::{PasskeyId, SessionId};
use crate::text::{TextRefused, check};
use crate::timestamp::Timestamp;
use crate::words::words;

pub use self::limits::{
    LONGEST_ATTESTATION, LONGEST_AUTHENTICATOR_DATA, LONGEST_CLIENT_DATA, LONGEST_CREDENTIAL_ID,
    LONGEST_SIGNATURE,
};

/// For how long a challenge may be answered.
pub const CHALLENGE_LIFE: Duration = Duration::from_mins(5);

/// Challenges that one browser, sign-in or session may have open at once. One more ends the eldest.
pub const OPEN_CHALLENGES: u32 = 5;

/// Challenges that one address may have made in [`CHALLENGES_COUNTED`].
pub const CHALLENGES_PER_ADDRESS: u32 = 1_000;

/// How far back the challenges of an address are counted.
pub const CHALLENGES_COUNTED: Duration = Duration::from_hours(1);

/// Passkeys that one user may have.
pub const MOST_PASSKEYS: u64 = 25;

words! {
    /// What a challenge was made for. An answer to one of another kind is refused.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum Ceremony {
        /// A user who is signed in adds a passkey.
        Registration = "registration",
        /// Somebody signs in with nothing else.
        SignIn = "sign_in",
        /// Somebody gives it after a right password.
        SecondFactor = "second_factor",
        /// A user who is signed in proves anew who they are.
        Confirmation = "confirmation",
    }
}

impl Ceremony {
    /// Whether the authenticator must have tested its user (by a PIN, a finger), and says so. A
    /// password that was right is the other factor where one was given; everywhere else the passkey
    /// stands for both, and what is registered must be able to.
    pub const fn user_verification(self) -> UserVerification {
        match self {
            Self::Registration | Self::SignIn | Self::Confirmation => UserVerification::Required,
            Self::SecondFactor => UserVerification::Preferred,
        }
    }
}

/// Whether an authenticator is to test who uses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserVerification {
    /// An answer without it is refused.
    Required,
    /// It is asked for where the authenticator can, and not looked at.
    Preferred,
}

impl UserVerification {
    /// The word of the specification, as browsers are asked.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Preferred => "preferred",
        }
    }
}

/// 32 random bytes that an authenticator signs, so that no answer counts twice. A browser gets them,
/// so they are no secret; the store keeps their digest.
#[derive(Clone, PartialEq, Eq)]
pub struct Challenge(String);

impl Challenge {
    /// 256 random bits from the source.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let bytes: [u8; 32] = random_bytes(entropy);
        Self(BASE64URL_NOPAD.encode(&bytes))
    }

    /// The challenge in the text of client data; `None` for what no program of ours made.
    pub fn parse(text: &str) -> Option<Self> {
        // Decoding refuses digits whose last bits say nothing, so that one challenge has one text.
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
        (bytes.len() == 32).then(|| Self(text.to_owned()))
    }

    /// In base 64 for URLs, without padding, as client data names it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What is kept of it.
    pub fn digest(&self) -> SecretDigest {
        SecretDigest::of(&self.0)
    }
}

impl fmt::Debug for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Challenge(…)")
    }
}

/// What a challenge was given to. Nobody else may answer it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChallengeHolder(String);

impl ChallengeHolder {
    /// A browser in which nobody is signed in, by what is kept of its cookie.
    pub fn visitor(visitor: SecretDigest) -> Self {
        Self(format!("visitor:{}", visitor.to_hex()))
    }

    /// A password that was right and waits for its second factor, by what is kept of its cookie.
    pub fn half_sign_in(half: SecretDigest) -> Self {
        Self(format!("half_sign_in:{}", half.to_hex()))
    }

    /// A session in a browser.
    pub fn session(id: SessionId) -> Self {
        Self(format!("session:{id}"))
    }

    /// As it is stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// 64 random bytes by which authenticators know a user: it says nothing of who that is.
#[derive(Clone, PartialEq, Eq)]
pub struct UserHandle([u8; 64]);

impl UserHandle {
    /// 512 random bits from the source.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self(random_bytes(entropy))
    }

    /// The handle in these bytes; `None` unless there are 64.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The 64 bytes.
    pub const fn as_bytes(&self) -> &[u8; 64] {
        &self.0
    }

    /// In base 64 for URLs, without padding, as browsers are told it.
    pub fn to_base64url(&self) -> String {
        BASE64URL_NOPAD.encode(&self.0)
    }
}

/// It tells two users apart and no more, and need not stand in a log.
impl fmt::Debug for UserHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UserHandle(…)")
    }
}

/// The name that an authenticator gave a passkey: up to 1,023 bytes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CredentialId(Vec<u8>);

impl CredentialId {
    /// The id in these bytes; `None` for none, or more than an authenticator may give.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let fits = (1..=LONGEST_CREDENTIAL_ID).contains(&bytes.len());
        fits.then(|| Self(bytes.to_vec()))
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// In base 64 for URLs, without padding, as browsers name it.
    pub fn to_base64url(&self) -> String {
        BASE64URL_NOPAD.encode(&self.0)
    }
}

words! {
    /// By which way a browser can reach an authenticator: a hint for the next time.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum Transport {
        /// A plug.
        Usb = "usb",
        /// A card or key that is held to a reader.
        Nfc = "nfc",
        /// Bluetooth Low Energy.
        Ble = "ble",
        /// A smart card with contacts.
        SmartCard = "smart-card",
        /// Another device that is near, mostly a telephone.
        Hybrid = "hybrid",
        /// The device itself.
        Internal = "internal",
    }
}

impl Transport {
    /// Those of these words that are known, each once. Unknown ones are hints that nobody here could
    /// pass on with a meaning.
    pub fn known<'a>(words: impl IntoIterator<Item = &'a str>) -> Vec<Self> {
        let mut known = Vec::new();
        for transport in words.into_iter().filter_map(Self::from_stored) {
            if !known.contains(&transport) {
                known.push(transport);
            }
        }
        known
    }
}

/// Most characters in the name of a passkey.
pub const LONGEST_PASSKEY_NAME: usize = 100;

/// Why a name is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasskeyNameRefused {
    /// There is none.
    #[error("must not be empty")]
    Empty,
    /// More than 100 characters.
    #[error("is too long (maximum is 100 characters)")]
    TooLong,
    /// A control character, or one that changes the direction of text.
    #[error("must not contain control characters")]
    Control,
}

/// What a user calls a passkey.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasskeyName(String);

impl PasskeyName {
    /// The name in a text, without blanks around it.
    pub fn parse(text: &str) -> Result<Self, PasskeyNameRefused> {
        let text = text.trim();
        if text.is_empty() {
            return Err(PasskeyNameRefused::Empty);
        }
        if text.chars().count() > LONGEST_PASSKEY_NAME {
            return Err(PasskeyNameRefused::TooLong);
        }
        match check(text) {
            Ok(()) => Ok(Self(text.to_owned())),
            Err(TextRefused::TooLong) => Err(PasskeyNameRefused::TooLong),
            Err(TextRefused::Control) => Err(PasskeyNameRefused::Control),
        }
    }

    /// A name as it was stored.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A passkey, as its user is shown it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passkey {
    /// Its id here.
    pub id: PasskeyId,
    /// The name that its authenticator gave it.
    pub credential: CredentialId,
    /// What its user calls it.
    pub name: PasskeyName,
    /// The host that it is for. Under a public URL that this does not fit no browser offers it.
    pub rp_id: String,
    /// By which ways it can be reached.
    pub transports: Vec<Transport>,
    /// Whether it is kept by a service that copies it between devices.
    pub is_backed_up: bool,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was last given.
    pub last_used_at: Option<Timestamp>,
}

/// Why an answer of a browser is refused. The user is told that it was not accepted, whichever it
/// is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum PasskeyRefused {
    /// A part of it is longer than any can be.
    #[error("it is too long")]
    TooLong,
    /// The client data is not what browsers write.
    #[error("its client data cannot be read")]
    ClientData,
    /// It answers another kind of question.
    #[error("it is of another ceremony")]
    Ceremony,
    /// The challenge is unknown, over, answered already, of another ceremony or of somebody else.
    #[error("its challenge is not open")]
    Challenge,
    /// It was given to a page of another origin.
    #[error("it was given to another origin")]
    Origin,
    /// It was given to a page inside another page.
    #[error("it was given inside a page of another origin")]
    CrossOrigin,
    /// The authenticator's data are cut short, or have bytes that belong to nothing.
    #[error("its authenticator data cannot be read")]
    AuthenticatorData,
    /// The authenticator made it for another site.
    #[error("it is for another relying party")]
    RelyingParty,
    /// Nobody touched the authenticator.
    #[error("no user was present")]
    NotPresent,
    /// The authenticator did not test its user, and had to.
    #[error("the user was not verified")]
    NotVerified,
    /// It is backed up and cannot be, or could be before and cannot be now.
    #[error("what it says of its backup contradicts itself")]
    Backup,
    /// The public key is not a key of one of the algorithms, in the one form that there is.
    #[error("its public key cannot be read")]
    PublicKey,
    /// The public key is of an algorithm that was not asked for.
    #[error("its algorithm was not asked for")]
    Algorithm,
    /// It comes with an attestation that was not asked for, or that is wrong.
    #[error("its attestation cannot be accepted")]
    Attestation,
    /// No live passkey has this credential id.
    #[error("the passkey is not known")]
    Unknown,
    /// The passkey is another user's, or was made for another user handle.
    #[error("the passkey is of another user")]
    OtherUser,
    /// The signature is wrong.
    #[error("its signature is wrong")]
    Signature,
}

/// The user has no such passkey, or has it no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("there is no such passkey")]
pub struct PasskeyGone;

/// Why a passkey that was made is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum RegistrationRefused {
    /// The user is not there, or was deleted.
    #[error(transparent)]
    NoSuchUser(#[from] NoSuchUser),
    /// The link that allowed it is over, or is not the user's.
    #[error("the link is over")]
    DeadLink,
    /// Somebody has or had a passkey of this credential id.
    #[error("this passkey was registered before")]
    Taken,
    /// The user has as many as they may.
    #[error("the user has too many passkeys")]
    TooMany,
    /// An older program serves from the same database, or did a minute ago: it would let the
    /// password alone in.
    #[error("an older program serves from this database and knows no passkeys")]
    OlderProgram,
}

/// Why a passkey is not ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum RemovalRefused {
    /// The user has no such passkey.
    #[error(transparent)]
    Gone(#[from] PasskeyGone),
    /// A second factor is required of the user, and this is the last one.
    #[error("a second factor is required, and this is the last one")]
    Required,
}

/// A user who is not there has no passkey.
impl From<NoSuchUser> for RemovalRefused {
    fn from(_: NoSuchUser) -> Self {
        Self::Gone(PasskeyGone)
    }
}

/// What the count of signatures says that an authenticator keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counter {
    /// It grew, or the authenticator keeps none.
    Grew,
    /// It was above zero and did not grow: the authenticator may have been copied.
    Stalled,
}

impl Counter {
    /// What it means that a count came after another one (Web Authentication, section 6.1.1).
    pub const fn judge(before: u32, now: u32) -> Self {
        if before > 0 && now <= before {
            Self::Stalled
        } else {
            Self::Grew
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counting(std::sync::atomic::AtomicU8);
    impl Entropy for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill_with(|| self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
        }
    }

    #[test]
    fn a_challenge_has_one_text() {
        let challenge = Challenge::generate(&Counting(0.into()));
        let text = challenge.as_str().to_owned();
        let again = Challenge::parse(&text).expect("it is one");
        assert_eq!(again.digest(), challenge.digest());
        let mut other = text.clone();
        // The last digit carries two bits that no byte has.
        other.replace_range(42.., if text.ends_with('9') { "8" } else { "9" });
        for text in ["", &text[1..], &other, &format!("{text}A"), &"*".repeat(43)] {
            assert!(Challenge::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn whom_a_challenge_was_given_to_has_a_text_of_its_own() {
        let digest = SecretDigest::of("one");
        let holders = [
            ChallengeHolder::visitor(digest),
            ChallengeHolder::half_sign_in(digest),
            ChallengeHolder::session(SessionId(1)),
            ChallengeHolder::session(SessionId(11)),
        ];
        for (place, holder) in holders.iter().enumerate() {
            let same = holders.iter().filter(|other| *other == holder).count();
            assert_eq!(same, 1, "{place}");
        }
    }

    #[test]
    fn ids_and_handles_have_their_sizes() {
        assert!(CredentialId::from_bytes(&[]).is_none());
        assert!(CredentialId::from_bytes(&[7; 1_023]).is_some());
        assert!(CredentialId::from_bytes(&[7; 1_024]).is_none());
        assert!(UserHandle::from_bytes(&[7; 63]).is_none());
        assert!(UserHandle::from_bytes(&[7; 64]).is_some());
        assert!(UserHandle::from_bytes(&[7; 65]).is_none());
    }

    #[test]
    fn a_name_is_a_line_of_text() {
        let name = PasskeyName::parse("  A key in <b>blue</b> ").expect("a name");
        assert_eq!(name.as_str(), "A key in <b>blue</b>");
        let longest = "ä".repeat(LONGEST_PASSKEY_NAME);
        let too_long = format!("{longest}x");
        assert!(PasskeyName::parse(&longest).is_ok());
        for (text, refused) in [
            ("", PasskeyNameRefused::Empty),
            (" \t ", PasskeyNameRefused::Empty),
            (too_long.as_str(), PasskeyNameRefused::TooLong),
            ("two\nlines", PasskeyNameRefused::Control),
            ("gnp.\u{202e}exe", PasskeyNameRefused::Control),
        ] {
            assert_eq!(PasskeyName::parse(text), Err(refused), "{text}");
        }
    }

    #[test]
    fn transports_that_are_known_are_kept_once() {
        let known = Transport::known(["usb", "telepathy", "usb", "internal", ""]);
        assert_eq!(known, [Transport::Usb, Transport::Internal]);
    }

    #[test]
    fn a_count_that_does_not_grow_from_above_zero_is_told() {
        for (before, now, judged) in [
            (0, 0, Counter::Grew),
            (0, 1, Counter::Grew),
            (1, 2, Counter::Grew),
            (7, u32::MAX, Counter::Grew),
            (1, 1, Counter::Stalled),
            (2, 1, Counter::Stalled),
            (1, 0, Counter::Stalled),
            (u32::MAX, u32::MAX, Counter::Stalled),
        ] {
            assert_eq!(Counter::judge(before, now), judged, "{before} {now}");
        }
    }

    #[test]
    fn only_a_passkey_that_stands_alone_needs_a_tested_user() {
        for (ceremony, wanted) in [
            (Ceremony::Registration, UserVerification::Required),
            (Ceremony::SignIn, UserVerification::Required),
            (Ceremony::Confirmation, UserVerification::Required),
            (Ceremony::SecondFactor, UserVerification::Preferred),
        ] {
            assert_eq!(ceremony.user_verification(), wanted, "{ceremony:?}");
            assert_eq!(Ceremony::from_stored(ceremony.as_str()), Some(ceremony));
        }
    }
}
