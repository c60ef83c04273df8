//! Lengths of time as people write them, on the command line and in the settings file alike: `30d`,
//! `12h`, `8w`.

use std::time::Duration;

/// The units, the longest first, with their seconds.
const UNITS: [(&str, u64); 5] = [
    ("w", 7 * 24 * 60 * 60),
    ("d", 24 * 60 * 60),
    ("h", 60 * 60),
    ("m", 60),
    ("s", 1),
];

/// A hundred years: beyond it a mistyped number is more likely than a wish, and times stay far from
/// their bounds.
pub const LONGEST: Duration = Duration::from_hours(100 * 366 * 24);

/// Why a text is no length of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoLength {
    /// Its form is wrong.
    Form,
    /// It is more than [`LONGEST`].
    Bounds,
}

/// A whole number and a unit. Nothing at all is a length too: whoever cannot use it says so.
///
/// # Errors
///
/// The text has another form, or is of more than [`LONGEST`].
pub fn parse(text: &str) -> Result<Duration, NoLength> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let (_, seconds) = UNITS
        .into_iter()
        .find(|(name, _)| *name == unit)
        .ok_or(NoLength::Form)?;
    let number: u64 = number.parse().map_err(|_| NoLength::Form)?;
    number
        .checked_mul(seconds)
        .map(Duration::from_secs)
        .filter(|length| *length <= LONGEST)
        .ok_or(NoLength::Bounds)
}

/// As it would be typed: in the longest unit that says it exactly, but days rather than weeks.
pub fn write(length: Duration) -> String {
    let total = length.as_secs();
    if total == 0 {
        return "0s".to_owned();
    }
    let fits = |seconds: &u64| total.is_multiple_of(*seconds);
    let (unit, seconds) = UNITS
        .into_iter()
        .skip(1)
        .find(|(_, seconds)| fits(seconds))
        .unwrap_or(("s", 1));
    format!("{}{unit}", total / seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_is_written_as_it_would_be_typed() {
        for text in ["30d", "12h", "90m", "61s", "7d"] {
            assert_eq!(parse(text).map(write).as_deref(), Ok(text));
        }
        assert_eq!(parse("8w").map(write).as_deref(), Ok("56d"));
        assert_eq!(parse("0d").map(write).as_deref(), Ok("0s"));
    }
}
