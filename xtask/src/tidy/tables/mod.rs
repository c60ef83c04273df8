//! The tables of `docs/reference` that are written by hand: each row names tests that there are, or
//! says why it has none, and no table lacks a row that it should have.

mod clients;
mod standards;

use crate::rows::{Row, rows};
use crate::tidy::test_names::Tests;
use crate::tidy::tree::{File, Finding, Tree};

const SECURITY: &str = "docs/reference/security.md";
const ACCESSIBILITY: &str = "docs/reference/accessibility.md";
const CLIENTS: &str = "docs/reference/clients.md";

/// Looks at each of the pages that the tree has.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let tests = Tests::of(tree);
    let mut findings = Vec::new();
    for path in [SECURITY, ACCESSIBILITY, CLIENTS] {
        let Some(page) = tree.files().iter().find(|file| file.path == path) else {
            continue;
        };
        let rows = rows(&page.text);
        findings.extend(rows.iter().flat_map(|row| check_row(page, row, &tests)));
        findings.extend(match path {
            SECURITY => standards::check_asvs(page, &rows),
            ACCESSIBILITY => standards::check_wcag(page, &rows),
            _ => clients::check(tree, page, &rows, &tests),
        });
    }
    findings
}

/// What is wrong with a row by itself, whichever table it is of.
fn check_row(page: &File, row: &Row<'_>, tests: &Tests<'_>) -> Vec<Finding> {
    let id = row.id();
    let named = row.tests();
    let unknown = named
        .iter()
        .filter(|name| !name.contains("::") || !tests.hold(name));
    let mut findings: Vec<_> = unknown
        .map(|name| page.finding_at(row.line, format!("{id}: there is no test {name}")))
        .collect();
    if named.is_empty() && row.verdict().is_none_or(|(_, reason)| reason.is_empty()) {
        let message = format!("{id}: names no test and does not say why");
        findings.push(page.finding_at(row.line, message));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEST: &str = "#[test]\nfn it_is_so() {}\n";

    fn found(row: &str) -> Vec<String> {
        let page = format!("| id | what | here | tests |\n| --- | --- | --- | --- |\n{row}\n");
        let tree = Tree::of(&[(SECURITY, &page), ("tests/web/forms.rs", TEST)]);
        let tests = Tests::of(&tree);
        let page = &tree.files()[0];
        let rows = rows(&page.text);
        let findings = rows.iter().flat_map(|row| check_row(page, row, &tests));
        findings.map(|finding| finding.to_string()).collect()
    }

    #[test]
    fn a_row_names_tests_that_there_are_by_their_modules() {
        assert!(found("| R1 | it | so | `web::forms::it_is_so` |").is_empty());
        for name in ["web::forms::it_is_not", "forms::it_is_so", "it_is_so"] {
            let found = found(&format!("| R1 | it | so | `{name}` |"));
            let expected = format!("{SECURITY}:3: R1: there is no test {name}");
            assert_eq!(found, [expected]);
        }
    }

    #[test]
    fn a_row_without_tests_says_why() {
        assert!(found("| R1 | it | **Does not apply.** There is none. | – |").is_empty());
        for row in [
            "| R1 | it | There is none. | – |",
            "| R1 | it | **Does not apply.** | – |",
        ] {
            assert_eq!(found(row).len(), 1, "{row}");
        }
    }
}
