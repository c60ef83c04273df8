//! `cargo xtask tidy`: fast checks on the tree that no compiler makes. One file for each subject;
//! each is a pure function of the files, so that its tests can hand it bad samples.

mod comment_width;
mod contract;
mod dead_names;
mod decisions;
pub(crate) mod diagram;
mod edges;
mod links;
mod manifests;
mod markers;
mod migrations;
mod module_cycles;
mod modules;
mod operations;
mod promises;
mod reachable;
mod registries;
mod rust_scan;
mod scope_names;
mod short_docs;
mod siblings;
mod size;
mod tables;
mod test_names;
mod tree;
mod whitespace;

use anyhow::{Result, bail};

use crate::say;
use crate::tidy::tree::{Finding, Tree};
use crate::workspace::Workspace;

/// What one file of this folder does.
type Check = fn(&Tree) -> Vec<Finding>;

/// Every check, with the name under which it reports.
const CHECKS: &[(&str, Check)] = &[
    ("edges", edges::check),
    ("manifests", manifests::check),
    ("siblings", siblings::check),
    ("module-cycles", module_cycles::check),
    ("size", size::check),
    ("markers", markers::check),
    ("whitespace", whitespace::check),
    ("registries", registries::check),
    ("migrations", migrations::check),
    ("decisions", decisions::check),
    ("test-names", test_names::check),
    ("links", links::check),
    ("diagram", diagram::check),
    ("operations", operations::check),
    ("promises", promises::check),
    ("contract", contract::check),
    ("short-docs", short_docs::check),
    ("comment-width", comment_width::check),
    ("reachable", reachable::check),
    ("dead-names", dead_names::check),
    ("scope-names", scope_names::check),
    ("tables", tables::check),
];

/// Runs every check and fails when one found something.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let tree = Tree::read(workspace)?;
    let mut found = 0;
    for (name, check) in CHECKS {
        for finding in check(&tree) {
            say::line(&format!("{finding} [{name}]"));
            found += 1;
        }
    }
    for finding in migrations::check_shipped(workspace)? {
        say::line(&format!("{finding} [migrations]"));
        found += 1;
    }
    if found > 0 {
        bail!("tidy found {found} things to put right");
    }
    say::line(&format!(
        "tidy: {} checks on {} files, nothing found",
        CHECKS.len(),
        tree.files().len()
    ));
    Ok(())
}
