//! A point in time as people type it.

use std::time::Duration;

use jiff::civil::{Date, DateTime};

use crate::length_of_time;
use crate::time_zone::Zone;
use crate::timestamp::Timestamp;

/// How many letters a date has. Behind a longer one stands a time of day.
const DATE: usize = "2026-12-03".len();

/// A point in time: given as such, or as how long ago it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// At this point in time.
    At(Timestamp),
    /// So long before now.
    Ago(Duration),
}

impl Moment {
    /// A date, which means its beginning, a date with a time of day, both by the clocks of a zone
    /// unless an offset stands behind them; or a length of time, such as `24h`.
    ///
    /// ```
    /// use counterfoil_domain::{moment::Moment, time_zone::Zone};
    /// assert!(Moment::parse("2026-12-03 20:31", &Zone::utc()).is_some());
    /// assert!(Moment::parse("yesterday", &Zone::utc()).is_none());
    /// ```
    pub fn parse(text: &str, zone: &Zone) -> Option<Self> {
        if let Ok(length) = length_of_time::parse(text) {
            return (!length.is_zero()).then_some(Self::Ago(length));
        }
        if let Ok(instant) = text.parse::<jiff::Timestamp>() {
            let instant = Timestamp::from_microseconds(instant.as_microsecond());
            return Some(Self::At(instant));
        }
        let local = if text.len() > DATE {
            text.parse::<DateTime>().ok()?
        } else {
            text.parse::<Date>().ok()?.at(0, 0, 0, 0)
        };
        zone.instant_of(local).map(Self::At)
    }

    /// The point in time, seen from `now`.
    pub fn seen_from(self, now: Timestamp) -> Timestamp {
        match self {
            Self::At(timestamp) => timestamp,
            Self::Ago(duration) => now.minus(duration),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(text: &str, zone: &str) -> Option<i64> {
        let now = Timestamp::from_seconds(1_000_000_000);
        let zone = Zone::find(zone).expect("a zone");
        Moment::parse(text, &zone).map(|moment| moment.seen_from(now).seconds())
    }

    #[test]
    fn a_moment_is_a_date_a_time_or_a_while_ago() {
        for (text, expected) in [
            ("2001-09-09", 999_993_600),
            ("2001-09-09T01:46:40Z", 1_000_000_000),
            ("2001-09-09T03:46:40+02:00", 1_000_000_000),
            ("2001-09-09T01:46:40", 1_000_000_000),
            ("2001-09-09 01:46", 999_999_960),
            ("1h", 1_000_000_000 - 3600),
        ] {
            assert_eq!(seconds(text, "UTC"), Some(expected), "{text}");
        }
        for text in [
            "",
            "yesterday",
            "2001-13-09",
            "2001-09-09 25:00",
            "0s",
            "-1h",
        ] {
            assert_eq!(seconds(text, "UTC"), None, "{text}");
        }
    }

    #[test]
    fn days_and_times_of_day_are_those_of_the_zone_and_an_offset_stands_above_it() {
        let day = 24 * 60 * 60;
        let nine_hours = 9 * 60 * 60;
        let seoul = |text| seconds(text, "Asia/Seoul");
        assert_eq!(seoul("2001-09-09"), Some(999_993_600 - nine_hours));
        assert_eq!(seoul("2001-09-09 09:00"), Some(999_993_600));
        assert_eq!(seoul("2001-09-10T00:00:00Z"), Some(999_993_600 + day));
    }
}
