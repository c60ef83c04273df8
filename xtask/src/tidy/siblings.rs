//! The surfaces of the server, each of which faces one audience, do not import each other, and what
//! lies below them imports none: it would soon hold the manners of one and be used by the other.

use crate::tidy::rust_scan::named_paths;
use crate::tidy::tree::{File, Finding, Tree};

const SERVER: &str = "crates/server/src/";
const SIBLINGS: &[&str] = &["gateway", "graphql", "oauth", "ops", "pages", "rest"];
/// What puts surfaces together: their list, the state that holds what each keeps, and the server as
/// a whole.
const ABOVE: &[&str] = &["app", "lib", "routes", "state"];

/// Looks at the paths from the crate's root in each file.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    tree.ending(".rs")
        .filter_map(|file| Some((file, part_of(&file.path)?)))
        .filter(|(_, part)| !ABOVE.contains(part))
        .flat_map(|(file, part)| check_file(file, part))
        .collect()
}

/// The module at the crate's root that a file belongs to: of `rest.rs` and of everything below
/// `rest/` it is `rest`.
fn part_of(path: &str) -> Option<&str> {
    let inside = path.strip_prefix(SERVER)?;
    Some(inside.split('/').next()?.trim_end_matches(".rs"))
}

fn check_file(file: &File, own: &str) -> Vec<Finding> {
    named_paths(&file.text)
        .into_iter()
        .filter(|path| path.segments.first().is_some_and(|first| first == "crate"))
        .filter_map(|path| Some((path.line, path.segments.into_iter().nth(1)?)))
        .filter(|(_, module)| module != own && SIBLINGS.contains(&module.as_str()))
        .map(|(line, module)| {
            let why = if SIBLINGS.contains(&own) {
                "what both need belongs below them"
            } else {
                "what lies below the surfaces knows none of them"
            };
            file.finding_at(line, format!("{own} imports {module}; {why}"))
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
    fn what_lies_below_the_surfaces_may_import_none() {
        let text = "use crate::rest::REST;\n";
        assert_eq!(
            found("crates/server/src/middleware/present.rs", text),
            [
                "crates/server/src/middleware/present.rs:1: middleware imports rest; what lies below the surfaces knows none of them"
            ]
        );
        assert_eq!(found("crates/server/src/front.rs", text).len(), 1);
    }

    #[test]
    fn the_table_of_routes_may_import_them_all() {
        let text = "use crate::{oauth, rest};\n";
        assert!(found("crates/server/src/routes.rs", text).is_empty());
    }
}
