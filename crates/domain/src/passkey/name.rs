//! What users call their passkeys.

use crate::text::{TextRefused, check};

/// Most characters in the name of a passkey.
pub const LONGEST_PASSKEY_NAME: usize = 100;

/// Why a name is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasskeyNameRefused {
    /// There is none, or only blanks.
    #[error("must not be empty")]
    Empty,
    /// More than 100 characters.
    #[error("is too long (maximum is 100 characters)")]
    TooLong,
    /// A control character, or one that changes the direction of text.
    #[error("must not contain control characters")]
    Control,
}

/// What a user calls a passkey.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasskeyName(String);

impl PasskeyName {
    /// The name in a text, without blanks around it.
    pub fn parse(text: &str) -> Result<Self, PasskeyNameRefused> {
        let text = text.trim();
        if text.is_empty() {
            return Err(PasskeyNameRefused::Empty);
        }
        if text.chars().count() > LONGEST_PASSKEY_NAME {
            return Err(PasskeyNameRefused::TooLong);
        }
        match check(text) {
            Ok(()) => Ok(Self(text.to_owned())),
            Err(TextRefused::TooLong) => Err(PasskeyNameRefused::TooLong),
            Err(TextRefused::Control) => Err(PasskeyNameRefused::Control),
        }
    }

    /// A name as it was stored.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The name as it was typed, without blanks around it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_line_of_text() {
        let name = PasskeyName::parse("  A key in <b>blue</b> ").expect("a name");
        assert_eq!(name.as_str(), "A key in <b>blue</b>");
        let longest = "ä".repeat(LONGEST_PASSKEY_NAME);
        let too_long = format!("{longest}x");
        assert!(PasskeyName::parse(&longest).is_ok());
        for (text, refused) in [
            ("", PasskeyNameRefused::Empty),
            (" \t ", PasskeyNameRefused::Empty),
            (too_long.as_str(), PasskeyNameRefused::TooLong),
            ("two\nlines", PasskeyNameRefused::Control),
            ("gnp.\u{202e}exe", PasskeyNameRefused::Control),
        ] {
            assert_eq!(PasskeyName::parse(text), Err(refused), "{text}");
        }
    }
}
