//! What a release consists of.

use std::fs;
use std::process::Command;

use counterfoil_testkit::{TestFolder, installed};
use serde_json::Value;

use super::release;

#[test]
fn lintian_finds_nothing_wrong_with_the_package() {
    let mut lintian = Command::new(installed::tool("lintian"));
    lintian
        .args(["--fail-on", "error,warning"])
        .args(["--allow-root", "--tag-display-limit", "0"])
        .arg(release::file(".deb"));
    let output = release::run(lintian, "lintian").succeeded();
    assert_eq!(output.stdout, "");
}

#[test]
fn the_digests_are_those_of_every_file() {
    let mut check = Command::new(installed::tool("sha256sum"));
    check.args(["--check", "--strict", "SHA256SUMS"]);
    check.current_dir(release::folder());
    let said = release::run(check, "sha256sum").succeeded().stdout;
    let files = fs::read_dir(release::folder()).unwrap().count();
    assert_eq!(said.lines().count(), files - 1, "{said}");
}

#[test]
fn a_release_has_the_same_bytes_when_it_is_packed_again() {
    let folder = TestFolder::on_disk();
    release::pack(folder.path());
    let sums = |folder: &std::path::Path| {
        fs::read_to_string(folder.join("SHA256SUMS")).expect("a release has its digests")
    };
    assert_eq!(sums(folder.path()), sums(release::folder()));
}

#[test]
fn the_tarball_has_the_program_its_pages_completions_and_units() {
    let mut list = Command::new("tar");
    list.args(["--list", "--verbose", "--file"])
        .arg(release::file(".tar.gz"));
    let said = release::run(list, "tar").succeeded().stdout;
    for (mode, path) in [
        ("-rwxr-xr-x 0/0", "/usr/bin/counterfoil"),
        (
            "-rw-r--r-- 0/0",
            "/usr/share/man/man1/counterfoil-user.1.gz",
        ),
        (
            "-rw-r--r-- 0/0",
            "/usr/share/man/man5/counterfoil.toml.5.gz",
        ),
        (
            "-rw-r--r-- 0/0",
            "/usr/share/bash-completion/completions/counterfoil",
        ),
        ("-rw-r--r-- 0/0", "/lib/systemd/system/counterfoil.service"),
        ("-rw-r--r-- 0/0", "/etc/counterfoil/counterfoil.toml"),
        (
            "-rw-r--r-- 0/0",
            "/usr/share/doc/counterfoil/THIRD-PARTY-LICENSES.gz",
        ),
        ("-rw-r--r-- 0/0", "/README.md"),
    ] {
        let line = said.lines().find(|line| line.ends_with(path));
        let line = line.unwrap_or_else(|| panic!("{path} is missing:\n{said}"));
        assert!(line.starts_with(mode), "{line}");
    }
    // No other time than the commit's is in it.
    let times: std::collections::BTreeSet<_> = said
        .lines()
        .map(|line| line.split_whitespace().skip(3).take(2).collect::<String>())
        .collect();
    assert_eq!(times.len(), 1, "{times:?}");
}

#[test]
fn the_bill_of_materials_names_every_crate_once_with_its_licence_and_digest() {
    let text = fs::read_to_string(release::file(".cdx.json")).unwrap();
    let bill: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(bill["bomFormat"], "CycloneDX");
    assert_eq!(bill["metadata"]["component"]["name"], "counterfoil");
    let parts = bill["components"].as_array().unwrap();
    let name = |part: &Value| part["bom-ref"].as_str().unwrap().to_owned();
    let mut names: Vec<_> = parts.iter().map(name).collect();
    names.push(name(&bill["metadata"]["component"]));
    names.sort();
    let count = names.len();
    names.dedup();
    assert_eq!(names.len(), count, "each once");
    for wanted in ["rustls", "rusqlite", "libsqlite3-sys", "tokio"] {
        let start = format!("pkg:cargo/{wanted}@");
        assert!(
            names.iter().any(|name| name.starts_with(&start)),
            "{wanted}"
        );
    }
    // Tests are made of more.
    assert!(!text.contains("pkg:cargo/proptest@"));
    for part in parts {
        assert!(part["licenses"][0]["expression"].is_string(), "{part}");
        let ours = part["name"].as_str().unwrap().starts_with("counterfoil");
        let digest = part["hashes"][0]["content"].as_str();
        assert_eq!(digest.map(str::len), (!ours).then_some(64), "{part}");
    }
    let edges = bill["dependencies"].as_array().unwrap();
    assert_eq!(edges.len(), names.len());
    for edge in edges {
        for on in edge["dependsOn"].as_array().unwrap() {
            assert!(names.contains(&on.as_str().unwrap().to_owned()), "{on}");
        }
    }
}
