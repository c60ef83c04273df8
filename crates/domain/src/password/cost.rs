//! What it costs to compute a password, and how much somebody else's hashes may cost.

use std::fmt;
use std::time::Duration;

use argon2::password_hash::phc;
use argon2::{Algorithm, Argon2, Params, Version};

/// What one Argon2id computation costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HashingCost {
    /// Memory in KiB, `m` of the PHC string.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub iterations: u32,
    /// Lanes of the memory, `p` of the PHC string.
    pub parallelism: u32,
}

impl Default for HashingCost {
    /// 19 MiB, two passes, one lane: the second recommended choice of the OWASP cheat sheet on
    /// password storage.
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

    /// The greater of the two in each parameter.
    pub(super) fn raised_to(self, other: Self) -> Self {
        Self {
            memory_kib: self.memory_kib.max(other.memory_kib),
            iterations: self.iterations.max(other.iterations),
            parallelism: self.parallelism.max(other.parallelism),
        }
    }

    pub(super) fn algorithm(self) -> Argon2<'static> {
        let params = Params::new(self.memory_kib, self.iterations, self.parallelism, None)
            .unwrap_or_default();
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
    }
}

/// Hashes of one class take equally long to verify: an algorithm with its parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HashClass {
    /// Argon2id of version 1.3 (`v=19`), by its three costs.
    Argon2id(HashingCost),
    /// bcrypt, by the cost of which each step doubles the time.
    Bcrypt(u32),
}

impl HashClass {
    /// The class of a stored hash, or of as much of its text as holds the parameters.
    pub fn of_hash(text: &str) -> Option<Self> {
        let mut parts = text.split('$').skip(1);
        match parts.next()? {
            "argon2id" => {
                (parts.next()? == "v=19").then_some(())?;
                Some(Self::Argon2id(parameters(parts.next()?)?))
            }
            "2a" | "2b" | "2y" => parts.next()?.parse().ok().map(Self::Bcrypt),
            _ => None,
        }
    }

    /// How much work it is, next to other classes of the same algorithm; comparing two algorithms
    /// takes a clock.
    pub fn work(self) -> u64 {
        match self {
            // Lanes are computed one after another here.
            Self::Argon2id(cost) => u64::from(cost.memory_kib) * u64::from(cost.iterations),
            Self::Bcrypt(cost) => 1_u64.checked_shl(cost).unwrap_or(u64::MAX),
        }
    }

    /// Whether both are of one algorithm.
    pub fn is_like(self, other: Self) -> bool {
        matches!(
            (self, other),
            (Self::Argon2id(_), Self::Argon2id(_)) | (Self::Bcrypt(_), Self::Bcrypt(_))
        )
    }
}

impl From<HashingCost> for HashClass {
    fn from(cost: HashingCost) -> Self {
        Self::Argon2id(cost)
    }
}

/// As a person reads it: `Argon2id with m=19456,t=2,p=1`, `bcrypt at cost 12`.
impl fmt::Display for HashClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Argon2id(cost) => write!(
                f,
                "Argon2id with m={},t={},p={}",
                cost.memory_kib, cost.iterations, cost.parallelism
            ),
            Self::Bcrypt(cost) => write!(f, "bcrypt at cost {cost}"),
        }
    }
}

/// `m=…,t=…,p=…`, in this order and without more: what else may stand there is no parameter that we
/// set.
fn parameters(text: &str) -> Option<HashingCost> {
    let mut values = text.split(',');
    let mut next = |name: &str| {
        let value = values.next()?.strip_prefix(name)?.strip_prefix('=')?;
        value.parse().ok()
    };
    Some(HashingCost {
        memory_kib: next("m")?,
        iterations: next("t")?,
        parallelism: next("p")?,
    })
}

/// The processor time that it may take on this machine to verify a password by a hash that came
/// from elsewhere: everybody who is refused waits that long, so that the time of a refusal tells
/// nothing.
pub const LONGEST_VERIFICATION: Duration = Duration::from_secs(3);

/// The costs of a bcrypt hash that may come from elsewhere: each step doubles the time.
const BCRYPT_COSTS: std::ops::RangeInclusive<u32> = 4..=15;
/// Characters of a bcrypt hash.
const BCRYPT_LENGTH: usize = 60;
/// The largest cost of an Argon2id hash that may come from elsewhere.
const LARGEST_COST: HashingCost = HashingCost {
    memory_kib: 256 << 10,
    iterations: 10,
    parallelism: 16,
};

/// A hash of somebody else's that cannot be taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ForeignHashRefused {
    /// It has none of the forms that are known here.
    #[error(
        "a password hash is an Argon2id string ($argon2id$v=19$m=…,t=…,p=…$salt$hash) or a bcrypt string ($2a$, $2b$ or $2y$)"
    )]
    Form,
    /// It would take more memory than may be, in KiB.
    #[error(
        "its password hash has m={0}: at most {most} (KiB, {mebibytes} MiB) are allowed",
        most = LARGEST_COST.memory_kib,
        mebibytes = LARGEST_COST.memory_kib >> 10
    )]
    Memory(u32),
    /// It would go over the memory more often than may be.
    #[error(
        "its password hash has t={0}: at most {most} (passes) are allowed",
        most = LARGEST_COST.iterations
    )]
    Iterations(u32),
    /// It divides the memory into more lanes than may be.
    #[error(
        "its password hash has p={0}: at most {most} (lanes) are allowed",
        most = LARGEST_COST.parallelism
    )]
    Parallelism(u32),
    /// A cost of bcrypt that is too low or too high.
    #[error(
        "its password hash is bcrypt at cost {0}: {least} to {most} are allowed",
        least = BCRYPT_COSTS.start(),
        most = BCRYPT_COSTS.end()
    )]
    BcryptCost(u32),
}

