//! No module of a crate uses another that, over however many steps, uses it: who reads the one must
//! read all of them, and none can be moved or tested alone. A parent and its child are one thing.

use std::collections::{BTreeMap, BTreeSet};

use crate::tidy::modules::{Modules, Use, crates};
use crate::tidy::tree::{Finding, Tree};

/// What each module of a crate uses.
type Graph<'tree> = BTreeMap<String, Vec<Use<'tree>>>;

/// Looks for cycles in every crate.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for krate in crates(tree) {
        let graph = Modules::of(tree, krate).uses();
        let components = components(&graph);
        findings.extend(
            components
                .iter()
                .filter_map(|members| finding(&graph, members)),
        );
    }
    findings
}

/// The sets of modules of which each reaches each other, those of one module left out.
fn components<'graph>(graph: &'graph Graph<'_>) -> BTreeSet<BTreeSet<&'graph str>> {
    let reached: BTreeMap<&str, BTreeSet<&str>> = graph
        .keys()
        .map(|module| {
            (
                module.as_str(),
                paths_from(graph, module).into_keys().collect(),
            )
        })
        .collect();
    let component_of = |(module, others): (&&'graph str, &BTreeSet<&'graph str>)| {
        let comes_back = |other: &&&str| reached[**other].contains(*module);
        others.iter().filter(comes_back).copied().collect()
    };
    reached
        .iter()
        .map(component_of)
        .filter(|component: &BTreeSet<&str>| component.len() > 1)
        .collect()
}

/// The shortest path from the module to each that it reaches over at least one use, and so to
/// itself if it is in a cycle. A path begins with the module and ends with the one that is reached.
fn paths_from<'graph>(
    graph: &'graph Graph<'_>,
    module: &'graph str,
) -> BTreeMap<&'graph str, Vec<&'graph str>> {
    let mut paths: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut ends = vec![vec![module]];
    while !ends.is_empty() {
        let mut further = Vec::new();
        for path in ends {
            for used in &graph[path[path.len() - 1]] {
                let longer = [path.as_slice(), &[used.of.as_str()]].concat();
                if !paths.contains_key(used.of.as_str()) {
                    paths.insert(&used.of, longer.clone());
                    further.push(longer);
                }
            }
        }
        ends = further;
    }
    paths
}

/// One sentence on the shortest cycle among the modules, where its first use stands.
fn finding(graph: &Graph<'_>, members: &BTreeSet<&str>) -> Option<Finding> {
    let cycle = members
        .iter()
        .filter_map(|module| paths_from(graph, module).remove(module))
        .min_by_key(Vec::len)?;
    let steps: Vec<String> = cycle
        .windows(2)
        .map(|step| format!("{} uses {}", step[0], step[1]))
        .collect();
    let first = graph[cycle[0]].iter().find(|used| used.of == cycle[1])?;
    let message = format!(
        "{}; move what they share into a module below them, or join them if they are one thing",
        steps.join(", ")
    );
    Some(first.file.finding_at(first.line, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(files: &[(&str, &str)]) -> Vec<String> {
        let roots = [
            ("crates/sample/src/lib.rs", "pub use inside::Deep;\n"),
            ("crates/other/src/lib.rs", "mod a;\n"),
        ];
        let findings = check(&Tree::of(&[&roots, files].concat()));
        findings.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn two_modules_that_use_each_other_are_a_cycle() {
        let files = [
            (
                "crates/sample/src/a.rs",
                "\nuse crate::b::{Thing, other};\n",
            ),
            ("crates/sample/src/b.rs", "fn f() { super::a::g() }\n"),
        ];
        assert_eq!(
            found(&files),
            [
                "crates/sample/src/a.rs:2: a uses b, b uses a; move what they share into a module \
                 below them, or join them if they are one thing"
            ]
        );
    }

    #[test]
    fn a_cycle_over_several_modules_is_named_as_a_path_once() {
        let files = [
            ("crates/sample/src/a.rs", "use crate::b::B;\n"),
            ("crates/sample/src/b.rs", "use crate::c::C;\n"),
            ("crates/sample/src/c.rs", "use crate::a::A;\n"),
            ("crates/sample/src/above.rs", "use crate::a::A;\n"),
        ];
        let findings = found(&files);
        assert_eq!(findings.len(), 1);
        assert!(findings[0].contains("a uses b, b uses c, c uses a;"));
    }

    #[test]
    fn a_name_that_a_parent_passes_on_is_used_where_it_is_made() {
        let files = [
            (
                "crates/sample/src/inside/mod.rs",
                "pub use self::deep::Deep;\n",
            ),
            ("crates/sample/src/inside/deep.rs", "use crate::a::A;\n"),
            ("crates/sample/src/a.rs", "use crate::Deep;\n"),
        ];
        assert_eq!(found(&files).len(), 1);
    }

    #[test]
    fn what_is_reached_through_a_module_that_was_brought_in_is_used() {
        let files = [
            (
                "crates/sample/src/inside/mod.rs",
                "pub use self::deep::Deep;\n",
            ),
            ("crates/sample/src/inside/deep.rs", "use crate::a::A;\n"),
            (
                "crates/sample/src/a.rs",
                "use crate::inside;\nfn f() { inside::Deep::g() }\n",
            ),
        ];
        assert_eq!(found(&files).len(), 1);
    }

    #[test]
    fn a_parent_and_its_child_are_no_cycle() {
        let files = [
            ("crates/sample/src/a/mod.rs", "use crate::a::b::B;\n"),
            ("crates/sample/src/a/b.rs", "use super::A;\n"),
        ];
        assert_eq!(found(&files), [""; 0]);
    }

    #[test]
    fn tests_docs_and_other_crates_make_no_cycle() {
        let files = [
            ("crates/sample/src/a.rs", "use crate::b::B;\n"),
            (
                "crates/sample/src/b.rs",
                "/// See [`crate::a::A`].\nuse other::a::A;\n#[cfg(test)]\nmod tests {\n    use crate::a::A;\n}\n",
            ),
            ("crates/sample/src/b/tests.rs", "use crate::a::A;\n"),
            ("crates/other/src/a.rs", "use sample::a::A;\n"),
        ];
        assert_eq!(found(&files), [""; 0]);
    }
}
