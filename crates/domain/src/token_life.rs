//! How long a token lives: until it expires, until nobody used it for long, or until somebody ends
//! it.
//!
//! The time of last use is written down in batches, so what a reader finds may be old by
//! [`LAST_USED_SLACK`]. Idleness is judged with that slack, twice:
//!
//! * a token is *refused* once it was not seen for the idle lifetime and the slack, so that nobody
//!   who uses a token as often as the setting demands is ever refused, on whichever node the last
//!   use was;
//! * its record *ends* one slack later, when a use that was still served has been written down.

use std::time::Duration;

use crate::lifecycle::EndReason;
use crate::timestamp::Timestamp;

/// How old the written time of last use may be: batches are written at least every 60 seconds, and
/// a write may wait.
pub const LAST_USED_SLACK: Duration = Duration::from_secs(90);

/// The shortest idle lifetime that can be set: far longer than the slack with which it is judged.
pub const SHORTEST_IDLE_LIFETIME: Duration = Duration::from_hours(1);

/// What the settings say about how long tokens live; `None` is without end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TokenLife {
    /// The lifetime of a token that is made without one.
    pub default: Option<Duration>,
    /// The longest lifetime that a token may have.
    pub maximum: Option<Duration>,
    /// For how long a token may go unused.
    pub idle: Option<Duration>,
}

/// The times of one token that its life depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenTimes {
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last seen, as far as the asker knows.
    pub last_used_at: Option<Timestamp>,
    /// From when on it is refused however often it is used.
    pub expires_at: Option<Timestamp>,
}

/// How long a person wants a token to live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WantedLife {
    /// Until this moment, from which on it is refused.
    Until(Timestamp),
    /// Until somebody ends it.
    WithoutEnd,
}

/// A lifetime was asked for that is longer than the settings allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a token may live for {} seconds at most", maximum.as_secs())]
pub struct LivesTooLong {
    /// How long a token may live by the settings.
    pub maximum: Duration,
}

impl TokenLife {
    /// When a token made at `now` expires, for a client that was not asked how long it should live
    /// or cannot be told that it asked for too much: without a wish it gets the default, and beyond
    /// the maximum it is cut.
    pub fn cut(&self, wish: Option<Timestamp>, now: Timestamp) -> Option<Timestamp> {
        let wish = wish.or_else(|| self.default.map(|lifetime| now.plus(lifetime)));
        earlier(wish, self.maximum.map(|lifetime| now.plus(lifetime)))
    }

