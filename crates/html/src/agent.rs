//! What a browser calls itself, in a few words. It is a courtesy: anybody can send anything, so
//! nothing is decided by it.

use counterfoil_domain::language::Language;

use crate::stranger::Stranger;
use crate::text::Text;
use crate::words;

/// Marks of browsers, in the order in which they are looked for: many carry the marks of others
/// too.
const BROWSERS: [(&str, &str); 11] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Whale/", "Whale"),
    ("Vivaldi/", "Vivaldi"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("HeadlessChrome/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];
/// Marks of systems, likewise: Android says that it is Linux.
const SYSTEMS: [(&str, &str); 8] = [
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("FreeBSD", "FreeBSD"),
    ("Linux", "Linux"),
];

/// The words for a `User-Agent`.
pub(crate) fn in_words(agent: &str, language: Language) -> Text {
    let words = words::Sessions(language);
    match (find(&BROWSERS, agent), find(&SYSTEMS, agent)) {
        (Some(browser), Some(system)) => words.browser_on(browser, system),
        (Some(name), None) => Text::of(name),
        (None, _) if agent.trim().is_empty() => words.unknown_agent(),
        (None, _) => Text::of(&Stranger(agent)),
    }
}

/// Whether what is shown is a text of the browser's own.
pub(crate) fn is_its_own_words(agent: &str) -> bool {
    find(&BROWSERS, agent).is_none() && !agent.trim().is_empty()
}

fn find(marks: &[(&str, &'static str)], agent: &str) -> Option<&'static str> {
    let found = marks.iter().find(|(mark, _)| agent.contains(mark));
    found.map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn english(agent: &str) -> String {
        in_words(agent, Language::English).to_string()
    }

    #[test]
    fn a_browser_is_called_by_its_name_and_system() {
        for (agent, words) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
                "Firefox on Linux",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36 Edg/150.0.0.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Mobile Safari/537.36",
                "Chrome on Android",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
                "Safari on iPhone",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15",
                "Safari on macOS",
            ),
        ] {
            assert_eq!(english(agent), words);
        }
        let firefox = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0";
        assert_eq!(
            in_words(firefox, Language::Korean).to_string(),
            "Linux의 Firefox"
        );
    }

    #[test]
    fn what_is_no_browser_is_shown_as_it_came_and_escaped() {
        assert_eq!(english("<b>curl"), "<bdi>&lt;b&gt;curl</bdi>");
        assert!(is_its_own_words("curl/8"));
        assert_eq!(english(" "), "No name given");
    }
}
