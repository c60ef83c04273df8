//! How the parts of an installation are, and from when on somebody should do something about it.
//!
//! What is measured is measured elsewhere; these are the judgements, which `counterfoil doctor` and
//! the page of administrators share. A judgement names nobody and holds no secret.

use std::time::Duration;

use crate::key::KeyId;
use crate::timestamp::Timestamp;

/// How all parts are that a server can look at while it serves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// Whether the database takes writes.
    pub database: DatabaseHealth,
    /// How much room the database takes, as it was last counted.
    pub database_size: Option<DatabaseSize>,
    /// Whether changes are committed, each with its event.
    pub trail: TrailHealth,
    /// Whether changes of other processes are heard of.
    pub feed: FeedHealth,
    /// Whether the clocks that count agree.
    pub clock: ClockHealth,
    /// The processes that serve from this database.
    pub nodes: NodesHealth,
    /// How the outbox stands.
    pub mail: MailHealth,
    /// The certificate in use.
    pub certificate: CertificateHealth,
    /// The keys that the database needs.
    pub keys: KeysHealth,
    /// Passwords that wait to be verified.
    pub passwords: PasswordQueueHealth,
    /// Users without a second factor of whom one is required.
    pub second_factor: SecondFactorHealth,
}

/// Whether the database takes writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DatabaseHealth {
    /// One was confirmed within the last second.
    Good,
    /// It answers, and takes none.
    TakesNoWrites,
    /// It cannot be reached, or does not answer in time.
    Silent,
}

/// How much room the database takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DatabaseSize {
    /// Bytes on its disk.
    pub bytes: u64,
    /// When that was counted.
    pub at: Timestamp,
}

/// Whether changes are committed, each with its event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrailHealth {
    /// Every commit of this process succeeded.
    Good {
        /// When the newest event happened.
        newest: Option<Timestamp>,
    },
    /// Changes, and their events with them, came to nothing.
    CommitsFailed {
        /// So many since this process began.
        count: u64,
    },
}

/// Whether changes of other processes are heard of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeedHealth {
    /// They are: this long ago for the last time.
    Good {
        /// The age of what was heard last.
        age: Duration,
    },
    /// Nothing was heard for so long that nothing is answered from memory.
    Lost,
}

/// Clocks that a server and its database go by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockHealth {
    /// They agree well enough.
    Good,
    /// This machine's clock and the database's differ.
    Apart {
        /// By how much they do.
        by: Duration,
        /// Whether it is this machine's that is ahead.
        is_ahead: bool,
    },
    /// The trail has events that are still to come.
    EventsToCome {
        /// The time of one of them.
        at: Timestamp,
    },
}

/// The processes that serve from one database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodesHealth {
    /// All of them judge alike.
    Good {
        /// How many they are.
        count: u64,
    },
    /// None has said for a minute that it is there: that cannot be written down.
    Unseen,
    /// Some are older programs, so what these would judge wrongly is not used yet.
    SomeOlder {
        /// How many they are.
        count: u64,
        /// How many of them are older.
        older: u64,
    },
    /// Some are newer programs than this one.
    SomeNewer {
        /// How many they are.
        count: u64,
        /// How many of them are newer.
        newer: u64,
    },
}

/// How the mail stands that waits to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailHealth {
    /// No mail is sent, and none waits.
    Off,
    /// It goes, or went lately.
    Good {
        /// How many mails wait.
        waiting: u64,
        /// How much of that no server took so far.
        tried: u64,
    },
    /// Mail waits, and none is sent.
    NoServer {
        /// How many mails wait.
        waiting: u64,
    },
    /// The database was restored or copied, and none is sent before somebody says so.
    Paused {
        /// How many mails wait.
        waiting: u64,
    },
    /// Mail waits too long.
    Stuck {
        /// How many mails wait.
        waiting: u64,
        /// Since when the oldest does.
        oldest: Timestamp,
    },
}

/// The certificate that clients are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateHealth {
    /// This server has none: what is before it encrypts, or nothing does.
    Absent,
    /// Its end cannot be read.
    Unreadable,
    /// It is valid for long enough.
    Good {
        /// The last moment of it.
        until: Timestamp,
    },
    /// It should have been renewed.
    EndsSoon {
        /// When it will end.
        until: Timestamp,
    },
    /// It is over, and clients refuse it.
    Ended {
        /// When it came to its end.
        at: Timestamp,
    },
}

