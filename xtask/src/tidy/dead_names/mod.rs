//! A name that a library gives to everybody is used by somebody. The compiler finds what is dead
//! and private, and takes what is `pub` for used: a function that lost its last caller would stay
//! for ever, beside tests that prove it.
//!
//! A use is the same word in the program's code: in another file or in its own, but for comments,
//! tests, `pub use`, and the `impl` of the type itself. Fields and variants are left out: they are
//! parts of values that are written and read as a whole.

mod words;

use std::collections::BTreeSet;

use crate::tidy::dead_names::words::Words;
use crate::tidy::tree::{File, Finding, Tree};

/// What the program is made of, and what its tests are made with.
const CRATES: &str = "crates/";
/// The libraries that only the program counts as a user of: tests alone do not keep a name alive.
const LIBRARIES: [&str; 6] = ["authority", "domain", "html", "server", "store", "wire"];
/// The libraries that are there for tests too: the program is one so that they reach its parts.
const ALSO_FOR_TESTS: [&str; 2] = ["counterfoil", "testkit"];
/// Its code is a user of its own names, and no part of the program.
const TESTKIT: &str = "crates/testkit/";
/// The tests through the front door.
const TESTS: &str = "tests/";

/// A public name that nobody uses, and why it stays: file, name, reason.
type Exception = (&'static str, &'static str, &'static str);

const EXCEPTIONS: &[Exception] = &[
    (
        "crates/domain/src/password/cost.rs",
        "CHEAPEST",
        "the least that the algorithm allows, said once for the tests of four crates that hash at it",
    ),
    (
        "crates/domain/src/audit/form.rs",
        "vouches_for",
        "how a MAC is checked stands beside how it is made, and tests hold every event to it; the command that verifies a trail is to come",
    ),
];

/// One file with its words.
struct Source<'a> {
    file: &'a File,
    words: Words,
    is_test: bool,
}

/// Looks at every public name, and at every exception.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    check_against(tree, EXCEPTIONS)
}

fn check_against(tree: &Tree, exceptions: &[Exception]) -> Vec<Finding> {
    let (sources, mut findings) = read(tree);
    let all: BTreeSet<&str> = used(sources.iter());
    let by_program: BTreeSet<&str> = used(sources.iter().filter(|source| !source.is_test));
    let mut excused = BTreeSet::new();
    for source in &sources {
        let uses = match library_of(source) {
            Some(Users::Program) => &by_program,
            Some(Users::All) => &all,
            None => continue,
        };
        let declared = source.words.declared.iter();
        for (name, line) in declared.filter(|(name, _)| !uses.contains(name.as_str())) {
            let is_about =
                |(file, excused, _): &Exception| *file == source.file.path && excused == name;
            if let Some(at) = exceptions.iter().position(is_about) {
                excused.insert(at);
                continue;
            }
            findings.push(source.file.finding_at(
                *line,
                format!("`{name}` is public and used by nobody but perhaps tests: delete it, or let fewer see it"),
            ));
        }
    }
    for (at, (file, name, _)) in exceptions.iter().enumerate() {
        if !excused.contains(&at) {
            let message = format!("`{name}` need not be on the list of dead names any more");
            findings.push(Finding::on(file, message));
        }
    }
    findings
}

/// Who counts as a user of a library.
enum Users {
    Program,
    All,
}

/// Who must use the names of this file; nobody when it is no part of a library.
fn library_of(source: &Source<'_>) -> Option<Users> {
    let path = &source.file.path;
    let (library, inside) = path.strip_prefix(CRATES)?.split_once('/')?;
    let is_of_library =
        inside.starts_with("src/") && (!source.is_test || path.starts_with(TESTKIT));
    if !is_of_library {
        return None;
    }
    if ALSO_FOR_TESTS.contains(&library) {
        return Some(Users::All);
    }
    LIBRARIES.contains(&library).then_some(Users::Program)
}

