//! Marks that are left behind: lints switched off without a reason, and work put off without an
//! issue.

use crate::tidy::tree::{File, Finding, Tree};

/// Spelled in two parts, so that this file passes its own check.
const ALLOW: [&str; 2] = [concat!("#[", "allow("), concat!("#![", "allow(")];
const PUT_OFF: [&str; 3] = [
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X:"),
];
const IGNORED: &str = concat!("#[", "ignore");

/// Looks at Rust, scripts and pages.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.ending(".rs") {
        findings.extend(check_rust(file));
    }
    for ending in [".rs", ".js", ".sql", ".md", ".toml", ".service", ".socket"] {
        for file in tree.ending(ending) {
            findings.extend(check_put_off(file));
        }
    }
    findings
}

fn check_rust(file: &File) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (number, line) in file.lines() {
        if ALLOW.iter().any(|allow| line.contains(allow)) {
            findings.push(file.finding_at(
                number,
                "use `#[expect(lint, reason = \"…\")]`: it tells when it is no longer needed",
            ));
        }
        if line.trim_start().starts_with(IGNORED) {
            findings.push(file.finding_at(
                number,
                "a test that is ignored proves nothing; repair or delete it",
            ));
        }
    }
    findings
}

fn check_put_off(file: &File) -> Vec<Finding> {
    file.lines()
        .filter(|(_, line)| PUT_OFF.iter().any(|mark| names_without_issue(line, mark)))
        .map(|(number, _)| {
            file.finding_at(
                number,
                "work that is put off names its issue, as in `(#12)`",
            )
        })
        .collect()
}

/// Whether the mark stands as a word of its own and no issue number follows it.
fn names_without_issue(line: &str, mark: &str) -> bool {
    line.match_indices(mark).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = &line[at + mark.len()..];
        let is_word = before.is_none_or(|character| !character.is_alphanumeric())
            && after
                .chars()
                .next()
                .is_none_or(|character| !character.is_alphanumeric());
        is_word && !has_issue(after)
    })
}

fn has_issue(after: &str) -> bool {
    after
        .strip_prefix("(#")
        .is_some_and(|rest| rest.starts_with(|character: char| character.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> usize {
        check(&Tree::of(&[(path, text)])).len()
    }

    #[test]
    fn a_lint_that_is_allowed_is_found() {
        let text = format!("{}dead_code)]\nfn f() {{}}\n", ALLOW[0]);
        assert_eq!(found("a.rs", &text), 1);
        assert_eq!(found("a.rs", "#[expect(dead_code, reason = \"x\")]\n"), 0);
    }

    #[test]
    fn an_ignored_test_is_found() {
        assert_eq!(
            found("a.rs", &format!("#[test]\n{IGNORED}]\nfn f() {{}}\n")),
            1
        );
    }

    #[test]
    fn work_put_off_needs_its_issue() {
        let mark = PUT_OFF[0];
        assert_eq!(found("a.rs", &format!("// {mark}: later\n")), 1);
        assert_eq!(found("a.md", &format!("{mark} later\n")), 1);
        assert_eq!(found("a.rs", &format!("// {mark}(#12): later\n")), 0);
    }

    #[test]
    fn a_word_that_only_contains_the_mark_is_no_mark() {
        assert_eq!(found("a.rs", &format!("// MAS{}S\n", PUT_OFF[0])), 0);
    }
}
