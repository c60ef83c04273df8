//! What is kept in place of a secret.

use std::fmt;

use data_encoding::{BASE64, BASE64_NOPAD, HEXLOWER_PERMISSIVE};
use sha2::{Digest, Sha256};

/// The SHA-256 digest of a secret of at least 128 random bits (FIPS 180-4). Never made from
/// anything shorter: see [`crate::key::DigestKey`] for keyed digests.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SecretDigest([u8; 32]);

impl SecretDigest {
    /// The digest of the secret's bytes.
    pub fn of(secret: &str) -> Self {
        Self(Sha256::digest(secret.as_bytes()).into())
    }

    /// A digest as it was stored; `None` unless it has 32 bytes.
    pub fn from_stored(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// A digest as audit logs write it (base 64 of the 32 bytes, with or without padding), or in
    /// hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = match text.len() {
            64 => HEXLOWER_PERMISSIVE.decode(text.as_bytes()),
            44 => BASE64.decode(text.as_bytes()),
            43 => BASE64_NOPAD.decode(text.as_bytes()),
            _ => return None,
        };
        Self::from_stored(&bytes.ok()?)
    }

    /// The 32 bytes of the SHA-256, as the store keeps them.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The first eight bytes as an integer: what the store indexes, since a narrow index stays in
    /// memory.
    pub fn head(&self) -> i64 {
        let head = self.0.first_chunk().expect("32 bytes have a first eight");
        i64::from_be_bytes(*head)
    }

    /// 64 lower-case hexadecimal digits, as `hashed_token` shows it (wire contract, section 7).
    pub fn to_hex(&self) -> String {
        data_encoding::HEXLOWER.encode(&self.0)
    }
}

/// A digest is no secret, but it identifies one: logs get its first four bytes.
impl fmt::Debug for SecretDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "SecretDigest({}…)",
            data_encoding::HEXLOWER.encode(&self.0[..4])
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_read_in_each_way_that_it_is_written() {
        let digest = SecretDigest::of("secret");
        let padded = BASE64.encode(digest.as_bytes());
        for text in [
            digest.to_hex(),
            digest.to_hex().to_uppercase(),
            padded.trim_end_matches('=').to_owned(),
            padded,
        ] {
            assert_eq!(SecretDigest::parse(&text), Some(digest), "{text}");
        }
    }

    #[test]
    fn what_is_no_digest_is_none() {
        let hexadecimal = SecretDigest::of("secret").to_hex();
        for text in [
            "",
            "mona",
            &hexadecimal[1..],
            &"g".repeat(64),
            &"-".repeat(43),
        ] {
            assert_eq!(SecretDigest::parse(text), None, "{text}");
        }
    }
}
