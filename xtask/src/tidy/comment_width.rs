//! A comment is read beside code, in half a window: its lines end by column 100.

use crate::tidy::tree::{File, Finding, Tree};

/// The most characters of a line that is a comment, with what it is indented by.
const COLUMNS_MAX: usize = 100;

/// Looks at every line that is a comment. Examples in docs are code, and one word that is longer
/// than a line, such as an address, cannot be broken.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    tree.ending(".rs").flat_map(check_file).collect()
}

fn check_file(file: &File) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut is_example = false;
    for (number, line) in file.lines() {
        let Some(comment) = line.trim_start().strip_prefix("//") else {
            is_example = false;
            continue;
        };
        let text = comment.trim_start_matches(['/', '!']).trim();
        if text.starts_with("```") {
            is_example = !is_example;
        }
        let columns = line.chars().count();
        if columns > COLUMNS_MAX && !is_example && text.contains(' ') {
            let message = format!("a comment of {columns} columns; break it at {COLUMNS_MAX}");
            findings.push(file.finding_at(number, message));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> usize {
        check(&Tree::of(&[("a.rs", text)])).len()
    }

    #[test]
    fn a_comment_beyond_column_100_is_found() {
        let words = "word ".repeat(20);
        let fits = format!("//! {}", &words[..96]);
        assert_eq!(fits.chars().count(), COLUMNS_MAX);
        assert_eq!(found(&fits), 0);
        assert_eq!(found(&format!(" {fits}\n")), 1);
        assert_eq!(found(&format!("    // {words}{words}\n")), 1);
    }

    #[test]
    fn columns_are_characters_and_not_bytes() {
        assert_eq!(found(&format!("/// é {}", "é".repeat(90))), 0);
    }

    #[test]
    fn code_examples_and_what_cannot_be_broken_are_fine() {
        let long = "word ".repeat(30);
        assert_eq!(found(&format!("/// ```\n/// {long}\n/// ```\n")), 0);
        assert_eq!(found(&format!("/// ```\n/// a\n/// ```\n/// {long}\n")), 1);
        assert_eq!(found(&format!("/// <{}>\n", "x".repeat(200))), 0);
        assert_eq!(found(&format!("let a = \"{long}\";\n")), 0);
    }
}
