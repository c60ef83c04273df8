//! Tokens that expire, and the refresh tokens by which an app gets the next one (wire contract,
//! section 24).
//!
//! The authorization is the family: each refresh ends its access token and its refresh token and
//! gives it others. Only one refresh token of a family counts at a time, so one that was replaced
//! and comes again is known to somebody who should not know it, or was sent twice by the app.

use std::fmt;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use crate::digest::SecretDigest;
use crate::entropy::Entropy;
use crate::timestamp::Timestamp;
use crate::token::{has_checksum, random_with_checksum};
use crate::token_life::TokenLife;

/// For how long an access token of an app with expiring tokens lives.
const ACCESS_TOKEN_LIVES: Duration = Duration::from_hours(8);
/// For how long a refresh token can be exchanged.
const REFRESH_TOKEN_LIVES: Duration = Duration::from_hours(184 * 24);
/// After how long the user must agree anew, however often the app refreshes.
const FAMILY_LIVES: Duration = Duration::from_hours(366 * 24);
/// For how long the refresh token that was replaced last may come again and end nothing.
const REPEATED_BY_MISTAKE: Duration = Duration::from_secs(30);

/// A refresh token as the app holds it: `ghr_`, 30 random characters and a checksum.
#[derive(Clone)]
pub struct RefreshToken(SecretString);

impl RefreshToken {
    /// What every one begins with, so that a scanner knows it.
    pub const PREFIX: &str = "ghr_";
    const LENGTH: usize = 40;

    /// A new one, of 178 random bits.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let text = random_with_checksum(Self::PREFIX, entropy);
        Self(SecretString::from(text))
    }

    /// What is kept of the one in `text`; nothing if it is of no form that one could have.
    pub fn claimed(text: &str) -> Option<SecretDigest> {
        let body = text.strip_prefix(Self::PREFIX)?;
        (text.len() == Self::LENGTH && has_checksum(body)).then(|| SecretDigest::of(text))
    }

    /// What is kept of it.
    pub fn digest(&self) -> SecretDigest {
        SecretDigest::of(self.expose())
    }

    /// The token itself, for the one answer that delivers it.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RefreshToken(…)")
    }
}

/// Until when the two tokens live that an app gets at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExpiringLife {
    /// When they are made.
    pub made_at: Timestamp,
    /// From when on the access token is refused.
    pub access_until: Timestamp,
    /// From when on the refresh token is, and so the authorization is over.
    pub refresh_until: Timestamp,
}

impl ExpiringLife {
    /// Of tokens made `now`, of a family that began then. No token lives longer than the settings
    /// allow any to live, and none outlives its family.
    pub fn of(life: TokenLife, family_began: Timestamp, now: Timestamp) -> Self {
        let family_ends = family_began.plus(FAMILY_LIVES);
        let until = |lifetime| {
            let wish = now.plus(lifetime);
            life.cut(Some(wish), now).unwrap_or(wish).min(family_ends)
        };
        Self {
            made_at: now,
            access_until: until(ACCESS_TOKEN_LIVES),
            refresh_until: until(REFRESH_TOKEN_LIVES),
        }
    }

    /// Seconds that the access token has left, as its answer says.
    pub fn access_seconds(&self) -> u64 {
        self.access_until.since(self.made_at).as_secs()
    }

    /// Seconds that the refresh token has left.
    pub fn refresh_seconds(&self) -> u64 {
        self.refresh_until.since(self.made_at).as_secs()
    }
}

/// A refresh token as its row has it, of an authorization that lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeptRefreshToken {
    /// From when on it is refused.
    pub expires_at: Timestamp,
    /// When another one took its place, if one did.
    pub replaced_at: Option<Timestamp>,
    /// Whether it is the one that was replaced last.
    pub was_last: bool,
    /// Whether only who has the app's secret may refresh: everywhere but at the end of a device
    /// flow, whose programs have none.
    pub needs_secret: bool,
}

/// How the app proved who it is that brings a refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientStanding {
    /// By a secret that nobody else knows.
    Proved,
    /// By a secret that was published.
    Published,
    /// It named its client id, which everybody knows.
    Named,
}

/// What becomes of an attempt to refresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefreshAttempt {
    /// Other tokens take the place of those that there are.
    Rotate,
    /// The refresh token's time is over, or it wants a secret beside it.
    Refuse,
    /// It was replaced before.
    Repeated {
        /// The authorization ends: somebody has the refresh token who should not.
        ends_family: bool,
    },
}

