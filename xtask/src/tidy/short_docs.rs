//! Docs of the two crates that others read first say what a name cannot: a shape, a unit, where it
//! is from. A doc of three words repeats the name.

use crate::tidy::tree::{File, Finding, Tree};

/// The crates whose public items all have docs.
const DOCUMENTED: [&str; 2] = ["crates/domain/src/", "crates/wire/src/"];
/// Fewer words than this say nothing.
const WORDS_MIN: usize = 4;

/// Looks at the docs of all items.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    tree.ending(".rs")
        .filter(|file| {
            DOCUMENTED
                .iter()
                .any(|folder| file.path.starts_with(folder))
        })
        .flat_map(check_file)
        .collect()
}

fn check_file(file: &File) -> Vec<Finding> {
    let docs = docs(file).into_iter();
    docs.filter(|(_, doc)| says_nothing(doc))
        .map(|(line, doc)| {
            file.finding_at(
                line,
                format!(
                    "`{doc}` says no more than the name: say its shape, its unit or its source"
                ),
            )
        })
        .collect()
}

/// The docs of a file, each with the line where it begins, its lines joined by blanks.
fn docs(file: &File) -> Vec<(usize, String)> {
    let mut docs: Vec<(usize, String)> = Vec::new();
    let mut is_open = false;
    for (number, line) in file.lines() {
        let Some(text) = line.trim_start().strip_prefix("///") else {
            is_open = false;
            continue;
        };
        match docs.last_mut() {
            Some((_, doc)) if is_open => {
                doc.push(' ');
                doc.push_str(text.trim());
            }
            _ => docs.push((number, text.trim().to_owned())),
        }
        is_open = true;
    }
    docs
}

fn says_nothing(doc: &str) -> bool {
    let is_short = doc.split_whitespace().count() < WORDS_MIN;
    is_short && !is_code(doc) && !is_reference(doc)
}

/// A method with its path says all there is to say.
fn is_code(doc: &str) -> bool {
    let inner = doc.strip_prefix('`').and_then(|doc| doc.strip_suffix('`'));
    inner.is_some_and(|inner| !inner.contains('`'))
}

/// A link to another item and nothing else: what there is to say stands there.
fn is_reference(doc: &str) -> bool {
    doc.starts_with("See [`") && doc.ends_with("`].")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, doc: &str) -> Vec<String> {
        let text = format!("//! A file.\n\n{doc}\npub struct Account;\n");
        let findings = check(&Tree::of(&[(path, &text)]));
        findings.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_doc_of_three_words_is_found() {
        let message =
            "`An OAuth app.` says no more than the name: say its shape, its unit or its source";
        assert_eq!(
            found("crates/domain/src/app.rs", "/// An OAuth app."),
            [format!("crates/domain/src/app.rs:3: {message}")]
        );
        assert_eq!(found("crates/wire/src/a.rs", "/// Its\n/// id.").len(), 1);
    }

    #[test]
    fn a_doc_that_says_something_is_free() {
        for doc in [
            "/// Seconds since the Unix epoch.",
            "/// What it\n/// is called.",
            "/// `GET /authorizations`",
            "/// See [`ProblemKind::NotFound`].",
            "// A remark.",
        ] {
            assert_eq!(
                found("crates/domain/src/app.rs", doc),
                [] as [&str; 0],
                "{doc}"
            );
        }
    }

    #[test]
    fn other_crates_are_free() {
        assert_eq!(
            found("crates/store/src/app.rs", "/// An app."),
            [] as [&str; 0]
        );
    }
}
