//! The diagram in `ARCHITECTURE.md` is what the code says: the crates that the program is made of,
//! the modules at the root of each, and which crate uses which. An arrow that others imply is left
//! out.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;

use anyhow::{Context, Result, bail};

use crate::tidy::edges::{SHIPPED, own_dependencies};
use crate::tidy::modules::roots;
use crate::tidy::tree::{Finding, Tree};
use crate::workspace::Workspace;

const PAGE: &str = "ARCHITECTURE.md";
/// The lines between which the diagram stands.
const BEGIN: &str = "<!-- drawn by `cargo xtask diagram` -->\n";
const END: &str = "<!-- end of the diagram -->\n";
/// Columns after which a list of modules goes on in another line.
const WIDTH: usize = 48;

/// Compares the page with the code.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let page = tree.files().iter().find(|file| file.path == PAGE);
    let findings =
        page.map(|page| match parts(&page.text) {
            None => Some(page.finding("has no place for the diagram of the crates")),
            Some((_, stands, _)) if stands != draw(tree) => Some(page.finding(
                "the diagram is not what the code says; `cargo xtask diagram` draws it anew",
            )),
            Some(_) => None,
        });
    findings.flatten().into_iter().collect()
}

/// `cargo xtask diagram`: draws it anew.
pub(crate) fn redraw(workspace: &Workspace) -> Result<()> {
    let tree = Tree::read(workspace)?;
    let path = workspace.root().join(PAGE);
    let page = fs::read_to_string(&path).with_context(|| format!("{PAGE} could not be read"))?;
    let Some((before, _, after)) = parts(&page) else {
        bail!("{PAGE} has no place for the diagram of the crates");
    };
    let page = format!("{before}{}{after}", draw(&tree));
    fs::write(&path, page).with_context(|| format!("{PAGE} could not be written"))
}

/// The page up to the diagram, the diagram, and the rest.
fn parts(page: &str) -> Option<(&str, &str, &str)> {
    let begin = page.find(BEGIN)? + BEGIN.len();
    let end = begin + page[begin..].find(END)?;
    Some((&page[..begin], &page[begin..end], &page[end..]))
}

/// The diagram as Mermaid reads it.
fn draw(tree: &Tree) -> String {
    let uses: BTreeMap<String, BTreeSet<String>> = tree
        .ending("Cargo.toml")
        .filter_map(own_dependencies)
        .filter(|(name, _)| SHIPPED.contains(&name.as_str()))
        .collect();
    let mut drawn = String::from("\n```mermaid\nflowchart TD\n");
    for name in uses.keys() {
        let krate = short(name);
        let modules = broken(&roots(tree, krate)).join("<br/>");
        let _ = writeln!(drawn, "    {krate}[\"<b>{krate}</b><br/>{modules}\"]");
    }
    for (name, used) in &uses {
        for one in used.iter().filter(|one| !is_implied(&uses, used, one)) {
            let _ = writeln!(drawn, "    {} --> {}", short(name), short(one));
        }
    }
    drawn.push_str("```\n\n");
    drawn
}

/// The name of the crate's folder.
fn short(name: &str) -> &str {
    name.strip_prefix("counterfoil-").unwrap_or(name)
}

/// Whether one of the other crates that are used directly uses this one, over however many steps.
fn is_implied(
    uses: &BTreeMap<String, BTreeSet<String>>,
    direct: &BTreeSet<String>,
    one: &String,
) -> bool {
    let others = direct.iter().filter(|other| *other != one);
    let mut below: Vec<_> = others.filter_map(|other| uses.get(other)).collect();
    while let Some(next) = below.pop() {
        if next.contains(one) {
            return true;
        }
        below.extend(next.iter().filter_map(|other| uses.get(other)));
    }
    false
}

/// The names in lines of about the same length.
fn broken(names: &BTreeSet<String>) -> Vec<String> {
    let mut lines = vec![String::new()];
    for name in names {
        let last = lines.len() - 1;
        let line = &mut lines[last];
        if line.is_empty() {
            line.push_str(name);
        } else if line.len() + 2 + name.len() > WIDTH {
            line.push(',');
            lines.push(name.clone());
        } else {
            let _ = write!(line, ", {name}");
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODE: &[(&str, &str)] = &[
        (
            "crates/counterfoil/Cargo.toml",
            "[package]\nname = \"counterfoil\"\n[dependencies]\ncounterfoil-store = \"1\"\ncounterfoil-domain = \"1\"\nserde = \"1\"\n",
        ),
        (
            "crates/store/Cargo.toml",
            "[package]\nname = \"counterfoil-store\"\n[dependencies]\ncounterfoil-domain = \"1\"\n",
        ),
        (
            "crates/domain/Cargo.toml",
            "[package]\nname = \"counterfoil-domain\"\n",
        ),
        (
            "crates/testkit/Cargo.toml",
            "[package]\nname = \"counterfoil-testkit\"\n",
        ),
        ("crates/counterfoil/src/main.rs", ""),
        ("crates/counterfoil/src/commands/mod.rs", ""),
        ("crates/counterfoil/src/clock.rs", ""),
        ("crates/store/src/lib.rs", ""),
        ("crates/store/src/tx.rs", ""),
        ("crates/store/src/engine/sqlite.rs", ""),
        ("crates/domain/src/tests.rs", ""),
        ("crates/domain/src/token.rs", ""),
    ];

    const DRAWN: &str = "\n```mermaid
flowchart TD
    counterfoil[\"<b>counterfoil</b><br/>clock, commands\"]
    domain[\"<b>domain</b><br/>token\"]
    store[\"<b>store</b><br/>engine, tx\"]
    counterfoil --> store
    store --> domain
```\n\n";

    fn found(diagram: &str) -> Vec<String> {
        let page = format!("# Page\n\n{BEGIN}{diagram}{END}rest\n");
        let tree = Tree::of(&[CODE, &[(PAGE, &page)]].concat());
        check(&tree).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_the_code_says_is_drawn_without_arrows_that_others_imply() {
        assert_eq!(draw(&Tree::of(CODE)), DRAWN);
        assert_eq!(found(DRAWN), [""; 0]);
    }

    #[test]
    fn a_diagram_that_the_code_has_left_behind_is_found() {
        let findings = found(&DRAWN.replace("engine, tx", "tx"));
        assert_eq!(
            findings,
            [
                "ARCHITECTURE.md: the diagram is not what the code says; `cargo xtask diagram` draws it anew"
            ]
        );
    }

    #[test]
    fn a_page_without_a_place_for_it_is_found() {
        let tree = Tree::of(&[(PAGE, "# Page\n")]);
        assert_eq!(check(&tree).len(), 1);
    }

    #[test]
    fn long_lists_are_broken_after_a_comma() {
        let names = ('a'..='z').map(|letter| letter.to_string().repeat(6));
        let lines = broken(&names.collect());
        assert!(lines.iter().all(|line| line.len() <= WIDTH + 1));
        assert!(lines[0].ends_with("ffffff,"), "{lines:?}");
        assert_eq!(lines.len(), 5);
    }
}
