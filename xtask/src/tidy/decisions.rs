//! A decision that does not say what it costs is an advertisement; one that does not say what would
//! change our mind cannot be reopened with an argument.

use crate::tidy::tree::{File, Finding, Tree};

const FOLDER: &str = "docs/decisions/";
const SECTIONS: &[&str] = &["Context", "Decision", "Costs", "What would change our mind"];

/// Looks at each decision; other pages of the folder, such as its index, have no number and no
/// fixed form.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    tree.ending(".md")
        .filter(|file| is_decision(&file.path))
        .flat_map(check_decision)
        .collect()
}

fn is_decision(path: &str) -> bool {
    path.strip_prefix(FOLDER)
        .is_some_and(|name| name.starts_with(|character: char| character.is_ascii_digit()))
}

fn check_decision(file: &File) -> Vec<Finding> {
    let headings: Vec<&str> = file
        .lines()
        .filter_map(|(_, line)| line.strip_prefix("## "))
        .map(str::trim)
        .collect();
    SECTIONS
        .iter()
        .filter(|section| !headings.contains(section))
        .map(|section| file.finding(format!("has no section \"## {section}\"")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decision_without_its_costs_is_found() {
        let text = "# Use this\n\n## Context\n\n## Decision\n\n## What would change our mind\n";
        let findings = check(&Tree::of(&[("docs/decisions/0001-this.md", text)]));
        assert_eq!(findings.len(), 1);
        assert!(findings[0].to_string().contains("Costs"));
    }

    #[test]
    fn the_index_of_the_folder_has_no_fixed_form() {
        assert!(check(&Tree::of(&[("docs/decisions/README.md", "# Decisions\n")])).is_empty());
    }
}
