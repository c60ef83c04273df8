//! Days and times in words, in the zone of whoever reads them. A `<time>` always has the exact
//! instant; words say how long ago it was, up to a week, and then which day.

use std::fmt;

use counterfoil_domain::time_zone::Local;
use counterfoil_domain::timestamp::Timestamp;

use crate::frame::Frame;
use crate::text::Text;
use crate::words;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// Up to so many days are told from now.
const RELATIVE_DAYS_MAX: i64 = 7;

/// The words for a day: its month decides between variants, the rest is filled in.
type Dated = fn(words::Time, i8, i8, i16) -> Text;

impl Frame<'_> {
    /// How long ago or until then, up to a week; beyond that the day, as lists write it.
    pub fn when(&self, at: Timestamp) -> Text {
        let words = self.time_words();
        let seconds = self.now.seconds().saturating_sub(at.seconds());
        let days = self.days_until(at);
        let text = match seconds {
            0..MINUTE => words.just_now(),
            MINUTE..HOUR => words.minutes_ago(whole(seconds, MINUTE)),
            HOUR..DAY => words.hours_ago(whole(seconds, HOUR)),
            _ if (-RELATIVE_DAYS_MAX..0).contains(&days) && seconds > 0 => {
                words.days_ago(days.unsigned_abs())
            }
            -59..0 => words.in_a_moment(),
            _ if (-HOUR + 1..0).contains(&seconds) => words.in_minutes(whole(seconds, MINUTE)),
            _ if (-DAY + 1..0).contains(&seconds) => words.in_hours(whole(seconds, HOUR)),
            _ if (1..=RELATIVE_DAYS_MAX).contains(&days) => words.in_days(days.unsigned_abs()),
            _ => self.dated(at, short),
        };
        self.marked(at, &text)
    }

    /// The day, as sentences write it: 3 December 2026.
    pub fn date(&self, at: Timestamp) -> Text {
        self.marked(at, &self.dated(at, long))
    }

    /// The day, as lists write it: 3 Dec 2026.
    pub fn short_date(&self, at: Timestamp) -> Text {
        self.marked(at, &self.dated(at, short))
    }

    /// Day, time of day and zone: 3 December 2026, 20:31 UTC.
    pub fn date_and_time(&self, at: Timestamp) -> Text {
        self.marked(at, &self.exact(at))
    }

    /// How many days from today until then on the calendar of the zone; negative for days that are
    /// over.
    pub fn days_until(&self, at: Timestamp) -> i64 {
        let day = |at| self.zone.local(at).at.date();
        let (today, then) = (day(self.now), day(at));
        let days = today.until((jiff::Unit::Day, then));
        days.map_or(i64::MAX, |span| i64::from(span.get_days()))
    }

    fn time_words(&self) -> words::Time {
        words::Time(self.language)
    }

    fn dated(&self, at: Timestamp, form: Dated) -> Text {
        let local = self.zone.local(at).at;
        form(self.time_words(), local.day(), local.month(), local.year())
    }

    fn exact(&self, at: Timestamp) -> Text {
        let local = self.zone.local(at);
        let date = self.dated(at, long);
        let time = TimeOfDay(&local).to_string();
        let zone = local.abbreviation.as_str();
        self.time_words().at_time(date, time, zone)
    }

    /// As an element that programs can read, with the exact time for whoever points at it.
    fn marked(&self, at: Timestamp, text: &Text) -> Text {
        Text::literal("<time datetime=\"")
            .with(&at.to_string())
            .with_literal("\" title=\"")
            .with(&self.exact(at))
            .with_literal("\">")
            .with(text)
            .with_literal("</time>")
    }
}

fn long(words: words::Time, day: i8, month: i8, year: i16) -> Text {
    words.long_date(
        day.unsigned_abs(),
        month.unsigned_abs(),
        year.unsigned_abs(),
    )
}

fn short(words: words::Time, day: i8, month: i8, year: i16) -> Text {
    words.short_date(
        day.unsigned_abs(),
        month.unsigned_abs(),
        year.unsigned_abs(),
    )
}