/// Decides about an attempt with a refresh token of a live authorization. The app that sends it
/// twice by mistake, since two of its processes refresh at once or an answer was lost, does so at
/// once and with its secret; who comes later or without one is taken for a thief.
pub fn judge_refresh(
    token: KeptRefreshToken,
    client: ClientStanding,
    now: Timestamp,
) -> RefreshAttempt {
    if token.needs_secret && client == ClientStanding::Named {
        return RefreshAttempt::Refuse;
    }
    match token.replaced_at {
        None if now < token.expires_at => RefreshAttempt::Rotate,
        None => RefreshAttempt::Refuse,
        Some(at) => {
            let is_mistake = token.was_last
                && client == ClientStanding::Proved
                && now <= at.plus(REPEATED_BY_MISTAKE);
            RefreshAttempt::Repeated {
                ends_family: !is_mistake,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Zeros;

    impl Entropy for Zeros {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(0);
        }
    }

    const DAY: Duration = Duration::from_hours(24);

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    #[test]
    fn a_refresh_token_is_known_by_its_form_and_shown_by_nothing() {
        let token = RefreshToken::generate(&Zeros);
        assert!(token.expose().starts_with("ghr_"));
        assert_eq!(RefreshToken::claimed(token.expose()), Some(token.digest()));
        assert_eq!(format!("{token:?}"), "RefreshToken(…)");
        let other_prefix = token.expose().replacen("ghr_", "gho_", 1);
        let other_checksum = format!("{}1", &token.expose()[..39]);
        for text in ["", "ghr_", &other_prefix, &other_checksum, "ghr_é"] {
            assert_eq!(RefreshToken::claimed(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_left_shrinks_as_the_family_grows_old() {
        let began = at(0);
        let of = |now| ExpiringLife::of(TokenLife::default(), began, now);
        let left = |life: ExpiringLife| (life.access_seconds(), life.refresh_seconds());
        assert_eq!(left(of(began)), (28_800, 15_897_600));
        assert_eq!(left(of(began.plus(DAY * 182))), (28_800, 15_897_600));
        assert_eq!(left(of(began.plus(DAY * 183))), (28_800, 183 * 86_400));
        let last_hour = began.plus(DAY * 366).minus(Duration::from_hours(1));
        assert_eq!(left(of(last_hour)), (3_600, 3_600));
    }

    #[test]
    fn the_settings_bound_both_tokens() {
        let of = |maximum| {
            let life = TokenLife {
                maximum: Some(maximum),
                default: Some(Duration::from_mins(1)),
                idle: None,
            };
            let life = ExpiringLife::of(life, at(0), at(0));
            (life.access_seconds(), life.refresh_seconds())
        };
        assert_eq!(of(DAY * 30), (28_800, 30 * 86_400));
        assert_eq!(of(Duration::from_hours(1)), (3_600, 3_600));
    }

    #[test]
    fn only_a_repetition_at_once_and_with_a_secret_ends_nothing() {
        use ClientStanding::{Named, Proved, Published};
        let live = KeptRefreshToken {
            expires_at: at(1_000),
            replaced_at: None,
            was_last: false,
            needs_secret: false,
        };
        let of_web_flow = KeptRefreshToken {
            needs_secret: true,
            ..live
        };
        let replaced = |was_last| KeptRefreshToken {
            replaced_at: Some(at(100)),
            was_last,
            ..live
        };
        let repeated = |ends_family| RefreshAttempt::Repeated { ends_family };
        for (token, client, now, expected) in [
            (live, Proved, 999, RefreshAttempt::Rotate),
            (live, Named, 999, RefreshAttempt::Rotate),
            (live, Proved, 1_000, RefreshAttempt::Refuse),
            (of_web_flow, Proved, 999, RefreshAttempt::Rotate),
            (of_web_flow, Named, 999, RefreshAttempt::Refuse),
            (of_web_flow, Published, 999, RefreshAttempt::Rotate),
            (replaced(true), Published, 100, repeated(true)),
            (replaced(true), Proved, 100, repeated(false)),
            (replaced(true), Proved, 130, repeated(false)),
            (replaced(true), Proved, 131, repeated(true)),
            (replaced(true), Named, 100, repeated(true)),
            (replaced(false), Proved, 100, repeated(true)),
            // Longer ago than it would have lived.
            (replaced(true), Proved, 5_000, repeated(true)),
        ] {
            let judged = judge_refresh(token, client, at(now));
            assert_eq!(judged, expected, "{token:?} {client:?} {now}");
        }
    }
}
