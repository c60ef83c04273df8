//! Randomness that is passed in, and the strings that are drawn from it.

/// A source of random bytes. The program gives the operating system's; tests give one that repeats.
pub trait Entropy: Send + Sync {
    /// Fills the whole slice with unpredictable bytes.
    fn fill(&self, bytes: &mut [u8]);
}

/// The digits of base 62 in the order the token checksum counts in: `0-9`, `A-Z`, `a-z` (wire
/// contract, section 7).
pub(crate) const BASE62: &[u8; 62] =
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// `length` characters drawn evenly from `alphabet`, which has at most 256 characters.
pub fn random_text(entropy: &dyn Entropy, alphabet: &[u8], length: usize) -> String {
    // Bytes beyond the largest multiple of the alphabet's size are thrown away: a remainder would
    // favour the first letters.
    let limit = 256 - 256 % alphabet.len();
    let mut text = String::with_capacity(length);
    let mut bytes = [0_u8; 64];
    while text.len() < length {
        entropy.fill(&mut bytes);
        let fair = bytes
            .iter()
            .map(|byte| usize::from(*byte))
            .filter(|byte| *byte < limit);
        text.extend(
            fair.take(length - text.len())
                .map(|byte| char::from(alphabet[byte % alphabet.len()])),
        );
    }
    text
}

/// `bytes` random bytes as lower-case hexadecimal digits: twice as many characters.
pub fn random_hex(entropy: &dyn Entropy, bytes: usize) -> String {
    let mut buffer = vec![0_u8; bytes];
    entropy.fill(&mut buffer);
    data_encoding::HEXLOWER.encode(&buffer)
}

/// An array of random bytes.
pub fn random_bytes<const N: usize>(entropy: &dyn Entropy) -> [u8; N] {
    let mut bytes = [0_u8; N];
    entropy.fill(&mut bytes);
    bytes
}
