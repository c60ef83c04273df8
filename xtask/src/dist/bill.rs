//! The bill of materials: every crate that the program is built from, as a `CycloneDX` document
//! (ECMA-424), and the notices that their licences ask for.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::Release;
use crate::workspace::{Workspace, output};

/// What a file with a licence or a notice is called.
const NOTICES: [&str; 5] = ["LICENSE", "LICENCE", "COPYING", "NOTICE", "COPYRIGHT"];

/// A crate.
struct Part {
    name: String,
    version: String,
    licence: String,
    /// Where its sources lie.
    folder: PathBuf,
    /// The digest that the lock file has of its sources; none of ours.
    digest: Option<String>,
    needs: Vec<String>,
}

/// The crates of the program, by their ids, which sort by name.
pub(super) struct Bill {
    parts: BTreeMap<String, Part>,
    program: String,
}

impl Bill {
    /// Asks cargo.
    pub(super) fn of(workspace: &Workspace) -> Result<Self> {
        let platform = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
        let mut command = workspace.cargo(&["metadata", "--format-version", "1", "--locked"]);
        command.args(["--filter-platform", &platform]);
        let metadata: Value = serde_json::from_str(&output(command, "cargo metadata")?)?;
        let lock = fs::read_to_string(workspace.root().join("Cargo.lock"))?;
        let digests = digests(&lock.parse()?);
        let mut found = BTreeMap::new();
        let nodes = list(&metadata["resolve"]["nodes"]);
        let packages = list(&metadata["packages"]);
        let program = packages
            .iter()
            .find(|package| package["name"] == "counterfoil")
            .map(|package| text(&package["id"]))
            .context("cargo knows no counterfoil")?;
        let mut to_do = vec![program.clone()];
        while let Some(id) = to_do.pop() {
            if found.contains_key(&id) {
                continue;
            }
            let node = nodes.iter().find(|node| node["id"] == id.as_str());
            let node = node.with_context(|| format!("{id} was not resolved"))?;
            let package = packages.iter().find(|package| package["id"] == id.as_str());
            let package = package.with_context(|| format!("{id} is no package"))?;
            let needs = needed(node);
            to_do.extend(needs.iter().cloned());
            found.insert(id, Part::of(package, needs, &digests)?);
        }
        Ok(Self {
            parts: found,
            program,
        })
    }

    /// Writes the document.
    pub(super) fn write(&self, release: &Release, to: &Path) -> Result<PathBuf> {
        let program = self.parts[&self.program].component("application");
        let others = self.parts.iter().filter(|(id, _)| **id != self.program);
        let mut components: Vec<_> = others.map(|(_, part)| part).collect();
        components.sort_by_key(|part| part.url());
        let components: Vec<_> = components
            .into_iter()
            .map(|part| part.component("library"))
            .collect();
        let mut edges: Vec<_> = self.parts.values().collect();
        edges.sort_by_key(|part| part.url());
        let edges: Vec<_> = edges
            .into_iter()
            .map(|part| {
                let mut on: Vec<_> = part.needs.iter().map(|id| self.parts[id].url()).collect();
                on.sort();
                json!({"ref": part.url(), "dependsOn": on})
            })
            .collect();
        let document = json!({
            "$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json",
            "bomFormat": "CycloneDX",
            "specVersion": "1.5",
            "version": 1,
            "metadata": {"component": program},
            "components": components,
            "dependencies": edges,
        });
        let file = release.file(to, ".cdx.json");
        fs::write(&file, format!("{document:#}\n"))?;
        Ok(file)
    }

    /// The licences and notices of all crates that are not ours, each text once with the crates
    /// that have it.
    pub(super) fn notices(&self) -> Result<String> {
        let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut parts: Vec<_> = self.parts.values().collect();
        parts.retain(|part| part.digest.is_some());
        parts.sort_by_key(|part| part.url());
        let mut all = String::from(
            "The program is made of the crates below, under the licences that they name. Their texts follow.\n\n",
        );
        for part in parts {
            let _ = writeln!(all, "{} {}: {}", part.name, part.version, part.licence);
            for text in part.texts()? {
                let named = format!("{} {}", part.name, part.version);
                texts.entry(text).or_default().push(named);
            }
        }
        for (text, crates) in texts {
            let line = "-".repeat(80);
            let crates = crates.join(", ");
            let _ = write!(all, "\n{line}\n{crates}\n{line}\n\n{text}\n");
        }
        Ok(all)
    }
}

impl Part {
    fn of(
        package: &Value,
        needs: Vec<String>,
        digests: &BTreeMap<(String, String), String>,
    ) -> Result<Self> {
        let (name, version) = (text(&package["name"]), text(&package["version"]));
        let manifest = PathBuf::from(text(&package["manifest_path"]));
        let folder = manifest.parent().context("a manifest lies in a folder")?;
        Ok(Self {
            digest: digests.get(&(name.clone(), version.clone())).cloned(),
            licence: text(&package["license"]),
            folder: folder.to_owned(),
            name,
            version,
            needs,
        })
    }

    /// What a package is called everywhere (package URL).
    fn url(&self) -> String {
        format!("pkg:cargo/{}@{}", self.name, self.version)
    }

    fn component(&self, kind: &str) -> Value {
        let mut component = json!({
            "type": kind,
            "bom-ref": self.url(),
            "name": self.name,
            "version": self.version,
            "purl": self.url(),
        });
        if !self.licence.is_empty() {
            // An old way to write OR.
            let expression = self.licence.replace('/', " OR ");
            component["licenses"] = json!([{"expression": expression}]);
        }
        if let Some(digest) = &self.digest {
            component["hashes"] = json!([{"alg": "SHA-256", "content": digest}]);
        }
        component
    }

    /// The texts of its licences, by the names of their files.
    fn texts(&self) -> Result<Vec<String>> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let name = name.to_uppercase();
            if path.is_file() && NOTICES.iter().any(|notice| name.starts_with(notice)) {
                files.push(path);
            }
        }
        files.sort();
        let read = |file: &PathBuf| {
            let bytes = fs::read(file)?;
            Ok(String::from_utf8_lossy(&bytes).trim().to_owned())
        };
        files.iter().map(read).collect()
    }
}

/// What a crate needs to be built and to run; not what its tests need.
fn needed(node: &Value) -> Vec<String> {
    let wanted = |edge: &&Value| {
        let kinds = list(&edge["dep_kinds"]);
        kinds.iter().any(|kind| kind["kind"] != "dev")
    };
    let edges = list(&node["deps"]).iter().filter(wanted);
    edges.map(|edge| text(&edge["pkg"])).collect()
}

fn digests(lock: &toml::Table) -> BTreeMap<(String, String), String> {
    let packages = lock.get("package").and_then(toml::Value::as_array);
    let entry = |package: &toml::Value| {
        let field = |name: &str| Some(package.get(name)?.as_str()?.to_owned());
        Some(((field("name")?, field("version")?), field("checksum")?))
    };
    packages.into_iter().flatten().filter_map(entry).collect()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