    /// When a token made at `now` expires, for a person who can be told that the wish is too long.
    /// Without a wish it gets the default, or the maximum where that is shorter.
    pub fn grant(
        &self,
        wish: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, LivesTooLong> {
        match (wish, self.maximum) {
            (Some(wish), Some(maximum)) if wish > now.plus(maximum) => {
                Err(LivesTooLong { maximum })
            }
            (wish, _) => Ok(self.cut(wish, now)),
        }
    }

    /// When a token made at `now` expires, for a person who chose it, also that it should not: what
    /// the settings give to those who are not asked says nothing then.
    pub fn choose(
        &self,
        wanted: WantedLife,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, LivesTooLong> {
        match (wanted, self.maximum) {
            (WantedLife::Until(wish), _) => self.grant(Some(wish), now),
            (WantedLife::WithoutEnd, None) => Ok(None),
            (WantedLife::WithoutEnd, Some(maximum)) => Err(LivesTooLong { maximum }),
        }
    }

    /// From when on a token is refused, if nobody uses it meanwhile; `None` is never.
    pub fn refused_from(&self, times: TokenTimes) -> Option<Timestamp> {
        let idle = self
            .idle
            .map(|idle| times.last_sign_of_life().plus(idle).plus(LAST_USED_SLACK));
        earlier(times.expires_at, idle)
    }

    /// Whether a token is accepted at `now`.
    pub fn is_live(&self, times: TokenTimes, now: Timestamp) -> bool {
        self.refused_from(times).is_none_or(|from| now < from)
    }

    /// Why a token that nobody ended is over at `now`, if it is.
    pub fn lapsed(&self, times: TokenTimes, now: Timestamp) -> Option<EndReason> {
        if times.expires_at.is_some_and(|at| at <= now) {
            Some(EndReason::Expired)
        } else if self.is_live(times, now) {
            None
        } else {
            Some(EndReason::Idle)
        }
    }

    /// A token whose last sign of life is not after this is refused at `now`, for a store that
    /// compares by itself.
    pub fn idle_since(&self, now: Timestamp) -> Timestamp {
        self.idle
            .map_or(Timestamp::from_microseconds(i64::MIN), |idle| {
                now.minus(idle).minus(LAST_USED_SLACK)
            })
    }

    /// A token whose last sign of life is not after this may be ended at `now`.
    pub fn idle_to_end(&self, now: Timestamp) -> Option<Timestamp> {
        self.idle
            .map(|_| self.idle_since(now).minus(LAST_USED_SLACK))
    }
}

impl TokenTimes {
    /// When the token was last seen, or made.
    pub fn last_sign_of_life(&self) -> Timestamp {
        let used = self.last_used_at.unwrap_or(self.created_at);
        used.max(self.created_at)
    }
}

fn earlier(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_000_000);
    const DAY: Duration = Duration::from_hours(24);

    fn unused() -> TokenTimes {
        TokenTimes {
            created_at: NOW,
            last_used_at: None,
            expires_at: None,
        }
    }

    fn life(default: u64, maximum: u64, idle: u64) -> TokenLife {
        let days = |days: u64| (days > 0).then(|| Duration::from_hours(24 * days));
        TokenLife {
            default: days(default),
            maximum: days(maximum),
            idle: days(idle),
        }
    }

    #[test]
    fn a_token_without_bounds_lives_on() {
        assert_eq!(TokenLife::default().refused_from(unused()), None);
        assert_eq!(TokenLife::default().cut(None, NOW), None);
        assert!(TokenLife::default().idle_since(NOW) < unused().last_sign_of_life());
    }

    #[test]
    fn the_default_holds_without_a_wish_and_the_maximum_always() {
        assert_eq!(life(7, 0, 0).cut(None, NOW), Some(NOW.plus(DAY * 7)));
        assert_eq!(life(7, 3, 0).cut(None, NOW), Some(NOW.plus(DAY * 3)));
        assert_eq!(life(0, 3, 0).cut(None, NOW), Some(NOW.plus(DAY * 3)));
        let wish = Some(NOW.plus(DAY));
        assert_eq!(life(7, 3, 0).cut(wish, NOW), wish);
        let too_long = Some(NOW.plus(DAY * 4));
        assert_eq!(life(7, 3, 0).cut(too_long, NOW), Some(NOW.plus(DAY * 3)));
    }

    #[test]
    fn a_person_is_told_that_a_wish_is_too_long() {
        let refused = LivesTooLong { maximum: DAY * 3 };
        let too_long = NOW.plus(DAY * 3).plus(Duration::from_micros(1));
        assert_eq!(life(7, 3, 0).grant(Some(too_long), NOW), Err(refused));
        let just = Some(NOW.plus(DAY * 3));
        assert_eq!(life(7, 3, 0).grant(just, NOW), Ok(just));
        assert_eq!(life(7, 3, 0).grant(None, NOW), Ok(just));
    }

    #[test]
    fn who_chooses_no_end_gets_none_unless_there_is_a_maximum() {
        assert_eq!(life(7, 0, 0).choose(WantedLife::WithoutEnd, NOW), Ok(None));
        let refused = LivesTooLong { maximum: DAY * 3 };
        let endless = life(0, 3, 0).choose(WantedLife::WithoutEnd, NOW);
        assert_eq!(endless, Err(refused));
        let until = |days| WantedLife::Until(NOW.plus(DAY * days));
        assert_eq!(life(7, 3, 0).choose(until(4), NOW), Err(refused));
        let just = Ok(Some(NOW.plus(DAY * 3)));
        assert_eq!(life(7, 3, 0).choose(until(3), NOW), just);
    }

    #[test]
    fn idleness_counts_from_the_last_use_or_from_the_making() {
        let idle = life(0, 0, 1);
        let unused_until = NOW.plus(DAY).plus(LAST_USED_SLACK);
        assert_eq!(idle.refused_from(unused()), Some(unused_until));
        let used = TokenTimes {
            last_used_at: Some(NOW.plus(DAY)),
            ..unused()
        };
        assert_eq!(idle.refused_from(used), Some(unused_until.plus(DAY)));
        // A clock that was set back between making and use takes nothing away.
        let used_before = TokenTimes {
            last_used_at: Some(NOW.minus(DAY)),
            ..unused()
        };
        assert_eq!(idle.refused_from(used_before), Some(unused_until));
    }

    #[test]
    fn whichever_bound_comes_first_holds() {
        let idle = life(0, 0, 2);
        for (expires, refused) in [(1, DAY), (3, DAY * 2 + LAST_USED_SLACK)] {
            let times = TokenTimes {
                expires_at: Some(NOW.plus(DAY * expires)),
                ..unused()
            };
            let from = NOW.plus(refused);
            assert_eq!(idle.refused_from(times), Some(from));
            assert!(idle.is_live(times, from.minus(Duration::from_micros(1))));
            assert!(!idle.is_live(times, from));
        }
    }

    #[test]
    fn what_is_over_says_why() {
        let idle = life(0, 0, 2);
        let times = TokenTimes {
            expires_at: Some(NOW.plus(DAY * 3)),
            ..unused()
        };
        assert_eq!(idle.lapsed(times, NOW.plus(DAY)), None);
        let idle_at = NOW.plus(DAY * 2).plus(LAST_USED_SLACK);
        assert_eq!(idle.lapsed(times, idle_at), Some(EndReason::Idle));
        let expired_at = NOW.plus(DAY * 3);
        assert_eq!(idle.lapsed(times, expired_at), Some(EndReason::Expired));
    }

    #[test]
    fn the_store_draws_the_line_where_the_check_does() {
        let idle = life(0, 0, 2);
        let refused = idle.refused_from(unused()).unwrap();
        let before = refused.minus(Duration::from_micros(1));
        assert!(unused().last_sign_of_life() > idle.idle_since(before));
        assert!(unused().last_sign_of_life() <= idle.idle_since(refused));
        // A use that was served in the last moment is written down before the record may end.
        let ends = refused.plus(LAST_USED_SLACK);
        assert_eq!(idle.idle_to_end(ends), Some(unused().last_sign_of_life()));
    }
}
