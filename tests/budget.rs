//! How many instructions one check takes, counted by callgrind. Time on a busy machine says little;
//! instructions of one build by one compiler hardly change from run to run, so a check that got
//! dearer shows.
//!
//! The budget is keyed by the compiler, since another one makes other code of the same source.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use counterfoil_testkit::process::counted::Check;
use serde_json::{Value, json};

/// How far a count may be from its budget, in per cent, either way: a gain that is not recorded
/// would hide a later loss.
const TOLERANCE: u64 = 5;

/// Tells this test to write the budget of this compiler.
const RECORD: &str = "COUNTERFOIL_RECORD_BUDGET";

#[test]
fn one_check_takes_the_instructions_of_its_budget() {
    let compiler = compiler();
    let counted: BTreeMap<&str, u64> = Check::ALL
        .iter()
        .map(|check| (check.name(), check.instructions()))
        .collect();
    if is_recording() {
        return record(&compiler, &counted);
    }
    let budgets = budgets();
    let Some(budget) = budgets.get(&compiler) else {
        panic!(
            "there is no budget for {compiler}; it counted {counted:?}; record it with `cargo xtask budget` and commit {}",
            file().display()
        );
    };
    for (name, count) in counted {
        let allowed = budget[name].as_u64().expect("a budget is a number");
        let off = count.abs_diff(allowed) * 100;
        assert!(
            off <= allowed * TOLERANCE,
            "one check ({name}) takes {count} instructions; its budget is {allowed}, within {TOLERANCE} %. If that is meant to \
             be so, record it with `cargo xtask budget` and say why in the commit"
        );
    }
}

/// The budgets, by compiler.
fn budgets() -> serde_json::Map<String, Value> {
    let text = std::fs::read_to_string(file()).expect("the budget is committed");
    serde_json::from_str(&text).expect("the budget is JSON")
}

fn record(compiler: &str, counted: &BTreeMap<&str, u64>) {
    let mut budgets = budgets();
    budgets.insert(compiler.to_owned(), json!(counted));
    let text = format!("{:#}\n", Value::Object(budgets));
    std::fs::write(file(), text).expect("the budget can be written");
}

fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("budget/instructions.json")
}

/// The compiler as it names itself.
fn compiler() -> String {
    let output = Command::new("rustc").arg("--version").output();
    let output = output.expect("rustc can be started");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

#[expect(
    clippy::disallowed_methods,
    reason = "the switch of `cargo xtask budget` is no setting of the program"
)]
fn is_recording() -> bool {
    std::env::var_os(RECORD).is_some()
}
