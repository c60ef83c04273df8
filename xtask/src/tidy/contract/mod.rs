//! The wire contract, `docs/contract.md`: each section that somebody cites is there, each section
//! is cited where the code obeys it, and each fact says where it is from and which tests hold it.

mod citations;
mod page;

use std::collections::BTreeSet;

use crate::tidy::contract::citations::{Citation, citations};
use crate::tidy::contract::page::Section;
use crate::tidy::test_names::Tests;
use crate::tidy::tree::{File, Finding, Tree};

const PAGE: &str = "docs/contract.md";
/// Where a section is obeyed.
const CODE: &str = "crates/";
/// Code of tests, which obeys nothing.
const TESTKIT: &str = "crates/testkit/";

/// Looks at the page and at all that cite it.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let page = tree.files().iter().find(|file| file.path == PAGE);
    let sections = page.map(page::sections).unwrap_or_default();
    let known: BTreeSet<&str> = sections.iter().map(|section| section.number).collect();
    let (mut findings, cited) = check_citations(tree, &known);
    if let Some(page) = page {
        let tests = Tests::of(tree);
        findings.extend(page::check(page, &sections, &tests));
        findings.extend(uncited(page, &sections, &cited));
    }
    findings
}

/// What is wrong with the citations, and which sections the code cites.
fn check_citations(tree: &Tree, known: &BTreeSet<&str>) -> (Vec<Finding>, BTreeSet<String>) {
    let mut findings = Vec::new();
    let mut cited = BTreeSet::new();
    for file in tree.files().iter().filter(|file| file.path != PAGE) {
        let is_code = file.path.starts_with(CODE) && !file.path.starts_with(TESTKIT);
        for (line, citation) in citations(file) {
            match citation {
                Citation::Malformed => findings.push(file.finding_at(
                    line,
                    "cite as `wire contract, section 4` or `wire contract, sections 4, 7 and 15.2`",
                )),
                Citation::Sections(numbers) => {
                    let unknown = numbers.iter().filter(|one| !known.contains(one.as_str()));
                    findings.extend(unknown.map(|number| {
                        file.finding_at(line, format!("{PAGE} has no section {number}"))
                    }));
                    if is_code {
                        cited.extend(numbers);
                    }
                }
            }
        }
    }
    (findings, cited)
}

fn uncited<'a>(
    page: &'a File,
    sections: &'a [Section<'_>],
    cited: &'a BTreeSet<String>,
) -> impl Iterator<Item = Finding> + 'a {
    let uncited = sections
        .iter()
        .filter(|section| !cited.contains(section.number));
    uncited.map(|section| {
        let number = section.number;
        page.finding_at(
            section.line,
            format!("no comment under {CODE} cites section {number}: say where it is obeyed"),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FACTS: &str = "| Fact | From | Held by |\n| --- | --- | --- |\n| It is so. | R | `rest::user::it_is_so` |\n";
    const TEST: (&str, &str) = ("tests/rest/user.rs", "#[test]\nfn it_is_so() {}\n");

    fn found(sections: &[&str], files: &[(&str, &str)]) -> Vec<String> {
        let headings = sections
            .iter()
            .map(|heading| format!("{heading}\n\n{FACTS}\n"));
        let page = format!("# The wire contract\n\n{}", headings.collect::<String>());
        let mut all = vec![(PAGE, page.as_str()), TEST];
        all.extend(files);
        let findings = check(&Tree::of(&all));
        findings.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_section_that_is_cited_and_there_is_fine() {
        let code = "//! Pages (wire contract, sections 8 and\n//! 15.2; RFC 8288, section 3).\n";
        let sections = ["## 8. Pages", "### 15.2 `POST /authorizations`"];
        assert_eq!(
            found(&sections, &[("crates/wire/src/a.rs", code)]),
            [] as [&str; 0]
        );
    }

    #[test]
    fn a_citation_of_a_section_that_is_not_there_is_found() {
        let code = "//! Pages (wire contract, section 8).\n\n/// More (wire contract, section 9).\nfn more() {}\n";
        let about = "See the wire contract, section 10.\n";
        let files = [("crates/wire/src/a.rs", code), ("docs/about.md", about)];
        assert_eq!(
            found(&["## 8. Pages"], &files),
            [
                "crates/wire/src/a.rs:3: docs/contract.md has no section 9",
                "docs/about.md:1: docs/contract.md has no section 10"
            ]
        );
    }

    #[test]
    fn citations_of_a_page_that_is_not_there_are_found() {
        let code = "//! Pages (wire contract, section 8).\n";
        assert_eq!(check(&Tree::of(&[("tests/a.rs", code)])).len(), 1);
    }

    #[test]
    fn a_section_that_only_tests_cite_is_found() {
        let cites = "//! Pages (wire contract, section 8).\n";
        let files = [
            ("tests/rest/pages.rs", cites),
            ("crates/testkit/src/a.rs", cites),
        ];
        assert_eq!(
            found(&["## 8. Pages"], &files),
            [
                "docs/contract.md:3: no comment under crates/ cites section 8: say where it is obeyed"
            ]
        );
    }

    #[test]
    fn a_test_that_is_not_there_is_found_in_the_page() {
        let page = "## 8. Pages\n\n| Fact | From | Held by |\n| --- | --- | --- |\n| So. | R | `rest::user::it_is_so`, `rest::user::nobody_wrote_this` |\n";
        let code = "//! Pages (wire contract, section 8).\n";
        let files = [(PAGE, page), ("crates/wire/src/a.rs", code), TEST];
        let findings = check(&Tree::of(&files));
        assert_eq!(findings.len(), 1);
        assert_eq!(
            findings[0].to_string(),
            "docs/contract.md:5: there is no test rest::user::nobody_wrote_this"
        );
    }
}
