//! Texts that somebody else wrote: names of apps, notes, what a program calls itself.

use std::fmt;

use askama::filters::HtmlSafe;

use crate::text::Shown;

/// Most characters that are shown of such a text.
const CHARACTERS_MAX: usize = 80;

/// A text from somebody else: escaped, cut at 80 characters, and with a direction of its own, so
/// that it cannot turn around what stands beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stranger<'a>(pub &'a str);

impl Stranger<'_> {
    /// What is shown of it, not escaped.
    pub(crate) fn cut(self) -> String {
        let mut shown: String = self
            .0
            .chars()
            .take(CHARACTERS_MAX)
            .map(|character| {
                if character.is_control() {
                    ' '
                } else {
                    character
                }
            })
            .collect();
        if self.0.chars().nth(CHARACTERS_MAX).is_some() {
            shown.push('…');
        }
        shown
    }
}

impl Shown for Stranger<'_> {
    fn show(&self, html: &mut String) {
        html.push_str("<bdi>");
        self.cut().show(html);
        html.push_str("</bdi>");
    }
}

impl fmt::Display for Stranger<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut html = String::new();
        self.show(&mut html);
        f.write_str(&html)
    }
}

impl HtmlSafe for Stranger<'_> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strangers_text_is_escaped_cut_and_isolated() {
        let text = format!("<i>\u{7}{}", "ㅎ".repeat(100));
        let shown = Stranger(&text).to_string();
        let expected = format!("<bdi>&lt;i&gt; {}…</bdi>", "ㅎ".repeat(76));
        assert_eq!(shown, expected);
    }

    #[test]
    fn eighty_characters_are_shown_whole() {
        let text = "a".repeat(CHARACTERS_MAX);
        assert_eq!(Stranger(&text).to_string(), format!("<bdi>{text}</bdi>"));
    }
}
