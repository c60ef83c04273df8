//! What SECURITY.md promises is held by tests: each sentence of that section names those that would
//! fail if it were untrue.
//!
//! The section is a list for each promise, one sentence to an item, and each item ends with `*Held
//! by* ` and the names of its tests. What tests cannot tell is whether a test shows what the
//! sentence says: that stays with whoever reads both.

use crate::tidy::test_names::Tests;
use crate::tidy::tree::{File, Finding, Tree};

const PAGE: &str = "SECURITY.md";
const SECTION: &str = "## What is promised";
const HELD_BY: &str = "*Held by* ";

/// Looks at the section. A tree without the page has nothing to hold; one without the section has
/// lost it.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let Some(page) = tree.files().iter().find(|file| file.path == PAGE) else {
        return Vec::new();
    };
    let paragraphs = paragraphs(page);
    if !paragraphs.iter().any(Paragraph::is_item) {
        return vec![page.finding(format!("has no section {SECTION} with a list of promises"))];
    }
    let tests = Tests::of(tree);
    // What stands before the first promise introduces the section.
    let promises = paragraphs
        .iter()
        .skip_while(|paragraph| !paragraph.is_heading());
    promises
        .filter(|paragraph| !paragraph.is_heading())
        .flat_map(|paragraph| {
            let refusals = paragraph.refusals(&tests);
            refusals
                .into_iter()
                .map(|refusal| page.finding_at(paragraph.line, refusal))
        })
        .collect()
}

/// Lines that belong together, joined by blanks.
struct Paragraph {
    line: usize,
    text: String,
}

/// The paragraphs and the items of the section.
fn paragraphs(page: &File) -> Vec<Paragraph> {
    let mut paragraphs: Vec<Paragraph> = Vec::new();
    let mut is_open = false;
    let section = page.lines().skip_while(|(_, line)| *line != SECTION);
    for (number, line) in section.skip(1) {
        if line.starts_with("## ") {
            break;
        }
        let line = line.trim();
        match paragraphs.last_mut() {
            _ if line.is_empty() => is_open = false,
            Some(last) if is_open && !line.starts_with("* ") => {
                last.text.push(' ');
                last.text.push_str(line);
            }
            _ => {
                let text = line.to_owned();
                paragraphs.push(Paragraph { line: number, text });
                is_open = true;
            }
        }
    }
    paragraphs
}

impl Paragraph {
    fn is_heading(&self) -> bool {
        self.text.starts_with("**") && self.text.ends_with("**")
    }

    fn is_item(&self) -> bool {
        self.text.starts_with("* ")
    }

    fn refusals(&self, tests: &Tests<'_>) -> Vec<String> {
        let held = self.text.strip_prefix("* ");
        let Some((sentence, held)) = held.and_then(|item| item.split_once(HELD_BY)) else {
            return vec![format!(
                "a sentence of {SECTION} ends with {HELD_BY}and its tests"
            )];
        };
        let mut refusals = Vec::new();
        if !is_one_sentence(sentence.trim()) {
            refusals.push("each sentence is an item of its own, with its own tests".to_owned());
        }
        let Some(names) = names_in(held) else {
            refusals.push(format!("{HELD_BY}is followed by names in backticks, with commas between them, and a full stop"));
            return refusals;
        };
        let unknown = names.iter().filter(|name| !tests.hold(name));
        refusals.extend(unknown.map(|name| format!("there is no test {name}")));
        refusals
    }
}

fn is_one_sentence(text: &str) -> bool {
    let ends = text.match_indices(". ").filter(|(at, _)| {
        let next = text[at + 2..].chars().next();
        next.is_some_and(char::is_uppercase)
    });
    text.ends_with('.') && ends.count() == 0
}

/// The names in a list such as "`one`, `two`.".
fn names_in(list: &str) -> Option<Vec<&str>> {
    let names: Option<Vec<&str>> = list
        .trim()
        .strip_suffix('.')?
        .split(", ")
        .map(|name| name.strip_prefix('`')?.strip_suffix('`'))
        .collect();
    names.filter(|names| names.iter().all(|name| !name.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TESTS: &str = "#[test]\nfn a_thing_holds() {}\n\non_each_engine! {\n    another_thing_holds,\n}\nfn a_helper_of_tests() {}\n";

    fn found(section: &str) -> Vec<String> {
        let page = format!(
            "# Security\n\n## What is promised\n\nAn introduction.\n\n{section}\n## Next\n\nFree.\n"
        );
        check(&Tree::of(&[("SECURITY.md", &page), ("tests/a.rs", TESTS)]))
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn a_sentence_with_tests_that_exist_is_held() {
        let held = "**A promise.**\n\n* It holds\n  always.\n  *Held by* `a_thing_holds`,\n  `another_thing_holds`.\n* Twice.\n  *Held by* `a_thing_holds`.\n";
        assert_eq!(found(held), [] as [&str; 0]);
    }

    #[test]
    fn a_test_that_is_not_there_or_is_no_test_is_found() {
        let section = "**A promise.**\n\n* It holds.\n  *Held by* `nobody_wrote_this`, `a_helper_of_tests`.\n";
        assert_eq!(
            found(section),
            [
                "SECURITY.md:9: there is no test nobody_wrote_this",
                "SECURITY.md:9: there is no test a_helper_of_tests"
            ]
        );
    }

    #[test]
    fn a_sentence_without_a_test_is_found_wherever_it_stands() {
        for section in [
            "**A promise.**\n\n* It holds.\n",
            "**A promise.**\n\n* It holds.\n  *Held by* `a_thing_holds`.\n\nAnd so does this.\n",
            "**A promise.**\n\n* It holds.\n  *Held by* nothing.\n",
            "**A promise.**\n\n* It holds. So does this.\n  *Held by* `a_thing_holds`.\n",
            "",
        ] {
            assert_eq!(found(section).len(), 1, "{section}");
        }
    }
}
