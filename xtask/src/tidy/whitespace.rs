//! Tabs, space at the end of a line, a missing last line end: noise in every later difference.

use crate::tidy::tree::{File, Finding, Tree};

/// Files whose white space is not ours to choose: snapshots hold what clients see.
const EXEMPT: &[&str] = &[".snap"];
/// Files that their own formatter indents with tabs.
const WITH_TABS: &[&str] = &[".go", "go.mod"];

/// Looks at every text file.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    tree.files()
        .iter()
        .filter(|file| !EXEMPT.iter().any(|ending| file.path.ends_with(ending)))
        .flat_map(check_file)
        .collect()
}

fn check_file(file: &File) -> Vec<Finding> {
    let mut findings = Vec::new();
    let tabs_are_right = WITH_TABS.iter().any(|ending| file.path.ends_with(ending));
    for (number, line) in file.text.split('\n').enumerate() {
        if line.contains('\t') && !tabs_are_right {
            findings.push(file.finding_at(number + 1, "has a tab"));
        }
        if line.ends_with('\r') {
            findings.push(file.finding_at(number + 1, "ends with a carriage return"));
        } else if line.ends_with(char::is_whitespace) {
            findings.push(file.finding_at(number + 1, "ends with white space"));
        }
    }
    if !file.text.is_empty() && !file.text.ends_with('\n') {
        findings.push(file.finding("has no line end after its last line"));
    }
    if file.text.ends_with("\n\n") {
        findings.push(file.finding("ends with an empty line"));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        check(&Tree::of(&[("a.md", text)]))
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn tabs_trailing_space_and_carriage_returns_are_found_with_their_line() {
        assert_eq!(found("one\n\ttwo\n"), ["a.md:2: has a tab"]);
        assert_eq!(found("one \ntwo\n"), ["a.md:1: ends with white space"]);
        assert_eq!(
            found("one\r\ntwo\n"),
            ["a.md:1: ends with a carriage return"]
        );
    }

    #[test]
    fn the_last_line_ends_once() {
        assert_eq!(found("one"), ["a.md: has no line end after its last line"]);
        assert_eq!(found("one\n\n"), ["a.md: ends with an empty line"]);
        assert!(found("one\n").is_empty());
        assert!(found("").is_empty());
    }

    #[test]
    fn go_is_indented_with_tabs() {
        assert!(
            check(&Tree::of(&[
                ("main.go", "\treturn\n"),
                ("a/go.mod", "\tx\n")
            ]))
            .is_empty()
        );
    }

    #[test]
    fn snapshots_are_left_alone() {
        assert!(check(&Tree::of(&[("a.snap", "x-oauth-scopes: \n")])).is_empty());
    }
}
