//! The parts of the server that face different clients do not import each other. What two of them
//! need belongs below both, or it soon holds the manners of one and is used by the other.

use crate::tidy::rust_scan::named_paths;
use crate::tidy::tree::{File, Finding, Tree};

const SERVER: &str = "crates/server/src/";
const SIBLINGS: &[&str] = &["gateway", "graphql", "oauth", "pages", "rest"];

/// Looks at the paths from the crate's root in each sibling.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    tree.ending(".rs")
        .filter_map(|file| Some((file, sibling_of(&file.path)?)))
        .flat_map(|(file, own)| check_file(file, own))
        .collect()
}

/// The sibling that a file belongs to: `rest.rs` and everything below `rest/`.
fn sibling_of(path: &str) -> Option<&'static str> {
    let inside = path.strip_prefix(SERVER)?;
    let first = inside.split('/').next()?.trim_end_matches(".rs");
    SIBLINGS.iter().copied().find(|sibling| *sibling == first)
}

fn check_file(file: &File, own: &str) -> Vec<Finding> {
    named_paths(&file.text)
        .into_iter()
        .filter(|path| path.segments.first().is_some_and(|first| first == "crate"))
        .filter_map(|path| Some((path.line, path.segments.into_iter().nth(1)?)))
        .filter(|(_, module)| module != own && SIBLINGS.contains(&module.as_str()))
        .map(|(line, module)| {
            file.finding_at(
                line,
                format!("{own} imports {module}; what both need belongs below them"),
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<String> {
        check(&Tree::of(&[(path, text)]))
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn a_page_that_imports_rest_is_found() {
        let findings = found(
            "crates/server/src/pages/tokens.rs",
            "\nuse crate::rest::authorizations;\n",
        );
        assert_eq!(
            findings,
            [
                "crates/server/src/pages/tokens.rs:2: pages imports rest; what both need belongs below them"
            ]
        );
    }

    #[test]
    fn graphql_and_rest_do_not_import_each_other() {
        let rest = "use crate::rest::organizations;\n";
        assert_eq!(found("crates/server/src/graphql/schema.rs", rest).len(), 1);
        let graphql = "use crate::graphql::Errors;\n";
        assert_eq!(found("crates/server/src/rest/user.rs", graphql).len(), 1);
        assert!(found("crates/server/src/graphql/mod.rs", graphql).is_empty());
    }

    #[test]
    fn an_import_inside_a_group_is_found() {
        let text = "use crate::{\n    problem::{Problem, rest},\n    oauth::Answer,\n};\n";
        assert_eq!(found("crates/server/src/rest/user.rs", text).len(), 1);
    }

    #[test]
    fn its_own_parts_and_what_lies_below_are_free() {
        let text = "use crate::rest::links;\nuse crate::extract::Basic;\n";
        assert!(found("crates/server/src/rest/user.rs", text).is_empty());
    }

    #[test]
    fn the_table_of_routes_may_import_them_all() {
        let text = "use crate::{oauth, rest};\n";
        assert!(found("crates/server/src/routes.rs", text).is_empty());
    }
}