/// The keys that the database needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeysHealth {
    /// Every one is there.
    Good {
        /// How many they are.
        count: u64,
    },
    /// This one was not given to this process, or is another one under its id.
    Missing(KeyId),
}

/// Passwords that wait to be verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordQueueHealth {
    /// There is room for more.
    Good {
        /// How many wait now.
        waiting: u64,
    },
    /// So many wait that strangers are turned away.
    Crowded {
        /// How many wait now.
        waiting: u64,
        /// How many may wait.
        most: u64,
    },
}

/// Users who should have a second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecondFactorHealth {
    /// None is required of anybody.
    NotRequired,
    /// Nobody is late with it.
    Good,
    /// Nobody is late among the accounts up to this id, and there are so many that no more were
    /// looked at.
    GoodSoFar {
        /// The id of the last account that was looked at.
        looked_to: i64,
    },
    /// Some are, and are let in nowhere before they have one.
    Overdue {
        /// How many they are.
        count: u64,
        /// Whether there may be more.
        or_more: bool,
    },
}

/// Clocks of two machines that differ by more are not merely a little off.
const CLOCKS_APART: Duration = Duration::from_secs(5);
/// How far events may be ahead of the clock without a reason to worry.
const EVENTS_AHEAD: Duration = Duration::from_mins(2);
/// How long a mail may wait before something is wrong: by then it was tried several times.
const MAIL_PATIENCE: Duration = Duration::from_mins(15);
/// A certificate that ends sooner should have been renewed.
const CERTIFICATE_MARGIN: Duration = Duration::from_hours(14 * 24);

impl ClockHealth {
    /// Of two clocks, the second of which is so many microseconds ahead of the first, which is this
    /// machine's; behind if that is below zero.
    pub fn of_clocks(other_is_ahead_by: i64) -> Self {
        let by = Duration::from_micros(other_is_ahead_by.unsigned_abs());
        if by > CLOCKS_APART {
            Self::Apart {
                by,
                is_ahead: other_is_ahead_by < 0,
            }
        } else {
            Self::Good
        }
    }

    /// Of a clock that says it is `now`, by the newest event of the trail.
    pub fn of_newest_event(at: Timestamp, now: Timestamp) -> Self {
        if at > now.plus(EVENTS_AHEAD) {
            Self::EventsToCome { at }
        } else {
            Self::Good
        }
    }
}

impl NodesHealth {
    /// Of the levels of all that were seen, by a process of the level `own`.
    pub fn of_levels(levels: &[i64], own: i64) -> Self {
        let number = |wanted: fn(&i64, &i64) -> bool| {
            let such = levels.iter().filter(|level| wanted(level, &own));
            u64::try_from(such.count()).unwrap_or(u64::MAX)
        };
        let count = number(|_, _| true);
        let (older, newer) = (
            number(|level, own| level < own),
            number(|level, own| level > own),
        );
        match (count, older, newer) {
            (0, _, _) => Self::Unseen,
            (count, 0, 0) => Self::Good { count },
            (count, 0, newer) => Self::SomeNewer { count, newer },
            (count, older, _) => Self::SomeOlder { count, older },
        }
    }
}

/// How the outbox stands, as far as it is judged by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WaitingMail {
    /// Whether there is a server to send by.
    pub has_server: bool,
    /// Whether the database was restored or copied and nothing goes.
    pub is_paused: bool,
    /// How many mails wait.
    pub waiting: u64,
    /// How much of that no server took so far.
    pub tried: u64,
    /// Since when the oldest waits.
    pub oldest: Option<Timestamp>,
}

impl MailHealth {
    /// Of an outbox at `now`.
    pub fn of(mail: WaitingMail, now: Timestamp) -> Self {
        let WaitingMail { waiting, tried, .. } = mail;
        let oldest = mail.oldest.filter(|at| now.since(*at) > MAIL_PATIENCE);
        match (mail.has_server, oldest) {
            _ if mail.is_paused => Self::Paused { waiting },
            (false, _) if waiting > 0 => Self::NoServer { waiting },
            (false, _) => Self::Off,
            (true, Some(oldest)) => Self::Stuck { waiting, oldest },
            (true, None) => Self::Good { waiting, tried },
        }
    }
}

impl CertificateHealth {
    /// Of a certificate that is valid until then.
    pub fn of(until: Timestamp, now: Timestamp) -> Self {
        if until <= now {
            Self::Ended { at: until }
        } else if until.since(now) < CERTIFICATE_MARGIN {
            Self::EndsSoon { until }
        } else {
            Self::Good { until }
        }
    }
}

