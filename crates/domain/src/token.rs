//! Tokens: their formats, checksum and digest (wire contract, section 7).
//!
//! A token is a prefix, 30 random characters of base 62 and a checksum of six. The checksum lets a check refuse garbage
//! before it asks anything, and lets scanners recognise a leaked token without asking us.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

use crate::digest::SecretDigest;
use crate::entropy::{BASE62, Entropy, random_text};

/// Random characters in a token: 30 of base 62 carry 178 bits.
const ENTROPY_LENGTH: usize = 30;
/// Characters of the checksum: 62⁶ exceeds 2³².
const CHECKSUM_LENGTH: usize = 6;

/// What stands before the random part: lower-case letters, digits and underscores, ending in an underscore.
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

/// The prefixes of an installation: those it issues with. The published ones are always understood as well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenPrefixes {
    /// For personal access tokens; `ghp_` unless the installation wants its own.
    pub personal: TokenPrefix,
    /// For tokens of OAuth apps; `gho_` unless the installation wants its own.
    pub app: TokenPrefix,
}

impl Default for TokenPrefixes {
    fn default() -> Self {
        Self {
            personal: TokenPrefix("ghp_".to_owned()),
            app: TokenPrefix("gho_".to_owned()),
        }
    }
}

/// The published prefixes whose tokens carry the checksum: classic, OAuth app, GitHub App user and server tokens.
const CHECKSUMMED_PREFIXES: [&str; 4] = ["ghp_", "gho_", "ghu_", "ghs_"];
/// Fine-grained tokens: this prefix, 22 characters, an underscore, 59 characters.
const FINE_GRAINED_PREFIX: &str = "github_pat_";

/// A token as its holder has it: from issue or arrival to digest, never at rest.
#[derive(Clone)]
pub struct PlainToken(SecretString);

impl PlainToken {
    /// A new token under `prefix`.
    pub fn generate(prefix: &TokenPrefix, entropy: &dyn Entropy) -> Self {
        let random = random_text(entropy, BASE62, ENTROPY_LENGTH);
        let sum = checksum(&random);
        Self(SecretString::from(format!(
            "{}{random}{sum}",
            prefix.as_str()
        )))
    }

    /// The token in `text`, if it is well formed: a known prefix, the right length and a checksum that holds.
    pub fn parse(text: &str, prefixes: &TokenPrefixes) -> Option<Self> {
        is_well_formed(text, prefixes).then(|| Self(SecretString::from(text)))
    }

    /// What is kept of it.
    pub fn digest(&self) -> SecretDigest {
        SecretDigest::of(self.0.expose_secret())
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

fn is_well_formed(text: &str, prefixes: &TokenPrefixes) -> bool {
    // Slicing below is by bytes, so anything but ASCII ends here.
    if !text.is_ascii() {
        return false;
    }
    let own = [prefixes.personal.as_str(), prefixes.app.as_str()];
    let checksummed = own.into_iter().chain(CHECKSUMMED_PREFIXES).any(|prefix| {
        text.strip_prefix(prefix).is_some_and(|body| {
            body.len() == ENTROPY_LENGTH + CHECKSUM_LENGTH
                && body.bytes().all(|byte| byte.is_ascii_alphanumeric())
                && checksum(&body[..ENTROPY_LENGTH]) == body[ENTROPY_LENGTH..]
        })
    });
    checksummed
        || text
            .strip_prefix(FINE_GRAINED_PREFIX)
            .is_some_and(is_fine_grained_body)
}

fn is_fine_grained_body(body: &str) -> bool {
    body.split_once('_').is_some_and(|(id, secret)| {
        let alphanumeric = |part: &str| part.bytes().all(|byte| byte.is_ascii_alphanumeric());
        id.len() == 22 && secret.len() == 59 && alphanumeric(id) && alphanumeric(secret)
    })
}

/// CRC-32 (IEEE) of the random part, in base 62, most significant digit first, padded with zeros to six.
fn checksum(random: &str) -> String {
    let mut rest = crc32fast::hash(random.as_bytes()) as usize;
    let mut digits = [b'0'; CHECKSUM_LENGTH];
    for digit in digits.iter_mut().rev() {
        *digit = BASE62[rest % 62];
        rest /= 62;
    }
    digits.iter().copied().map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_tokens_carry_the_checksum_we_compute() {
        // Tokens published (and long dead) so that implementations can compare their checksum.
        for published in [
            "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",
            "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",
            "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",
            "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",
        ] {
            assert!(PlainToken::parse(published, &TokenPrefixes::default()).is_some());
        }
    }

    #[test]
    fn the_documentation_sample_has_no_valid_checksum() {
        let sample = "ghp_16C7e42F292c6912E7710c838347Ae178B4a";
        assert!(PlainToken::parse(sample, &TokenPrefixes::default()).is_none());
    }

    #[test]
    fn debug_output_shows_nothing_of_a_token() {
        let token = PlainToken(SecretString::from(
            "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",
        ));
        assert_eq!(format!("{token:?}"), "PlainToken(…)");
    }
}
