//! Which module of a crate uses which. A module is a file. A name that a module only passes on
//! leads to where it is made, so that neither a `pub use` higher up nor a way through a module that
//! was brought in hides a use.

use std::collections::{BTreeMap, BTreeSet};

use crate::tidy::rust_scan::{NamedPath, lines_of_code, named_paths};
use crate::tidy::tree::{File, Tree};

/// The path of a module below the root of its crate; the root's is empty.
type Path = Vec<String>;

/// How many names that are only passed on a path may lead through.
const PASSED_ON_MAX: usize = 8;

/// The modules of one crate.
pub(crate) struct Modules<'tree> {
    modules: BTreeMap<Path, Module<'tree>>,
}

struct Module<'tree> {
    file: &'tree File,
    paths: Vec<NamedPath>,
}

impl Module<'_> {
    /// The path of the `use` by which a name is in the module.
    fn brought_in(&self, name: &str) -> Option<&NamedPath> {
        let is_named = |path: &&NamedPath| path.brought_in_as.as_deref() == Some(name);
        self.paths.iter().find(is_named)
    }
}

/// One module's use of another.
pub(crate) struct Use<'tree> {
    /// The name of the module that is used, as in `a::b`.
    pub(crate) of: String,
    pub(crate) file: &'tree File,
    /// Where it is used first.
    pub(crate) line: usize,
}

/// The names of the crates below `crates/`, in order.
pub(crate) fn crates(tree: &Tree) -> BTreeSet<&str> {
    tree.ending(".rs")
        .filter_map(|file| Some(module_of(&file.path)?.0))
        .collect()
}

/// The modules at the root of a crate.
pub(crate) fn roots(tree: &Tree, krate: &str) -> BTreeSet<String> {
    tree.ending(".rs")
        .filter_map(|file| module_of(&file.path))
        .filter(|(of, _)| *of == krate)
        .filter_map(|(_, path)| path.into_iter().next())
        .collect()
}

/// The crate and the module that a file is. Tests may use all of their crate, and a program of its
/// own is not part of it.
fn module_of(path: &str) -> Option<(&str, Path)> {
    let (krate, inside) = path.strip_prefix("crates/")?.split_once("/src/")?;
    let inside = inside.strip_suffix(".rs")?;
    let mut parts: Path = inside.split('/').map(str::to_owned).collect();
    let is_program = parts[0] == "bin" || inside == "main";
    if is_program || parts.iter().any(|part| part == "tests") {
        return None;
    }
    if parts.last().is_some_and(|last| last == "mod") || inside == "lib" {
        parts.pop();
    }
    Some((krate, parts))
}

impl<'tree> Modules<'tree> {
    /// Reads what the modules of the crate name.
    pub(crate) fn of(tree: &'tree Tree, krate: &str) -> Self {
        let modules = tree
            .ending(".rs")
            .filter_map(|file| Some((module_of(&file.path)?, file)))
            .filter(|((of, _), _)| *of == krate)
            .map(|((_, path), file)| {
                let paths = named_paths(&code_of(&file.text));
                (path, Module { file, paths })
            })
            .collect();
        Self { modules }
    }

    /// What each module uses, parents and children apart: these are one thing in two places.
    pub(crate) fn uses(&self) -> BTreeMap<String, Vec<Use<'tree>>> {
        self.modules
            .iter()
            .map(|(path, module)| (path.join("::"), self.uses_of(path, module)))
            .collect()
    }

    fn uses_of(&self, path: &Path, module: &Module<'tree>) -> Vec<Use<'tree>> {
        let mut lines: BTreeMap<&Path, usize> = BTreeMap::new();
        for named in &module.paths {
            if let Some(used) = self.lead(path, &named.segments, PASSED_ON_MAX)
                && !used.starts_with(path)
                && !path.starts_with(used)
            {
                lines.entry(used).or_insert(named.line);
            }
        }
        let make = |(used, line): (&Path, usize)| Use {
            of: used.join("::"),
            file: module.file,
            line,
        };
        lines.into_iter().map(make).collect()
    }

    /// The module that holds what the path names in the module `from`; none when it leads out of
    /// the crate.
    fn lead(&self, from: &[String], segments: &[String], passes: usize) -> Option<&Path> {
        let (start, rest) = self.start(from, segments, passes)?;
        let (mut module, _) = self.modules.get_key_value(&start)?;
        for segment in rest {
            let child: Path = module.iter().chain([segment]).cloned().collect();
            let passed_on = || {
                let named = self.modules[module].brought_in(segment)?;
                self.lead(module, &named.segments, passes.checked_sub(1)?)
            };
            let next = match self.modules.get_key_value(&child) {
                Some((child, _)) => Some(child),
                None => passed_on(),
            };
            let Some(next) = next else { break };
            module = next;
        }
        Some(module)
    }

    /// Where a path begins, and what of it is left to follow.
    fn start<'path>(
        &self,
        from: &[String],
        segments: &'path [String],
        passes: usize,
    ) -> Option<(Path, &'path [String])> {
        let (first, mut rest) = segments.split_first()?;
        let mut start = from.to_vec();
        match first.as_str() {
            "crate" => start.clear(),
            "self" => {}
            "super" => {
                start.pop()?;
                while let [above, further @ ..] = rest
                    && above == "super"
                {
                    start.pop()?;
                    rest = further;
                }
            }
            _ => {
                start.push(first.clone());
                if !self.modules.contains_key(&start) {
                    let named = self.modules.get(from)?.brought_in(first)?;
                    let led = self.lead(from, &named.segments, passes.checked_sub(1)?)?;
                    start.clone_from(led);
                }
            }
        }
        Some((start, rest))
    }
}

/// The text without its tests and comments, line for line.
fn code_of(text: &str) -> String {
    let is_comment = |line: &str| line.trim_start().starts_with("//");
    text.lines()
        .take(lines_of_code(text))
        .map(|line| {
            if is_comment(line) { "\n" } else { line }
                .trim_end()
                .to_owned()
                + "\n"
        })
        .collect()
}
