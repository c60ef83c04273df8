//! How many requests somebody may make (wire contract, section 10).
//!
//! The main limit counts in windows of an hour that begin with the first request: 60 for an address
//! without credentials, 5,000 for a user with all tokens together, or for an app. Secondary limits
//! stop bursts: requests in a minute, and at a time. Counts are of one process, in bounded memory,
//! and gone when it ends.

use std::collections::HashMap;
use std::time::Duration;

use crate::id::{AccountId, AppId};
use crate::network::ClientAddress;
use crate::timestamp::Timestamp;

/// How long a window of the main limit is.
pub const WINDOW: Duration = Duration::from_hours(1);
/// How long a window of the secondary limit is.
pub const BURST_WINDOW: Duration = Duration::from_mins(1);
/// How many of those who use least are compared when somebody must be forgotten to make room.
const COMPARED: usize = 16;

/// How many requests there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimits {
    /// In an hour, from an address without credentials.
    pub anonymous: u32,
    /// In an hour, of one user or one app.
    pub authenticated: u32,
    /// In a minute, of whomever.
    pub per_minute: u32,
    /// At a time, of whomever.
    pub at_a_time: u32,
}

impl Default for RateLimits {
    fn default() -> Self {
        Self {
            anonymous: 60,
            authenticated: 5_000,
            per_minute: 900,
            at_a_time: 100,
        }
    }
}

/// Whose requests are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RateKey {
    /// Those without credentials, or with wrong ones, from one address; IPv6 addresses of one /64
    /// count as one.
    Address(ClientAddress),
    /// Those of a user, with a password or any token.
    User(AccountId),
    /// Those of an app, with its client id and secret.
    App(AppId),
}

impl RateKey {
    /// The key of requests from an address.
    pub fn of_address(address: ClientAddress) -> Self {
        Self::Address(address.counted_as())
    }

    fn limit(self, limits: &RateLimits) -> u32 {
        match self {
            Self::Address(_) => limits.anonymous,
            Self::User(_) | Self::App(_) => limits.authenticated,
        }
    }
}

/// How somebody stands with the main limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateStatus {
    /// Requests in a window.
    pub limit: u32,
    /// Requests counted in this one.
    pub used: u32,
    /// When the window ends.
    pub reset_at: Timestamp,
}

impl RateStatus {
    /// Requests that are left in this window.
    pub fn remaining(&self) -> u32 {
        self.limit.saturating_sub(self.used)
    }
}

/// Why a request was not admitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateRefused {
    /// The hour's requests are used up.
    Primary(RateStatus),
    /// Too many in a minute or at a time; the hour stands like this.
    Secondary(RateStatus),
}

/// Whether a request that was admitted counts in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counts {
    /// It counts, whatever was answered.
    Yes,
    /// It does not: nothing had changed since the client asked before (304).
    No,
}

/// The counts of all who made requests lately.
#[derive(Debug)]
pub struct RateBook {
    limits: RateLimits,
    most: usize,
    entries: HashMap<RateKey, Entry>,
    swept_at: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Entry {
    hour: Window,
    minute: Window,
    running: u32,
}

/// A count and when it began.
#[derive(Clone, Copy, Debug, Default)]
struct Window {
    began_at: Option<Timestamp>,
    used: u32,
}

impl Window {
    /// The window that `now` is in: this one, or a new one when this is over. A clock that was set
    /// back ends none.
    fn at(self, now: Timestamp, length: Duration) -> Self {
        match self.began_at {
            Some(began_at) if now.since(began_at) < length => self,
            Some(_) | None => Self {
                began_at: Some(now),
                used: 0,
            },
        }
    }

    fn end(&self, length: Duration, now: Timestamp) -> Timestamp {
        self.began_at.unwrap_or(now).plus(length)
    }
}

impl RateBook {
    /// An empty book that remembers `most` at a time.
    pub fn new(limits: RateLimits, most: usize) -> Self {
        Self {
            limits,
            most: most.max(1),
            entries: HashMap::new(),
            swept_at: None,
        }
    }

    /// Admits a request and counts it, or refuses it, which counts nothing. What was admitted must
    /// be [finished](Self::finish).
    pub fn admit(&mut self, key: RateKey, now: Timestamp) -> Result<RateStatus, RateRefused> {
        self.make_room(key, now);
        let limit = key.limit(&self.limits);
        let entry = self.entries.entry(key).or_default();
        entry.hour = entry.hour.at(now, WINDOW);
        entry.minute = entry.minute.at(now, BURST_WINDOW);
        let status = |used| RateStatus {
            limit,
            used,
            reset_at: entry.hour.end(WINDOW, now),
        };
        if entry.hour.used >= limit {
            return Err(RateRefused::Primary(status(entry.hour.used)));
        }
        if entry.minute.used >= self.limits.per_minute || entry.running >= self.limits.at_a_time {
            return Err(RateRefused::Secondary(status(entry.hour.used)));
        }
        let status = status(entry.hour.used + 1);
        entry.hour.used += 1;
        entry.minute.used += 1;
        entry.running += 1;
        Ok(status)
    }

    /// Ends a request that was admitted, and says how its sender stands if it did not count.
    pub fn finish(&mut self, key: RateKey, counts: Counts, now: Timestamp) -> RateStatus {
        if let Some(entry) = self.entries.get_mut(&key) {
            entry.running = entry.running.saturating_sub(1);
            if counts == Counts::No {
                entry.hour.used = entry.hour.used.saturating_sub(1);
            }
        }
        self.status(key, now)
    }

