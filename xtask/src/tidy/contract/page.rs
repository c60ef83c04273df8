//! The page itself: numbered sections with tables of facts, of which each row ends with where the
//! fact is from and which tests hold it.

use crate::tidy::test_names::Tests;
use crate::tidy::tree::{File, Finding};

/// How the heads of all tables in a section end.
const HEAD: [&str; 2] = ["From", "Held by"];
/// Recorded, documented, inferred.
const TAGS: [&str; 3] = ["R", "D", "I"];
/// What stands in place of tests, with the reason.
const NOT_TESTED: &str = "not tested: ";

/// A section with a number.
pub(super) struct Section<'p> {
    /// Where its heading is.
    pub(super) line: usize,
    /// As citations write it.
    pub(super) number: &'p str,
    /// The rows of its tables, heads and rules included, each with its line.
    rows: Vec<(usize, Vec<&'p str>)>,
}

/// The sections of the page. What stands under a heading without a number is free.
pub(super) fn sections(page: &File) -> Vec<Section<'_>> {
    let mut sections: Vec<Section<'_>> = Vec::new();
    let mut is_numbered = false;
    for (line, text) in page.lines() {
        if text.starts_with('#') {
            let number = number_of(text);
            is_numbered = number.is_some();
            sections.extend(number.map(|number| Section {
                line,
                number,
                rows: Vec::new(),
            }));
        } else if let (true, Some(section), Some(row)) =
            (is_numbered, sections.last_mut(), text.strip_prefix('|'))
        {
            section.rows.push((line, cells(row)));
        }
    }
    sections
}

/// The number in a heading such as `## 4. Two factors` or `### 15.2 …`.
fn number_of(heading: &str) -> Option<&str> {
    let word = heading.trim_start_matches('#').split_whitespace().next()?;
    let number = word.trim_end_matches('.');
    let is_number = number.starts_with(|first: char| first.is_ascii_digit())
        && number.chars().all(|one| one.is_ascii_digit() || one == '.');
    is_number.then_some(number)
}

/// The cells of a row, of which the first bar is gone. A bar behind a backslash divides nothing.
fn cells(row: &str) -> Vec<&str> {
    let mut cells = Vec::new();
    let mut start = 0;
    for (at, _) in row.match_indices('|') {
        if !row[..at].ends_with('\\') {
            cells.push(row[start..at].trim());
            start = at + 1;
        }
    }
    cells
}

/// What is wrong with the sections.
pub(super) fn check(page: &File, sections: &[Section<'_>], tests: &Tests<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (place, section) in sections.iter().enumerate() {
        let number = section.number;
        if sections[..place].iter().any(|one| one.number == number) {
            findings.push(page.finding_at(section.line, format!("a second section {number}")));
        }
        let parts = format!("{number}.");
        let has_parts = sections.iter().any(|one| one.number.starts_with(&parts));
        if section.rows.is_empty() && !has_parts {
            findings.push(page.finding_at(section.line, "a section without facts"));
        }
        findings.extend(check_rows(page, section, tests));
    }
    findings
}

fn check_rows(page: &File, section: &Section<'_>, tests: &Tests<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut previous = None;
    for (line, row) in &section.rows {
        let is_head = previous != Some(line - 1);
        previous = Some(*line);
        let is_rule = row.iter().all(|cell| cell.starts_with("---"));
        let refusals = match row.as_slice() {
            _ if is_rule => Vec::new(),
            [.., from, held] if is_head => refusals_of_head([from, held]),
            [.., from, held] => refusals_of_fact(from, held, tests),
            _ => vec!["a row of too few cells".to_owned()],
        };
        let refusals = refusals.into_iter();
        findings.extend(refusals.map(|refusal| page.finding_at(*line, refusal)));
    }
    findings
}

fn refusals_of_head(names: [&str; 2]) -> Vec<String> {
    let [from, held] = HEAD;
    let refusal = format!("the last columns of a table are `{from}` and `{held}`");
    if names == HEAD {
        Vec::new()
    } else {
        vec![refusal]
    }
}

fn refusals_of_fact(from: &str, held: &str, tests: &Tests<'_>) -> Vec<String> {
    let mut refusals = Vec::new();
    if !from.split(", ").all(|tag| TAGS.contains(&tag)) {
        refusals.push(format!(
            "a fact is from {}: `{from}` is none of them",
            TAGS.join(", ")
        ));
    }
    let reason = held.strip_prefix(NOT_TESTED);
    if reason.is_some_and(|reason| !reason.is_empty()) {
        return refusals;
    }
    for name in held.split(", ") {
        let quoted = name
            .strip_prefix('`')
            .and_then(|name| name.strip_suffix('`'));
        match quoted.filter(|name| name.contains("::")) {
            Some(name) if tests.hold(name) => {}
            Some(name) => refusals.push(format!("there is no test {name}")),
            None => refusals.push(format!(
                "a fact is held by `module::test`, …, or `{NOT_TESTED}why`"
            )),
        }
    }
    refusals
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::tree::Tree;

    const TEST: (&str, &str) = ("tests/rest/user.rs", "#[test]\nfn it_is_so() {}\n");

    fn found(page: &str) -> Vec<String> {
        let tree = Tree::of(&[("docs/contract.md", page), TEST]);
        let page = &tree.files()[0];
        let findings = check(page, &sections(page), &Tests::of(&tree));
        findings.iter().map(ToString::to_string).collect()
    }

    fn found_in_row(row: &str) -> usize {
        let head = "| Fact | From | Held by |\n| --- | --- | --- |";
        found(&format!("## 1. One\n\n{head}\n{row}\n")).len()
    }

    #[test]
    fn a_fact_has_a_tag_and_tests() {
        assert_eq!(found_in_row("| So. | R | `rest::user::it_is_so` |"), 0);
        assert_eq!(
            found_in_row("| `a \\| b` | D, I | not tested: no client sends it |"),
            0
        );
        for row in [
            "| So. |  | `rest::user::it_is_so` |",
            "| So. | X | `rest::user::it_is_so` |",
            "| So. | R |  |",
            "| So. | R | rest::user::it_is_so |",
            "| So. | R | `it_is_so` |",
            "| So. | R | `rest::users::it_is_so` |",
            "| So. | R | not tested: |",
            "| So. |",
        ] {
            assert_eq!(found_in_row(row), 1, "{row}");
        }
    }

    #[test]
    fn a_table_without_the_two_columns_is_found() {
        let page = "## 1. One\n\n| Fact | Held by |\n| --- | --- |\n| So. | R | `rest::user::it_is_so` |\n";
        assert_eq!(
            found(page),
            ["docs/contract.md:3: the last columns of a table are `From` and `Held by`"]
        );
    }

    #[test]
    fn a_section_without_facts_and_one_that_stands_twice_are_found() {
        let facts = "| Fact | From | Held by |\n| --- | --- | --- |\n| So. | R | `rest::user::it_is_so` |\n";
        let page =
            format!("## 1. One\n\n## 2. Two\n\n### 2.1 A part\n\n{facts}\n## 2. Again\n\n{facts}");
        assert_eq!(
            found(&page),
            [
                "docs/contract.md:1: a section without facts",
                "docs/contract.md:11: a second section 2"
            ]
        );
    }

    #[test]
    fn what_stands_under_a_heading_without_a_number_is_free() {
        assert_eq!(
            found("## Sources\n\n| Tag | Meaning |\n| --- | --- |\n"),
            [] as [&str; 0]
        );
    }
}
