//! Migrations are numbered without gaps, named alike for every engine, and never edited once a
//! release has shipped them: a database that ran the old text would not run the new one.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context, Result};

use crate::tidy::tree::{Finding, Tree};
use crate::workspace::{Workspace, output};

const FOLDER: &str = "crates/store/migrations/";

/// The code that includes them.
const SOURCE: &str = "crates/store/src/";

/// The migrations that releases have shipped: a line each, git's id of the content and the path.
const SHIPPED: &str = "xtask/migrations.lock";

/// Which migrations there are, by engine: `0001_what_it_does.sqlite.sql` is the first of `SQLite`.
type Engines<'a> = BTreeMap<&'a str, Vec<&'a str>>;

/// Checks numbers and names, engine by engine, and that the program knows every file.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut engines = Engines::new();
    let mut findings = Vec::new();
    for file in tree.ending(".sql") {
        let Some(name) = file.path.strip_prefix(FOLDER) else {
            continue;
        };
        match name.trim_end_matches(".sql").split_once('.') {
            Some((migration, engine)) => engines.entry(engine).or_default().push(migration),
            None => {
                findings.push(file.finding("names no engine, as in 0001_what_it_does.sqlite.sql"));
            }
        }
        if !is_included(tree, name) {
            findings.push(
                file.finding("is not included by the store, so no database will ever run it"),
            );
        }
    }
    for (engine, migrations) in &engines {
        findings.extend(check_numbers(engine, migrations));
    }
    findings.extend(check_twins(&engines));
    findings
}

fn is_included(tree: &Tree, name: &str) -> bool {
    let quoted = format!("migrations/{name}\"");
    tree.ending(".rs")
        .filter(|file| file.path.starts_with(SOURCE))
        .any(|file| file.text.contains(&quoted))
}

fn check_numbers(engine: &str, migrations: &[&str]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, migration) in migrations.iter().enumerate() {
        let number = migration.split('_').next().unwrap_or_default();
        let wanted = format!("{:04}", index + 1);
        if number != wanted {
            let path = format!("{FOLDER}{migration}.{engine}.sql");
            findings.push(Finding::on(
                &path,
                format!("should have the number {wanted}"),
            ));
        }
    }
    findings
}

fn check_twins(engines: &Engines<'_>) -> Vec<Finding> {
    let Some((first, wanted)) = engines.iter().next() else {
        return Vec::new();
    };
    engines
        .iter()
        .filter(|(_, migrations)| *migrations != wanted)
        .map(|(engine, _)| {
            Finding::on(
                FOLDER,
                format!("{engine} has not the same migrations as {first}"),
            )
        })
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

    fn found(names: &[&str]) -> usize {
        let includes: Vec<String> = names
            .iter()
            .map(|name| format!("include_str!(\"../migrations/{name}\")"))
            .collect();
        let includes = includes.join(
            "
",
        );
        let paths: Vec<String> = names.iter().map(|name| format!("{FOLDER}{name}")).collect();
        let mut samples: Vec<(&str, &str)> = paths.iter().map(|path| (path.as_str(), "")).collect();
        samples.push(("crates/store/src/migrations.rs", &includes));
        check(&Tree::of(&samples)).len()
    }

    #[test]
    fn a_gap_in_the_numbers_is_found() {
        assert_eq!(
            found(&["0001_accounts.sqlite.sql", "0003_apps.sqlite.sql"]),
            1
        );
        assert_eq!(
            found(&["0001_accounts.sqlite.sql", "0002_apps.sqlite.sql"]),
            0
        );
    }

    #[test]
    fn a_number_given_twice_is_found() {
        assert_eq!(
            found(&["0001_accounts.sqlite.sql", "0001_apps.sqlite.sql"]),
            1
        );
    }

    #[test]
    fn a_migration_that_only_one_engine_has_is_found() {
        assert_eq!(
            found(&["0001_accounts.postgres.sql", "0001_users.sqlite.sql"]),
            1
        );
        assert_eq!(
            found(&["0001_users.postgres.sql", "0001_users.sqlite.sql"]),
            0
        );
    }

    #[test]
    fn a_migration_that_the_store_does_not_include_is_found() {
        let path = format!("{FOLDER}0001_accounts.sqlite.sql");
        assert_eq!(check(&Tree::of(&[(&path, "")])).len(), 1);
    }

    #[test]
    fn a_migration_without_an_engine_is_found() {
        assert_eq!(found(&["0001_accounts.sql"]), 1);
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
