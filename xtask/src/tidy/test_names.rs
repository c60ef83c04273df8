//! A test is named by the sentence that it proves: the list of tests is then the list of promises.

use std::collections::{BTreeMap, BTreeSet};

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

/// The tests of the tree, for pages that say which test holds what.
pub(crate) struct Tests<'t> {
    /// The modules in which a test of this name stands.
    modules: BTreeMap<&'t str, Vec<String>>,
}

impl<'t> Tests<'t> {
    pub(crate) fn of(tree: &'t Tree) -> Self {
        let mut modules: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for file in tree.ending(".rs") {
            for (_, name) in names(file) {
                modules.entry(name).or_default().push(module_of(&file.path));
            }
        }
        Self { modules }
    }

    /// The modules with tests that a name begins, such as `clients::`.
    pub(crate) fn modules_below(&self, beginning: &str) -> BTreeSet<&str> {
        let modules = self.modules.values().flatten().map(String::as_str);
        modules
            .filter(|module| module.starts_with(beginning))
            .collect()
    }

    /// Whether a page may name this: a test, alone or with the module that its file is. A `mod
    /// tests` inside a file is no part of that.
    pub(crate) fn hold(&self, named: &str) -> bool {
        match named.rsplit_once("::") {
            None => self.modules.contains_key(named),
            Some((module, name)) => {
                let modules = self.modules.get(name);
                modules.is_some_and(|modules| modules.iter().any(|known| known == module))
            }
        }
    }
}

/// The module that a file is: `rest::user` for `tests/rest/user.rs`, and `wire::problem` for
/// `crates/wire/src/problem.rs`.
fn module_of(path: &str) -> String {
    let path = path.strip_suffix(".rs").unwrap_or(path);
    let path = ["/mod", "/lib"]
        .iter()
        .find_map(|ending| path.strip_suffix(ending))
        .unwrap_or(path);
    let path = ["crates/", "tests/"]
        .iter()
        .find_map(|folder| path.strip_prefix(folder))
        .unwrap_or(path);
    let module = path.replacen("/src/", "/", 1).replace('/', "::");
    module.strip_suffix("::src").unwrap_or(&module).to_owned()
}

/// The tests of a file, each with its line. Those of the store stand in a list, from which a macro
/// makes one for each engine.
fn names(file: &File) -> Vec<(usize, &str)> {
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
    fn a_test_is_known_alone_and_by_the_module_that_its_file_is() {
        let one = "#[test]\nfn it_holds() {}\n";
        let tree = Tree::of(&[
            ("tests/rest/user.rs", one),
            ("tests/routes.rs", one),
            ("crates/wire/src/lib.rs", one),
            ("crates/wire/src/input/mod.rs", one),
            ("crates/wire/src/problem.rs", one),
        ]);
        let tests = Tests::of(&tree);
        for known in [
            "it_holds",
            "rest::user::it_holds",
            "routes::it_holds",
            "wire::it_holds",
            "wire::input::it_holds",
            "wire::problem::it_holds",
        ] {
            assert!(tests.hold(known), "{known}");
        }
        for unknown in [
            "holds",
            "user::it_holds",
            "rest::it_holds",
            "rest::user::holds",
        ] {
            assert!(!tests.hold(unknown), "{unknown}");
        }
        let below: Vec<_> = tests.modules_below("wire::").into_iter().collect();
        assert_eq!(below, ["wire::input", "wire::problem"]);
    }

    #[test]
    fn functions_that_are_no_tests_are_free() {
        assert_eq!(
            found("#[test]\nfn a_sentence_that_holds() {}\nfn helper() {}\n"),
            0
        );
    }
}
