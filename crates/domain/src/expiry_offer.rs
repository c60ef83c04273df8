//! Which lifetimes a person may choose for a token, in days of the person's time zone.
//!
//! A day that is chosen is the last one: the token lives until its end. Where the settings bound
//! the life of tokens, what is offered keeps within the bound, and the last of its days ends with
//! it.

use std::time::Duration;

use jiff::ToSpan;
use jiff::civil::Date;

use crate::time_zone::Zone;
use crate::timestamp::Timestamp;
use crate::token_life::{TokenLife, WantedLife};

const DAY: Duration = Duration::from_hours(24);
/// How far away a day may be that is chosen where nothing bounds it.
const YEARS_MAX: i64 = 10;

/// A lifetime that a form offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpiryChoice {
    /// So many days after today.
    Days(u16),
    /// A day that the person names.
    Day,
    /// As long as the settings allow, where that is shorter than any number of days offered.
    Longest,
    /// Until somebody ends it.
    WithoutEnd,
}

/// What is offered to one person at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpiryOffer {
    zone: Zone,
    today: Date,
    /// When the longest life is over, if something bounds it.
    longest: Option<Timestamp>,
    maximum: Option<Duration>,
}

/// Why what was sent is no lifetime that is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExpiryRefused {
    /// None was chosen, or one that is not offered.
    #[error("this is no lifetime that is offered")]
    NoChoice,
    /// The day is none, is over, or is too far away.
    #[error("this is no day that may be chosen")]
    NoSuchDay,
}

impl ExpiryChoice {
    /// The numbers of days that are offered, unless something bounds the life of tokens.
    pub const DAYS: [u16; 4] = [7, 30, 60, 90];
    /// How many days are chosen before the person chooses.
    const PRESET: u16 = 30;

    /// What a form sends for it.
    pub fn word(self) -> String {
        match self {
            Self::Days(days) => days.to_string(),
            Self::Day => "date".to_owned(),
            Self::Longest => "longest".to_owned(),
            Self::WithoutEnd => "none".to_owned(),
        }
    }
}

impl ExpiryOffer {
    /// What tokens that are made at `now` may be given, for who lives by this zone's clocks.
    pub fn new(life: TokenLife, zone: &Zone, now: Timestamp) -> Self {
        Self {
            zone: zone.clone(),
            today: zone.local(now).at.date(),
            longest: life.maximum.map(|maximum| now.plus(maximum)),
            maximum: life.maximum,
        }
    }

    /// The lifetimes to choose from, in the order of the form.
    pub fn choices(&self) -> Vec<ExpiryChoice> {
        let fits = |days: u16| {
            self.maximum
                .is_none_or(|maximum| DAY * u32::from(days) <= maximum)
        };
        let days = ExpiryChoice::DAYS.into_iter().filter(|days| fits(*days));
        let mut choices: Vec<_> = days.map(ExpiryChoice::Days).collect();
        if choices.is_empty() {
            choices.push(ExpiryChoice::Longest);
        }
        if self.days().is_some() {
            choices.push(ExpiryChoice::Day);
        }
        if self.longest.is_none() {
            choices.push(ExpiryChoice::WithoutEnd);
        }
        choices
    }

    /// The lifetime that is chosen before the person chooses.
    pub fn preset(&self) -> ExpiryChoice {
        let choices = self.choices().into_iter();
        let short = choices.take_while(|choice| match choice {
            ExpiryChoice::Days(days) => *days <= ExpiryChoice::PRESET,
            ExpiryChoice::Longest => true,
            ExpiryChoice::Day | ExpiryChoice::WithoutEnd => false,
        });
        short.last().unwrap_or(ExpiryChoice::Longest)
    }

    /// The first and the last day that may be named; nothing where no day is left.
    pub fn days(&self) -> Option<(Date, Date)> {
        let first = self.today.tomorrow().ok()?;
        let last = match self.longest {
            Some(longest) => self.zone.local(longest).at.date(),
            None => self.today.saturating_add(YEARS_MAX.years()),
        };
        (first <= last).then_some((first, last))
    }

    /// When a token expires that gets this lifetime; nothing for one without end, and for a day
    /// that is still to be named.
    pub fn end_of(&self, choice: ExpiryChoice) -> Option<Timestamp> {
        match choice {
            ExpiryChoice::Days(days) => {
                let last = self.today.saturating_add(i64::from(days).days());
                Some(self.end_of_day(last))
            }
            ExpiryChoice::Longest => self.longest,
            ExpiryChoice::Day | ExpiryChoice::WithoutEnd => None,
        }
    }

    /// The end of a day, or of what the settings allow if that comes first.
    pub fn end_of_day(&self, day: Date) -> Timestamp {
        let end = self.zone.end_of(day);
        self.longest.map_or(end, |longest| end.min(longest))
    }