/// How many whole units, at least one.
fn whole(seconds: i64, unit: i64) -> u64 {
    (seconds.unsigned_abs() / unit.unsigned_abs()).max(1)
}

/// Hours and minutes, by the 24 hour clock.
struct TimeOfDay<'a>(&'a Local);

impl fmt::Display for TimeOfDay<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0.at.hour(), self.0.at.minute())
    }
}

#[cfg(test)]
mod tests {
    use counterfoil_domain::language::Language;
    use counterfoil_domain::time_zone::Zone;

    use super::*;
    use crate::brand::Brand;

    /// 2026-12-03T20:31:00Z.
    const NOW: i64 = 1_796_329_860;

    fn told(language: Language, zone: &str, form: fn(&Frame<'_>) -> Text) -> String {
        let zone = Zone::find(zone).unwrap();
        let brand = Brand::default();
        let frame = Frame {
            language,
            zone: &zone,
            now: Timestamp::from_seconds(NOW),
            brand: &brand,
            host: "localhost",
            here: "/",
            signed_in: None,
            status: None,
        };
        form(&frame).plain()
    }

    fn both(zone: &str, form: fn(&Frame<'_>) -> Text) -> [String; 2] {
        Language::ALL.map(|language| told(language, zone, form))
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(NOW + seconds)
    }

    #[test]
    fn days_are_written_as_each_language_writes_them_and_times_name_their_zone() {
        assert_eq!(
            both("UTC", |f| f.date(at(0))),
            ["3 December 2026", "2026년 12월 3일"]
        );
        assert_eq!(
            both("Asia/Seoul", |f| f.short_date(at(0))),
            ["4 Dec 2026", "2026. 12. 4."]
        );
        assert_eq!(
            both("Asia/Seoul", |f| f.date_and_time(at(0))),
            ["4 December 2026, 05:31 KST", "2026년 12월 4일, 05:31(KST)"]
        );
    }

    #[test]
    fn up_to_a_week_is_told_from_now_and_beyond_it_by_the_day() {
        let english = |form| told(Language::English, "UTC", form);
        assert_eq!(english(|f| f.when(at(0))), "just now");
        assert_eq!(english(|f| f.when(at(-59))), "just now");
        assert_eq!(english(|f| f.when(at(-60))), "1 minute ago");
        assert_eq!(english(|f| f.when(at(-2 * HOUR))), "2 hours ago");
        assert_eq!(english(|f| f.when(at(-DAY))), "yesterday");
        assert_eq!(english(|f| f.when(at(-7 * DAY))), "7 days ago");
        assert_eq!(english(|f| f.when(at(-8 * DAY))), "25 Nov 2026");
        assert_eq!(english(|f| f.when(at(30))), "in a moment");
        assert_eq!(english(|f| f.when(at(90))), "in 1 minute");
        assert_eq!(english(|f| f.when(at(3 * HOUR))), "in 3 hours");
        assert_eq!(english(|f| f.when(at(DAY))), "tomorrow");
        assert_eq!(english(|f| f.when(at(5 * DAY))), "in 5 days");
        assert_eq!(english(|f| f.when(at(8 * DAY))), "11 Dec 2026");
        assert_eq!(
            told(Language::Korean, "UTC", |f| f.when(at(-3 * DAY))),
            "3일 전"
        );
    }

    #[test]
    fn a_time_has_the_instant_for_programs_and_the_exact_words_beside_the_short_ones() {
        let zone = Zone::utc();
        let brand = Brand::default();
        let frame = Frame {
            language: Language::English,
            zone: &zone,
            now: at(0),
            brand: &brand,
            host: "localhost",
            here: "/",
            signed_in: None,
            status: None,
        };
        assert_eq!(
            frame.when(at(-60)).to_string(),
            "<time datetime=\"2026-12-03T20:30:00Z\" title=\"3 December 2026, 20:30 UTC\">1 minute ago</time>"
        );
    }
}
