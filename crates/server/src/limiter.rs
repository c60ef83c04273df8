//! The counts of all who ask, by which requests and changes are limited (wire contract, section
//! 10). Counts are of this process alone.

use std::hash::{BuildHasher, RandomState};

use counterfoil_domain::app::ClientId;
use counterfoil_domain::id::{AccountId, AppId};
use counterfoil_domain::network::ClientAddress;
use counterfoil_domain::rate_limit::{RateBook, RateKey, RateLimits};
use parking_lot::Mutex;

/// Books, so that requests of different people seldom wait for each other.
const BOOKS: usize = 16;
/// People and addresses that are remembered at a time: about 10 MB when that many ask within an
/// hour.
const MOST: usize = 100_000;

/// The counts of all who ask.
pub(crate) struct RateLimiter {
    books: Vec<Mutex<RateBook>>,
    hasher: RandomState,
}

impl RateLimiter {
    /// Limits that nobody has used any of.
    pub(crate) fn new(limits: RateLimits) -> Self {
        let book = || Mutex::new(RateBook::new(limits, MOST / BOOKS));
        Self {
            books: std::iter::repeat_with(book).take(BOOKS).collect(),
            hasher: RandomState::new(),
        }
    }

    /// The book in which somebody is counted.
    pub(crate) fn book(&self, key: RateKey) -> &Mutex<RateBook> {
        let place = self.hasher.hash_one(key) % self.books.len() as u64;
        &self.books[usize::try_from(place).expect("there are few books")]
    }
}

/// Who asks, as far as limits go.
#[derive(Clone, Copy)]
pub(crate) enum Who<'a> {
    /// Somebody who proved nothing.
    Stranger,
    /// A user, by password or token.
    User(AccountId),
    /// An app.
    App(AppId, &'a ClientId),
}

/// Limits that bound nothing but the changes of an hour.
pub(crate) fn of_writes(per_hour: u32) -> RateLimits {
    RateLimits {
        anonymous: per_hour,
        authenticated: per_hour,
        per_minute: u32::MAX,
        at_a_time: u32::MAX,
    }
}

/// Who asks or changes too much, and so goes no further now.
#[derive(Debug)]
pub(crate) enum Limited {
    /// Whoever it is: too many requests in a minute or at a time, or too many changes.
    TooFast,
    /// A client without credentials, by its address.
    Address(ClientAddress),
    /// A user.
    User(AccountId),
    /// An app.
    App(ClientId),
}

/// How a request is counted when rate limits are on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateBucket {
    /// With most other requests.
    Core,
    /// Not at all: it asks how one stands.
    Free,
    /// Not at all, and nothing is said of limits.
    Unlimited,
}