    /// What a form sent: the word of a choice, and the day that was named.
    pub fn read(&self, choice: &str, day: &str) -> Result<WantedLife, ExpiryRefused> {
        let mut choices = self.choices().into_iter();
        let chosen = choices.find(|offered| offered.word() == choice);
        match chosen.ok_or(ExpiryRefused::NoChoice)? {
            ExpiryChoice::WithoutEnd => Ok(WantedLife::WithoutEnd),
            ExpiryChoice::Day => {
                let day: Date = day.trim().parse().map_err(|_| ExpiryRefused::NoSuchDay)?;
                let offered = self.days().ok_or(ExpiryRefused::NoSuchDay)?;
                if day < offered.0 || day > offered.1 {
                    return Err(ExpiryRefused::NoSuchDay);
                }
                Ok(WantedLife::Until(self.end_of_day(day)))
            }
            counted @ (ExpiryChoice::Days(_) | ExpiryChoice::Longest) => {
                let end = self.end_of(counted).ok_or(ExpiryRefused::NoChoice)?;
                Ok(WantedLife::Until(end))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-28T20:00:00Z: the next day already in Seoul.
    const NOW: Timestamp = Timestamp::from_seconds(1_795_896_000);

    fn offer(maximum: Option<Duration>, zone: &str) -> ExpiryOffer {
        let life = TokenLife {
            maximum,
            ..TokenLife::default()
        };
        ExpiryOffer::new(life, &Zone::find(zone).unwrap(), NOW)
    }

    fn words(offer: &ExpiryOffer) -> Vec<String> {
        offer
            .choices()
            .into_iter()
            .map(ExpiryChoice::word)
            .collect()
    }

    fn until(read: Result<WantedLife, ExpiryRefused>) -> String {
        match read.expect("it is offered") {
            WantedLife::Until(at) => at.to_string(),
            WantedLife::WithoutEnd => "without end".to_owned(),
        }
    }

    #[test]
    fn a_number_of_days_ends_with_its_last_day_in_the_person_s_zone() {
        let (utc, seoul) = (offer(None, "UTC"), offer(None, "Asia/Seoul"));
        assert_eq!(words(&utc), ["7", "30", "60", "90", "date", "none"]);
        assert_eq!(utc.preset(), ExpiryChoice::Days(30));
        assert_eq!(until(utc.read("7", "")), "2026-12-05T23:59:59Z");
        assert_eq!(until(seoul.read("7", "")), "2026-12-06T14:59:59Z");
        assert_eq!(until(utc.read("none", "")), "without end");
    }

    #[test]
    fn a_day_may_be_named_from_tomorrow_on() {
        let utc = offer(None, "UTC");
        assert_eq!(
            until(utc.read("date", "2026-11-29")),
            "2026-11-29T23:59:59Z"
        );
        assert_eq!(
            until(utc.read("date", " 2036-11-28 ")),
            "2036-11-28T23:59:59Z"
        );
        for day in ["", "2026-11-28", "2036-11-29", "2026-02-30", "tomorrow"] {
            let refused = Err(ExpiryRefused::NoSuchDay);
            assert_eq!(utc.read("date", day), refused, "{day}");
        }
        // There it is tomorrow already.
        let seoul = offer(None, "Asia/Seoul");
        assert_eq!(
            seoul.read("date", "2026-11-29"),
            Err(ExpiryRefused::NoSuchDay)
        );
    }

    #[test]
    fn what_the_settings_allow_is_offered_and_no_more() {
        let month = offer(Some(DAY * 30), "UTC");
        assert_eq!(words(&month), ["7", "30", "date"]);
        // The thirtieth day is cut off where the life is over.
        assert_eq!(until(month.read("30", "")), "2026-12-28T20:00:00Z");
        assert_eq!(
            until(month.read("date", "2026-12-28")),
            "2026-12-28T20:00:00Z"
        );
        assert_eq!(
            month.read("date", "2026-12-29"),
            Err(ExpiryRefused::NoSuchDay)
        );
        for word in ["60", "none", "longest", "", "8"] {
            assert_eq!(month.read(word, ""), Err(ExpiryRefused::NoChoice), "{word}");
        }
        let week = offer(Some(DAY * 7), "UTC");
        assert_eq!(week.preset(), ExpiryChoice::Days(7));
        let three_days = offer(Some(DAY * 3), "UTC");
        assert_eq!(words(&three_days), ["longest", "date"]);
        assert_eq!(three_days.preset(), ExpiryChoice::Longest);
        let hour = offer(Some(Duration::from_hours(1)), "UTC");
        assert_eq!(words(&hour), ["longest"]);
        assert_eq!(until(hour.read("longest", "")), "2026-11-28T21:00:00Z");
    }
}