/// The files of the program and of its tests, and what is wrong with those that are no Rust. Other
/// code of the workspace imports none of our libraries, so its words are no uses.
fn read(tree: &Tree) -> (Vec<Source<'_>>, Vec<Finding>) {
    let mut sources = Vec::new();
    let mut findings = Vec::new();
    let is_ours = |file: &&File| file.path.starts_with(CRATES) || file.path.starts_with(TESTS);
    for file in tree.ending(".rs").filter(is_ours) {
        match Words::of(&file.text) {
            Ok(words) => sources.push(Source {
                file,
                words,
                is_test: is_made_for_tests(&file.path),
            }),
            Err(error) => findings.push(file.finding(format!("is no Rust: {error}"))),
        }
    }
    let modules: Vec<String> = sources.iter().flat_map(test_modules).collect();
    for source in &mut sources {
        let path = &source.file.path;
        source.is_test |= modules.iter().any(|module| is_of_module(path, module));
    }
    (sources, findings)
}

fn is_made_for_tests(path: &str) -> bool {
    path.starts_with(TESTS) || path.starts_with(TESTKIT) || path.contains("/tests/")
}

/// The modules for tests that a file declares, as paths without the ending.
fn test_modules(source: &Source<'_>) -> Vec<String> {
    let path = &source.file.path;
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let own = match name {
        "lib.rs" | "main.rs" | "mod.rs" => folder.to_owned(),
        _ => path.trim_end_matches(".rs").to_owned(),
    };
    let names = source.words.test_modules.iter();
    names.map(|name| format!("{own}/{name}")).collect()
}

fn is_of_module(path: &str, module: &str) -> bool {
    let rest = path.strip_prefix(module);
    rest.is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
}

