//! Which scope opens what is said in the table of routes and in the rules of the domain: no handler
//! and no use case names a scope. One that did would hold a rule that stands elsewhere too, or
//! nowhere else.

use std::collections::BTreeSet;

use crate::tidy::rust_scan::lines_of_code;
use crate::tidy::tree::{File, Finding, Tree};

/// Where the scopes are listed, as `root("repo")` and `under("repo", "repo:status")`.
const CATALOGUE: &str = "crates/domain/src/scope.rs";
/// Where no scope is named, and the one file there which may.
const CHECKED: [&str; 2] = ["crates/authority/src/", "crates/server/src/"];
const TABLE_OF_ROUTES: &str = "crates/server/src/rest/routes.rs";

/// Looks for texts that are the name of a scope and nothing else, outside comments and tests.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut catalogue = tree.files().iter();
    let Some(catalogue) = catalogue.find(|file| file.path == CATALOGUE) else {
        return vec![Finding::on(CATALOGUE, "is missing; it lists the scopes")];
    };
    let names = names_in(catalogue);
    if names.is_empty() {
        return vec![catalogue.finding("lists no scope that could be read")];
    }
    tree.ending(".rs")
        .filter(|file| is_checked(&file.path))
        .flat_map(|file| check_file(file, &names))
        .collect()
}

fn is_checked(path: &str) -> bool {
    CHECKED.iter().any(|folder| path.starts_with(folder))
        && path != TABLE_OF_ROUTES
        && !path.ends_with("/tests.rs")
        && !path.contains("/tests/")
}

fn names_in(catalogue: &File) -> BTreeSet<&str> {
    let lines = catalogue.text.lines().map(str::trim);
    lines
        .filter(|line| line.starts_with("root(\"") || line.starts_with("under(\""))
        .flat_map(texts)
        .collect()
}

fn check_file(file: &File, names: &BTreeSet<&str>) -> Vec<Finding> {
    let code = lines_of_code(&file.text);
    file.lines()
        .take(code)
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .flat_map(|(number, line)| texts(line).map(move |text| (number, text)))
        .filter(|(_, text)| names.contains(text))
        .map(|(number, text)| {
            file.finding_at(
                number,
                format!(
                    "names the scope {text}; which scope opens what is for crates/domain/src/access.rs and {TABLE_OF_ROUTES}"
                ),
            )
        })
        .collect()
}

/// What stands between the quotation marks of a line.
fn texts(line: &str) -> impl Iterator<Item = &str> {
    line.split('"').skip(1).step_by(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCOPES: (&str, &str) = (
        CATALOGUE,
        "const TABLE: &[Entry] = &[\n    root(\"user\"),\n    under(\"user\", \"user:email\"),\n];\n",
    );

    fn found(path: &str, text: &str) -> Vec<String> {
        check(&Tree::of(&[SCOPES, (path, text)]))
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn a_handler_that_names_a_scope_is_found() {
        let text = "\nif !caller.may(\"user:email\") {\n";
        assert_eq!(
            found("crates/server/src/rest/user.rs", text),
            [
                "crates/server/src/rest/user.rs:2: names the scope user:email; which scope opens what is for \
                 crates/domain/src/access.rs and crates/server/src/rest/routes.rs"
            ]
        );
        assert_eq!(found("crates/authority/src/apps/mod.rs", text).len(), 1);
    }

    #[test]
    fn every_scope_of_a_list_is_found() {
        let text = "self.need(\"email\", &[\"user:email\", \"user\"])?;\n";
        assert_eq!(found("crates/server/src/graphql/schema.rs", text).len(), 2);
    }

    #[test]
    fn the_table_of_routes_tests_and_comments_are_free() {
        let text = "\"user\";\n";
        assert!(found(TABLE_OF_ROUTES, text).is_empty());
        assert!(found("crates/domain/src/access.rs", text).is_empty());
        assert!(found("crates/authority/src/token_cache/remembered/tests.rs", text).is_empty());
        let comment = "    /// A token with \"user\".\n";
        let tests = "#[cfg(test)]\nmod tests {\n    \"user\";\n}\n";
        for text in [comment, tests, "\"/user\";\n"] {
            assert!(found("crates/server/src/rest/user.rs", text).is_empty());
        }
    }

    #[test]
    fn a_catalogue_that_cannot_be_read_is_found() {
        let tree = Tree::of(&[(CATALOGUE, "const TABLE: &[Entry] = &[];\n")]);
        assert_eq!(check(&tree).len(), 1);
        assert_eq!(check(&Tree::of(&[])).len(), 1);
    }
}
