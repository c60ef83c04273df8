//! What can be done to what is stored stands in one list, and each row of it is done somewhere and
//! tried.
//!
//! The compiler wants every operation in the match that hands it on to be tried. That the function
//! it is handed to has an arm for it, and that the store does it at all, no compiler tells.

use crate::tidy::tree::{File, Finding, Tree};

const LIST: &str = "crates/store/src/writing/operations.rs";
const STORE: &str = "crates/store/src/";
const ATTEMPTS: &str = "crates/store/tests/conformance/operations/attempts.rs";
/// What only hands an operation on to where it is tried.
const HANDS_ON: &str = "self.attempt";

/// Holds the list, what does its operations and what tries them against each other. A tree without
/// the list has no operations.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let at = |path: &str| tree.files().iter().find(|file| file.path == path);
    let Some(list) = at(LIST) else {
        return Vec::new();
    };
    let Some(attempts) = at(ATTEMPTS) else {
        return vec![list.finding(format!(
            "its operations are tried in {ATTEMPTS}, which is not there"
        ))];
    };
    let store: Vec<&File> = tree
        .files()
        .iter()
        .filter(|file| file.path.starts_with(STORE) && file.path != LIST)
        .collect();
    let rows: Vec<(usize, &str)> = list
        .lines()
        .filter_map(|(at, line)| Some((at, row(line)?)))
        .collect();
    let mut findings = Vec::new();
    for (line, name) in &rows {
        if !store.iter().any(|file| names(&file.text, name)) {
            findings.push(list.finding_at(*line, format!("nothing does {name}")));
        }
        if !is_tried(&attempts.text, name) {
            let missing = format!("{name} has no arm of its own in {ATTEMPTS}");
            findings.push(list.finding_at(*line, missing));
        }
    }
    if rows.is_empty() {
        findings.push(list.finding("lists no operation".to_owned()));
    }
    findings
}

/// The name of the operation that a line of the list is about.
fn row(line: &str) -> Option<&str> {
    let (name, _) = line.trim().split_once(" leaves ")?;
    let is_name = name.starts_with(|first: char| first.is_ascii_uppercase())
        && name.chars().all(|letter| letter.is_ascii_alphanumeric());
    is_name.then_some(name)
}

/// Whether a text names an operation.
fn names(text: &str, name: &str) -> bool {
    after(text, name).next().is_some()
}

/// Whether an arm does something else with an operation than to hand it on.
fn is_tried(text: &str, name: &str) -> bool {
    let mut arms = after(text, name).filter_map(|rest| rest.trim_start().strip_prefix("=>"));
    arms.any(|arm| !arm.trim_start().starts_with(HANDS_ON))
}

/// What follows each place where a text names an operation.
fn after<'t>(text: &'t str, name: &str) -> impl Iterator<Item = &'t str> {
    let name = format!("Operation::{name}");
    let places: Vec<usize> = text
        .match_indices(&name)
        .map(|(at, _)| at + name.len())
        .collect();
    places
        .into_iter()
        .map(|at| &text[at..])
        .filter(|rest| !rest.starts_with(|next: char| next.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROWS: &str = "operations! {\n    /// One.\n    Make leaves Made;\n    /// Two.\n    MakeAll leaves Made or Changed;\n}\n";
    const DONE: &str = "let make = Operation::Make;\nself.change(Operation::MakeAll, by)";
    const TRIED: &str = "match operation {\n    Operation::Make\n    | Operation::MakeAll => self.attempt_both(operation),\n}\nmatch operation {\n    Operation::Make => one(),\n    Operation::MakeAll => {\n        two()\n    }\n}\n";

    fn found(list: &str, done: &str, tried: &str) -> Vec<String> {
        let done = ("crates/store/src/things.rs", done);
        let findings = check(&Tree::of(&[(LIST, list), done, (ATTEMPTS, tried)]));
        findings.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn operations_that_are_done_and_tried_are_in_order() {
        assert_eq!(found(ROWS, DONE, TRIED), [] as [&str; 0]);
    }

    #[test]
    fn an_operation_that_is_only_handed_on_is_found() {
        let tried = TRIED.replace("Operation::Make => one(),", "");
        let missing = format!("{LIST}:3: Make has no arm of its own in {ATTEMPTS}");
        assert_eq!(found(ROWS, DONE, &tried), [missing]);
    }

    #[test]
    fn an_operation_that_nothing_does_is_found() {
        let done = DONE.replace("let make = Operation::Make;", "");
        assert_eq!(
            found(ROWS, &done, TRIED),
            [format!("{LIST}:3: nothing does Make")]
        );
    }

    #[test]
    fn a_list_without_rows_and_a_list_that_nobody_tries_are_found() {
        assert_eq!(
            found("operations! {}\n", DONE, TRIED),
            [format!("{LIST}: lists no operation")]
        );
        let findings = check(&Tree::of(&[(LIST, ROWS)]));
        assert_eq!(findings.len(), 1);
    }
}
