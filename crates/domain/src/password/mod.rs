//! Passwords: which may be set (`choice`), and what is kept of them: Argon2id (RFC 9106) as a PHC
//! string, or a hash that came from elsewhere.

mod choice;
mod cost;

use std::fmt;

use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc};
use argon2::{Argon2, Params};
use data_encoding::BASE64_NOPAD;
use secrecy::{ExposeSecret, SecretString};
use unicode_normalization::UnicodeNormalization;

use crate::entropy::{Entropy, random_bytes};

pub use self::choice::{OwnWords, PASSWORD_BYTES, PASSWORD_CHARACTERS, PasswordRefused};
pub use self::cost::{ForeignHashRefused, HashClass, HashingCost, LONGEST_VERIFICATION};

/// Bytes of a password that bcrypt looks at. It would take whatever begins with them.
const BCRYPT_BYTES: usize = 72;

/// A password as its owner typed it, in Unicode normalisation form C, so that two keyboards type
/// the same one.
#[derive(Clone)]
pub struct Password(SecretString);

impl Password {
    /// A password to set, by the rules that need not know whose it is to be;
    /// [`Password::refuse_for`] has all of them.
    pub fn choose(text: &str) -> Result<Self, PasswordRefused> {
        let password = Self::typed(text);
        choice::refuse_for_all(password.0.expose_secret())?;
        Ok(password)
    }

    /// Refuses a password that its owner must not be given.
    pub fn refuse_for(&self, owner: &OwnWords) -> Result<(), PasswordRefused> {
        choice::refuse_for_all(self.0.expose_secret())?;
        choice::refuse_own(self.0.expose_secret(), owner)
    }

    /// A password to compare: whatever was typed.
    pub fn typed(text: &str) -> Self {
        // ASCII is in this form already, and most that is typed is ASCII.
        if text.is_ascii() {
            return Self(SecretString::from(text));
        }
        Self(SecretString::from(text.nfc().collect::<String>()))
    }

    /// Its bytes, for hashing only.
    pub fn expose_bytes(&self) -> &[u8] {
        self.0.expose_secret().as_bytes()
    }

    /// Whether bcrypt would look at all of it. It sees no further than [`BCRYPT_BYTES`], and a NUL
    /// and what follows it can be the same to it as nothing.
    fn is_whole_to_bcrypt(&self) -> bool {
        let bytes = self.expose_bytes();
        bytes.len() <= BCRYPT_BYTES && !bytes.contains(&0)
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// What is kept of a password: a PHC string with its own parameters and salt, or a bcrypt string
/// that came from elsewhere.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Hashes `password` with a new salt. Takes tens of milliseconds: never on a thread that serves
    /// requests.
    pub fn make(password: &Password, cost: HashingCost, entropy: &dyn Entropy) -> Self {
        let salt: [u8; 16] = random_bytes(entropy);
        let hash: phc::PasswordHash = cost
            .algorithm()
            .hash_password_with_salt(password.expose_bytes(), &salt)
            .expect("the cost was checked, the salt has 16 bytes and a password of any length can be hashed");
        Self(hash.to_string())
    }

    /// What stands for the password of a login that nobody has: zeros in the place of a hash. No
    /// password is the one, and to find that out costs what it costs for any hash of this class.
    /// Made without a computation, since each start makes one.
    pub fn of_nobody(class: impl Into<HashClass>, entropy: &dyn Entropy) -> Self {
        let salt: [u8; 16] = random_bytes(entropy);
        match class.into() {
            HashClass::Argon2id(HashingCost {
                memory_kib,
                iterations,
                parallelism,
            }) => Self(format!(
                "$argon2id$v=19$m={memory_kib},t={iterations},p={parallelism}${}${}",
                BASE64_NOPAD.encode(&salt),
                BASE64_NOPAD.encode(&[0; Params::DEFAULT_OUTPUT_LEN]),
            )),
            // Dots are zeros in the base 64 of bcrypt. Its salt need not be a new one: nothing is
            // hidden under it.
            HashClass::Bcrypt(cost) => Self(format!("$2b${cost:02}${}", ".".repeat(53))),
        }
    }

    /// A hash that was made elsewhere, if one may be taken over that costs as much. How long it
    /// takes here is for whoever takes it over to measure: see [`LONGEST_VERIFICATION`].
    pub fn from_elsewhere(text: &str) -> Result<Self, ForeignHashRefused> {
        cost::refuse_foreign(text)?;
        Ok(Self(text.to_owned()))
    }

    /// What it costs to compare a password with it. None where it is no hash of ours: no password
    /// is the one.
    pub fn class(&self) -> Option<HashClass> {
        HashClass::of_hash(&self.0)
    }

    /// At which cost the password is to be hashed anew, once it is known: where the algorithm is
    /// another one, or a parameter lies below `wanted`. No parameter ever becomes less than it was.
    pub fn cost_anew(&self, wanted: HashingCost) -> Option<HashingCost> {
        match self.class() {
            Some(HashClass::Argon2id(cost)) => {
                let raised = cost.raised_to(wanted);
                (raised != cost).then_some(raised)
            }
            Some(HashClass::Bcrypt(_)) | None => Some(wanted),
        }
    }

    /// Whether `password` is the one. Takes as long as the hash costs, whatever the answer.
    pub fn verifies(&self, password: &Password) -> bool {
        if self.0.starts_with("$2") {
            let same = bcrypt::verify(password.expose_bytes(), &self.0).unwrap_or(false);
            return same && password.is_whole_to_bcrypt();
        }
        // The PHC string brings its own parameters; those of the verifier do not matter.
        Argon2::default()
            .verify_password(password.expose_bytes(), self.0.as_str())
            .is_ok()
    }

    /// A hash as it was stored.
    pub fn from_stored(phc: String) -> Self {
        Self(phc)
    }

    /// The hash as it is stored: a PHC string, or one of bcrypt.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Sevens;

    impl Entropy for Sevens {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(7);
        }
    }

