//! Short texts that users write: notes, note URLs, fingerprints, names.
//!
//! They are kept byte by byte as they came. What may not be in them: more than 255 characters, NUL
//! and other control characters, and the characters that reorder text on a page, which would let
//! one note pass for another.

use crate::app_url::AppUrl;

/// Most characters (Unicode scalar values) in such a text.
pub const LONGEST_TEXT: usize = 255;

/// Why a text is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextRefused {
    /// More than [`LONGEST_TEXT`] characters.
    #[error("is too long (maximum is 255 characters)")]
    TooLong,
    /// A control character, or one that changes the direction of text.
    #[error("must not contain control characters")]
    Control,
}

/// Checks a text against the rules above.
pub fn check(text: &str) -> Result<(), TextRefused> {
    if text.chars().count() > LONGEST_TEXT {
        Err(TextRefused::TooLong)
    } else if text.chars().any(is_refused) {
        Err(TextRefused::Control)
    } else {
        Ok(())
    }
}

fn is_refused(character: char) -> bool {
    // The embeddings, overrides, isolates and marks of the Unicode bidirectional algorithm (UAX #9,
    // section 2).
    let bidirectional = matches!(character, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    character.is_control() || bidirectional
}

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The text, if it may be kept.
            pub fn parse(text: &str) -> Result<Self, TextRefused> {
                check(text).map(|()| Self(text.to_owned()))
            }

            /// A text as it was stored.
            pub fn from_stored(text: String) -> Self {
                Self(text)
            }

            /// The text as it came.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
    )+};
}

texts! {
    /// What a person calls an authorization. Two notes are the same when their bytes are.
    Note,
    /// A URL that goes with a note. Clients send anything, so it may be any text; the empty one is
    /// kept as such. It is shown as text and never followed: whoever shows it makes a link only of
    /// what [`NoteUrl::link`] gives.
    NoteUrl,
    /// What tells several tokens of one user and app apart. Never empty.
    Fingerprint,
    /// The name of a user or an app.
    DisplayName,
}

impl NoteUrl {
    /// What of it may be a link in a page: an `http` or `https` URL, and nothing that a browser
    /// would run or read otherwise.
    pub fn link(&self) -> Option<AppUrl> {
        AppUrl::parse(self.as_str()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_url_that_is_not_http_or_https_is_kept_and_never_a_link() {
        for text in [
            "javascript:alert(1)",
            " https://example.com",
            "data:text/html,<script>alert(1)</script>",
            "\"><script>",
            "//example.com",
            "java\u{b7}script:x",
            "",
        ] {
            let url = NoteUrl::parse(text).expect("any text is kept");
            assert_eq!((url.as_str(), url.link()), (text, None));
        }
        let url = NoteUrl::parse("https://example.com/a?b").expect("it is a text");
        assert_eq!(
            url.link().expect("a link").as_str(),
            "https://example.com/a?b"
        );
    }

    #[test]
    fn emoji_and_combining_characters_may_be_kept() {
        assert_eq!(check("laptop 💻 café"), Ok(()));
    }

    #[test]
    fn nul_line_feed_and_direction_overrides_may_not() {
        for text in ["a\0b", "a\nb", "a\u{202E}b", "a\u{2066}b"] {
            assert_eq!(check(text), Err(TextRefused::Control));
        }
    }

    #[test]
    fn length_counts_characters_not_bytes() {
        assert_eq!(check(&"é".repeat(255)), Ok(()));
        assert_eq!(check(&"é".repeat(256)), Err(TextRefused::TooLong));
    }
}
