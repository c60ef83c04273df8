//! The languages that pages and mails are written in, and which of them a browser asks for.

use std::fmt;

/// Most entries of a browser's list that are read. A browser sends one for each language of its
/// settings; a longer list is no settings.
const ENTRIES_MAX: usize = 32;

/// A language that pages and mails are written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// English, which is the one to fall back on.
    #[default]
    English,
    /// Korean, in the polite form.
    Korean,
}

impl Language {
    /// All of them, in the order in which pages offer them.
    pub const ALL: [Self; 2] = [Self::English, Self::Korean];

    /// As HTML, HTTP and the database write it (BCP 47): `en`, `ko`.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Korean => "ko",
        }
    }

    /// What its speakers call it.
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Korean => "한국어",
        }
    }

    /// The language of a tag: `ko`, and `ko-KR` or `KO-kr` too.
    ///
    /// ```
    /// use counterfoil_domain::language::Language;
    /// assert_eq!(Language::find("ko-KR"), Some(Language::Korean));
    /// assert_eq!(Language::find("kok"), None);
    /// ```
    pub fn find(tag: &str) -> Option<Self> {
        let primary = tag.split('-').next().unwrap_or(tag);
        Self::ALL
            .into_iter()
            .find(|language| language.tag().eq_ignore_ascii_case(primary))
    }

    /// The language that a browser likes best, by its `Accept-Language` (RFC 9110, section 12.5.4);
    /// `otherwise` when it likes none of ours.
    ///
    /// ```
    /// use counterfoil_domain::language::Language;
    /// let liked = Language::negotiate("fr, ko;q=0.8, en;q=0.7", Language::English);
    /// assert_eq!(liked, Language::Korean);
    /// ```
    pub fn negotiate(accept_language: &str, otherwise: Self) -> Self {
        let mut best = (0, otherwise);
        for entry in accept_language.split(',').take(ENTRIES_MAX) {
            let mut parts = entry.split(';').map(str::trim);
            let tag = parts.next().unwrap_or_default();
            let weight = parts
                .find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")))
                .map_or(Some(1000), thousandths);
            let language = if tag == "*" {
                Some(otherwise)
            } else {
                Self::find(tag)
            };
            // Of two that are liked alike the first counts.
            if let (Some(weight), Some(language)) = (weight, language)
                && weight > best.0
            {
                best = (weight, language);
            }
        }
        best.1
    }
}

/// A weight in thousandths: `0`, `1`, `0.85`. Nothing for what is none.
fn thousandths(weight: &str) -> Option<u32> {
    let (whole, fraction) = weight.split_once('.').unwrap_or((weight, ""));
    let is_short_number = |text: &str| text.len() <= 3 && text.bytes().all(|b| b.is_ascii_digit());
    if !matches!(whole, "0" | "1") || !is_short_number(fraction) {
        return None;
    }
    let fraction: u32 = format!("{fraction:0<3}").parse().ok()?;
    let all = if whole == "1" {
        1000 + fraction
    } else {
        fraction
    };
    (all <= 1000).then_some(all)
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn negotiated(header: &str) -> &'static str {
        Language::negotiate(header, Language::English).tag()
    }

    #[test]
    fn the_language_with_the_highest_weight_is_taken_and_of_equal_ones_the_first() {
        for (header, expected) in [
            ("ko", "ko"),
            ("ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7", "ko"),
            ("en;q=0.5, ko;q=0.75", "ko"),
            ("en, ko", "en"),
            ("ko, en", "ko"),
            ("KO-kr;Q=1.0", "ko"),
        ] {
            assert_eq!(negotiated(header), expected, "{header}");
        }
    }

    #[test]
    fn what_is_refused_unknown_or_garbage_leads_to_the_fallback() {
        for header in [
            "",
            "fr, de",
            "ko;q=0",
            "ko;q=0.000",
            "*",
            "ko;q=2",
            "ko;q=1.5",
            "ko;q=0.1234",
            "ko;q=-1",
            "kok",
            ";;;,,,",
            "ko;q=٣",
        ] {
            assert_eq!(negotiated(header), "en", "{header}");
        }
        assert_eq!(Language::negotiate("*", Language::Korean), Language::Korean);
    }

    #[test]
    fn of_a_list_without_end_only_the_beginning_is_read() {
        let long = format!("{}ko", "fr,".repeat(ENTRIES_MAX));
        assert_eq!(negotiated(&long), "en");
    }

    #[test]
    fn a_tag_leads_to_its_language_and_back() {
        for language in Language::ALL {
            assert_eq!(Language::find(language.tag()), Some(language));
            assert_eq!(language.to_string(), language.tag());
        }
        assert_eq!(Language::find("english"), None);
    }
}