    #[test]
    fn the_hash_of_nobody_is_like_any_other_and_no_password_is_the_one() {
        let password = Password::typed("a password");
        let made = PasswordHash::make(&password, HashingCost::CHEAPEST, &Sevens);
        let nobody = PasswordHash::of_nobody(HashingCost::CHEAPEST, &Sevens);
        assert!(made.verifies(&password));
        assert!(!nobody.verifies(&password));
        let before_hash = |hash: &PasswordHash| {
            let (parameters_and_salt, hash) = hash.as_str().rsplit_once('$').unwrap();
            (parameters_and_salt.to_owned(), hash.len())
        };
        // The same cost, salt and length: what is compared takes the same way.
        assert_eq!(before_hash(&nobody), before_hash(&made));
        assert!(phc::PasswordHash::new(nobody.as_str()).is_ok());
    }

    #[test]
    fn the_bcrypt_hash_of_nobody_is_one_that_can_be_computed() {
        let nobody = PasswordHash::of_nobody(HashClass::Bcrypt(4), &Sevens);
        assert_eq!(nobody.class(), Some(HashClass::Bcrypt(4)));
        // An error would be quick, and tell that there is nobody.
        assert_eq!(
            bcrypt::verify(b"a password", nobody.as_str()).ok(),
            Some(false)
        );
    }

    #[test]
    fn bcrypt_takes_nothing_that_it_does_not_look_at() {
        let hash = |text: &[u8]| {
            let parts = bcrypt::hash_with_salt(text, 4, [7; 16]).unwrap();
            PasswordHash::from_elsewhere(&parts.to_string()).unwrap()
        };
        let longest = "a".repeat(72);
        let kept = hash(longest.as_bytes());
        assert!(kept.verifies(&Password::typed(&longest)));
        assert!(!kept.verifies(&Password::typed(&format!("{longest}WRONGTAIL"))));
        // A ligature that NFC leaves alone has three bytes: bytes count, not characters.
        let wide = "ﬁ".repeat(25);
        assert!(!hash(wide.as_bytes()).verifies(&Password::typed(&wide)));
        // To bcrypt these two are one: it goes round and round over a password with a NUL at its
        // end.
        let short = hash(b"abc");
        assert_eq!(bcrypt::verify(b"abc\0abc", short.as_str()).ok(), Some(true));
        assert!(short.verifies(&Password::typed("abc")));
        assert!(!short.verifies(&Password::typed("abc\0abc")));
    }

    #[test]
    fn a_hash_is_made_anew_when_it_is_cheaper_or_of_another_kind_and_never_becomes_cheaper() {
        let wanted = HashingCost::default();
        let anew = |text: &str| PasswordHash::from_stored(text.to_owned()).cost_anew(wanted);
        let argon2id = |cost: HashingCost| {
            let HashingCost {
                memory_kib,
                iterations,
                parallelism,
            } = cost;
            format!(
                "$argon2id$v=19$m={memory_kib},t={iterations},p={parallelism}$BwcHBwcHBwcHBwcHBwcHBw$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
            )
        };
        assert_eq!(anew(&argon2id(wanted)), None);
        assert_eq!(anew(&argon2id(HashingCost::CHEAPEST)), Some(wanted));
        let dearer = HashingCost {
            memory_kib: 65_536,
            iterations: 3,
            parallelism: 4,
        };
        assert_eq!(anew(&argon2id(dearer)), None);
        let once = HashingCost {
            iterations: 1,
            ..dearer
        };
        assert_eq!(
            anew(&argon2id(once)),
            Some(HashingCost {
                iterations: wanted.iterations,
                ..dearer
            })
        );
        assert_eq!(anew(&format!("$2b$15${}", ".".repeat(53))), Some(wanted));
        // An earlier version of the algorithm is another one.
        assert_eq!(
            anew(&argon2id(dearer).replace("v=19", "v=16")),
            Some(wanted)
        );
    }
}
