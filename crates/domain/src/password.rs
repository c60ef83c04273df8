//! Passwords: what may be one, and what is kept of it (Argon2id, RFC 9106, as a PHC string).

use std::fmt;

use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc};
use argon2::{Algorithm, Argon2, Params, Version};
use data_encoding::BASE64_NOPAD;
use secrecy::{ExposeSecret, SecretString};
use unicode_normalization::UnicodeNormalization;

use crate::entropy::{Entropy, random_bytes};

/// Bytes a new password has at least and at most, after normalisation.
pub const PASSWORD_BYTES: std::ops::RangeInclusive<usize> = 8..=1024;

/// A password as its owner typed it, in Unicode normalisation form C, so that two keyboards type the same one.
#[derive(Clone)]
pub struct Password(SecretString);

/// A password that may not be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordRefused {
    /// Outside [`PASSWORD_BYTES`].
    #[error("a password has 8 to 1024 bytes")]
    Length,
    /// It holds a NUL.
    #[error("a password must not contain a NUL character")]
    Nul,
}

impl Password {
    /// A password to set: checked for length.
    pub fn choose(text: &str) -> Result<Self, PasswordRefused> {
        let password = Self::typed(text);
        let length = password.0.expose_secret().len();
        if password.0.expose_secret().contains('\0') {
            Err(PasswordRefused::Nul)
        } else if PASSWORD_BYTES.contains(&length) {
            Ok(password)
        } else {
            Err(PasswordRefused::Length)
        }
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

    /// Whether no stored password can be this one, so that comparing it costs nothing but time.
    pub fn is_beyond_bounds(&self) -> bool {
        self.expose_bytes().len() > *PASSWORD_BYTES.end()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// What one Argon2id computation costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashingCost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub iterations: u32,
    /// Lanes.
    pub parallelism: u32,
}

impl Default for HashingCost {
    /// 19 MiB, two passes, one lane: the second recommended choice of the OWASP cheat sheet on password storage.
    fn default() -> Self {
        Self {
            memory_kib: 19_456,
            iterations: 2,
            parallelism: 1,
        }
    }
}

impl HashingCost {
    /// The cheapest that the algorithm allows: for tests that are not about passwords.
    pub const CHEAPEST: Self = Self {
        memory_kib: 8,
        iterations: 1,
        parallelism: 1,
    };

    /// Whether the algorithm can run at this cost (RFC 9106, section 3.1).
    pub fn is_possible(self) -> bool {
        Params::new(self.memory_kib, self.iterations, self.parallelism, None).is_ok()
    }

    fn algorithm(self) -> Argon2<'static> {
        let params = Params::new(self.memory_kib, self.iterations, self.parallelism, None)
            .unwrap_or_default();
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
    }
}

/// The costs of a bcrypt hash that may come from elsewhere: each step doubles the time, and nobody may make a sign-in take
/// seconds.
const BCRYPT_COSTS: std::ops::RangeInclusive<u32> = 4..=15;
/// Characters of a bcrypt hash.
const BCRYPT_LENGTH: usize = 60;
/// The largest cost of an Argon2id hash that may come from elsewhere.
const LARGEST_COST: HashingCost = HashingCost {
    memory_kib: 1 << 20,
    iterations: 32,
    parallelism: 16,
};

/// A hash of somebody else's that cannot be taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a password hash is an Argon2id string ($argon2id$…, at most 1 GiB and 32 passes) or a bcrypt string ($2a$, $2b$ or $2y$, at most cost 15)"
)]
pub struct ForeignHashRefused;

/// What is kept of a password: a PHC string with its own parameters and salt, or a bcrypt string that came from elsewhere.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Hashes `password` with a new salt. Takes tens of milliseconds: never on a thread that serves requests.
    pub fn make(password: &Password, cost: HashingCost, entropy: &dyn Entropy) -> Self {
        let salt: [u8; 16] = random_bytes(entropy);
        let hash: phc::PasswordHash = cost
            .algorithm()
            .hash_password_with_salt(password.expose_bytes(), &salt)
            .expect("the cost was checked, the salt has 16 bytes and a password of any length can be hashed");
        Self(hash.to_string())
    }

    /// What stands for the password of a login that nobody has: zeros in the place of a hash. No password is the one, and to
    /// find that out costs what it costs for any hash of this cost. Made without a computation, since each start makes one.
    pub fn of_nobody(cost: HashingCost, entropy: &dyn Entropy) -> Self {
        let salt: [u8; 16] = random_bytes(entropy);
        let HashingCost {
            memory_kib,
            iterations,
            parallelism,
        } = cost;
        Self(format!(
            "$argon2id$v=19$m={memory_kib},t={iterations},p={parallelism}${}${}",
            BASE64_NOPAD.encode(&salt),
            BASE64_NOPAD.encode(&[0; Params::DEFAULT_OUTPUT_LEN]),
        ))
    }

    /// A hash that was made elsewhere.
    pub fn from_elsewhere(text: &str) -> Result<Self, ForeignHashRefused> {
        let usable = if text.starts_with("$2") {
            is_usable_bcrypt(text)
        } else {
            is_usable_argon2id(text)
        };
        if usable {
            Ok(Self(text.to_owned()))
        } else {
            Err(ForeignHashRefused)
        }
    }

    /// Whether it is of another kind than the ones that are made here, and is to be replaced when the password is known.
    pub fn is_foreign(&self) -> bool {
        self.0.starts_with("$2")
    }

    /// Whether `password` is the one. Takes as long as [`PasswordHash::make`] did.
    pub fn verifies(&self, password: &Password) -> bool {
        if self.is_foreign() {
            // Like everywhere, only the first 72 bytes of a password count in bcrypt.
            return bcrypt::verify(password.expose_bytes(), &self.0).unwrap_or(false);
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

    /// The PHC string.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_usable_bcrypt(text: &str) -> bool {
    let mut parts = text.split('$').skip(1);
    let (Some(version), Some(cost), Some(rest), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    let letters = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'/';
    text.len() == BCRYPT_LENGTH
        && ["2a", "2b", "2y"].contains(&version)
        && cost.len() == 2
        && cost.parse().is_ok_and(|cost| BCRYPT_COSTS.contains(&cost))
        && rest.bytes().all(letters)
}

fn is_usable_argon2id(text: &str) -> bool {
    let Ok(hash) = phc::PasswordHash::new(text) else {
        return false;
    };
    let Ok(params) = Params::try_from(&hash) else {
        return false;
    };
    hash.algorithm.as_str() == "argon2id"
        && hash.salt.is_some()
        && hash.hash.is_some()
        && params.m_cost() <= LARGEST_COST.memory_kib
        && params.t_cost() <= LARGEST_COST.iterations
        && params.p_cost() <= LARGEST_COST.parallelism
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
}
