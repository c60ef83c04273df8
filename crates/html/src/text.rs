//! Text that is HTML already: of our own words, and of values that were escaped on their way in.

use std::borrow::Cow;
use std::fmt;

use askama::filters::HtmlSafe;

/// A text in somebody's language, as HTML. It has no other tags than `strong`, `code`, `bdi`,
/// `time` and `a`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text(Cow<'static, str>);

impl Text {
    /// Of our own words, which the build has escaped.
    pub(crate) const fn literal(html: &'static str) -> Self {
        Self(Cow::Borrowed(html))
    }

    pub(crate) const fn empty() -> Self {
        Self(Cow::Borrowed(""))
    }

    /// This text and then our own words.
    pub(crate) fn with_literal(mut self, html: &'static str) -> Self {
        self.0.to_mut().push_str(html);
        self
    }

    /// This text and then a value.
    pub(crate) fn with(mut self, value: &(impl Shown + ?Sized)) -> Self {
        value.show(self.0.to_mut());
        self
    }

    /// A value alone.
    pub(crate) fn of(value: &(impl Shown + ?Sized)) -> Self {
        Self::empty().with(value)
    }

    /// For places where tags cannot stand: attributes and the title of a page. Still escaped.
    pub(crate) fn without_tags(&self) -> Self {
        let mut flat = String::with_capacity(self.0.len());
        let mut is_tag = false;
        for character in self.0.chars() {
            match character {
                '<' => is_tag = true,
                '>' if is_tag => is_tag = false,
                other if !is_tag => flat.push(other),
                _ => {}
            }
        }
        Self(Cow::Owned(flat))
    }

    /// As plain text, for mails and for what is kept: no tags, nothing escaped.
    pub fn plain(&self) -> String {
        let flat = self.without_tags().0;
        // The ampersand last, or what it begins would be read again.
        [
            ("&lt;", "<"),
            ("&gt;", ">"),
            ("&quot;", "\""),
            ("&#39;", "'"),
            ("&amp;", "&"),
        ]
        .into_iter()
        .fold(flat.into_owned(), |text, (from, to)| text.replace(from, to))
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl HtmlSafe for Text {}

/// A word of a machine.
pub(crate) fn code(word: &(impl Shown + ?Sized)) -> Text {
    Text::literal("<code>").with(word).with_literal("</code>")
}

/// A link out of a path of ours.
pub(crate) fn link(path: &str, words: &impl Shown) -> Text {
    Text::literal("<a href=\"")
        .with(path)
        .with_literal("\">")
        .with(words)
        .with_literal("</a>")
}

/// A value that can be filled in for a placeholder.
pub(crate) trait Shown {
    /// Writes it as HTML.
    fn show(&self, html: &mut String);
}

impl<T: Shown + ?Sized> Shown for &T {
    fn show(&self, html: &mut String) {
        (**self).show(html);
    }
}

impl Shown for str {
    fn show(&self, html: &mut String) {
        for character in self.chars() {
            match character {
                '&' => html.push_str("&amp;"),
                '<' => html.push_str("&lt;"),
                '>' => html.push_str("&gt;"),
                '"' => html.push_str("&quot;"),
                '\'' => html.push_str("&#39;"),
                other => html.push(other),
            }
        }
    }
}

impl Shown for String {
    fn show(&self, html: &mut String) {
        self.as_str().show(html);
    }
}

impl Shown for Text {
    fn show(&self, html: &mut String) {
        html.push_str(&self.0);
    }
}

/// A number that decides between the variants of a message.
pub(crate) trait Count {
    fn count(&self) -> u64;
}

impl<T: Count> Count for &T {
    fn count(&self) -> u64 {
        (**self).count()
    }
}

macro_rules! numbers {
    ($($number:ty),+) => {$(
        impl Shown for $number {
            fn show(&self, html: &mut String) {
                html.push_str(&self.to_string());
            }
        }
        impl Count for $number {
            fn count(&self) -> u64 {
                u64::try_from(*self).unwrap_or(u64::MAX)
            }
        }
    )+};
}

numbers!(u8, u16, u32, u64, usize);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_escaped_and_a_text_is_not_escaped_twice() {
        let inner = Text::of(&"<b>&\"'");
        let outer = Text::literal("<strong>")
            .with(&inner)
            .with_literal("</strong>");
        let expected = "<strong>&lt;b&gt;&amp;&quot;&#39;</strong>";
        assert_eq!(outer.to_string(), expected);
        assert_eq!(
            outer.without_tags().to_string(),
            "&lt;b&gt;&amp;&quot;&#39;"
        );
    }

    #[test]
    fn plain_text_is_what_came_in() {
        for sample in ["a < b > c & d \" ' e", "&lt;", "&amp;lt;", "<script>"] {
            assert_eq!(Text::of(&sample).plain(), sample);
        }
        let text = Text::literal("<strong>So</strong> &amp; so");
        assert_eq!(text.plain(), "So & so");
    }
}
