//! Migrations are numbered without gaps, named alike for every engine, and never edited once a release has shipped
//! them: a database that ran the old text would not run the new one.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context, Result};

use crate::tidy::tree::{Finding, Tree};
use crate::workspace::{Workspace, output};

const FOLDER: &str = "crates/store/migrations/";

/// The migrations that releases have shipped: a line each, git's id of the content and the path.
const SHIPPED: &str = "xtask/migrations.lock";

/// Checks numbers and names, folder by folder.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut folders: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for file in tree.ending(".sql") {
        if let Some((folder, name)) = file.path.rsplit_once('/')
            && file.path.starts_with(FOLDER)
        {
            folders.entry(folder).or_default().push(name);
        }
    }
    let mut findings = Vec::new();
    for (folder, names) in &folders {
        findings.extend(check_numbers(folder, names));
    }
    findings.extend(check_twins(&folders));
    findings
}

fn check_numbers(folder: &str, names: &[&str]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, name) in names.iter().enumerate() {
        let number = name
            .split_once('_')
            .map(|(number, _)| number)
            .unwrap_or_default();
        let wanted = format!("{:04}", index + 1);
        if number != wanted {
            let path = format!("{folder}/{name}");
            findings.push(Finding::on(
                &path,
                format!("should have the number {wanted}, as in {wanted}_what_it_does.sql"),
            ));
        }
    }
    findings
}

fn check_twins(folders: &BTreeMap<&str, Vec<&str>>) -> Vec<Finding> {
    let Some((first, wanted)) = folders.iter().next() else {
        return Vec::new();
    };
    folders
        .iter()
        .filter(|(_, names)| *names != wanted)
        .map(|(folder, _)| Finding::on(folder, format!("has not the same migrations as {first}")))
        .collect()
}

/// Compares the migrations that shipped with what they were then.
pub(crate) fn check_shipped(workspace: &Workspace) -> Result<Vec<Finding>> {
    let lock = fs::read_to_string(workspace.root().join(SHIPPED))
        .with_context(|| format!("{SHIPPED} could not be read"))?;
    let mut findings = Vec::new();
    for (id, path) in shipped(&lock) {
        if !workspace.root().join(path).is_file() {
            findings.push(Finding::on(path, "has shipped and may not be deleted"));
            continue;
        }
        let mut command = std::process::Command::new("git");
        command
            .args(["hash-object", "--", path])
            .current_dir(workspace.root());
        if output(command, "git hash-object")?.trim() != id {
            findings.push(Finding::on(
                path,
                "has shipped and may not be edited; write another migration",
            ));
        }
    }
    Ok(findings)
}

fn shipped(lock: &str) -> impl Iterator<Item = (&str, &str)> {
    lock.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(' '))
        .map(|(id, path)| (id, path.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(paths: &[&str]) -> usize {
        let samples: Vec<(String, &str)> = paths
            .iter()
            .map(|path| (format!("{FOLDER}{path}"), ""))
            .collect();
        let samples: Vec<(&str, &str)> = samples
            .iter()
            .map(|(path, text)| (path.as_str(), *text))
            .collect();
        check(&Tree::of(&samples)).len()
    }

    #[test]
    fn a_gap_in_the_numbers_is_found() {
        assert_eq!(
            found(&["sqlite/0001_accounts.sql", "sqlite/0003_apps.sql"]),
            1
        );
        assert_eq!(
            found(&["sqlite/0001_accounts.sql", "sqlite/0002_apps.sql"]),
            0
        );
    }

    #[test]
    fn a_number_given_twice_is_found() {
        assert_eq!(
            found(&["sqlite/0001_accounts.sql", "sqlite/0001_apps.sql"]),
            1
        );
    }

    #[test]
    fn a_migration_that_only_one_engine_has_is_found() {
        assert_eq!(
            found(&["postgres/0001_accounts.sql", "sqlite/0001_users.sql"]),
            1
        );
    }

    #[test]
    fn the_list_of_shipped_migrations_has_an_id_and_a_path_on_each_line() {
        let lock = "# comment\nabc crates/store/migrations/0001_a.sql\n";
        assert_eq!(
            shipped(lock).collect::<Vec<_>>(),
            [("abc", "crates/store/migrations/0001_a.sql")]
        );
    }
}
