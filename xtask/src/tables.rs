//! `cargo xtask attacks`, `accessibility` and `clients`: the tests that a page under
//! `docs/reference` names in its tables, and the result of each row.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context, Result, bail};

use crate::check;
use crate::rows::{Row, rows};
use crate::say;
use crate::tally::{self, Outcome};
use crate::workspace::Workspace;

/// The attacks that are tried, and the items of OWASP's standard.
pub(crate) const SECURITY: &str = "docs/reference/security.md";
/// The criteria of the guidelines for pages.
pub(crate) const ACCESSIBILITY: &str = "docs/reference/accessibility.md";
/// The programs of others that are run.
pub(crate) const CLIENTS: &str = "docs/reference/clients.md";

/// The most columns that the names of rows are set apart by.
const WIDEST: usize = 24;

/// What became of tests.
#[derive(Default)]
struct Ended {
    all: BTreeSet<String>,
    failed: BTreeSet<String>,
    /// Whether cargo itself ended badly.
    is_broken: bool,
}

/// Runs the tests of all rows of a page, and says of each row whether it holds. Whoever wrote the
/// tables is held to their form by tidy.
pub(crate) fn run(workspace: &Workspace, page: &str) -> Result<()> {
    let file = workspace.root().join(page);
    let text = fs::read_to_string(&file).with_context(|| format!("{page} cannot be read"))?;
    let rows = rows(&text);
    let ended = try_all(workspace, &rows)?;
    let widths = rows.iter().map(|row| row.id().chars().count());
    let width = widths.max().unwrap_or_default().min(WIDEST);
    let (mut tried, mut held) = (0, 0);
    for row in &rows {
        let id = row.id();
        if row.tests().is_empty() {
            let (verdict, _) = row.verdict().unwrap_or(("names no test", ""));
            say::line(&format!("{id:<width$} {}", verdict.to_lowercase()));
            continue;
        }
        let result = result(row, &ended);
        tried += 1;
        held += usize::from(result.is_none());
        let said = result.unwrap_or_else(|| holding(row));
        say::line(&format!("{id:<width$} {said}"));
    }
    let others = rows.len() - tried;
    say::line(&format!(
        "{held} of {tried} rows with tests hold; {others} more say why they have none"
    ));
    if tried == 0 || held < tried || ended.is_broken {
        bail!("not every row of {page} holds");
    }
    Ok(())
}

/// Runs the tests that the rows name: those of the integration tests by their whole names, and
/// those inside a crate by their own, since a page does not say in which `mod tests` they are.
fn try_all(workspace: &Workspace, rows: &[Row<'_>]) -> Result<Ended> {
    let crates = workspace.root().join("crates");
    let is_inside_crate = |name: &&str| {
        let first = name.split("::").next().unwrap_or_default();
        crates.join(first).is_dir()
    };
    let named: BTreeSet<&str> = rows.iter().flat_map(Row::tests).collect();
    let (inside, front): (Vec<&str>, Vec<&str>) = named.into_iter().partition(is_inside_crate);
    check::build(workspace)?;
    let mut ended = Ended::default();
    if !front.is_empty() {
        let mut command = workspace.integration_tests();
        command.args(["--", "--exact"]).args(&front);
        ended.take(&tally::stream(command)?, str::to_owned);
    }
    if !inside.is_empty() {
        let mut command = workspace.cargo(&["test", "--workspace", "--locked", "--lib", "--"]);
        command.args(inside.iter().map(|name| own_name(name)));
        ended.take(&tally::stream(command)?, |name| own_name(name).to_owned());
    }
    Ok(ended)
}

/// The last part of a test's name.
fn own_name(name: &str) -> &str {
    name.rsplit("::").next().unwrap_or(name)
}

impl Ended {
    fn take(&mut self, outcome: &Outcome, called: impl Fn(&str) -> String) {
        let tests = outcome.tests.iter().map(|test| called(&test.name));
        self.all.extend(tests);
        let failures = outcome.failures.iter().map(|test| called(&test.name));
        self.failed.extend(failures);
        self.is_broken |= !outcome.succeeded;
    }
}

/// What is wrong with a row; nothing if it holds.
fn result(row: &Row<'_>, ended: &Ended) -> Option<String> {
    let is_in =
        |set: &BTreeSet<String>, name: &str| set.contains(name) || set.contains(own_name(name));
    row.tests().into_iter().find_map(|name| {
        if is_in(&ended.failed, name) {
            Some(format!("fails: {name}"))
        } else {
            (!is_in(&ended.all, name)).then(|| format!("was not tried: {name}"))
        }
    })
}

/// What is said of a row whose tests pass: they may show a part of what it is about, or what there
/// is instead.
fn holding(row: &Row<'_>) -> String {
    match row.verdict() {
        None | Some(("Met", _)) => "holds".to_owned(),
        Some((verdict, _)) => format!("{}: what is said holds", verdict.to_lowercase()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tally::{Count, Failure, Test};

    fn ended() -> Ended {
        let test = |name: &str| Test {
            binary: "all".to_owned(),
            name: name.to_owned(),
            seconds: None,
        };
        let outcome = Outcome {
            count: Count::default(),
            failures: vec![Failure {
                name: "web::two".to_owned(),
                said: Vec::new(),
            }],
            tests: vec![test("web::one"), test("web::two")],
            succeeded: false,
        };
        let mut ended = Ended::default();
        ended.take(&outcome, str::to_owned);
        let inside = Outcome {
            count: Count::default(),
            failures: Vec::new(),
            tests: vec![test("colour::tests::it_is_seen")],
            succeeded: true,
        };
        ended.take(&inside, |name| own_name(name).to_owned());
        ended
    }

    #[test]
    fn a_row_holds_if_all_its_tests_were_run_and_none_failed() {
        let ended = ended();
        assert!(ended.is_broken);
        for (cell, expected) in [
            ("`web::one`", None),
            ("`web::one`, `web::two`", Some("fails: web::two")),
            ("`web::three`", Some("was not tried: web::three")),
            ("`html::colour::it_is_seen`", None),
        ] {
            let row = Row {
                line: 1,
                cells: vec!["R1", cell],
            };
            assert_eq!(result(&row, &ended).as_deref(), expected, "{cell}");
        }
    }

    #[test]
    fn a_row_of_which_only_a_part_is_shown_says_so() {
        let said = |verdict: &'static str| {
            holding(&Row {
                line: 1,
                cells: vec!["V3.4.1", verdict, "`web::one`"],
            })
        };
        let in_part = said("**In part.** Not behind a proxy.");
        assert_eq!(in_part, "in part: what is said holds");
        assert_eq!(said("**Met.**"), "holds");
        assert_eq!(said("What must happen."), "holds");
    }
}