/// Refuses what cannot be verified here, or costs more than anybody's sign-in may.
pub(super) fn refuse_foreign(text: &str) -> Result<(), ForeignHashRefused> {
    let class = HashClass::of_hash(text).ok_or(ForeignHashRefused::Form)?;
    let well_formed = match class {
        HashClass::Argon2id(_) => is_argon2id(text),
        HashClass::Bcrypt(_) => is_bcrypt(text),
    };
    if !well_formed {
        return Err(ForeignHashRefused::Form);
    }
    match class {
        HashClass::Argon2id(cost) if cost.memory_kib > LARGEST_COST.memory_kib => {
            Err(ForeignHashRefused::Memory(cost.memory_kib))
        }
        HashClass::Argon2id(cost) if cost.iterations > LARGEST_COST.iterations => {
            Err(ForeignHashRefused::Iterations(cost.iterations))
        }
        HashClass::Argon2id(cost) if cost.parallelism > LARGEST_COST.parallelism => {
            Err(ForeignHashRefused::Parallelism(cost.parallelism))
        }
        HashClass::Bcrypt(cost) if !BCRYPT_COSTS.contains(&cost) => {
            Err(ForeignHashRefused::BcryptCost(cost))
        }
        HashClass::Argon2id(_) | HashClass::Bcrypt(_) => Ok(()),
    }
}

fn is_bcrypt(text: &str) -> bool {
    let letters = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'/';
    // `$2b$12$`, and then salt and hash in one.
    let Some((head, rest)) = text.split_at_checked(7) else {
        return false;
    };
    text.len() == BCRYPT_LENGTH && head.ends_with('$') && rest.bytes().all(letters)
}

fn is_argon2id(text: &str) -> bool {
    let Ok(hash) = phc::PasswordHash::new(text) else {
        return false;
    };
    Params::try_from(&hash).is_ok() && hash.salt.is_some() && hash.hash.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARGON2ID: &str = "$argon2id$v=19$m=65536,t=3,p=4$BwcHBwcHBwcHBwcHBwcHBw$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    const BCRYPT: &str = "$2b$12$abcdefghijklmnopqrstuugvQgB9FDO2ba.LQR3pEqrKqiBhYHtt6";

    #[test]
    fn a_class_is_read_from_the_whole_hash_and_from_its_beginning() {
        let cost = HashingCost {
            memory_kib: 65_536,
            iterations: 3,
            parallelism: 4,
        };
        let argon2id = Some(HashClass::Argon2id(cost));
        assert_eq!(HashClass::of_hash(ARGON2ID), argon2id);
        assert_eq!(
            HashClass::of_hash("$argon2id$v=19$m=65536,t=3,p=4"),
            argon2id
        );
        assert_eq!(HashClass::of_hash(BCRYPT), Some(HashClass::Bcrypt(12)));
        assert_eq!(HashClass::of_hash("$2b$12$"), Some(HashClass::Bcrypt(12)));
        for other in [
            "",
            "$argon2i$v=19$m=8,t=1,p=1",
            "$argon2id$m=8,t=1,p=1",
            "$2x$12$",
            "$1$abc",
        ] {
            assert_eq!(HashClass::of_hash(other), None, "{other}");
        }
    }

    #[test]
    fn what_costs_too_much_is_refused_by_its_parameter() {
        use ForeignHashRefused::{BcryptCost, Form, Iterations, Memory, Parallelism};
        let with = |from: &str, to: &str| refuse_foreign(&ARGON2ID.replace(from, to));
        assert_eq!(refuse_foreign(ARGON2ID), Ok(()));
        assert_eq!(with("m=65536", "m=262144"), Ok(()));
        assert_eq!(with("m=65536", "m=262145"), Err(Memory(262_145)));
        assert_eq!(with("t=3", "t=10"), Ok(()));
        assert_eq!(with("t=3", "t=11"), Err(Iterations(11)));
        assert_eq!(with("p=4", "p=17"), Err(Parallelism(17)));
        assert_eq!(with("v=19", "v=16"), Err(Form));
        assert_eq!(with("$BwcHBwcHBwcHBwcHBwcHBw", ""), Err(Form));
        assert_eq!(refuse_foreign(BCRYPT), Ok(()));
        assert_eq!(
            refuse_foreign(&BCRYPT.replace("12", "16")),
            Err(BcryptCost(16))
        );
        assert_eq!(
            refuse_foreign(&BCRYPT.replace("12", "03")),
            Err(BcryptCost(3))
        );
        assert_eq!(refuse_foreign(&BCRYPT[..59]), Err(Form));
        let sentence = Memory(1_048_576).to_string();
        assert_eq!(
            sentence,
            "its password hash has m=1048576: at most 262144 (KiB, 256 MiB) are allowed"
        );
    }
}
