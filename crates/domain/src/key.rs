//! The installation's keys: sealing of what must be read back, and keyed digests of short secrets.
//!
//! The keys are not in the database. Sealed values name the key they were sealed under and are
//! bound to the table, column and row they stand in, so that a value copied elsewhere does not
//! open. Short secrets (recovery codes) are kept as HMAC-SHA-256 under a key of its own, which
//! stands in the database sealed: so it survives a rotation of the sealing key.

use std::fmt;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::entropy::{Entropy, random_bytes, random_hex};

/// The name of a key: eight lower-case hexadecimal digits. No secret; it stands beside each sealed
/// value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(String);

impl KeyId {
    /// The id in `text`.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
        (text.len() == 8 && digits).then(|| Self(text.to_owned()))
    }

    /// The id as sealed values name it: eight hexadecimal digits in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One 256-bit key with its id.
#[derive(Clone)]
pub struct InstallationKey {
    id: KeyId,
    secret: Zeroizing<[u8; 32]>,
}

impl fmt::Debug for InstallationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "InstallationKey({})", self.id)
    }
}

impl InstallationKey {
    /// A key with an id at random, so that keys of two installations are told apart.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self {
            id: KeyId(random_hex(entropy, 4)),
            secret: Zeroizing::new(random_bytes(entropy)),
        }
    }

    /// The key in the form `ID:BASE64`, as it stands in a key file or in the environment.
    pub fn parse(text: &str) -> Option<Self> {
        let (id, secret) = text.trim().split_once(':')?;
        let bytes = Zeroizing::new(data_encoding::BASE64.decode(secret.as_bytes()).ok()?);
        let secret: [u8; 32] = bytes.as_slice().try_into().ok()?;
        Some(Self {
            id: KeyId::parse(id)?,
            secret: Zeroizing::new(secret),
        })
    }

    /// The form that [`InstallationKey::parse`] reads. A secret.
    pub fn expose(&self) -> Zeroizing<String> {
        Zeroizing::new(format!(
            "{}:{}",
            self.id,
            data_encoding::BASE64.encode(self.secret.as_slice())
        ))
    }

    /// The id that values sealed under this key name.
    pub fn id(&self) -> &KeyId {
        &self.id
    }

    /// What the database holds to recognise this key without knowing it.
    pub fn check_value(&self) -> [u8; 32] {
        keyed_digest(self.secret.as_slice(), &[b"counterfoil key check"])
    }

    /// Seals `plain` for one place.
    pub fn seal(&self, place: SealedPlace<'_>, plain: &[u8], entropy: &dyn Entropy) -> Sealed {
        let nonce: [u8; 24] = random_bytes(entropy);
        let payload = Payload {
            msg: plain,
            aad: &place.bytes(),
        };
        let cipher = XChaCha20Poly1305::new((&*self.secret).into());
        let body = cipher
            .encrypt(&XNonce::from(nonce), payload)
            .expect("a short text can always be sealed");
        Sealed {
            key: self.id.clone(),
            bytes: [nonce.as_slice(), &body].concat(),
        }
    }

    /// Opens what was sealed for `place` under this key.
    pub fn open(
        &self,
        place: SealedPlace<'_>,
        sealed: &Sealed,
    ) -> Result<Zeroizing<Vec<u8>>, SealBroken> {
        let (nonce, body) = sealed.bytes.split_at_checked(24).ok_or(SealBroken)?;
        let nonce: [u8; 24] = nonce.try_into().map_err(|_| SealBroken)?;
        let cipher = XChaCha20Poly1305::new((&*self.secret).into());
        let plain = cipher.decrypt(
            &XNonce::from(nonce),
            Payload {
                msg: body,
                aad: &place.bytes(),
            },
        );
        plain.map(Zeroizing::new).map_err(|_| SealBroken)
    }
}

/// Where a sealed value stands; it opens nowhere else.
#[derive(Clone, Copy, Debug)]
pub struct SealedPlace<'a> {
    /// The table, by its name in the schema.
    pub table: &'a str,
    /// The column, by its name in the schema.
    pub column: &'a str,
    /// The row's key, as text.
    pub row: &'a str,
}

impl SealedPlace<'_> {
    fn bytes(self) -> Vec<u8> {
        [self.table, self.column, self.row].join("\0").into_bytes()
    }
}

/// A value sealed under the key it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// Which key opens it.
    pub key: KeyId,
    /// The nonce, then the ciphertext with its tag.
    pub bytes: Vec<u8>,
}

/// A sealed value that does not open: altered, moved, or sealed under another key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("a sealed value does not open: it was altered or moved")]
pub struct SealBroken;

/// Why a key was not added, made primary or retired.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum KeyRefused {
    /// The database knows no key with this id.
    #[error("there is no such key")]
    Unknown,
    /// A key with this id was added before.
    #[error("this key was added before")]
    Known,
    /// The key was retired.
    #[error("this key was retired")]
    Retired,
    /// New values are sealed under this key.
    #[error("this key is the primary one; rotate to another key first")]
    Primary,
    /// Some values are still sealed under this key.
    #[error("some values are still sealed under this key; rotate to another key first")]
    InUse,
    /// A value did not open while it was to be sealed anew.
    #[error(transparent)]
    Broken(#[from] SealBroken),
}

/// The key under which short secrets are kept as HMAC-SHA-256 (RFC 2104).
#[derive(Clone)]
pub struct DigestKey(Zeroizing<[u8; 32]>);

