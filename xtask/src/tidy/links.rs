//! Links between our pages lead somewhere. Only files are looked up, nothing outside the tree.

use crate::tidy::tree::{File, Finding, Tree};

/// Looks at every Markdown page.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    tree.ending(".md")
        .flat_map(|file| check_page(tree, file))
        .collect()
}

fn check_page(tree: &Tree, file: &File) -> Vec<Finding> {
    linked_from(file)
        .filter(|(_, _, path)| !tree.holds(path))
        .map(|(number, target, _)| {
            file.finding_at(number, format!("links to {target}, which is not there"))
        })
        .collect()
}

/// Every link on a page into the tree: its line, its target as it is written, and the path that
/// this means.
pub(crate) fn linked_from(file: &File) -> impl Iterator<Item = (usize, String, String)> {
    let mut in_code = false;
    let lines = file.lines().filter(move |(_, line)| {
        let fence = line.trim_start().starts_with("```");
        in_code ^= fence;
        !in_code && !fence
    });
    lines.flat_map(move |(number, line)| {
        targets(&without_code(line))
            .into_iter()
            .filter_map(move |target| {
                let path = resolve(&file.path, &target)?;
                Some((number, target, path))
            })
    })
}

/// The line without what stands between back quotes.
fn without_code(line: &str) -> String {
    line.split('`').step_by(2).collect::<Vec<_>>().join("``")
}

/// The targets of `[text](target)` and of `[name]: target`.
fn targets(line: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, matched) in line.match_indices("](") {
        let rest = &line[at + matched.len()..];
        let end = rest.find([')', ' ']).unwrap_or(rest.len());
        found.push(rest[..end].to_owned());
    }
    if line.starts_with('[')
        && let Some((_, target)) = line.split_once("]: ")
    {
        found.push(target.trim().to_owned());
    }
    found
}

/// The path in the tree that a link on a page means; none for a link to the outside or within the
/// page.
fn resolve(page: &str, target: &str) -> Option<String> {
    let target = target.split('#').next().unwrap_or_default();
    let is_outside = target.contains("://") || target.starts_with("mailto:");
    if target.is_empty() || is_outside {
        return None;
    }
    let mut parts: Vec<&str> = match target.strip_prefix('/') {
        Some(_) => Vec::new(),
        None => page.split('/').collect(),
    };
    // The page's own name.
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> usize {
        let tree = Tree::of(&[
            ("docs/page.md", text),
            ("docs/other.md", ""),
            ("README.md", ""),
        ]);
        check(&tree).len()
    }

    #[test]
    fn a_link_to_a_missing_file_is_found() {
        assert_eq!(found("see [it](gone.md)\n"), 1);
        assert_eq!(found("[it]: ../gone.md\n"), 1);
    }

    #[test]
    fn links_to_files_folders_and_the_outside_are_fine() {
        let text = "[a](other.md#part) [b](../README.md) [c](../docs) [d](https://example.org/x) [e](#here) [f](/README.md)\n";
        assert_eq!(found(text), 0);
    }

    #[test]
    fn links_in_code_are_text() {
        assert_eq!(found("`[it](gone.md)`\n```\n[it](gone.md)\n```\n"), 0);
    }
}
