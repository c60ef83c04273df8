//! The second factor: one-time codes (TOTP, RFC 6238) and recovery codes.

use std::fmt;
use std::time::Duration;

use totp_rs::{Builder, Totp};
use zeroize::Zeroizing;

use crate::entropy::{Entropy, random_bytes, random_text};
use crate::id::SessionId;
use crate::timestamp::Timestamp;

/// Seconds for which one code is the current one.
pub const STEP_SECONDS: i64 = 30;
/// Recovery codes that a user gets at a time.
pub const RECOVERY_CODES: usize = 16;

/// The number of a 30-second step since the epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Step(pub i64);

/// The secret that a user's authenticator shares with us: 160 bits, SHA-1, six digits, 30 seconds,
/// which is what authenticator programs understand.
#[derive(Clone)]
pub struct TotpSeed(Zeroizing<[u8; 20]>);

impl TotpSeed {
    /// A seed of 160 bits, as RFC 4226 recommends.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self(Zeroizing::new(random_bytes(entropy)))
    }

    /// The seed in these 20 bytes.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes
            .try_into()
            .ok()
            .map(|bytes| Self(Zeroizing::new(bytes)))
    }

    /// The bytes, for sealing.
    pub fn expose(&self) -> &[u8] {
        self.0.as_slice()
    }

    /// In base 32 without padding, as people type it.
    pub fn to_base32(&self) -> Zeroizing<String> {
        Zeroizing::new(data_encoding::BASE32_NOPAD.encode(self.expose()))
    }

    /// The `otpauth` URL that an authenticator reads from a QR code. `issuer` must be plain ASCII
    /// without `:` or `&`.
    pub fn otpauth_url(&self, issuer: &str, login: &str) -> Zeroizing<String> {
        let secret = self.to_base32();
        Zeroizing::new(format!(
            "otpauth://totp/{issuer}:{login}?secret={}&issuer={issuer}",
            *secret
        ))
    }

    /// The step whose code this is, with blanks or without: the current one, or a neighbour, for
    /// clocks that differ (RFC 6238, section 5.2).
    pub fn matching_step(&self, code: &str, now: Timestamp) -> Option<Step> {
        let seconds = u64::try_from(now.seconds()).ok()?;
        let step = self.totp().check(&without_blanks(code), seconds)?;
        i64::try_from(step).ok().map(Step)
    }

    fn totp(&self) -> Totp {
        Builder::new()
            .with_secret(*self.0)
            .build()
            .expect("20 bytes, six digits and 30 seconds comply with the RFC")
    }
}

impl fmt::Debug for TotpSeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpSeed(…)")
    }
}

/// What was typed for a code, without the blanks that authenticators show in it (`123 456`) and
/// people copy.
fn without_blanks(text: &str) -> Zeroizing<String> {
    Zeroizing::new(text.split_whitespace().collect())
}

/// For how long a seed waits for its first code.
pub const CODE_OF_A_NEW_SEED: Duration = Duration::from_mins(15);

/// What a seed that waits for its first code was shown to. Nothing else may confirm it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnrolmentHolder(String);

impl EnrolmentHolder {
    /// A session in a browser.
    pub fn session(id: SessionId) -> Self {
        Self(format!("session:{id}"))
    }

    /// As it is stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Who asks for a code, which decides how often one code serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeUse {
    /// A request with Basic authentication: clients send the same code with several requests.
    Basic,
    /// A page: a code serves once.
    Page,
}

/// How a step was used before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EarlierUse {
    /// Whether a page took it, which spends it for all.
    pub by_page: bool,
    /// The address key it was first used from.
    pub address_key: String,
}

/// Whether a right code may be accepted, given what was done with its step before.
pub fn may_be_used(wanted: CodeUse, earlier: Option<&EarlierUse>, address_key: &str) -> bool {
    match (wanted, earlier) {
        (CodeUse::Basic | CodeUse::Page, None) => true,
        (CodeUse::Page, Some(_)) => false,
        (CodeUse::Basic, Some(earlier)) => !earlier.by_page && earlier.address_key == address_key,
    }
}

/// A recovery code as its owner has it: ten characters that cannot be mistaken for one another, 48
/// bits.
#[derive(Clone)]
pub struct RecoveryCode(Zeroizing<String>);

