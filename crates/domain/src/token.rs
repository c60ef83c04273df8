//! Tokens: their formats, checksum and digest (wire contract, section 7).
//!
//! A token is a prefix, 30 random characters of base 62 and a checksum of six. The checksum lets a
//! check refuse garbage before it asks anything, and lets scanners recognise a leaked token without
//! asking us. Tokens that were moved here from elsewhere may have other forms: an installation
//! accepts those that its settings name.
//!
//! Every check begins here, so reading allocates nothing.

use std::fmt;
use std::str::FromStr;

use secrecy::{ExposeSecret, SecretString};

use crate::digest::SecretDigest;
use crate::entropy::{BASE62, Entropy, random_text};

/// Random characters in a token: 30 of base 62 carry 178 bits.
const ENTROPY_LENGTH: usize = 30;
/// Characters of the checksum: 62⁶ exceeds 2³².
const CHECKSUM_LENGTH: usize = 6;

/// What stands before the random part: lower-case letters, digits and underscores, ending in an
/// underscore.
///
/// ```
/// use counterfoil_domain::token::TokenPrefix;
/// assert!(TokenPrefix::parse("acme_").is_some());
/// assert!(TokenPrefix::parse("acme").is_none());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenPrefix(String);

impl TokenPrefix {
    /// A prefix of 2 to 16 characters.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = (2..=16).contains(&text.len());
        let letters = text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
        (fits && letters && text.ends_with('_')).then(|| Self(text.to_owned()))
    }

    /// The prefix as it stands in a token.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The forms of tokens that an installation knows: those it issues, the published ones, which are
/// always understood, and those of tokens that were moved here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenFormats {
    /// The prefix of personal access tokens; `ghp_` unless the installation wants its own.
    pub personal: TokenPrefix,
    /// The prefix of tokens of OAuth apps; `gho_` unless the installation wants its own.
    pub app: TokenPrefix,
    /// What is accepted besides.
    pub accepted: Vec<AcceptedFormat>,
}

impl Default for TokenFormats {
    fn default() -> Self {
        Self {
            personal: TokenPrefix("ghp_".to_owned()),
            app: TokenPrefix("gho_".to_owned()),
            accepted: Vec::new(),
        }
    }
}

/// A form of tokens that an installation accepts and does not issue. It is written `hex40`, `acme_
/// 40` or `acme_ 40 checksum`: a prefix, the length of the whole token, and whether its last six
/// characters are the checksum.
///
/// ```
/// use counterfoil_domain::token::AcceptedFormat;
/// assert!("acme_ 40 checksum".parse::<AcceptedFormat>().is_ok());
/// assert!("acme_ 12".parse::<AcceptedFormat>().is_err(), "seven characters can be guessed");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AcceptedFormat {
    /// 40 lower-case hexadecimal digits: what tokens were before they had prefixes.
    Hexadecimal,
    /// A prefix and letters and digits after it.
    Prefixed {
        /// What it begins with.
        prefix: TokenPrefix,
        /// Characters of the whole token.
        length: usize,
        /// What its last characters are.
        ending: TokenEnding,
    },
}

/// What the last six characters of a token are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenEnding {
    /// The checksum of the characters between them and the prefix.
    Checksum,
    /// Random like the rest.
    Random,
}

/// A form of tokens that cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", AcceptedFormat::FORM)]
pub struct AcceptedFormatRefused;

impl AcceptedFormat {
    /// What its text may be, so that it completes "it must be …".
    pub const FORM: &str = "\"hex40\", or a prefix, a length and perhaps the word checksum, such as \"acme_ 40\" or \"acme_ 40 checksum\", \
        with at least 22 random characters and 255 in all";
    /// Random characters of base 62 that carry 128 bits: fewer must not be kept as a plain digest.
    const RANDOM_LENGTH_MIN: usize = 22;
    /// The longest token that clients must be able to hold (wire contract, section 7).
    const LENGTH_MAX: usize = 255;
    /// Digits of a hexadecimal token.
    const HEXADECIMAL_LENGTH: usize = 40;

    fn fits(&self, text: &str) -> bool {
        match self {
            Self::Hexadecimal => {
                text.len() == Self::HEXADECIMAL_LENGTH
                    && text
                        .bytes()
                        .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
            }
            Self::Prefixed {
                prefix,
                length,
                ending,
            } => {
                text.len() == *length
                    && text
                        .strip_prefix(prefix.as_str())
                        .is_some_and(|body| match ending {
                            TokenEnding::Checksum => has_checksum(body),
                            TokenEnding::Random => is_alphanumeric(body),
                        })
            }
        }
    }
}

impl FromStr for AcceptedFormat {
    type Err = AcceptedFormatRefused;