impl DigestKey {
    /// A key of 256 bits at random.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self(Zeroizing::new(random_bytes(entropy)))
    }

    /// The key in these 32 bytes.
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

    /// Another key for one use, by HKDF (RFC 5869): this one is random throughout, so the step that
    /// expands it is enough.
    #[must_use]
    pub fn derive(&self, label: &str) -> Self {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(self.expose()).expect("HMAC takes keys of any length");
        mac.update(label.as_bytes());
        mac.update(&[1]);
        Self(Zeroizing::new(mac.finalize().into_bytes().into()))
    }

    /// The keyed digest of these parts for one purpose. Equal parts for other purposes give other
    /// digests.
    pub fn digest(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        let mut all = vec![purpose.as_bytes()];
        all.extend_from_slice(parts);
        keyed_digest(self.0.as_slice(), &all)
    }

    /// Seals what is to be read back within days, for one purpose: under a key that follows from
    /// this one, so that a rotation of the sealing keys need not seal it anew.
    pub fn seal(&self, purpose: &str, plain: &[u8], entropy: &dyn Entropy) -> Vec<u8> {
        let nonce: [u8; 24] = random_bytes(entropy);
        let sealed = self.cipher(purpose).encrypt(&XNonce::from(nonce), plain);
        let sealed = sealed.expect("a short text can always be sealed");
        [nonce.as_slice(), &sealed].concat()
    }

    /// Opens what was sealed for this purpose.
    pub fn open(&self, purpose: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealBroken> {
        let (nonce, body) = sealed.split_first_chunk::<24>().ok_or(SealBroken)?;
        let plain = self.cipher(purpose).decrypt(&XNonce::from(*nonce), body);
        plain.map(Zeroizing::new).map_err(|_| SealBroken)
    }

    fn cipher(&self, purpose: &str) -> XChaCha20Poly1305 {
        let key = Zeroizing::new(self.digest("seal", &[purpose.as_bytes()]));
        XChaCha20Poly1305::new((&*key).into())
    }
}

impl DigestKey {
    /// Whether this is [`DigestKey::digest`] of these parts, told in a time that says nothing of
    /// where they differ.
    pub fn verifies(&self, purpose: &str, parts: &[&[u8]], digest: &[u8]) -> bool {
        let mut all = vec![purpose.as_bytes()];
        all.extend_from_slice(parts);
        keyed(self.0.as_slice(), &all).verify_slice(digest).is_ok()
    }
}

impl fmt::Debug for DigestKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DigestKey(…)")
    }
}

fn keyed_digest(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    keyed(key, parts).finalize().into_bytes().into()
}

fn keyed(key: &[u8], parts: &[&[u8]]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    for part in parts {
        // Each part is preceded by its length, so that no two lists of parts read the same.
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac
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

    const PLACE: SealedPlace<'_> = SealedPlace {
        table: "totp_seeds",
        column: "sealed_seed",
        row: "7",
    };

    #[test]
    fn a_sealed_value_opens_in_its_own_place_only() {
        let entropy = Counting(0.into());
        let key = InstallationKey::generate(&entropy);
        let sealed = key.seal(PLACE, b"seed", &entropy);
        assert_eq!(key.open(PLACE, &sealed).unwrap().as_slice(), b"seed");
        assert_eq!(
            key.open(SealedPlace { row: "8", ..PLACE }, &sealed)
                .unwrap_err(),
            SealBroken
        );
    }

    #[test]
    fn an_altered_or_cut_value_does_not_open() {
        let entropy = Counting(0.into());
        let key = InstallationKey::generate(&entropy);
        let sealed = key.seal(PLACE, b"seed", &entropy);
        for place in 0..sealed.bytes.len() {
            let mut altered = sealed.clone();
            altered.bytes[place] ^= 1;
            assert!(key.open(PLACE, &altered).is_err());
            altered.bytes.truncate(place);
            assert!(key.open(PLACE, &altered).is_err());
        }
    }

    #[test]
    fn a_short_secret_is_digested_as_hmac_sha_256_under_its_own_key() {
        let key = [0x0b; 32];
        let digest = |key: &[u8], parts: &[&[u8]]| {
            let key = DigestKey::from_bytes(key).unwrap();
            key.digest("recovery code", parts)
        };
        let one = digest(&key, &[b"7", b"abcde"]);
        let mut expected = Hmac::<Sha256>::new_from_slice(&key).unwrap();
        for part in [&b"recovery code"[..], b"7", b"abcde"] {
            expected.update(&(part.len() as u64).to_be_bytes());
            expected.update(part);
        }
        assert_eq!(one, <[u8; 32]>::from(expected.finalize().into_bytes()));
        assert_ne!(one, digest(&[0x0c; 32], &[b"7", b"abcde"]));
        assert_ne!(one, digest(&key, &[b"7a", b"bcde"]));
    }

    #[test]
    fn what_was_sealed_for_one_purpose_opens_for_no_other_and_under_no_other_key() {
        let entropy = Counting(3.into());
        let key = DigestKey::generate(&entropy);
        let sealed = key.seal("typed", b"mona", &entropy);
        assert_eq!(key.open("typed", &sealed).unwrap().as_slice(), b"mona");
        assert!(key.open("other", &sealed).is_err());
        assert!(
            DigestKey::generate(&entropy)
                .open("typed", &sealed)
                .is_err()
        );
        for place in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[place] ^= 1;
            assert!(key.open("typed", &altered).is_err());
            altered.truncate(place);
            assert!(key.open("typed", &altered).is_err());
        }
    }

    #[test]
    fn a_key_survives_writing_and_reading() {
        let key = InstallationKey::generate(&Counting(9.into()));
        let again = InstallationKey::parse(&key.expose()).unwrap();
        assert_eq!(key.check_value(), again.check_value());
        assert_eq!(format!("{key:?}"), format!("InstallationKey({})", key.id()));
    }
}