fn used<'a>(sources: impl Iterator<Item = &'a Source<'a>>) -> BTreeSet<&'a str> {
    let words = sources.flat_map(|source| source.words.used.iter());
    words.map(String::as_str).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEAD: &str = "/// Nobody calls `lost`.\npub fn lost() {}\n";
    const FILE: &str = "crates/domain/src/a.rs";

    fn found_against(files: &[(&str, &str)], exceptions: &[Exception]) -> Vec<String> {
        let findings = check_against(&Tree::of(files), exceptions);
        findings.iter().map(ToString::to_string).collect()
    }

    fn found(files: &[(&str, &str)]) -> Vec<String> {
        found_against(files, &[])
    }

    #[test]
    fn a_public_name_that_occurs_nowhere_else_is_found() {
        let message =
            "`lost` is public and used by nobody but perhaps tests: delete it, or let fewer see it";
        assert_eq!(found(&[(FILE, DEAD)]), [format!("{FILE}:2: {message}")]);
        for item in [
            "pub struct Lost;\nimpl Lost { fn new() -> Lost { Lost } }\nimpl Clone for Lost {}\n",
            "pub enum Lost { A }\n",
            "pub const LOST: u8 = 1;\n",
            "pub static LOST: &'static str = \"LOST\";\n",
            "pub type Lost = u8;\n",
            "pub trait Lost {}\n",
            "pub const unsafe extern \"C\" fn lost() {}\n",
            "mod inner { pub async fn lost() {} }\n",
            "words! { pub enum Lost { A = \"Lost\" } }\n",
        ] {
            assert_eq!(found(&[(FILE, item)]).len(), 1, "{item}");
        }
    }

    #[test]
    fn comments_and_declarations_of_the_same_name_are_no_uses() {
        let other = "//! Not lost.\n/// See [`lost`].\npub(crate) fn lost() {}\n// lost()\npub use a::lost;\n";
        assert_eq!(
            found(&[(FILE, DEAD), ("crates/wire/src/b.rs", other)]).len(),
            1
        );
    }

    #[test]
    fn a_name_that_only_tests_use_is_found() {
        for (path, text) in [
            (
                "crates/domain/src/b.rs",
                "#[cfg(test)]\nmod tests { fn t() { lost(); } }\n",
            ),
            (
                "crates/domain/src/b.rs",
                "#[cfg(all(test, unix))]\nuse a::{lost};\n",
            ),
            ("crates/domain/tests/b.rs", "fn t() { lost(); }\n"),
            ("crates/testkit/src/b.rs", "fn t() { lost(); }\n"),
            ("tests/b.rs", "fn t() { lost(); }\n"),
            ("xtask/src/b.rs", "fn t() { lost(); }\n"),
        ] {
            assert_eq!(
                found(&[(FILE, DEAD), (path, text)]).len(),
                1,
                "{path} {text}"
            );
        }
    }

    #[test]
    fn a_module_of_tests_in_a_file_of_its_own_is_no_user() {
        let declares = "#[cfg(test)]\npub(crate) mod proofs;\n";
        let calls = "fn t() { lost(); }\n";
        for (parent, module) in [
            (
                "crates/domain/src/b/mod.rs",
                "crates/domain/src/b/proofs.rs",
            ),
            (
                "crates/domain/src/b.rs",
                "crates/domain/src/b/proofs/mod.rs",
            ),
            ("crates/domain/src/lib.rs", "crates/domain/src/proofs.rs"),
        ] {
            let files = [(FILE, DEAD), (parent, declares), (module, calls)];
            assert_eq!(found(&files).len(), 1, "{parent}");
            assert_eq!(found(&[(FILE, DEAD), (module, calls)]).len(), 0, "{parent}");
        }
    }

    #[test]
    fn a_name_that_the_program_uses_is_free() {
        for (path, text) in [
            ("crates/server/src/b.rs", "fn f() { domain::lost(); }\n"),
            (
                "crates/domain/src/b.rs",
                "#[cfg(test)]\nuse x::{y};\nfn f() { lost(); }\n",
            ),
            (
                "crates/domain/src/b.rs",
                "#[cfg(not(test))]\nfn f() { lost(); }\n",
            ),
            (
                "crates/domain/src/b.rs",
                "#[serde(with = \"a::lost\")]\nstruct B;\n",
            ),
            (
                "crates/domain/src/b.rs",
                "fn f() { write!(\"{lost:?}\"); }\n",
            ),
            (
                "crates/counterfoil/src/main.rs",
                "use domain::lost as found;\n",
            ),
        ] {
            assert_eq!(
                found(&[(FILE, DEAD), (path, text)]),
                [] as [&str; 0],
                "{path} {text}"
            );
        }
    }

    #[test]
    fn what_is_seen_by_fewer_and_what_is_not_ours_is_free() {
        let narrow = "pub(crate) fn lost() {}\nfn f() {}\npub struct $name;\n";
        assert_eq!(found(&[(FILE, narrow)]), [] as [&str; 0]);
        assert_eq!(found(&[("xtask/src/a.rs", DEAD)]), [] as [&str; 0]);
        assert_eq!(
            found(&[("crates/domain/src/a.rs", "#[cfg(test)]\npub fn lost() {}\n")]),
            [] as [&str; 0]
        );
    }

    #[test]
    fn tests_are_users_of_what_they_are_written_with() {
        let calls = ("tests/b.rs", "fn t() { lost(); }\n");
        for path in ["crates/testkit/src/a.rs", "crates/counterfoil/src/a.rs"] {
            assert_eq!(found(&[(path, DEAD), calls]), [] as [&str; 0]);
            assert_eq!(found(&[(path, DEAD)]).len(), 1);
        }
    }

    #[test]
    fn an_exception_that_is_not_needed_is_found() {
        let exceptions = [(FILE, "lost", "a reason")];
        assert_eq!(found_against(&[(FILE, DEAD)], &exceptions), [] as [&str; 0]);
        let message = "`lost` need not be on the list of dead names any more";
        let caller = ("crates/domain/src/b.rs", "fn f() { lost(); }\n");
        for files in [&[(FILE, DEAD), caller][..], &[caller], &[]] {
            let expected = [format!("{FILE}: {message}")];
            assert_eq!(found_against(files, &exceptions), expected);
        }
    }

    #[test]
    fn what_is_no_rust_is_found() {
        assert_eq!(found(&[(FILE, "fn f( {}\n")]).len(), 1);
    }
}
