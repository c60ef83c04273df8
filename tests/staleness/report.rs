//! What a run has found, in figures, and each wrong answer with its history.

use std::collections::BTreeMap;
use std::time::Duration;

use super::checker::Check;
use super::history::{Wrong, judge};

/// Wrong answers that are shown in full.
const SHOWN: usize = 10;

/// The checks that were answered wrongly, and what is wrong with each.
pub(super) fn wrong_ones(checks: &[Check]) -> Vec<(&Check, Wrong<'_>)> {
    let judged = checks.iter().filter_map(|check| {
        let span = (check.begun, check.ended);
        let wrong = judge(check.outcome, span, check.probe.claims(check.shown))?;
        Some((check, wrong))
    });
    judged.collect()
}

/// Prints the figures of a run and what is wrong, and says how many answers are.
#[expect(clippy::print_stdout, reason = "the figures of a run are its result")]
pub(super) fn report(checks: &[Check], changes: &[&'static str]) -> usize {
    let wrong = wrong_ones(checks);
    for (check, found) in wrong.iter().take(SHOWN) {
        println!("{}", describe(check, *found));
    }
    let wrong = wrong.len();
    println!("{} checks, {wrong} of them answered wrongly", checks.len());
    for (kind, count) in count(checks.iter().map(|check| check.probe.kind.name())) {
        println!("{count:>9} {kind}");
    }
    for (outcome, count) in count(checks.iter().map(|check| check.status)) {
        println!("{count:>9} were answered {outcome}");
    }
    let ages: Vec<_> = checks.iter().filter_map(age).collect();
    for (within, name) in [(1, "1 ms"), (10, "10 ms")] {
        let limit = Duration::from_millis(within);
        let early = ages.iter().filter(|age| **age <= limit).count();
        println!("{early:>9} began within {name} after the acknowledged end of what they ask for");
    }
    println!("{:>9} began at any time after it", ages.len());
    println!("{} acknowledged changes", changes.len());
    for (change, count) in count(changes.iter().copied()) {
        println!("{count:>9} {change}");
    }
    wrong
}

/// How long before this check the end of something was acknowledged that it needs.
fn age(check: &Check) -> Option<Duration> {
    let facts = check.probe.facts.iter();
    facts.filter_map(|fact| fact.ended_for(check.begun)).min()
}

fn describe(check: &Check, wrong: Wrong<'_>) -> String {
    let seconds = |moment| Duration::from_nanos(moment).as_secs_f64();
    let mut said = format!(
        "{} was answered {} from {:.6} to {:.6}",
        check.probe.kind.name(),
        check.status,
        seconds(check.begun),
        seconds(check.ended)
    );
    match wrong {
        Wrong::Stale(fact) => {
            said.push_str(", though it needs this\n  ");
            said.push_str(&fact.to_string());
        }
        Wrong::Refused => {
            said.push_str(", though all of this held");
            for fact in check.probe.claims(check.shown) {
                said.push_str("\n  ");
                said.push_str(&fact.to_string());
            }
        }
        Wrong::Strange => said.push_str(", which no check is"),
    }
    said
}

fn count<T: Ord>(all: impl Iterator<Item = T>) -> BTreeMap<T, usize> {
    let mut counts = BTreeMap::new();
    for one in all {
        *counts.entry(one).or_insert(0) += 1;
    }
    counts
}
