//! The edges between our crates, and what each layer may take from outside. The layers are worth
//! what their edges are worth: a domain that can reach a database soon does.

use std::collections::BTreeSet;

use toml::{Table, Value};

use crate::tidy::tree::{File, Finding, Tree};

/// What one of our crates may import.
struct Layer {
    name: &'static str,
    /// Our crates that it may use.
    ours: &'static [&'static str],
    /// Crates of others that it must never use, with those whose name starts so.
    never: &'static [&'static [&'static str]],
}

const SQL: &[&str] = &[
    "rusqlite",
    "libsqlite3-sys",
    "tokio-postgres",
    "postgres",
    "deadpool-postgres",
    "sqlx",
    "diesel",
];
const HTTP_SERVER: &[&str] = &["axum", "hyper", "tower-http", "warp", "actix"];
const ASYNC_RUNTIME: &[&str] = &["tokio", "async-std", "smol"];
const JSON: &[&str] = &["serde", "serde_json"];
const RANDOMNESS: &[&str] = &["getrandom", "rand"];
/// One error type for everything is for the outermost layer only: a lower one says what its caller
/// can tell apart.
const ANY_ERROR: &[&str] = &["anyhow", "eyre"];

const TESTKIT: &str = "counterfoil-testkit";
const TESTS: &str = "counterfoil-tests";

const LAYERS: &[Layer] = &[
    Layer {
        name: "counterfoil-domain",
        ours: &[],
        never: &[
            SQL,
            HTTP_SERVER,
            ASYNC_RUNTIME,
            JSON,
            RANDOMNESS,
            ANY_ERROR,
            &["http"],
        ],
    },
    Layer {
        name: "counterfoil-wire",
        ours: &["counterfoil-domain"],
        never: &[SQL, HTTP_SERVER, ASYNC_RUNTIME, RANDOMNESS, ANY_ERROR],
    },
    Layer {
        name: "counterfoil-html",
        ours: &["counterfoil-domain"],
        never: &[
            SQL,
            HTTP_SERVER,
            ASYNC_RUNTIME,
            JSON,
            RANDOMNESS,
            ANY_ERROR,
            &["http"],
        ],
    },
    Layer {
        name: "counterfoil-store",
        ours: &["counterfoil-domain"],
        never: &[HTTP_SERVER, ANY_ERROR, &["http"]],
    },
    Layer {
        name: "counterfoil-authority",
        ours: &["counterfoil-domain", "counterfoil-store"],
        never: &[SQL, HTTP_SERVER, ANY_ERROR, &["http"]],
    },
    Layer {
        name: "counterfoil-server",
        ours: &[
            "counterfoil-authority",
            "counterfoil-domain",
            "counterfoil-html",
            "counterfoil-wire",
        ],
        never: &[SQL, ANY_ERROR],
    },
    Layer {
        name: "counterfoil",
        ours: SHIPPED,
        never: &[SQL],
    },
    Layer {
        name: TESTKIT,
        ours: SHIPPED,
        never: &[],
    },
    Layer {
        name: TESTS,
        ours: SHIPPED,
        never: &[],
    },
    Layer {
        name: "counterfoil-fuzz",
        ours: SHIPPED,
        never: &[],
    },
    Layer {
        name: "bench-tools",
        ours: &[],
        never: &[HTTP_SERVER, ASYNC_RUNTIME],
    },
    Layer {
        name: "reference-server",
        ours: &[],
        never: &[],
    },
    Layer {
        name: "xtask",
        ours: &[],
        never: &[SQL, HTTP_SERVER, ASYNC_RUNTIME],
    },
];

/// The crates that the program is made of.
pub(super) const SHIPPED: &[&str] = &[
    "counterfoil",
    "counterfoil-authority",
    "counterfoil-domain",
    "counterfoil-html",
    "counterfoil-server",
    "counterfoil-store",
    "counterfoil-wire",
];

/// Which table of a manifest a dependency stands in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Normal,
    Development,
    Build,
}

/// Compares every manifest with the table above.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    tree.ending("Cargo.toml").flat_map(check_manifest).collect()
}

fn check_manifest(file: &File) -> Vec<Finding> {
    let manifest: Table = match file.text.parse() {
        Ok(manifest) => manifest,
        Err(error) => return vec![file.finding(format!("is no TOML: {}", error.message()))],
    };
    let Some(name) = manifest
        .get("package")
        .and_then(|package| package.get("name"))
        .and_then(Value::as_str)
    else {
        // The manifest of the workspace has no package.
        return Vec::new();
    };
    let Some(layer) = LAYERS.iter().find(|layer| layer.name == name) else {
        return vec![file.finding(format!(
            "{name} has no row in the table of layers; add one in xtask/src/tidy/edges.rs"
        ))];
    };
    dependencies(&manifest)
        .into_iter()
        .filter_map(|(kind, dependency)| layer.refusal(kind, &dependency))
        .map(|message| file.finding(message))
        .collect()
}

