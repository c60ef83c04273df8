//! `cargo xtask bench --against PROGRAM`: whether this build is slower than an older one.
//!
//! Three programs take turns: the build of this tree, a copy of it, and the older one. What the two
//! copies differ by is what the machine makes of one and the same program in this run, so a
//! difference from the older one counts where it is larger. A process that happens to lie well in
//! memory stays so for its life, so all three are started anew every few slices.

mod rows;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

use self::rows::{Better, COMPARED, Figures, Row};
use crate::bench::process::Cores;
use crate::bench::scene::Scene;
use crate::bench::slices::{median, median_of, quantile};
use crate::bench::tools;
use crate::bench::{Bench, machine};
use crate::say;

/// The sides, in the order of every array here.
const SIDES: [&str; 3] = ["new", "copy of new", "old"];
const NEW: usize = 0;
const COPY: usize = 1;
const OLD: usize = 2;

/// By how much a build may be worse than the older one, whatever two copies of one build differ by.
const TOLERANCE: f64 = 0.03;

/// Measures and prints. Fails when a median is slower than it may be, after all of them were
/// measured.
pub(crate) fn compare(bench: &Bench, older: &Path, only: &[String]) -> Result<()> {
    let rows = chosen(only)?;
    for program in ["wrk", "taskset"] {
        tools::demand(program)?;
    }
    let scenes = scenes(bench, older)?;
    say::line(&machine::describe(&bench.folder)?);
    let mut lines = Vec::new();
    let mut worse = Vec::new();
    for row in rows {
        for &cores in row.cores {
            say::step(&format!("{}, {}", row.name, cores.name()));
            let slices = (row.measure)(bench, &scenes, cores)?;
            let compared = Compared::of(&slices, row.better);
            for line in told(&slices, row.unit) {
                say::line(&line);
            }
            if !compared.is_as_good() {
                worse.push(format!("{} on {}", row.name, cores.name()));
            }
            lines.push(compared.line(row.name, cores));
        }
    }
    say::step("new ÷ old, medians; of times and memory old ÷ new, so that less than 1 is worse");
    say::line(HEADING);
    for line in lines {
        say::line(&line);
    }
    ensure!(worse.is_empty(), "worse than before: {}", worse.join(", "));
    Ok(())
}

/// What stands over the lines of [`Compared::line`].
const HEADING: &str =
    "row          where        new ÷ old   middle half      copy ÷ new (floor)   verdict";

fn chosen(only: &[String]) -> Result<Vec<&'static Row>> {
    let known = || COMPARED.iter().map(|row| row.name);
    if let Some(unknown) = only.iter().find(|name| !known().any(|row| row == **name)) {
        let known: Vec<_> = known().collect();
        bail!(
            "an older build is compared in {}, not in {unknown}",
            known.join(", ")
        );
    }
    let is_wanted = |row: &&Row| only.is_empty() || only.iter().any(|name| name == row.name);
    Ok(COMPARED.iter().filter(is_wanted).collect())
}

/// An installation for each side: an older program does not open what a newer one made.
fn scenes(bench: &Bench, older: &Path) -> Result<[Scene; 3]> {
    let new = bench.program("counterfoil");
    let [copy, old] = ["counterfoil-copy", "counterfoil-old"].map(|name| bench.program(name));
    fs::copy(&new, &copy).context("the program cannot be copied")?;
    // A copy of this one too, so that a build that runs meanwhile changes nothing that is measured.
    fs::copy(older, &old).with_context(|| format!("cannot read {}", older.display()))?;
    Ok([
        Scene::of(bench, new, "scene-new")?,
        Scene::of(bench, copy, "scene-copy")?,
        Scene::of(bench, old, "scene-old")?,
    ])
}

/// The figures behind the ratios.
fn told(slices: &[Figures], unit: &str) -> Vec<String> {
    let line = |(side, name): (usize, &&str)| {
        let figure = median_of(slices, |slices| slices[side]);
        format!("{name:<12} {figure:>9.1} {unit}")
    };
    SIDES.iter().enumerate().map(line).collect()
}

/// What the slices of a row say.
struct Compared {
    /// How good the new program is ÷ how good the old one is, in neighbouring slices and in order.
    ratios: Vec<f64>,
    /// The same for the copy of the new program and the new one: 1, if the machine were the same
    /// all the time.
    twins: Vec<f64>,
}

impl Compared {
    fn of(slices: &[Figures], better: Better) -> Self {
        let ratios = |one: usize, other: usize| {
            let (above, below) = match better {
                Better::More => (one, other),
                Better::Less => (other, one),
            };
            let ratio = |slices: &Figures| slices[above] / slices[below];
            let mut ratios: Vec<f64> = slices.iter().map(ratio).collect();
            ratios.sort_by(f64::total_cmp);
            ratios
        };
        Self {
            ratios: ratios(NEW, OLD),
            twins: ratios(COPY, NEW),
        }
    }

    /// What two copies of one build differ by.
    fn floor(&self) -> f64 {
        (median(self.twins.clone()) - 1.0).abs()
    }

    fn is_as_good(&self) -> bool {
        median(self.ratios.clone()) >= 1.0 - self.floor().max(TOLERANCE)
    }

    fn line(&self, name: &str, cores: Cores) -> String {
        format!(
            "{name:<12} {:<12} {:>9.3}   {:.3} to {:.3}   {:.3} ({:.1} %)          {}",
            cores.name(),
            median(self.ratios.clone()),
            quantile(&self.ratios, 0.25),
            quantile(&self.ratios, 0.75),
            median(self.twins.clone()),
            self.floor() * 100.0,
            if self.is_as_good() {
                "as good"
            } else {
                "WORSE"
            }
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_is_as_good_within_the_tolerance_and_worse_beyond_it() {
        let of = |new: f64| Compared::of(&[[new, new, 100.0]], Better::More);
        assert!(of(97.5).is_as_good() && of(120.0).is_as_good());
        assert!(!of(96.5).is_as_good());
    }

    #[test]
    fn of_times_and_memory_more_is_worse() {
        let of = |new: f64| Compared::of(&[[new, new, 100.0]], Better::Less);
        assert!(of(102.0).is_as_good() && of(80.0).is_as_good());
        assert!(!of(104.0).is_as_good());
    }

    #[test]
    fn what_two_copies_of_one_build_differ_by_is_forgiven() {
        let noisy = Compared::of(&[[94.0, 100.0, 100.0]], Better::More);
        assert!(noisy.floor() > 0.06 && noisy.is_as_good());
        let quiet = Compared::of(&[[94.0, 94.0, 100.0]], Better::More);
        assert!(!quiet.is_as_good());
    }

    #[test]
    fn slices_are_compared_with_their_neighbours_so_that_a_slow_moment_counts_for_nothing() {
        let moments = [[100.0; 3], [50.0; 3], [200.0; 3]];
        let compared = Compared::of(&moments, Better::More);
        assert!(
            compared
                .ratios
                .iter()
                .all(|ratio| (ratio - 1.0).abs() < 1e-9)
        );
    }
}
