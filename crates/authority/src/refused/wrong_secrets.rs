//! Client secrets that were wrong: bounded by address, and told to the audit trail.
//!
//! They are no failed sign-ins and lock nobody. Whoever sends too many from one address is told so
//! instead of that the secret is wrong; a right secret passes all the same. In memory, of this
//! process alone.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use counterfoil_domain::id::AppId;
use counterfoil_domain::network::ClientAddress;
use counterfoil_domain::timestamp::Timestamp;

use crate::refused::counted::Counted;
use crate::refused::windows::Windows;

/// Wrong secrets of one app from one address in a minute that are answered as wrong.
const OF_APP: u32 = 60;
/// The same for all apps together, those among them that nobody knows.
const OF_ALL_APPS: u32 = 300;
/// For how long each is counted. Beyond the addresses and apps that are bounded at a time, a wrong
/// one is told that it is wrong, as ever.
const WHILE: Duration = Duration::from_mins(1);

/// See the module.
pub(crate) struct WrongSecrets {
    pub(super) total: AtomicU64,
    pub(super) events: Counted<(Option<AppId>, String)>,
    windows: Windows<(Of, String)>,
}

impl Default for WrongSecrets {
    fn default() -> Self {
        Self {
            total: AtomicU64::default(),
            events: Counted::default(),
            windows: Windows::of(WHILE),
        }
    }
}

/// What is bounded together.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Of {
    App(AppId),
    AllApps,
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
        let all = (Of::AllApps, address.clone());
        let of_all = self.windows.note(all, OF_ALL_APPS, now);
        let of_app = app.is_none_or(|app| self.windows.note((Of::App(app), address), OF_APP, now));
        if of_all && of_app {
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
}
