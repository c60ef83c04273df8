//! Client secrets that were wrong: bounded by address, and told to the audit trail.
//!
//! They are no failed sign-ins and lock nobody. Whoever sends too many from one address is told so
//! instead of that the secret is wrong; a right secret passes all the same. In memory, of this
//! process alone.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};

use counterfoil_domain::id::AppId;
use counterfoil_domain::network::ClientAddress;
use counterfoil_domain::timestamp::Timestamp;
use parking_lot::Mutex;

use crate::refused::counted::Counted;

/// Wrong secrets of one app from one address in a minute that are answered as wrong.
const OF_APP: u32 = 60;
/// The same for all apps together, those among them that nobody knows.
const OF_ALL_APPS: u32 = 300;
/// Addresses and apps that are bounded at a time. What comes beyond is told that it is wrong, as
/// ever.
const MOST: usize = 10_000;
/// In seconds.
const WINDOW: u64 = 60;

/// See the module.
#[derive(Default)]
pub(crate) struct WrongSecrets {
    pub(super) total: AtomicU64,
    pub(super) events: Counted<(Option<AppId>, String)>,
    windows: Mutex<Windows>,
}

#[derive(Default)]
struct Windows {
    all: HashMap<(Of, String), Window>,
    /// When those that are over were last let go of for want of room.
    swept: Option<Timestamp>,
}

/// What is bounded together.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Of {
    App(AppId),
    AllApps,
}

struct Window {
    begun: Timestamp,
    count: u32,
}

/// How a wrong secret is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// As wrong.
    OneMore,
    /// As one too many.
    TooMany,
}

impl WrongSecrets {
    /// Counts a wrong secret, of an app or of none that lives.
    pub(crate) fn note(&self, app: Option<AppId>, from: ClientAddress, now: Timestamp) -> Wrong {
        self.total.fetch_add(1, Ordering::Relaxed);
        let address = from.key();
        self.events.note((app, address.clone()), from, now);
        let mut windows = self.windows.lock();
        let of_all = windows.note((Of::AllApps, address.clone()), OF_ALL_APPS, now);
        let of_app = app.map_or(Wrong::OneMore, |app| {
            windows.note((Of::App(app), address), OF_APP, now)
        });
        if of_all == Wrong::OneMore {
            of_app
        } else {
            of_all
        }
    }
}

impl Windows {
    fn note(&mut self, key: (Of, String), most: u32, now: Timestamp) -> Wrong {
        if self.all.len() >= MOST && !self.all.contains_key(&key) {
            self.sweep(now);
            if self.all.len() >= MOST {
                return Wrong::OneMore;
            }
        }
        let new = Window {
            begun: now,
            count: 0,
        };
        self.all.entry(key).or_insert(new).note(most, now)
    }

    /// Lets go of what is over, once a second at most: to look at all of them for each request
    /// would be work that a stranger makes.
    fn sweep(&mut self, now: Timestamp) {
        let is_early = |swept: Timestamp| now.since(swept).as_secs() < 1;
        if !self.swept.is_some_and(is_early) {
            self.all.retain(|_, window| !window.is_over(now));
            self.swept = Some(now);
        }
    }
}

impl Window {
    fn is_over(&self, now: Timestamp) -> bool {
        now.since(self.begun).as_secs() >= WINDOW
    }

    fn note(&mut self, most: u32, now: Timestamp) -> Wrong {
        if self.is_over(now) {
            *self = Self {
                begun: now,
                count: 0,
            };
        }
        self.count = self.count.saturating_add(1);
        if self.count <= most {
            Wrong::OneMore
        } else {
            Wrong::TooMany
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    fn address(text: &str) -> ClientAddress {
        text.parse().expect("an address")
    }

    #[test]
    fn beyond_sixty_a_minute_a_wrong_secret_is_one_too_many_for_this_app_and_address() {
        let wrong = WrongSecrets::default();
        let (here, there) = (address("192.0.2.1"), address("192.0.2.2"));
        let (one, other) = (Some(AppId(1)), Some(AppId(2)));
        for _ in 0..OF_APP {
            assert_eq!(wrong.note(one, here, at(0)), Wrong::OneMore);
        }
        assert_eq!(wrong.note(one, here, at(59)), Wrong::TooMany);
        assert_eq!(wrong.note(other, here, at(59)), Wrong::OneMore);
        assert_eq!(wrong.note(one, there, at(59)), Wrong::OneMore);
        assert_eq!(wrong.note(one, here, at(60)), Wrong::OneMore);
    }

    #[test]
    fn many_apps_from_one_address_have_a_bound_of_their_own() {
        let wrong = WrongSecrets::default();
        let here = address("192.0.2.1");
        for number in 0..OF_ALL_APPS {
            let app = (number % 2 == 0).then_some(AppId(i64::from(number)));
            assert_eq!(wrong.note(app, here, at(0)), Wrong::OneMore);
        }
        assert_eq!(wrong.note(None, here, at(0)), Wrong::TooMany);
    }

    #[test]
    fn what_is_remembered_of_addresses_is_bounded() {
        let wrong = WrongSecrets::default();
        for number in 0..30_000_u32 {
            let here = address(&std::net::Ipv4Addr::from(number).to_string());
            assert_eq!(wrong.note(Some(AppId(1)), here, at(0)), Wrong::OneMore);
        }
        assert!(wrong.windows.lock().all.len() <= MOST);
        wrong.note(None, address("198.51.100.1"), at(60));
        assert_eq!(wrong.windows.lock().all.len(), 1, "what is over makes room");
    }
}