    fn from_str(text: &str) -> Result<Self, AcceptedFormatRefused> {
        if text == "hex40" {
            return Ok(Self::Hexadecimal);
        }
        let mut words = text.split(' ');
        let prefix = words.next().and_then(TokenPrefix::parse);
        let length = words.next().filter(|digits| {
            // The parser would accept a plus sign and leading zeros.
            digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0')
        });
        let length = length.and_then(|digits| digits.parse::<usize>().ok());
        let ending = match (words.next(), words.next()) {
            (None, None) => Some(TokenEnding::Random),
            (Some("checksum"), None) => Some(TokenEnding::Checksum),
            (Some(_), _) | (None, Some(_)) => None,
        };
        let (Some(prefix), Some(length), Some(ending)) = (prefix, length, ending) else {
            return Err(AcceptedFormatRefused);
        };
        let fixed = prefix.as_str().len()
            + match ending {
                TokenEnding::Checksum => CHECKSUM_LENGTH,
                TokenEnding::Random => 0,
            };
        if (fixed + Self::RANDOM_LENGTH_MIN..=Self::LENGTH_MAX).contains(&length) {
            Ok(Self::Prefixed {
                prefix,
                length,
                ending,
            })
        } else {
            Err(AcceptedFormatRefused)
        }
    }
}

impl fmt::Display for AcceptedFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hexadecimal => f.write_str("hex40"),
            Self::Prefixed {
                prefix,
                length,
                ending,
            } => {
                write!(f, "{} {length}", prefix.as_str())?;
                match ending {
                    TokenEnding::Checksum => f.write_str(" checksum"),
                    TokenEnding::Random => Ok(()),
                }
            }
        }
    }
}

/// The published prefixes whose tokens carry the checksum: classic, OAuth app, GitHub App user and
/// server tokens.
const CHECKSUMMED_PREFIXES: [&str; 4] = ["ghp_", "gho_", "ghu_", "ghs_"];
/// Fine-grained tokens: this prefix, 22 characters, an underscore, 59 characters.
const FINE_GRAINED_PREFIX: &str = "github_pat_";

/// A well-formed token where it arrived, borrowed from the request: what a check needs, without a
/// copy.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TokenText<'a>(&'a str);

impl<'a> TokenText<'a> {
    /// The token in `text`, if it is well formed: a known form, the right length and a checksum
    /// that holds.
    pub fn parse(text: &'a str, formats: &TokenFormats) -> Option<Self> {
        is_well_formed(text, formats).then_some(Self(text))
    }

    /// What is kept of it.
    pub fn digest(self) -> SecretDigest {
        SecretDigest::of(self.0)
    }

    /// A copy that outlives the request's text.
    pub fn to_plain(self) -> PlainToken {
        PlainToken(SecretString::from(self.0))
    }
}

impl fmt::Debug for TokenText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenText(…)")
    }
}

/// A token as its holder has it: from issue or arrival to digest, never at rest.
#[derive(Clone)]
pub struct PlainToken(SecretString);

impl PlainToken {
    /// A new token under `prefix`.
    pub fn generate(prefix: &TokenPrefix, entropy: &dyn Entropy) -> Self {
        let text = random_with_checksum(prefix.as_str(), entropy);
        Self(SecretString::from(text))
    }

    /// The token in `text`, if it is well formed: a known form, the right length and a checksum
    /// that holds.
    pub fn parse(text: &str, formats: &TokenFormats) -> Option<Self> {
        TokenText::parse(text, formats).map(TokenText::to_plain)
    }

    /// The same token, borrowed for a look-up.
    pub fn as_text(&self) -> TokenText<'_> {
        TokenText(self.0.expose_secret())
    }

    /// What is kept of it.
    pub fn digest(&self) -> SecretDigest {
        self.as_text().digest()
    }

    /// Its last eight characters, which may be shown to tell tokens apart.
    pub fn last_eight(&self) -> String {
        let text = self.0.expose_secret();
        text[text.len() - 8..].to_owned()
    }

    /// The token itself, for the one answer that delivers it.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for PlainToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PlainToken(…)")
    }
}

/// A prefix with random characters and their checksum after it.
pub(crate) fn random_with_checksum(prefix: &str, entropy: &dyn Entropy) -> String {
    let random = random_text(entropy, BASE62, ENTROPY_LENGTH);
    let sum = checksum(&random);
    let sum = str::from_utf8(&sum).expect("base 62 is ASCII");
    format!("{prefix}{random}{sum}")
}

fn is_well_formed(text: &str, formats: &TokenFormats) -> bool {
    let own = [formats.personal.as_str(), formats.app.as_str()];
    let issued = own
        .into_iter()
        .chain(CHECKSUMMED_PREFIXES)
        .any(|prefix| text.strip_prefix(prefix).is_some_and(is_token_body));
    issued
        || text
            .strip_prefix(FINE_GRAINED_PREFIX)
            .is_some_and(is_fine_grained_body)
        || formats.accepted.iter().any(|format| format.fits(text))
}

fn is_fine_grained_body(body: &str) -> bool {
    body.split_once('_').is_some_and(|(id, secret)| {
        id.len() == 22 && secret.len() == 59 && is_alphanumeric(id) && is_alphanumeric(secret)
    })
}

