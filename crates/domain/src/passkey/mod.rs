//! Passkeys (Web Authentication level 3): what is asked of a browser, and how its answer is judged.
//!
//! No attestation is asked for, so that nothing depends on who made an authenticator. What remains
//! to be judged is small: which ceremony, challenge and origin a browser says it answered
//! ([`client_data`]), which site and which tests of its user an authenticator says so of
//! ([`authenticator_data`]), the public key that it made ([`public_key`]), and a signature over all
//! of that ([`ceremony`]). Signatures are verified by `ring`. Nothing here knows JSON: whoever
//! calls reads that.

pub mod authenticator_data;
pub mod ceremony;
mod challenge;
pub mod client_data;
mod limits;
mod name;
pub mod public_key;
pub mod relying_party;

use std::fmt;

use data_encoding::BASE64URL_NOPAD;

use crate::account::NoSuchUser;
use crate::entropy::{Entropy, random_bytes};
use crate::id::PasskeyId;
use crate::timestamp::Timestamp;
use crate::words::words;

pub use self::challenge::{
    CHALLENGE_LIFE, CHALLENGES_COUNTED, CHALLENGES_PER_ADDRESS, CHALLENGES_PER_USER, Ceremony,
    Challenge, ChallengeHolder, OPEN_CHALLENGES, UserVerification,
};
pub use self::limits::{
    LONGEST_ATTESTATION, LONGEST_AUTHENTICATOR_DATA, LONGEST_CLIENT_DATA, LONGEST_CREDENTIAL_ID,
    LONGEST_SIGNATURE,
};
pub use self::name::{LONGEST_PASSKEY_NAME, PasskeyName, PasskeyNameRefused};

/// Passkeys that one user may have.
pub const MOST_PASSKEYS: u64 = 25;

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

    /// The 64 random bytes of the handle.
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

    /// The bytes that the authenticator chose.
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
        /// A key that is plugged in.
        Usb = "usb",
        /// A card or key that is held to a reader.
        Nfc = "nfc",
        /// A key that is reached by Bluetooth Low Energy.
        Ble = "ble",
        /// A smart card with contacts.
        SmartCard = "smart-card",
        /// Another device that is near, mostly a telephone.
        Hybrid = "hybrid",
        /// The device itself, which is also the authenticator.
        Internal = "internal",
    }
}

impl Transport {
    /// Those of these words that are known, each once. Unknown ones are hints that nobody here
    /// could pass on with a meaning.
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

/// A passkey, as its user is shown it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passkey {
    /// The id of its row, which paths of pages name.
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
}