    /// How somebody stands, without counting.
    pub fn status(&self, key: RateKey, now: Timestamp) -> RateStatus {
        let entry = self.entries.get(&key).copied().unwrap_or_default();
        let hour = entry.hour.at(now, WINDOW);
        RateStatus {
            limit: key.limit(&self.limits),
            used: hour.used,
            reset_at: hour.end(WINDOW, now),
        }
    }

    /// Makes room for a newcomer: first whoever's windows are over goes, then one of those who used
    /// least, so that who asks from many addresses pushes out nobody who has nearly used up what
    /// there is.
    fn make_room(&mut self, newcomer: RateKey, now: Timestamp) {
        if self.entries.len() < self.most || self.entries.contains_key(&newcomer) {
            return;
        }
        let swept_lately = self.swept_at.is_some_and(|at| now.since(at) < BURST_WINDOW);
        if !swept_lately {
            self.swept_at = Some(now);
            self.entries.retain(|_, entry| {
                let is_over = entry.hour.end(WINDOW, now) <= now;
                entry.running > 0 || !is_over
            });
        }
        if self.entries.len() >= self.most {
            let idle = self.entries.iter().filter(|(_, entry)| entry.running == 0);
            let least = idle
                .take(COMPARED)
                .min_by_key(|(_, entry)| entry.hour.used)
                .map(|(key, _)| *key);
            // When all are at work, more than ever fit at a time are: the book grows by as many as
            // there are connections.
            if let Some(least) = least {
                self.entries.remove(&least);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_000_000);
    const MONA: RateKey = RateKey::User(AccountId(1));

    fn limits(hour: u32, minute: u32, at_a_time: u32) -> RateLimits {
        RateLimits {
            anonymous: hour,
            authenticated: hour,
            per_minute: minute,
            at_a_time,
        }
    }

    fn one(book: &mut RateBook, key: RateKey, now: Timestamp) -> Result<RateStatus, RateRefused> {
        let admitted = book.admit(key, now);
        if admitted.is_ok() {
            book.finish(key, Counts::Yes, now);
        }
        admitted
    }

    #[test]
    fn an_hour_begins_with_the_first_request_and_ends_an_hour_later() {
        let mut book = RateBook::new(limits(2, 100, 100), 10);
        let reset_at = NOW.plus(WINDOW);
        let status = |used| RateStatus {
            limit: 2,
            used,
            reset_at,
        };
        assert_eq!(one(&mut book, MONA, NOW), Ok(status(1)));
        let later = reset_at.minus(Duration::from_micros(1));
        assert_eq!(one(&mut book, MONA, later), Ok(status(2)));
        let refused = RateRefused::Primary(status(2));
        assert_eq!(one(&mut book, MONA, later), Err(refused));
        let next = RateStatus {
            reset_at: reset_at.plus(WINDOW),
            ..status(1)
        };
        assert_eq!(one(&mut book, MONA, reset_at), Ok(next));
        assert_eq!(next.remaining(), 1);
    }

    #[test]
    fn users_apps_and_addresses_are_counted_apart() {
        let mut book = RateBook::new(limits(1, 100, 100), 10);
        let address = |text: &str| RateKey::of_address(text.parse().unwrap());
        for key in [
            MONA,
            RateKey::User(AccountId(2)),
            RateKey::App(AppId(1)),
            address("192.0.2.1"),
            address("2001:db8::1"),
        ] {
            assert!(one(&mut book, key, NOW).is_ok());
            assert!(one(&mut book, key, NOW).is_err());
        }
        // The same /64.
        assert!(one(&mut book, address("2001:db8::2"), NOW).is_err());
        assert!(one(&mut book, address("2001:db8:0:1::1"), NOW).is_ok());
    }

    #[test]
    fn what_does_not_count_is_given_back() {
        let mut book = RateBook::new(limits(1, 100, 100), 10);
        for _ in 0..3 {
            assert!(book.admit(MONA, NOW).is_ok());
            assert_eq!(book.finish(MONA, Counts::No, NOW).used, 0);
        }
        assert_eq!(book.status(MONA, NOW).remaining(), 1);
    }

    #[test]
    fn bursts_are_refused_without_using_up_the_hour() {
        let mut book = RateBook::new(limits(10, 2, 100), 10);
        one(&mut book, MONA, NOW).unwrap();
        let used = one(&mut book, MONA, NOW).unwrap();
        assert_eq!(one(&mut book, MONA, NOW), Err(RateRefused::Secondary(used)));
        assert!(one(&mut book, MONA, NOW.plus(BURST_WINDOW)).is_ok());

        let mut book = RateBook::new(limits(10, 10, 1), 10);
        book.admit(MONA, NOW).unwrap();
        assert!(matches!(
            book.admit(MONA, NOW),
            Err(RateRefused::Secondary(_))
        ));
        book.finish(MONA, Counts::Yes, NOW);
        assert!(book.admit(MONA, NOW).is_ok());
    }

    #[test]
    fn the_book_is_bounded_and_keeps_who_used_most() {
        let mut book = RateBook::new(limits(5, 100, 100), 3);
        for _ in 0..5 {
            one(&mut book, MONA, NOW).unwrap();
        }
        for id in 2..100 {
            one(&mut book, RateKey::User(AccountId(id)), NOW).unwrap();
            assert!(book.entries.len() <= 3);
        }
        assert!(one(&mut book, MONA, NOW).is_err());
        // An hour later nobody is worth remembering.
        one(&mut book, RateKey::User(AccountId(200)), NOW.plus(WINDOW)).unwrap();
        assert_eq!(book.entries.len(), 1);
    }
}
