//! The device flow (wire contract, section 23): a device that has no browser shows a user a code,
//! the user types it where they are signed in, and the device asks again and again until they have.

use std::fmt;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::digest::SecretDigest;
use crate::entropy::{Entropy, random_hex, random_text};
use crate::id::{AccountId, AppId, AuthorizationId, SessionId};
use crate::key::DigestKey;
use crate::network::ClientAddress;
use crate::scope::ScopeSet;
use crate::timestamp::Timestamp;

/// For how long a device waits for its user.
pub const DEVICE_CODE_LIVES: Duration = Duration::from_mins(15);

/// How far apart the polls of a device are to be, before it was told to slow down.
pub const POLL_INTERVAL: Duration = Duration::from_secs(5);

/// By how much a device is slowed that polls too early.
pub const SLOWED_BY: Duration = Duration::from_secs(5);

/// Devices that may wait at a time, of all apps together.
pub const MOST_DEVICES_WAITING: u64 = 20_000;

/// What a device keeps to itself and polls with: 160 random bits, of which the store knows a
/// digest.
#[derive(Clone)]
pub struct DeviceCode(Zeroizing<String>);

impl DeviceCode {
    /// The longest text that is looked for.
    const LONGEST: usize = 64;

    /// A code of 160 random bits: 40 hexadecimal digits.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self(Zeroizing::new(random_hex(entropy, 20)))
    }

    /// A text that somebody claims to be one.
    pub fn claimed(text: &str) -> Self {
        // None is empty, and none is longer.
        let text = if text.len() > Self::LONGEST { "" } else { text };
        Self(Zeroizing::new(text.to_owned()))
    }

    /// The code itself, for the one answer that delivers it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is kept of it.
    pub fn digest(&self) -> SecretDigest {
        SecretDigest::of(&self.0)
    }
}

impl fmt::Debug for DeviceCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceCode(…)")
    }
}

/// What a device shows and its user types: eight letters, about 34.5 bits.
#[derive(Clone)]
pub struct UserCode(Zeroizing<String>);

/// What is kept of a user code. It can be guessed from a plain digest, so it is kept under a key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct UserCodeDigest([u8; 32]);

impl UserCode {
    /// Consonants, so that no word comes out (RFC 8628, section 6.1).
    const ALPHABET: &'static [u8] = b"BCDFGHJKLMNPQRSTVWXZ";
    const LENGTH: usize = 8;

    /// Eight letters at random.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let letters = random_text(entropy, Self::ALPHABET, Self::LENGTH);
        Self(Zeroizing::new(letters))
    }

    /// The code in what somebody typed, whatever its capitals, blanks and hyphens.
    pub fn parse(text: &str) -> Option<Self> {
        // Longer than any way to write one.
        if text.len() > 64 {
            return None;
        }
        let letters = text
            .chars()
            .filter(|letter| !letter.is_whitespace() && *letter != '-')
            .map(|letter| letter.to_ascii_uppercase());
        let letters = Zeroizing::new(letters.collect::<String>());
        let fits = letters.len() == Self::LENGTH
            && letters.bytes().all(|byte| Self::ALPHABET.contains(&byte));
        fits.then(|| Self(letters))
    }

    /// As it is shown: `WDJB-MJHT`.
    pub fn to_shown(&self) -> Zeroizing<String> {
        let (first, last) = self.0.split_at(Self::LENGTH / 2);
        Zeroizing::new(format!("{first}-{last}"))
    }

    /// What is kept of it.
    pub fn digest(&self, key: &DigestKey) -> UserCodeDigest {
        UserCodeDigest(key.digest("user code", &[self.0.as_bytes()]))
    }
}

impl fmt::Debug for UserCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UserCode(…)")
    }
}

impl UserCodeDigest {
    /// The bytes, as the store keeps them.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for UserCodeDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UserCodeDigest(…)")
    }
}

/// A device that waits, as the user who typed its code sees it.
#[derive(Clone, Debug)]
pub struct WaitingDevice {
    /// The id of its row, which its form carries.
    pub id: i64,
    /// The app that it runs.
    pub app: AppId,
    /// The scopes that it asks for.
    pub scopes: ScopeSet,
    /// From where it asked.
    pub address: ClientAddress,
    /// What it calls itself.
    pub agent: Option<String>,
    /// When it asked, by the clock of the store.
    pub asked_at: Timestamp,
    /// The session that its code was typed in, and that alone may answer.
    pub session: Option<SessionId>,
}

/// What a user answered a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceAnswer {
    /// It may have access.
    Approved,
    /// It may not, and its code is dead.
    Denied,
}

/// A device as a poll finds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolledDevice {
    /// The id of its row.
    pub id: i64,
    /// Whether its app may still use the flow, and neither the app nor its owner is suspended.
    pub app_allows: bool,
    /// What its user answered, if they did.
    pub answer: Option<DeviceAnswer>,
    /// Who let it in.
    pub account: Option<AccountId>,
    /// From when on its code is over.
    pub expires_at: Timestamp,
    /// How far apart its polls are to be.
    pub interval: Duration,
    /// When it last polled and was not too early.
    pub polled_at: Option<Timestamp>,
    /// Whether it was slowed since then.
    pub is_slowed: bool,
    /// Whether what was given is given no more.
    pub has_ended: bool,
    /// The token that it got, if it did.
    pub redeemed_for: Option<AuthorizationId>,
}