impl PasswordQueueHealth {
    /// Of a queue with so many places: from half of them on strangers are turned away.
    pub fn of(waiting: u64, most: u64) -> Self {
        if waiting.saturating_mul(2) > most {
            Self::Crowded { waiting, most }
        } else {
            Self::Good { waiting }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_796_329_860);

    #[test]
    fn clocks_may_be_five_seconds_apart() {
        for (ahead, expected) in [
            (0, ClockHealth::Good),
            (5_000_000, ClockHealth::Good),
            (-5_000_000, ClockHealth::Good),
        ] {
            assert_eq!(ClockHealth::of_clocks(ahead), expected, "{ahead}");
        }
        for (ahead, is_ahead) in [(5_000_001, false), (-5_000_001, true)] {
            let by = Duration::from_micros(5_000_001);
            let expected = ClockHealth::Apart { by, is_ahead };
            assert_eq!(ClockHealth::of_clocks(ahead), expected, "{ahead}");
        }
    }

    #[test]
    fn an_event_may_be_two_minutes_ahead() {
        let judge = |at| ClockHealth::of_newest_event(at, NOW);
        let near = NOW.plus(EVENTS_AHEAD);
        assert_eq!(judge(near), ClockHealth::Good);
        let far = near.plus(Duration::from_micros(1));
        assert_eq!(judge(far), ClockHealth::EventsToCome { at: far });
    }

    #[test]
    fn programs_of_different_levels_are_told_apart() {
        for (levels, expected) in [
            (&[][..], NodesHealth::Unseen),
            (&[2, 2], NodesHealth::Good { count: 2 }),
            (&[2, 1, 2], NodesHealth::SomeOlder { count: 3, older: 1 }),
            (&[2, 3], NodesHealth::SomeNewer { count: 2, newer: 1 }),
            (&[1, 2, 3], NodesHealth::SomeOlder { count: 3, older: 1 }),
        ] {
            assert_eq!(NodesHealth::of_levels(levels, 2), expected, "{levels:?}");
        }
    }

    #[test]
    fn mail_that_is_paused_is_told_before_all_else_and_may_wait_a_quarter_of_an_hour() {
        let mail = WaitingMail {
            has_server: true,
            is_paused: false,
            waiting: 3,
            tried: 1,
            oldest: Some(NOW.minus(MAIL_PATIENCE)),
        };
        let judge = |mail| MailHealth::of(mail, NOW);
        let good = MailHealth::Good {
            waiting: 3,
            tried: 1,
        };
        assert_eq!(judge(mail), good);
        let oldest = NOW.minus(MAIL_PATIENCE + Duration::from_micros(1));
        let stuck = WaitingMail {
            oldest: Some(oldest),
            ..mail
        };
        assert_eq!(judge(stuck), MailHealth::Stuck { waiting: 3, oldest });
        let unsent = WaitingMail {
            has_server: false,
            ..stuck
        };
        assert_eq!(judge(unsent), MailHealth::NoServer { waiting: 3 });
        let paused = WaitingMail {
            is_paused: true,
            ..unsent
        };
        assert_eq!(judge(paused), MailHealth::Paused { waiting: 3 });
        let nothing = WaitingMail {
            waiting: 0,
            oldest: None,
            ..unsent
        };
        assert_eq!(judge(nothing), MailHealth::Off);
    }

    #[test]
    fn a_certificate_should_have_two_weeks_left() {
        let judge = |until| CertificateHealth::of(until, NOW);
        let good = NOW.plus(CERTIFICATE_MARGIN);
        assert_eq!(judge(good), CertificateHealth::Good { until: good });
        let soon = good.minus(Duration::from_micros(1));
        assert_eq!(judge(soon), CertificateHealth::EndsSoon { until: soon });
        assert_eq!(judge(NOW), CertificateHealth::Ended { at: NOW });
    }

    #[test]
    fn from_half_of_the_places_on_strangers_are_turned_away() {
        let judge = |waiting| PasswordQueueHealth::of(waiting, 32);
        assert_eq!(judge(16), PasswordQueueHealth::Good { waiting: 16 });
        let crowded = PasswordQueueHealth::Crowded {
            waiting: 17,
            most: 32,
        };
        assert_eq!(judge(17), crowded);
    }
}
