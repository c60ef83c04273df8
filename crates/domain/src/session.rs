//! Sessions of users in browsers: how long they live, and the secrets that stand for them.
//!
//! A session ends when its user ends it, when it goes unused for long, when its time is over, and
//! whenever the credentials of its user change. Its time of last use is written down in batches,
//! as that of a token is, so idleness is judged with the same slack.

use std::fmt;
use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use zeroize::Zeroizing;

use crate::digest::SecretDigest;
use crate::entropy::{Entropy, random_bytes};
use crate::id::{AccountId, SessionId};
use crate::network::ClientAddress;
use crate::timestamp::Timestamp;
use crate::token_life::LAST_USED_SLACK;

/// For how long a proof counts as fresh: what protects an account, or gives another secret, asks
/// for one.
pub const FRESH: Duration = Duration::from_mins(15);

/// For how long a proof is good enough to give a token scopes that are for administrators.
pub const FRESH_FOR_ADMINISTRATORS: Duration = Duration::from_mins(5);

/// How long a password that was right waits for its code.
pub const CODE_AWAITED: Duration = Duration::from_mins(5);

/// How many codes may be tried meanwhile.
pub const CODES_TRIED: u32 = 5;

/// How long sessions live, and how many a user may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionLife {
    /// For how long a session may go unused.
    pub idle: Duration,
    /// How long a session lives at most.
    pub absolute: Duration,
    /// Live sessions of one user; one more ends the one that was used least recently.
    pub most_per_user: u32,
}

impl Default for SessionLife {
    fn default() -> Self {
        Self {
            idle: Duration::from_hours(7 * 24),
            absolute: Duration::from_hours(30 * 24),
            most_per_user: 50,
        }
    }
}

impl SessionLife {
    /// A session that was last used then or before is refused at `now`.
    pub fn idle_since(&self, now: Timestamp) -> Timestamp {
        now.minus(self.idle).minus(LAST_USED_SLACK)
    }

    /// A session that was last used then or before may be ended at `now`: each use that was served
    /// has been written down.
    pub fn idle_to_end(&self, now: Timestamp) -> Timestamp {
        self.idle_since(now).minus(LAST_USED_SLACK)
    }

    /// A session that was made then or before is over at `now`.
    pub fn made_since(&self, now: Timestamp) -> Timestamp {
        now.minus(self.absolute)
    }
}

/// A random secret that a browser keeps in a cookie: 256 bits, of which the store knows a digest.
#[derive(Clone)]
pub struct CookieSecret(Zeroizing<String>);

impl CookieSecret {
    /// Characters of one: 32 bytes in base 64 for URLs, without padding.
    const LENGTH: usize = 43;

    /// 256 random bits from the source.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let bytes: [u8; 32] = random_bytes(entropy);
        Self(Zeroizing::new(BASE64URL_NOPAD.encode(&bytes)))
    }

    /// The secret in a cookie's value; `None` for what no program of ours made.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != Self::LENGTH {
            return None;
        }
        // Decoding refuses digits whose last bits say nothing, so that one secret has one text.
        BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
        Some(Self(Zeroizing::new(text.to_owned())))
    }

    /// The text that goes into the cookie.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is kept of it.
    pub fn digest(&self) -> SecretDigest {
        SecretDigest::of(&self.0)
    }
}

impl fmt::Debug for CookieSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CookieSecret(…)")
    }
}

/// A password that waited for a code has become a session already, or its time is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("this sign-in was used already")]
pub struct SignInRepeated;

/// A session in a browser that has not ended, as a row of the store has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its id, which stays when its secret changes.
    pub id: SessionId,
    /// The user who signed in.
    pub account: AccountId,
    /// What is kept of its secret.
    pub digest: SecretDigest,
    /// When the user signed in.
    pub created_at: Timestamp,
    /// When the user last proved in it who they are.
    pub confirmed_at: Timestamp,
    /// When it was last used, as far as that was written down.
    pub last_used_at: Timestamp,
    /// From where it was last used; personal.
    pub address: ClientAddress,
    /// The program that the browser said it is; personal.
    pub agent: Option<String>,
    /// When it ends by itself however much it is used.
    pub ends_at: Timestamp,
}

impl Session {
    /// Whether the user proved in it a short while ago who they are.
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        now.since(self.confirmed_at) < FRESH
    }

    /// Whether that was so short a while ago that scopes for administrators may be given.
    pub fn is_fresh_for_administrators(&self, now: Timestamp) -> bool {
        now.since(self.confirmed_at) < FRESH_FOR_ADMINISTRATORS
    }
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

    fn entropy() -> Counting {
        Counting(0.into())
    }

    #[test]
    fn a_cookie_s_secret_has_one_text() {
        let secret = CookieSecret::generate(&entropy());
        let text = secret.expose().to_owned();
        let again = CookieSecret::parse(&text).expect("it is one");
        assert_eq!(again.digest(), secret.digest());
        let mut other = text.clone();
        // The last digit carries two bits that no byte has.
        other.replace_range(42.., if text.ends_with('9') { "8" } else { "9" });
        for text in ["", &text[1..], &other, &format!("{text}A"), &"*".repeat(43)] {
            assert!(CookieSecret::parse(text).is_none(), "{text}");
        }
        assert!(!format!("{secret:?}").contains(&text));
    }

    #[test]
    fn idleness_is_judged_with_the_slack_of_what_is_written_down() {
        let life = SessionLife::default();
        let now = Timestamp::from_seconds(1_700_000_000);
        let refused = now.minus(life.idle).minus(LAST_USED_SLACK);
        assert_eq!(life.idle_since(now), refused);
        assert_eq!(life.idle_to_end(now), refused.minus(LAST_USED_SLACK));
    }
}
