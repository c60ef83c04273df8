//! Tokens that need not be kept: each follows from a key and its number.
//!
//! They have the published form (a prefix, 30 characters of base 62, a checksum of six), so a
//! server takes them for real, and tokens of another key are well formed and unknown.

use sha2::{Digest as _, Sha256};

/// The digits of base 62 in the order in which the checksum counts them.
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Random characters of a token.
const RANDOM_LENGTH: usize = 30;
/// Characters of the checksum.
const CHECKSUM_LENGTH: usize = 6;

/// The token with this number under `key`.
pub fn token(prefix: &str, key: &str, number: u64) -> String {
    let mut hash = Sha256::new();
    hash.update(key.as_bytes());
    hash.update(number.to_le_bytes());
    let hash: [u8; 32] = hash.finalize().into();
    let random: String = hash
        .iter()
        .take(RANDOM_LENGTH)
        .map(|byte| char::from(DIGITS[usize::from(*byte) % DIGITS.len()]))
        .collect();
    let sum = checksum(&random);
    format!("{prefix}{random}{sum}")
}

/// What is kept of a token.
pub fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// CRC-32 (IEEE) of the random part in base 62, padded with zeros to six digits (wire contract,
/// section 7).
fn checksum(random: &str) -> String {
    let mut rest = crc32fast::hash(random.as_bytes());
    let mut digits = ['0'; CHECKSUM_LENGTH];
    for digit in digits.iter_mut().rev() {
        *digit = char::from(DIGITS[usize::try_from(rest % 62).expect("below 62")]);
        rest /= 62;
    }
    digits.iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_the_published_checksum() {
        // Published, and long dead, so that implementations can compare their checksum.
        assert_eq!(checksum("zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ"), "0mLq17");
    }

    #[test]
    fn tokens_repeat_for_a_key_and_differ_between_keys() {
        assert_eq!(token("ghp_", "a", 7), token("ghp_", "a", 7));
        assert_ne!(token("ghp_", "a", 7), token("ghp_", "b", 7));
        assert_eq!(token("ghp_", "a", 7).len(), 40);
    }
}
