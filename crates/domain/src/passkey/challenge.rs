//! Challenges: what they are for, and whom they are given to.

use std::fmt;
use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;

use crate::digest::SecretDigest;
use crate::entropy::{Entropy, random_bytes};
use crate::id::SessionId;
use crate::words::words;

/// For how long a challenge may be answered.
pub const CHALLENGE_LIFE: Duration = Duration::from_mins(5);

/// Challenges that one browser, sign-in or session may have open at once. One more ends the eldest.
pub const OPEN_CHALLENGES: u32 = 5;

/// Challenges of one ceremony that one address may have made in [`CHALLENGES_COUNTED`] before
/// anybody is signed in.
pub const CHALLENGES_PER_ADDRESS: u32 = 1_000;

/// Challenges of one ceremony that one user who is signed in may have made in
/// [`CHALLENGES_COUNTED`], from whichever address.
pub const CHALLENGES_PER_USER: u32 = 1_000;

/// How far back challenges are counted.
pub const CHALLENGES_COUNTED: Duration = Duration::from_hours(1);

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

/// 32 random bytes that an authenticator signs, so that no answer counts twice. A browser gets
/// them, so they are no secret; the store keeps their digest.
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