/// Why a poll is answered with no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum PollRefused {
    /// There is no such code, or not for this app, or it was exchanged before.
    #[error("there is no such device code")]
    Unknown,
    /// It comes too early; from now on the polls are to be so far apart.
    #[error("the device polls too often")]
    TooEarly(Duration),
    /// The user has not answered.
    #[error("the user has not answered")]
    Pending,
    /// The user said no.
    #[error("the user said no")]
    Denied,
    /// Its time is over, or what was given to it is given no more.
    #[error("the device code is over")]
    Expired,
    /// The flow is closed to its app.
    #[error("the device flow is closed to this app")]
    Disabled,
}

/// What is to be done about a poll.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PollVerdict {
    /// It comes too early, whatever the user answered: from now on the polls are to be so far
    /// apart.
    TooEarly {
        /// From the start of one poll to that of the next.
        interval: Duration,
        /// Whether that is more than it was told before.
        is_raised: bool,
    },
    /// The user has not answered.
    Pending,
    /// The user said no.
    Denied,
    /// Its time is over, or what was given to it is given no more.
    Expired,
    /// It got its token before.
    Spent,
    /// The flow is closed to its app.
    Disabled,
    /// It is to get its token.
    Exchange(AccountId),
}

/// Decides what a poll is answered. Whether it is too early comes first (wire contract, section
/// 23), and is told only of a code that waits.
pub fn judge_poll(device: &PolledDevice, now: Timestamp) -> PollVerdict {
    if device.redeemed_for.is_some() {
        return PollVerdict::Spent;
    }
    if now >= device.expires_at {
        return PollVerdict::Expired;
    }
    if !device.app_allows {
        return PollVerdict::Disabled;
    }
    let next = device.polled_at.map(|at| at.plus(device.interval));
    if next.is_some_and(|next| now < next) {
        let slower = if device.is_slowed {
            Duration::ZERO
        } else {
            SLOWED_BY
        };
        return PollVerdict::TooEarly {
            interval: device.interval + slower,
            is_raised: !device.is_slowed,
        };
    }
    if device.has_ended {
        return PollVerdict::Expired;
    }
    match (device.answer, device.account) {
        (Some(DeviceAnswer::Denied), _) => PollVerdict::Denied,
        (Some(DeviceAnswer::Approved), Some(account)) => PollVerdict::Exchange(account),
        _ => PollVerdict::Pending,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    fn device() -> PolledDevice {
        PolledDevice {
            id: 1,
            app_allows: true,
            answer: None,
            account: None,
            expires_at: at(900),
            interval: POLL_INTERVAL,
            polled_at: Some(at(10)),
            is_slowed: false,
            has_ended: false,
            redeemed_for: None,
        }
    }

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        for text in ["WDJB-MJHT", "wdjbmjht", " wd-jb mjht ", "W-D-J-B M J H T"] {
            let read = UserCode::parse(text).map(|code| code.to_shown().to_string());
            assert_eq!(read.as_deref(), Some("WDJB-MJHT"), "{text:?}");
        }
        for text in [
            "",
            "WDJB-MJH",
            "WDJB-MJHTT",
            "ADJB-MJHT",
            "WDJB_MJHT",
            "ＷDJBMJHT",
        ] {
            assert!(UserCode::parse(text).is_none(), "{text:?}");
        }
        assert!(UserCode::parse(&" ".repeat(1000)).is_none());
    }

    #[test]
    fn a_poll_that_comes_at_the_interval_or_later_is_never_slowed() {
        let early = |interval, is_raised| PollVerdict::TooEarly {
            interval: Duration::from_secs(interval),
            is_raised,
        };
        assert_eq!(judge_poll(&device(), at(14)), early(10, true));
        assert_eq!(judge_poll(&device(), at(15)), PollVerdict::Pending);
        let slowed = PolledDevice {
            interval: Duration::from_secs(10),
            is_slowed: true,
            ..device()
        };
        assert_eq!(judge_poll(&slowed, at(19)), early(10, false));
        assert_eq!(judge_poll(&slowed, at(20)), PollVerdict::Pending);
        let first = PolledDevice {
            polled_at: None,
            ..device()
        };
        assert_eq!(judge_poll(&first, at(0)), PollVerdict::Pending);
    }

    #[test]
    fn what_a_poll_is_answered_follows_from_what_became_of_the_device() {
        let approved = || PolledDevice {
            answer: Some(DeviceAnswer::Approved),
            account: Some(AccountId(7)),
            ..device()
        };
        let exchange = PollVerdict::Exchange(AccountId(7));
        assert_eq!(judge_poll(&approved(), at(15)), exchange);
        // Too early, though the user has said yes.
        let early = judge_poll(&approved(), at(14));
        assert!(matches!(early, PollVerdict::TooEarly { .. }), "{early:?}");
        let denied = PolledDevice {
            answer: Some(DeviceAnswer::Denied),
            account: Some(AccountId(7)),
            ..device()
        };
        assert_eq!(judge_poll(&denied, at(15)), PollVerdict::Denied);
        for (device, verdict) in [
            (
                PolledDevice {
                    redeemed_for: Some(AuthorizationId(1)),
                    ..approved()
                },
                PollVerdict::Spent,
            ),
            (
                PolledDevice {
                    has_ended: true,
                    ..approved()
                },
                PollVerdict::Expired,
            ),
            (
                PolledDevice {
                    app_allows: false,
                    ..approved()
                },
                PollVerdict::Disabled,
            ),
        ] {
            assert_eq!(judge_poll(&device, at(15)), verdict);
        }
        assert_eq!(judge_poll(&approved(), at(900)), PollVerdict::Expired);
    }
}
