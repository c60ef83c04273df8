//! Manifests say nothing twice: versions of dependencies stand in the workspace's manifest, and
//! every crate inherits the lints.

use toml::{Table, Value};

use crate::tidy::tree::{File, Finding, Tree};

/// Looks at the manifest of every member.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    tree.ending("/Cargo.toml")
        // The fuzz targets are a workspace of their own, because they need another build profile.
        .filter(|file| !file.path.starts_with("fuzz/"))
        .flat_map(check_manifest)
        .collect()
}

fn check_manifest(file: &File) -> Vec<Finding> {
    let Ok(manifest) = file.text.parse::<Table>() else {
        // That it is no TOML, another check says.
        return Vec::new();
    };
    let mut findings = Vec::new();
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

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> usize {
        check(&Tree::of(&[("crates/sample/Cargo.toml", text)])).len()
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