impl RecoveryCode {
    /// Letters and digits without `0 1 i l o u`.
    const ALPHABET: &'static [u8] = b"23456789abcdefghjkmnpqrstvwxyz";
    const LENGTH: usize = 10;

    /// Ten characters at random, about 48 bits.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self(Zeroizing::new(random_text(
            entropy,
            Self::ALPHABET,
            Self::LENGTH,
        )))
    }

    /// The code in `text`, whatever its capitals, with or without blanks and the hyphen in its
    /// middle.
    pub fn parse(text: &str) -> Option<Self> {
        let plain = without_blanks(text);
        let plain = Zeroizing::new(plain.to_ascii_lowercase().replace('-', ""));
        let fits =
            plain.len() == Self::LENGTH && plain.bytes().all(|byte| Self::ALPHABET.contains(&byte));
        fits.then(|| Self(plain))
    }

    /// The ten characters in lower case, without the hyphen that is shown in their middle.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// As it is shown once to its owner: `xxxxx-xxxxx`.
    pub fn to_shown(&self) -> Zeroizing<String> {
        let (first, second) = self.0.split_at(Self::LENGTH / 2);
        Zeroizing::new(format!("{first}-{second}"))
    }
}

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCode(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_rfc() {
        // RFC 6238, appendix B, SHA-1: the last six of its eight digits.
        let seed = TotpSeed::from_bytes(b"12345678901234567890").unwrap();
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_234_567_890, "005924"),
        ] {
            let now = Timestamp::from_seconds(seconds);
            assert_eq!(
                seed.matching_step(code, now),
                Some(Step(seconds / STEP_SECONDS))
            );
        }
    }

    #[test]
    fn a_code_serves_one_neighbouring_step_and_no_further() {
        let seed = TotpSeed::from_bytes(b"12345678901234567890").unwrap();
        let step_at = |seconds| seed.matching_step("081804", Timestamp::from_seconds(seconds));
        let made_at = 1_111_111_109;
        let own = Some(Step(made_at / STEP_SECONDS));
        assert_eq!(step_at(made_at + STEP_SECONDS), own);
        assert_eq!(step_at(made_at - STEP_SECONDS), own);
        assert_eq!(step_at(made_at + 2 * STEP_SECONDS), None);
        assert_eq!(step_at(made_at - 2 * STEP_SECONDS), None);
    }

    #[test]
    fn blanks_in_a_code_and_around_it_do_not_matter() {
        let seed = TotpSeed::from_bytes(b"12345678901234567890").unwrap();
        for text in ["287 082", " 287082", "287082 ", "28 70 82", "287\u{a0}082"] {
            let step = seed.matching_step(text, Timestamp::from_seconds(59));
            assert_eq!(step, Some(Step(1)), "{text:?}");
        }
        for text in [
            "abcde-fghjk",
            "abcde fghjk",
            " ABCDE - fghjk ",
            "abcdefghjk",
        ] {
            let code = RecoveryCode::parse(text).expect(text);
            assert_eq!(code.expose(), "abcdefghjk");
        }
    }

    #[test]
    fn a_code_serves_basic_again_from_the_same_address_only_and_a_page_never_again() {
        let earlier = EarlierUse {
            by_page: false,
            address_key: "10.0.0.1".to_owned(),
        };
        assert!(may_be_used(CodeUse::Basic, Some(&earlier), "10.0.0.1"));
        assert!(!may_be_used(CodeUse::Basic, Some(&earlier), "10.0.0.2"));
        assert!(!may_be_used(CodeUse::Page, Some(&earlier), "10.0.0.1"));
        let by_page = EarlierUse {
            by_page: true,
            ..earlier
        };
        assert!(!may_be_used(CodeUse::Basic, Some(&by_page), "10.0.0.1"));
    }

    #[test]
    fn anything_but_six_digits_matches_no_step() {
        let seed = TotpSeed::from_bytes(b"12345678901234567890").unwrap();
        for text in [
            "", " ", "28708", "287 08", "2870822", "abcdef", "28708２", "287-082",
        ] {
            assert_eq!(
                seed.matching_step(text, Timestamp::from_seconds(59)),
                None,
                "{text:?}"
            );
        }
    }
}
