//! A file has one subject. Past 300 lines it probably has two; past 500 it needs a reason that is
//! written down here.

use crate::tidy::rust_scan::lines_of_code;
use crate::tidy::tree::{Finding, Tree};

/// The most lines of code, the tests at the end of a file not counted.
const LINES_MAX: usize = 500;

/// Files that may be longer, each with the reason.
const ALLOWED: &[(&str, &str)] = &[];

/// Finds files that are too long, and reasons that no file needs any more.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    check_against(tree, ALLOWED)
}

fn check_against(tree: &Tree, allowed: &[(&str, &str)]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.ending(".rs") {
        let lines = lines_of_code(&file.text);
        if lines > LINES_MAX && !allowed.iter().any(|(path, _)| *path == file.path) {
            findings.push(file.finding(format!("has {lines} lines of code; split it by subject")));
        }
    }
    for (path, _) in allowed {
        let is_long = |file: &&crate::tidy::tree::File| lines_of_code(&file.text) > LINES_MAX;
        if !tree
            .ending(".rs")
            .filter(|file| file.path == *path)
            .any(|file| is_long(&file))
        {
            findings.push(Finding::on(
                path,
                "need not be on the list of long files any more",
            ));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_file_is_found() {
        let long = "line\n".repeat(LINES_MAX + 1);
        assert_eq!(check_against(&Tree::of(&[("a.rs", &long)]), &[]).len(), 1);
    }

    #[test]
    fn a_file_with_long_tests_is_fine() {
        let text = format!(
            "code\n#[cfg(test)]\nmod tests {{\n{}}}\n",
            "line\n".repeat(LINES_MAX)
        );
        assert!(check_against(&Tree::of(&[("a.rs", &text)]), &[]).is_empty());
    }

    #[test]
    fn a_long_file_with_a_reason_is_fine_and_a_short_one_needs_none() {
        let long = "line\n".repeat(LINES_MAX + 1);
        let allowed = [("a.rs", "a table of every scope")];
        assert!(check_against(&Tree::of(&[("a.rs", &long)]), &allowed).is_empty());
        assert_eq!(
            check_against(&Tree::of(&[("a.rs", "line\n")]), &allowed).len(),
            1
        );
    }
}
