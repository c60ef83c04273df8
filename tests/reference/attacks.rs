//! The page of attacks is written by hand. What it says is tried must be tried: each row names
//! tests of this binary.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

/// A row of the page.
struct Row {
    id: String,
    /// What is tried, and what must happen.
    says: [String; 2],
    tests: Vec<String>,
}

impl Row {
    fn parse(line: &str) -> Self {
        let cells = line.trim_matches('|').split(" | ").map(str::trim);
        let cells: Vec<_> = cells.collect();
        let [id, tried, must, tests] = cells.as_slice() else {
            panic!("a row has four cells: {line}");
        };
        let tests = tests.split(", ").map(|test| {
            let name = test
                .strip_prefix('`')
                .and_then(|test| test.strip_suffix('`'));
            name.unwrap_or_else(|| panic!("a test stands in backticks: {line}"))
                .to_owned()
        });
        Self {
            id: (*id).to_owned(),
            says: [(*tried).to_owned(), (*must).to_owned()],
            tests: tests.collect(),
        }
    }
}

/// The sections that go through a standard, whose rows tidy looks at.
const OF_A_STANDARD: &str = "ASVS";

/// The rows of each section of attacks.
fn sections() -> Vec<Vec<Row>> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/reference/security.md");
    let page = fs::read_to_string(file).expect("the page is there");
    let sections = page.split("\n## ").skip(1);
    let of_attacks = sections.filter(|section| !section.starts_with(OF_A_STANDARD));
    let rows = of_attacks.map(|section| {
        let lines = section.lines().filter(|line| line.starts_with('|'));
        lines.skip(2).map(Row::parse).collect()
    });
    rows.collect()
}

/// What this binary calls its tests.
fn tests_here() -> BTreeSet<String> {
    let binary = std::env::current_exe().expect("it runs");
    let listed = Command::new(binary).arg("--list").output();
    let listed = listed.expect("it lists its tests").stdout;
    let listed = String::from_utf8(listed).expect("names are text");
    let names = listed
        .lines()
        .filter_map(|line| line.strip_suffix(": test"));
    names.map(str::to_owned).collect()
}

#[test]
fn each_attack_on_the_page_is_tried_by_tests_that_there_are() {
    let here = tests_here();
    let mut letters = BTreeSet::new();
    let mut tried = BTreeSet::new();
    for rows in sections() {
        let letter = rows[0].id[..1].to_owned();
        for (number, Row { id, says, tests }) in rows.iter().enumerate() {
            assert_eq!(*id, format!("{letter}{}", number + 1));
            assert!(
                says.iter().all(|cell| !cell.is_empty()),
                "{id} says nothing"
            );
            assert!(
                tried.insert(says[0].clone() + &letter),
                "{id} is there twice"
            );
            for test in tests {
                assert!(here.contains(test), "{id}: there is no test {test}");
            }
        }
        assert!(letters.insert(letter), "two sections share a letter");
    }
    assert!(tried.len() > 80, "{}", tried.len());
}
