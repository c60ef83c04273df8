//! A test is named by the sentence that it proves: the list of tests is then the list of promises.

use crate::tidy::tree::{File, Finding, Tree};

/// Fewer words than this do not make a sentence.
const WORDS_MIN: usize = 3;

/// Looks at the function that follows each test attribute.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    tree.ending(".rs").flat_map(check_file).collect()
}

fn check_file(file: &File) -> Vec<Finding> {
    names(file)
        .into_iter()
        .filter_map(|(number, name)| Some(file.finding_at(number, refusal(name)?)))
        .collect()
}

/// The tests of a file, each with its line. Those of the store stand in a list, from which a macro makes one for each engine.
pub(crate) fn names(file: &File) -> Vec<(usize, &str)> {
    let mut names = Vec::new();
    let mut after_attribute = false;
    let mut in_list = false;
    for (number, line) in file.lines() {
        let line = line.trim();
        if in_list {
            in_list = line != "}";
            names.extend(line.strip_suffix(',').map(|name| (number, name)));
        } else if line == "on_each_engine! {" {
            in_list = true;
        } else if is_test_attribute(line) {
            after_attribute = true;
        } else if let Some(name) = function_name(line) {
            // In a macro the name is its caller's.
            if after_attribute && !name.is_empty() {
                names.push((number, name));
            }
            after_attribute = false;
        }
    }
    names
}

fn is_test_attribute(line: &str) -> bool {
    ["#[test]", "#[tokio::test", "#[store_test"]
        .iter()
        .any(|attribute| line.starts_with(attribute))
}

fn function_name(line: &str) -> Option<&str> {
    let line = line.strip_prefix("pub ").unwrap_or(line);
    let line = line.strip_prefix("async ").unwrap_or(line);
    let name = line.strip_prefix("fn ")?;
    name.split(|character: char| !(character.is_alphanumeric() || character == '_'))
        .next()
}

fn refusal(name: &str) -> Option<String> {
    if name.starts_with("test_") {
        return Some(format!("{name}: a test is a sentence, without `test_`"));
    }
    let words = name.split('_').filter(|word| !word.is_empty()).count();
    (words < WORDS_MIN).then(|| format!("{name}: a test is a sentence that says what holds"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> usize {
        check(&Tree::of(&[("a.rs", text)])).len()
    }

    #[test]
    fn a_name_that_is_no_sentence_is_found() {
        assert_eq!(found("#[test]\nfn test_revoked_token_refused() {}\n"), 1);
        assert_eq!(found("#[tokio::test]\nasync fn revoke() {}\n"), 1);
        assert_eq!(found("#[test]\nfn a_revoked_token_is_refused() {}\n"), 0);
    }

    #[test]
    fn a_name_in_the_list_of_a_macro_is_a_test_too() {
        let list =
            "on_each_engine! {\n    revoke,\n    a_sentence_that_holds,\n}\nfn helper() {}\n";
        assert_eq!(found(list), 1);
    }

    #[test]
    fn functions_that_are_no_tests_are_free() {
        assert_eq!(
            found("#[test]\nfn a_sentence_that_holds() {}\nfn helper() {}\n"),
            0
        );
    }
}
