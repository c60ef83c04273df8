//! What a user with two factors has in their pocket.

use std::time::Duration;

use counterfoil_authority::{Clock, EnabledTwoFactor};
use counterfoil_domain::code::TotpSeed;
use counterfoil_domain::timestamp::Timestamp;
use data_encoding::BASE32_NOPAD;
use totp_rs::Builder;

use crate::world::World;

/// The code that an authenticator program with this seed shows at a time (RFC 6238).
pub fn code_at(seed: &TotpSeed, now: Timestamp) -> String {
    let bytes: [u8; 20] = seed.expose().try_into().expect("a seed has 20 bytes");
    let totp = Builder::new().with_secret(bytes).build();
    let seconds = u64::try_from(now.seconds()).expect("no test is before 1970");
    totp.expect("20 bytes, six digits and 30 seconds comply with the RFC")
        .generate(seconds)
        .to_string()
}

/// An authenticator program with a user's seed, and the recovery codes on paper.
pub struct Authenticator {
    seed: TotpSeed,
    /// The recovery codes as they were shown.
    pub recovery_codes: Vec<String>,
}

impl Authenticator {
    pub(crate) fn new(enabled: &EnabledTwoFactor) -> Self {
        let seed = BASE32_NOPAD
            .decode(enabled.secret.as_bytes())
            .expect("a shown seed is base 32");
        let codes = enabled.recovery_codes.iter();
        Self {
            seed: TotpSeed::from_bytes(&seed).expect("a seed has 20 bytes"),
            recovery_codes: codes.map(|code| code.to_string()).collect(),
        }
    }

    /// A program that was given this secret in base 32, without recovery codes.
    pub fn of_secret(secret: &str) -> Self {
        let seed = BASE32_NOPAD.decode(secret.as_bytes());
        let seed = seed.expect("a shown seed is base 32");
        Self {
            seed: TotpSeed::from_bytes(&seed).expect("a seed has 20 bytes"),
            recovery_codes: Vec::new(),
        }
    }

    /// The code that the program shows now.
    pub fn code(&self, world: &World) -> String {
        code_at(&self.seed, world.clock.now())
    }

    /// The code that a program shows whose clock is fast by this much.
    pub fn code_ahead(&self, world: &World, by: Duration) -> String {
        code_at(&self.seed, world.clock.now().plus(by))
    }

    /// The code that a program shows whose clock is slow by this much.
    pub fn code_behind(&self, world: &World, by: Duration) -> String {
        code_at(&self.seed, world.clock.now().minus(by))
    }

    /// Six digits that no program shows around now.
    pub fn wrong_code(&self, world: &World) -> String {
        let now = world.clock.now();
        let mut codes = (0..10).map(|digit| format!("{digit}{digit}0000"));
        codes
            .find(|code| self.seed.matching_step(code, now).is_none())
            .expect("three steps have three codes")
    }
}
