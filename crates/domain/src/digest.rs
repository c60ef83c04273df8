//! What is kept in place of a secret.

use std::fmt;

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

    /// The digest that somebody typed: 64 hexadecimal digits, in capitals or not.
    pub fn from_hex(text: &str) -> Option<Self> {
        let bytes = data_encoding::HEXLOWER_PERMISSIVE.decode(text.as_bytes());
        bytes.ok().and_then(|bytes| Self::from_stored(&bytes))
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
    fn a_digest_is_typed_in_hexadecimal_digits_and_nothing_else_is_one() {
        let digest = SecretDigest::of("secret");
        let text = digest.to_hex();
        assert_eq!(SecretDigest::from_hex(&text), Some(digest));
        assert_eq!(SecretDigest::from_hex(&text.to_uppercase()), Some(digest));
        for other in ["", "secret", &text[2..], &format!("{text}00")] {
            assert_eq!(SecretDigest::from_hex(other), None, "{other}");
        }
    }
}
