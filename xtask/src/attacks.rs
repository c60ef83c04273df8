//! `cargo xtask attacks`: the tests that `docs/reference/security.md` names, and the result of each
//! of its rows.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context, Result, bail};

use crate::check;
use crate::say;
use crate::tally::{self, Outcome};
use crate::workspace::Workspace;

/// The page, whose form and tests a test of its own holds it to.
const PAGE: &str = "docs/reference/security.md";

/// A row of the page.
#[derive(Debug, PartialEq, Eq)]
struct Row {
    id: String,
    tests: Vec<String>,
}

/// Runs the tests of all rows, and says of each row whether it holds.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let file = workspace.root().join(PAGE);
    let page = fs::read_to_string(&file).with_context(|| format!("{PAGE} cannot be read"))?;
    let rows = rows(&page);
    let tests: BTreeSet<_> = rows.iter().flat_map(|row| &row.tests).collect();
    check::build(workspace)?;
    let mut command = workspace.integration_tests();
    command.args(["--", "--exact"]).args(&tests);
    let outcome = tally::stream(command)?;
    let mut held = 0;
    for row in &rows {
        let result = result(row, &outcome);
        held += usize::from(result.is_none());
        let said = result.unwrap_or_else(|| "holds".to_owned());
        say::line(&format!("{:<4} {said}", row.id));
    }
    let all = rows.len();
    say::line(&format!("{held} of {all} rows hold"));
    if rows.is_empty() || held < all || !outcome.succeeded {
        bail!("not every row of {PAGE} holds");
    }
    Ok(())
}

/// The rows of all tables of the page.
fn rows(page: &str) -> Vec<Row> {
    let lines = page.lines().filter_map(|line| {
        let cells: Vec<_> = line.strip_prefix("| ")?.split(" | ").collect();
        let (&id, &tests) = (cells.first()?, cells.last()?);
        let tests: Vec<_> = tests.split('`').skip(1).step_by(2).collect();
        // A heading names none.
        (!tests.is_empty()).then(|| Row {
            id: id.to_owned(),
            tests: tests.into_iter().map(str::to_owned).collect(),
        })
    });
    lines.collect()
}

/// What is wrong with a row; nothing if it holds.
fn result(row: &Row, outcome: &Outcome) -> Option<String> {
    let failed = |name: &String| outcome.failures.iter().any(|test| test.name == *name);
    let ended = |name: &String| outcome.tests.iter().any(|test| test.name == *name);
    row.tests.iter().find_map(|name| {
        if failed(name) {
            Some(format!("fails: {name}"))
        } else {
            (!ended(name)).then(|| format!("was not tried: {name}"))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tally::{Count, Failure, Test};

    #[test]
    fn a_row_is_its_id_and_its_tests() {
        let page = "| id | what | must | tests |\n| --- | --- | --- | --- |\n\
                    | R1 | `a` is tried | no `b` | `web::one`, `web::two` |\n";
        let row = Row {
            id: "R1".to_owned(),
            tests: vec!["web::one".to_owned(), "web::two".to_owned()],
        };
        assert_eq!(rows(page), [row]);
    }

    #[test]
    fn a_row_holds_if_all_its_tests_were_run_and_none_failed() {
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
        for (tests, expected) in [
            (&["web::one"][..], None),
            (&["web::one", "web::two"], Some("fails: web::two")),
            (&["web::three"], Some("was not tried: web::three")),
        ] {
            let row = Row {
                id: "R1".to_owned(),
                tests: tests.iter().map(|name| (*name).to_owned()).collect(),
            };
            assert_eq!(result(&row, &outcome).as_deref(), expected);
        }
    }
}