fn is_alphanumeric(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Whether this is what follows the prefix of a token, which people paste, too, and which has the
/// form of a login.
pub fn is_token_body(text: &str) -> bool {
    text.len() == ENTROPY_LENGTH + CHECKSUM_LENGTH && has_checksum(text)
}

/// Whether `body` is letters and digits, the last six of them the checksum of the others.
pub(crate) fn has_checksum(body: &str) -> bool {
    body.len() >= CHECKSUM_LENGTH
        && is_alphanumeric(body)
        // Letters and digits are one byte each, so this cuts between characters.
        && {
            let (random, sum) = body.split_at(body.len() - CHECKSUM_LENGTH);
            checksum(random) == sum.as_bytes()
        }
}

/// CRC-32 (IEEE) of the random part, in base 62, most significant digit first, padded with zeros to
/// six.
fn checksum(random: &str) -> [u8; CHECKSUM_LENGTH] {
    let mut rest = crc32fast::hash(random.as_bytes()) as usize;
    let mut digits = [b'0'; CHECKSUM_LENGTH];
    for digit in digits.iter_mut().rev() {
        *digit = BASE62[rest % 62];
        rest /= 62;
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Zeros;

    impl Entropy for Zeros {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(0);
        }
    }

    #[test]
    fn published_tokens_carry_the_checksum_we_compute() {
        // Tokens published (and long dead) so that implementations can compare their checksum.
        for published in [
            "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",
            "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",
            "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",
            "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",
        ] {
            assert!(PlainToken::parse(published, &TokenFormats::default()).is_some());
        }
    }

    #[test]
    fn the_documentation_sample_has_no_valid_checksum() {
        let sample = "ghp_16C7e42F292c6912E7710c838347Ae178B4a";
        assert!(PlainToken::parse(sample, &TokenFormats::default()).is_none());
    }

    #[test]
    fn of_what_is_random_in_a_token_128_bits_are_stored_nowhere() {
        let prefix = TokenFormats::default().personal;
        let token = PlainToken::generate(&prefix, &Zeros);
        let random = token.expose().len() - prefix.as_str().len() - CHECKSUM_LENGTH;
        // The last eight characters are stored as they are; the checksum tells nothing more than
        // what it is made of, and what it tells of the rest is counted against it.
        let stored = token.last_eight().len();
        let kept_secret = u32::try_from(random - stored).unwrap();
        assert!(f64::from(kept_secret) * 62_f64.log2() >= 128.0);
    }

    #[test]
    fn debug_output_shows_nothing_of_a_token() {
        let token = PlainToken(SecretString::from(
            "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",
        ));
        assert_eq!(format!("{token:?}"), "PlainToken(…)");
    }

    fn accepting(formats: &[&str]) -> TokenFormats {
        TokenFormats {
            accepted: formats.iter().map(|text| text.parse().unwrap()).collect(),
            ..TokenFormats::default()
        }
    }

    fn is_accepted(text: &str, formats: &[&str]) -> bool {
        TokenText::parse(text, &accepting(formats)).is_some()
    }

    #[test]
    fn a_form_that_was_moved_here_is_a_token_only_where_it_is_accepted() {
        let moved = "0123456789abcdef0123456789abcdef01234567";
        assert!(!is_accepted(moved, &[]));
        assert!(is_accepted(moved, &["hex40"]));
        for other in [
            &moved[1..],
            &moved.to_uppercase(),
            &format!("{}g", &moved[1..]),
        ] {
            assert!(!is_accepted(other, &["hex40"]), "{other}");
        }
        let prefixed = "acme_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17";
        assert!(!is_accepted(prefixed, &["hex40"]));
        assert!(is_accepted(prefixed, &["hex40", "acme_ 41 checksum"]));
        assert!(!is_accepted(prefixed, &["acme_ 40"]));
    }

    #[test]
    fn the_checksum_decides_where_there_is_one() {
        let wrong = "acme_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq18";
        assert!(!is_accepted(wrong, &["acme_ 41 checksum"]));
        assert!(is_accepted(wrong, &["acme_ 41"]));
        // Not letters and digits, and cut inside a character.
        assert!(!is_accepted(
            "acme_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mL-17",
            &["acme_ 41"]
        ));
        let cut = format!("acme_{}é1234", "x".repeat(30));
        assert!(!is_accepted(&cut, &["acme_ 41", "acme_ 41 checksum"]));
    }

    #[test]
    fn a_form_is_written_as_it_is_read() {
        for text in ["hex40", "acme_ 40", "acme_ 40 checksum", "a_ 24", "a_ 255"] {
            assert_eq!(text.parse::<AcceptedFormat>().unwrap().to_string(), text);
        }
        for text in [
            "",
            "hex",
            "hex40 40",
            "acme_",
            "acme 40",
            "acme_ 26",
            "acme_ 32 checksum",
            "acme_ 256",
            "acme_ +40",
            "acme_ 040",
            "acme_  40",
            "acme_ 40 checksum ",
            "acme_ 40 crc",
        ] {
            assert!(text.parse::<AcceptedFormat>().is_err(), "{text}");
        }
    }
}
