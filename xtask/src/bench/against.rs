//! `cargo xtask bench --against PROGRAM`: whether this build is slower than an older one.
//!
//! Three programs take turns: the build of this tree, a copy of it, and the older one. What the two
//! copies differ by is what the machine makes of one and the same program in this run, so a
//! difference from the older one counts where it is larger. A process that happens to lie well in
//! memory stays so for its life, so all three are started anew every few slices.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

use crate::bench::http::Asked;
use crate::bench::process::{Cores, Server};
use crate::bench::scene::Scene;
use crate::bench::slices::{median, median_of, quantile, rotate};
use crate::bench::tools::{self, Slice, wrk, wrk_script};
use crate::bench::{Bench, Length, machine};
use crate::say;

/// A name, and what is asked.
type Row = (&'static str, fn(&Scene) -> Asked);

/// What is compared, by the names of the rows that measure the same requests against the bare
/// server.
const COMPARED: &[Row] = &[
    ("gateway", Scene::gateway),
    ("app-check", Scene::app_check),
    ("basic", Scene::basic),
];

/// The sides, in the order of every array here.
const SIDES: [&str; 3] = ["new", "copy of new", "old"];
const NEW: usize = 0;
const COPY: usize = 1;
const OLD: usize = 2;

/// Slices of a side until its server is started anew.
const SLICES_OF_A_START: u32 = 5;

/// By how much a build may be slower than the older one, whatever two copies of one build differ
/// by.
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
    let mut slower = Vec::new();
    for (name, asked) in rows {
        for cores in [Cores::One, Cores::Two] {
            say::step(&format!("{name}, {}", cores.name()));
            let slices = measure(bench, &scenes, *asked, cores)?;
            let compared = Compared::of(&slices);
            for line in told(&slices) {
                say::line(&line);
            }
            if !compared.is_as_fast() {
                slower.push(format!("{name} on {}", cores.name()));
            }
            lines.push(compared.line(name, cores));
        }
    }
    say::step("new ÷ old, medians of requests a second");
    say::line(HEADING);
    for line in lines {
        say::line(&line);
    }
    ensure!(
        slower.is_empty(),
        "slower than before: {}",
        slower.join(", ")
    );
    Ok(())
}

/// What stands over the lines of [`Compared::line`].
const HEADING: &str =
    "row          where        new ÷ old   middle half      copy ÷ new (floor)   verdict";

fn chosen(only: &[String]) -> Result<Vec<&'static Row>> {
    let known = || COMPARED.iter().map(|(name, _)| *name);
    if let Some(unknown) = only.iter().find(|name| !known().any(|row| row == **name)) {
        let known: Vec<_> = known().collect();
        bail!(
            "an older build is compared in {}, not in {unknown}",
            known.join(", ")
        );
    }
    let is_wanted = |row: &&Row| only.is_empty() || only.iter().any(|name| name == row.0);
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

/// The slices of each side, taken in turns.
fn measure(
    bench: &Bench,
    scenes: &[Scene; 3],
    asked: fn(&Scene) -> Asked,
    cores: Cores,
) -> Result<Vec<[Slice; 3]>> {
    let asked = scenes.each_ref().map(asked);
    let mut scripts = Vec::new();
    for (name, asked) in ["new", "copy", "old"].into_iter().zip(&asked) {
        scripts.push(wrk_script(bench, name, asked)?);
    }
    let Length { slices, seconds } = match cores {
        Cores::One => bench.length(),
        Cores::Two => bench.length().half(),
    };
    let mut all = Vec::new();
    let mut left = slices;
    while left > 0 {
        let now = left.min(SLICES_OF_A_START);
        left -= now;
        let mut servers: Vec<Server> = Vec::new();
        for (scene, asked) in scenes.iter().zip(&asked) {
            let server = scene.installation.serve(bench, cores)?;
            asked.expect(server.address(), 200)?;
            servers.push(server);
        }
        let slice = |side: usize, seconds: u32| {
            let address = servers[side].address();
            wrk(&scripts[side], &asked[side], address, (cores, seconds))
        };
        // What is cold at first is not what is measured.
        for side in 0..SIDES.len() {
            slice(side, 1)?;
        }
        let length = Length {
            slices: now,
            seconds,
        };
        all.extend(rotate(length, |side| slice(side, seconds))?);
    }
    Ok(all)
}

/// The figures behind the ratios.
fn told(slices: &[[Slice; 3]]) -> Vec<String> {
    let line = |(side, name): (usize, &&str)| {
        let rate = median_of(slices, |slices| slices[side].per_second);
        let p99 = median_of(slices, |slices| slices[side].p99);
        format!("{name:<12} {rate:>9.0} requests/s, p99 {p99:.2} ms")
    };
    SIDES.iter().enumerate().map(line).collect()
}

/// What the slices of a row say.
struct Compared {
    /// Requests a second of the new program ÷ those of the old one, in neighbouring slices and in
    /// order.
    ratios: Vec<f64>,
    /// The same for the copy of the new program ÷ the new one: 1, if the machine were the same all
    /// the time.
    twins: Vec<f64>,
}

impl Compared {
    fn of(slices: &[[Slice; 3]]) -> Self {
        let ratios = |above: usize, below: usize| {
            let ratio = |slices: &[Slice; 3]| slices[above].per_second / slices[below].per_second;
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

    fn is_as_fast(&self) -> bool {
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
            if self.is_as_fast() {
                "as fast"
            } else {
                "SLOWER"
            }
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slices(rates: &[[f64; 3]]) -> Vec<[Slice; 3]> {
        let slice = |per_second: f64| Slice {
            per_second,
            ..Slice::default()
        };
        rates.iter().map(|rates| rates.map(slice)).collect()
    }

    #[test]
    fn a_build_is_as_fast_within_the_tolerance_and_slower_beyond_it() {
        let of = |new: f64| Compared::of(&slices(&[[new, new, 100.0]]));
        assert!(of(97.5).is_as_fast() && of(120.0).is_as_fast());
        assert!(!of(96.5).is_as_fast());
    }

    #[test]
    fn what_two_copies_of_one_build_differ_by_is_forgiven() {
        let noisy = Compared::of(&slices(&[[94.0, 100.0, 100.0]]));
        assert!(noisy.floor() > 0.06 && noisy.is_as_fast());
        let quiet = Compared::of(&slices(&[[94.0, 94.0, 100.0]]));
        assert!(!quiet.is_as_fast());
    }

    #[test]
    fn slices_are_compared_with_their_neighbours_so_that_a_slow_moment_counts_for_nothing() {
        let moments = slices(&[[100.0; 3], [50.0; 3], [200.0; 3]]);
        let compared = Compared::of(&moments);
        assert!(
            compared
                .ratios
                .iter()
                .all(|ratio| (ratio - 1.0).abs() < 1e-9)
        );
    }
}
