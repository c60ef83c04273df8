//! Manifests say nothing twice: versions of dependencies stand in the workspace's manifest, and
//! every crate inherits the lints. A target that is not built for tests has none.

use toml::{Table, Value};

use crate::tidy::tree::{File, Finding, Tree};

/// Looks at the manifest of every member.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    tree.ending("/Cargo.toml")
        // The fuzz targets are a workspace of their own, because they need another build profile.
        .filter(|file| !file.path.starts_with("fuzz/"))
        .flat_map(|file| check_manifest(tree, file))
        .collect()
}

fn check_manifest(tree: &Tree, file: &File) -> Vec<Finding> {
    let Ok(manifest) = file.text.parse::<Table>() else {
        // That it is no TOML, another check says.
        return Vec::new();
    };
    let mut findings = tests_that_never_run(tree, file, &manifest);
    let lints = manifest
        .get("lints")
        .and_then(|lints| lints.get("workspace"));
    if lints.and_then(Value::as_bool) != Some(true) {
        findings.push(
            file.finding("does not inherit the lints: add `[lints]` with `workspace = true`"),
        );
    }
    for key in ["dependencies", "dev-dependencies", "build-dependencies"] {
        let Some(listed) = manifest.get(key).and_then(Value::as_table) else {
            continue;
        };
        for (name, value) in listed {
            if value.get("workspace").and_then(Value::as_bool) != Some(true) {
                findings.push(file.finding(format!(
                    "{name} has its version here; it belongs in the workspace's manifest"
                )));
            }
        }
    }
    findings
}

/// Tests in programs that are not built for tests, where nobody would notice that they do not run.
fn tests_that_never_run(tree: &Tree, file: &File, manifest: &Table) -> Vec<Finding> {
    let folder = file.path.trim_end_matches("Cargo.toml");
    let programs = manifest.get("bin").and_then(Value::as_array);
    let untested = programs.into_iter().flatten().filter(|program| {
        let test = program.get("test").and_then(Value::as_bool);
        test == Some(false)
    });
    let source = |program: &Value| {
        let path = program.get("path").and_then(Value::as_str);
        let path = format!("{folder}{}", path.unwrap_or_default());
        tree.files().iter().find(|file| file.path == path)
    };
    untested
        .filter_map(|program| match source(program) {
            None => Some(file.finding("a program with `test = false` names no path that is there")),
            Some(source) => has_tests(source)
                .then(|| source.finding("its tests never run: its manifest says `test = false`")),
        })
        .collect()
}

fn has_tests(source: &File) -> bool {
    let mut lines = source.lines().map(|(_, line)| line.trim_start());
    lines.any(|line| {
        ["#[test]", "#[tokio::test", "#[cfg(test)]"]
            .iter()
            .any(|attribute| line.starts_with(attribute))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> usize {
        check(&Tree::of(&[("crates/sample/Cargo.toml", text)])).len()
    }

    #[test]
    fn a_test_in_a_program_that_is_not_built_for_tests_is_found() {
        let found = |manifest: &str, source: &str| {
            let manifest = format!("{manifest}\n[lints]\nworkspace = true\n");
            let files = [
                ("crates/sample/Cargo.toml", manifest.as_str()),
                ("crates/sample/src/main.rs", source),
            ];
            check(&Tree::of(&files)).len()
        };
        let untested = "[[bin]]\nname = \"x\"\npath = \"src/main.rs\"\ntest = false";
        assert_eq!(found(untested, "fn main() {}\n"), 0);
        assert_eq!(found(untested, "fn main() {}\n#[test]\nfn x() {}\n"), 1);
        assert_eq!(found(untested, "mod tests {\n    #[tokio::test]\n"), 1);
        let tested = untested.replace("false", "true");
        assert_eq!(found(&tested, "#[test]\nfn x() {}\n"), 0);
        let nowhere = untested.replace("src/main.rs", "src/elsewhere.rs");
        assert_eq!(found(&nowhere, "fn main() {}\n"), 1);
    }

    #[test]
    fn a_member_without_the_lints_is_found() {
        assert_eq!(found("[package]\nname = \"x\"\n"), 1);
        assert_eq!(found("[lints]\nworkspace = true\n"), 0);
    }

    #[test]
    fn a_version_outside_the_workspace_is_found() {
        assert_eq!(
            found("[lints]\nworkspace = true\n[dependencies]\nserde = \"1\"\n"),
            1
        );
        assert_eq!(
            found("[lints]\nworkspace = true\n[dependencies]\nserde.workspace = true\n"),
            0
        );
    }
}
