//! Points in time as the store keeps them: whole microseconds since 1970-01-01T00:00:00Z.

use std::fmt;
use std::time::Duration;

use jiff::tz::TimeZone;

/// A point in time, in microseconds since the Unix epoch, UTC.
///
/// ```
/// use counterfoil_domain::timestamp::Timestamp;
/// assert_eq!(Timestamp::from_seconds(1_555_793_342).to_string(), "2019-04-20T20:49:02Z");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From microseconds since the epoch.
    pub const fn from_microseconds(microseconds: i64) -> Self {
        Self(microseconds)
    }

    /// From whole seconds since the epoch.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1_000_000))
    }

    /// Microseconds since the epoch.
    pub const fn microseconds(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// This much later, or the end of time.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(microseconds_of(duration)))
    }

    /// This much earlier, or the beginning of time.
    #[must_use]
    pub fn minus(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(microseconds_of(duration)))
    }

    /// How long after `earlier` this is; zero when it is not after it.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

fn microseconds_of(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

/// As the API writes times: `YYYY-MM-DDTHH:MM:SSZ`, whole seconds (wire contract, section 1).
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ok(instant) = jiff::Timestamp::from_second(self.seconds()) else {
            return f.write_str("out of range");
        };
        let at = TimeZone::UTC.to_datetime(instant);
        // By hand: every answer has several times, and a general formatter takes half a microsecond
        // for each.
        let mut text = *b"0000-00-00T00:00:00Z";
        let parts = [
            (0..4, i32::from(at.year())),
            (5..7, i32::from(at.month())),
            (8..10, i32::from(at.day())),
            (11..13, i32::from(at.hour())),
            (14..16, i32::from(at.minute())),
            (17..19, i32::from(at.second())),
        ];
        for (place, number) in parts {
            let Ok(mut rest) = u32::try_from(number) else {
                return write!(f, "{}", instant.strftime("%Y-%m-%dT%H:%M:%SZ"));
            };
            for digit in text[place].iter_mut().rev() {
                *digit += u8::try_from(rest % 10).expect("a digit is below ten");
                rest /= 10;
            }
        }
        f.write_str(str::from_utf8(&text).expect("digits and punctuation are ASCII"))
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self} (+{} µs)", self.0.rem_euclid(1_000_000))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_as_a_general_formatter_writes_it() {
        for seconds in [
            0,
            -1,
            951_782_399,
            1_555_793_342,
            253_402_207_200,
            -62_135_596_800,
            -62_198_755_200,
        ] {
            let instant = jiff::Timestamp::from_second(seconds).unwrap();
            let expected = instant.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
            assert_eq!(Timestamp::from_seconds(seconds).to_string(), expected);
        }
        assert_eq!(
            Timestamp::from_seconds(i64::MAX / 1_000_000).to_string(),
            "out of range"
        );
    }
}