impl Layer {
    /// Why the dependency may not be there, if so.
    fn refusal(&self, kind: Kind, dependency: &str) -> Option<String> {
        let name = self.name;
        if dependency == TESTKIT {
            // The suite that every engine passes needs a server to pass it on.
            let is_suite = name == "counterfoil-store" && kind == Kind::Development;
            let is_test = is_suite || name == TESTS || name == "counterfoil-fuzz";
            return (!is_test).then(|| format!("{name} may not import {TESTKIT}: only tests do"));
        }
        if is_ours(dependency) {
            return (!self.ours.contains(&dependency))
                .then(|| format!("{name} may not import {dependency}"));
        }
        let forbidden =
            kind != Kind::Development && self.never.iter().any(|group| names(group, dependency));
        forbidden.then(|| format!("{name} must never import {dependency}"))
    }
}

/// The crate of a manifest, and which of ours it uses; none for the manifest of the workspace.
pub(super) fn own_dependencies(file: &File) -> Option<(String, BTreeSet<String>)> {
    let manifest: Table = file.text.parse().ok()?;
    let name = manifest.get("package")?.get("name")?.as_str()?.to_owned();
    let used = dependencies(&manifest)
        .into_iter()
        .filter(|(kind, dependency)| *kind == Kind::Normal && is_ours(dependency))
        .map(|(_, dependency)| dependency);
    Some((name, used.collect()))
}

fn is_ours(dependency: &str) -> bool {
    dependency == "xtask" || dependency == "counterfoil" || dependency.starts_with("counterfoil-")
}

/// Whether the group names the crate itself or a family that it belongs to (`axum` stands for
/// `axum-extra` too).
fn names(group: &[&str], dependency: &str) -> bool {
    group.iter().any(|named| {
        let rest = dependency.strip_prefix(named);
        rest.is_some_and(|rest| rest.is_empty() || (rest.starts_with('-') && *named != "http"))
    })
}

/// All dependencies of a manifest, those for one platform included, by the name of the package.
fn dependencies(manifest: &Table) -> Vec<(Kind, String)> {
    let mut found = Vec::new();
    let mut tables = vec![manifest];
    if let Some(targets) = manifest.get("target").and_then(Value::as_table) {
        tables.extend(targets.values().filter_map(Value::as_table));
    }
    for table in tables {
        for (key, kind) in [
            ("dependencies", Kind::Normal),
            ("dev-dependencies", Kind::Development),
            ("build-dependencies", Kind::Build),
        ] {
            let Some(listed) = table.get(key).and_then(Value::as_table) else {
                continue;
            };
            for (name, value) in listed {
                // A renamed dependency names its package.
                let package = value.get("package").and_then(Value::as_str).unwrap_or(name);
                found.push((kind, package.to_owned()));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(name: &str, rest: &str) -> Vec<String> {
        let text = format!("[package]\nname = \"{name}\"\n{rest}");
        let tree = Tree::of(&[("crates/sample/Cargo.toml", &text)]);
        check(&tree).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_server_that_reaches_the_store_is_found() {
        let findings = found(
            "counterfoil-server",
            "[dependencies]\ncounterfoil-store.workspace = true",
        );
        assert_eq!(
            findings,
            ["crates/sample/Cargo.toml: counterfoil-server may not import counterfoil-store"]
        );
    }

    #[test]
    fn a_domain_that_knows_json_or_a_runtime_is_found() {
        let findings = found(
            "counterfoil-domain",
            "[dependencies]\nserde_json = \"1\"\ntokio = \"1\"",
        );
        assert_eq!(findings.len(), 2);
    }

    #[test]
    fn the_family_of_a_forbidden_crate_is_forbidden_too() {
        assert_eq!(
            found("counterfoil-wire", "[dependencies]\naxum-extra = \"1\"").len(),
            1
        );
    }

    #[test]
    fn the_wire_may_use_the_types_of_http() {
        let findings = found(
            "counterfoil-wire",
            "[dependencies]\nhttp = \"1\"\ncounterfoil-domain.workspace = true",
        );
        assert!(findings.is_empty(), "{findings:?}");
    }

    #[test]
    fn a_renamed_dependency_is_seen_through() {
        let findings = found(
            "counterfoil-domain",
            "[dependencies]\nquiet = { package = \"tokio\", version = \"1\" }",
        );
        assert_eq!(findings.len(), 1);
    }

    #[test]
    fn a_dependency_of_one_platform_counts() {
        let findings = found(
            "counterfoil-domain",
            "[target.'cfg(unix)'.dependencies]\nrusqlite = \"1\"",
        );
        assert_eq!(findings.len(), 1);
    }

    #[test]
    fn tests_of_a_layer_may_use_foreign_crates_but_not_the_testkit() {
        assert!(
            found(
                "counterfoil-domain",
                "[dev-dependencies]\nserde_json = \"1\""
            )
            .is_empty()
        );
        assert_eq!(
            found(
                "counterfoil-domain",
                "[dev-dependencies]\ncounterfoil-testkit.workspace = true"
            )
            .len(),
            1
        );
    }

    #[test]
    fn a_crate_without_a_row_is_found() {
        assert_eq!(found("counterfoil-extra", "").len(), 1);
    }

    #[test]
    fn the_manifest_of_the_workspace_is_passed_over() {
        let tree = Tree::of(&[("Cargo.toml", "[workspace]\nmembers = []\n")]);
        assert!(check(&tree).is_empty());
    }
}
