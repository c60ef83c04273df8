//! What strangers ask for on devices, how often devices poll, and codes of devices that were typed
//! wrong: bounded by address and by person. What is asked for is told to the audit trail by counts.
//! Wrong codes count as no failed sign-in: they guess no credential of the user.

use std::time::Duration;

use counterfoil_domain::id::{AccountId, AppId};
use counterfoil_domain::network::ClientAddress;
use counterfoil_domain::timestamp::Timestamp;

use crate::refused::counted::Counted;
use crate::refused::windows::Windows;

/// For how long each is counted.
const WHILE: Duration = Duration::from_mins(10);
/// Requests of devices from one address.
const REQUESTS: u32 = 30;
/// For how long polls are counted: a device that waits for this to be over loses little time.
const POLLS_WHILE: Duration = Duration::from_mins(1);
/// Polls from one address. 60 devices that asked from there can wait at a time, and poll 720 times
/// as they are told to; the rest is for those that poll too early.
const POLLS: u32 = 1_200;
/// Polls from one address beyond those for which it is looked up how far apart the polls of that
/// device are to be.
const PAUSES: u32 = 1_200;
/// Wrong codes that one person types.
const WRONG_BY_PERSON: u32 = 10;
/// Wrong codes from one client address, of all its users together.
const WRONG_FROM_ADDRESS: u32 = 30;

/// See the module.
pub(crate) struct DeviceBounds {
    requests: Windows<String>,
    polls: Windows<String>,
    pauses: Windows<String>,
    wrong: Windows<WrongCode>,
    pub(super) events: Counted<(AppId, String)>,
}

/// How many polls came from an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PollBound {
    /// Few enough: this one is looked at.
    Within,
    /// Too many: it is looked up how long the device is to wait, and nothing else.
    Beyond,
    /// So many that nothing is looked up.
    FarBeyond,
}

/// Under what a wrong code is counted.
#[derive(Clone, PartialEq, Eq, Hash)]
enum WrongCode {
    By(AccountId),
    From(String),
}

impl Default for DeviceBounds {
    fn default() -> Self {
        Self {
            requests: Windows::of(WHILE),
            polls: Windows::of(POLLS_WHILE),
            pauses: Windows::of(POLLS_WHILE),
            wrong: Windows::of(WHILE),
            events: Counted::default(),
        }
    }
}

impl DeviceBounds {
    /// Counts a request of a device. Says whether it may be looked at.
    pub(crate) fn admit_request(&self, from: ClientAddress, now: Timestamp) -> bool {
        self.requests.note(from.key(), REQUESTS, now)
    }

    /// Counts a poll of a device.
    pub(crate) fn admit_poll(&self, from: ClientAddress, now: Timestamp) -> PollBound {
        if self.polls.note(from.key(), POLLS, now) {
            PollBound::Within
        } else if self.pauses.note(from.key(), PAUSES, now) {
            PollBound::Beyond
        } else {
            PollBound::FarBeyond
        }
    }

    /// Counts a device of an app that waits since then.
    pub(crate) fn note_waiting(&self, app: AppId, from: ClientAddress, now: Timestamp) {
        self.events.note((app, from.key()), from, now);
    }

    /// For how long no code may be typed, since too many were wrong.
    pub(crate) fn closed_for(
        &self,
        person: AccountId,
        from: ClientAddress,
        now: Timestamp,
    ) -> Option<Duration> {
        let by = WrongCode::By(person);
        let by = self.wrong.closed_for(&by, WRONG_BY_PERSON, now);
        let from = WrongCode::From(from.key());
        by.max(self.wrong.closed_for(&from, WRONG_FROM_ADDRESS, now))
    }

    /// Counts a code that was wrong.
    pub(crate) fn note_wrong(&self, person: AccountId, from: ClientAddress, now: Timestamp) {
        self.wrong.note(WrongCode::By(person), WRONG_BY_PERSON, now);
        let from = WrongCode::From(from.key());
        self.wrong.note(from, WRONG_FROM_ADDRESS, now);
    }
}
