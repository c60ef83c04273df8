//! Time zones by the names of the IANA database, which the program brings along: what is on the
//! machine, or missing there, changes no page.

use std::fmt;
use std::sync::LazyLock;

use jiff::civil::{Date, DateTime};
use jiff::tz::{TimeZone, TimeZoneDatabase};

use crate::timestamp::Timestamp;

static DATABASE: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// A time zone with its rules, found by its name.
#[derive(Clone, PartialEq, Eq)]
pub struct Zone {
    rules: TimeZone,
    name: String,
}

/// A name that the database of time zones does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is no time zone of the IANA database, such as UTC, Asia/Seoul or Europe/Berlin")]
pub struct NoSuchZone;

/// A point in time as the clocks of a zone show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Local {
    /// Day and time of day on the zone's clocks.
    pub at: DateTime,
    /// What the zone calls its time then: `UTC`, `KST`, `CEST`, or `+03` where it has no letters.
    pub abbreviation: String,
}

impl Zone {
    /// The zone without offset and without summer time.
    pub fn utc() -> Self {
        Self {
            rules: TimeZone::UTC,
            name: "UTC".to_owned(),
        }
    }

    /// The zone of this name, whatever its case.
    ///
    /// ```
    /// use counterfoil_domain::time_zone::Zone;
    /// assert_eq!(Zone::find("asia/seoul").unwrap().name(), "Asia/Seoul");
    /// ```
    pub fn find(name: &str) -> Result<Self, NoSuchZone> {
        if name.eq_ignore_ascii_case("UTC") {
            return Ok(Self::utc());
        }
        let rules = DATABASE.get(name).map_err(|_| NoSuchZone)?;
        let name = rules.iana_name().ok_or(NoSuchZone)?.to_owned();
        Ok(Self { rules, name })
    }

    /// The name in the database's spelling.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The names of all zones that have a region, such as `Asia/Seoul`, after `UTC`, sorted.
    pub fn names() -> Vec<String> {
        let mut names: Vec<String> = DATABASE
            .available()
            .map(|name| name.to_string())
            .filter(|name| name.contains('/') && !name.starts_with("Etc/"))
            .collect();
        names.sort_unstable();
        names.insert(0, "UTC".to_owned());
        names
    }

    /// What the zone's clocks show at this point in time. Times beyond the year 9999 are shown as
    /// its end.
    pub fn local(&self, at: Timestamp) -> Local {
        let instant = jiff::Timestamp::from_microsecond(at.microseconds()).unwrap_or(
            if at.microseconds() < 0 {
                jiff::Timestamp::MIN
            } else {
                jiff::Timestamp::MAX
            },
        );
        Local {
            at: self.rules.to_datetime(instant),
            abbreviation: self.rules.to_offset_info(instant).abbreviation().to_owned(),
        }
    }

    /// When the zone's clocks show this; the earlier of two times where they show it twice, and
    /// where they never do, as far behind the gap as it is long. Nothing beyond the years that can
    /// be told.
    pub fn instant_of(&self, local: DateTime) -> Option<Timestamp> {
        let instant = self.rules.to_ambiguous_timestamp(local).compatible();
        let instant = instant.ok()?.as_microsecond();
        Some(Timestamp::from_microseconds(instant))
    }

    /// The last second of a day in this zone: 23:59:59 on its clocks.
    pub fn end_of(&self, day: Date) -> Timestamp {
        let last = day.at(23, 59, 59, 0);
        let seconds = self
            .rules
            .to_ambiguous_timestamp(last)
            .later()
            .map_or(i64::MAX / 1_000_000, jiff::Timestamp::as_second);
        Timestamp::from_seconds(seconds)
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_has_its_own_time_and_says_how_it_calls_it() {
        // 2026-07-01T22:30:00Z
        let at = Timestamp::from_seconds(1_782_945_000);
        for (name, local, abbreviation) in [
            ("UTC", "2026-07-01T22:30:00", "UTC"),
            ("Asia/Seoul", "2026-07-02T07:30:00", "KST"),
            ("Europe/Berlin", "2026-07-02T00:30:00", "CEST"),
            ("America/Sao_Paulo", "2026-07-01T19:30:00", "-03"),
        ] {
            let found = Zone::find(name).unwrap().local(at);
            assert_eq!(found.at.to_string(), local);
            assert_eq!(found.abbreviation, abbreviation);
        }
    }

    #[test]
    fn a_day_ends_by_the_clocks_of_its_zone() {
        let day = jiff::civil::date(2026, 12, 3);
        let end = |name| Zone::find(name).unwrap().end_of(day).to_string();
        assert_eq!(end("UTC"), "2026-12-03T23:59:59Z");
        assert_eq!(end("Asia/Seoul"), "2026-12-03T14:59:59Z");
    }

    #[test]
    fn a_name_that_is_none_is_refused() {
        for name in ["", "Mars/Olympus", "../etc/passwd", "UTC+1", "Local"] {
            assert_eq!(Zone::find(name), Err(NoSuchZone), "{name}");
        }
    }

    #[test]
    fn every_name_that_is_offered_is_found() {
        let names = Zone::names();
        assert!(names.len() > 300, "{}", names.len());
        for name in names {
            assert!(Zone::find(&name).is_ok(), "{name}");
        }
    }

    #[test]
    fn the_ends_of_time_are_shown_as_something() {
        for microseconds in [i64::MIN, i64::MAX] {
            let at = Timestamp::from_microseconds(microseconds);
            assert!(!Zone::utc().local(at).abbreviation.is_empty());
        }
    }
}
