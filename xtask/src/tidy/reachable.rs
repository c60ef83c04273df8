//! Every page of the documentation can be reached from the README, by links from page to page: what
//! nobody can find might as well not be there.

use std::collections::BTreeSet;

use crate::tidy::links::linked_from;
use crate::tidy::tree::{Finding, Tree};

/// Where a reader begins.
const START: &str = "README.md";
/// Where the pages are.
const PAGES: &str = "docs/";

/// Follows all links from the README, and says which pages it did not come to.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut reached = BTreeSet::new();
    let mut to_read = vec![START.to_owned()];
    while let Some(path) = to_read.pop() {
        let Some(page) = tree.ending(".md").find(|file| file.path == path) else {
            continue;
        };
        if reached.insert(path) {
            to_read.extend(linked_from(page).map(|(_, _, path)| path));
        }
    }
    tree.ending(".md")
        .filter(|page| page.path.starts_with(PAGES) && !reached.contains(&page.path))
        .map(|page| page.finding(format!("cannot be reached from {START} by links")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lost(pages: &[(&str, &str)]) -> Vec<String> {
        let findings = check(&Tree::of(pages));
        findings.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_page_that_another_page_links_to_is_reached() {
        let pages = [
            ("README.md", "[all](docs/README.md)\n"),
            ("docs/README.md", "[one](run/one.md)\n"),
            ("docs/run/one.md", "[back](../README.md)\n"),
        ];
        assert_eq!(lost(&pages), Vec::<String>::new());
    }

    #[test]
    fn a_page_that_only_lost_pages_link_to_is_lost() {
        let pages = [
            ("README.md", "`[a](docs/a.md)`\n"),
            ("docs/a.md", "[b](b.md)\n"),
            ("docs/b.md", "[a](a.md)\n"),
        ];
        assert_eq!(lost(&pages).len(), 2);
    }
}
