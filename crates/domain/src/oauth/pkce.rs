//! Proof that who redeems a code is who asked for it (RFC 7636, by `S256` alone).

use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest, Sha256};

/// Characters of a challenge: 32 bytes in base 64.
const LENGTH: usize = 43;

/// What an app sends with its request, of a verifier that it sends with the code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeChallenge(String);

/// A challenge that nobody can prove anything by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a code challenge has 43 characters of base64url, and the method S256 beside it")]
pub struct CodeChallengeRefused;

impl CodeChallenge {
    /// The challenge of a request, if it has one. Each of both needs the other.
    pub fn parse(
        challenge: Option<&str>,
        method: Option<&str>,
    ) -> Result<Option<Self>, CodeChallengeRefused> {
        match (challenge, method) {
            (None, None) => Ok(None),
            (Some(challenge), Some("S256")) if is_challenge(challenge) => {
                Ok(Some(Self(challenge.to_owned())))
            }
            _ => Err(CodeChallengeRefused),
        }
    }

    /// One as it was stored.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// As it was sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it was made of this verifier. The challenge is no secret, so the time that this
    /// takes tells nothing.
    pub fn is_of(&self, verifier: &str) -> bool {
        let of_a_verifier =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
        (43..=128).contains(&verifier.len())
            && verifier.bytes().all(of_a_verifier)
            && BASE64URL_NOPAD.encode(&Sha256::digest(verifier.as_bytes())) == self.0
    }
}

fn is_challenge(text: &str) -> bool {
    let of_base64 = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    text.len() == LENGTH && text.bytes().all(of_base64)
}

#[cfg(test)]
mod tests {
    use super::*;

    // The example of RFC 7636, appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn a_challenge_is_of_one_verifier() {
        let challenge = CodeChallenge::parse(Some(CHALLENGE), Some("S256"));
        let challenge = challenge.expect("it is one").expect("it is there");
        assert!(challenge.is_of(VERIFIER));
        let long = "a".repeat(129);
        for other in [
            "",
            CHALLENGE,
            &VERIFIER[1..],
            &format!("{VERIFIER}="),
            &long,
        ] {
            assert!(!challenge.is_of(other), "{other}");
        }
    }

    #[test]
    fn a_challenge_needs_its_method_and_the_method_its_challenge() {
        assert_eq!(CodeChallenge::parse(None, None), Ok(None));
        let long = format!("{CHALLENGE}A");
        for (challenge, method) in [
            (Some(CHALLENGE), None),
            (None, Some("S256")),
            (Some(CHALLENGE), Some("plain")),
            (Some(CHALLENGE), Some("s256")),
            (Some(&CHALLENGE[1..]), Some("S256")),
            (Some(&*long), Some("S256")),
            (
                Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM"),
                Some("S256"),
            ),
            (Some(""), Some("S256")),
        ] {
            let refused = CodeChallenge::parse(challenge, method);
            assert_eq!(
                refused,
                Err(CodeChallengeRefused),
                "{challenge:?} {method:?}"
            );
        }
    }
}
