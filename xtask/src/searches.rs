//! How many secrets the tests on an engine searched the databases and logs of their programs for.
//! The tests do it themselves, and each search that finds one fails its test
//! (`crates/testkit/src/secrets.rs`); what they cannot see is that nothing was sought any more.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::say;
use crate::workspace::Workspace;

/// Tells the tests where to count.
const COUNTED_IN: &str = "COUNTERFOIL_TEST_SEARCHES";

/// Fewer than this where all tests run, and what hears of secrets has become deaf.
pub(crate) const FEWEST: u64 = 500;
/// The same on an engine after the first, where fewer tests start programs.
pub(crate) const FEWEST_ELSEWHERE: u64 = 40;

/// The file of the tests on one engine, gone with their run.
pub(crate) struct Searches {
    file: PathBuf,
    engine: &'static str,
    fewest: u64,
}

impl Searches {
    pub(crate) fn new(workspace: &Workspace, engine: &'static str, fewest: u64) -> Result<Self> {
        let engine_in_name = engine.to_lowercase().replace(' ', "-");
        let name = format!("searches-{}-{engine_in_name}", std::process::id());
        let folder = workspace.target_folder()?.join("tmp");
        fs::create_dir_all(&folder)
            .with_context(|| format!("{} could not be made", folder.display()))?;
        Ok(Self {
            file: folder.join(name),
            engine,
            fewest,
        })
    }

    /// Has these tests count in it.
    pub(crate) fn count_in(&self, tests: &mut Command) {
        tests.env(COUNTED_IN, &self.file);
    }

    /// Says what was searched, and whether that is enough.
    pub(crate) fn suffice(&self) -> bool {
        // Nothing was searched where there is none.
        let counted = fs::read_to_string(&self.file).unwrap_or_default();
        let (programs, secrets, bytes) = sum(&counted);
        say::step("secrets");
        say::line(&format!(
            "on {}, {secrets} secrets were sought in {} MB of databases and logs of {programs} programs",
            self.engine,
            bytes / 1_000_000
        ));
        let fewest = self.fewest;
        if secrets < fewest {
            say::line(&format!("too few: there should be at least {fewest}"));
        }
        secrets >= fewest
    }
}

/// How many searches are in a file, and what they come to.
fn sum(counted: &str) -> (usize, u64, u64) {
    let mut sum = (0, 0, 0);
    for line in counted.lines() {
        let mut numbers = line.split(' ').map(|number| number.parse().unwrap_or(0));
        sum.0 += 1;
        sum.1 += numbers.next().unwrap_or(0);
        sum.2 += numbers.next().unwrap_or(0);
    }
    sum
}

impl Drop for Searches {
    fn drop(&mut self) {
        // There is none where nothing was searched.
        drop(fs::remove_file(&self.file));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_that_seeks_nothing_or_little_is_not_enough() {
        let file = std::env::temp_dir().join(format!("searches-of-test-{}", std::process::id()));
        let searches = Searches {
            file: file.clone(),
            engine: "SQLite",
            fewest: FEWEST,
        };
        assert!(!searches.suffice());
        fs::write(&file, "499 1000\n").unwrap();
        assert!(!searches.suffice());
        fs::write(&file, "499 1000\n1 2000000\n").unwrap();
        assert!(searches.suffice());
    }

    #[test]
    fn searches_are_summed() {
        assert_eq!(sum("3 10\n4 20\n"), (2, 7, 30));
        assert_eq!(sum(""), (0, 0, 0));
    }
}
