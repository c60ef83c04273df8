//! Rows that compare with the bare server: one request again and again, on one core and on both.

use anyhow::Result;

use crate::bench::http::Asked;
use crate::bench::process::{Cores, Server};
use crate::bench::results::Reading;
use crate::bench::scene::Scene;
use crate::bench::sides::reference;
use crate::bench::slices::{Side, alternate, medians, ratios};
use crate::bench::tools::{Slice, wrk, wrk_script};
use crate::bench::{Bench, Length};

pub(crate) fn app_check(bench: &Bench) -> Result<Vec<Reading>> {
    against_bare(bench, Scene::app_check)
}

pub(crate) fn gateway(bench: &Bench) -> Result<Vec<Reading>> {
    against_bare(bench, Scene::gateway)
}

pub(crate) fn basic(bench: &Bench) -> Result<Vec<Reading>> {
    against_bare(bench, Scene::basic)
}

fn against_bare(bench: &Bench, asked: fn(&Scene) -> Asked) -> Result<Vec<Reading>> {
    let scene = Scene::make(bench)?;
    let asked = asked(&scene);
    let mut readings = Vec::new();
    for cores in [Cores::One, Cores::Two] {
        let ours = scene.installation.serve(bench, cores)?;
        let answer = asked.expect(ours.address(), 200)?;
        let theirs = reference::start(bench, &asked, &answer, cores)?;
        asked.expect(theirs.address(), 200)?;
        let length = match cores {
            Cores::One => bench.length(),
            Cores::Two => bench.length().half(),
        };
        let pairs = in_turns(bench, (cores, length), (&ours, &asked), (&theirs, &asked))?;
        readings.push(Reading::of(
            cores.name(),
            ratios(&pairs, |slice| slice.per_second),
            told(&pairs, "bare axum"),
        ));
    }
    Ok(readings)
}

/// Loads two servers in turns with wrk, after a second for each that is not counted: what is cold
/// at first is not what is measured.
pub(super) fn in_turns(
    bench: &Bench,
    (cores, length): (Cores, Length),
    ours: (&Server, &Asked),
    theirs: (&Server, &Asked),
) -> Result<Vec<(Slice, Slice)>> {
    let scripts = [
        wrk_script(bench, "ours", ours.1)?,
        wrk_script(bench, "theirs", theirs.1)?,
    ];
    let slice = |side: Side, seconds: u32| match side {
        Side::Ours => wrk(&scripts[0], ours.1, ours.0.address(), (cores, seconds)),
        Side::Theirs => wrk(&scripts[1], theirs.1, theirs.0.address(), (cores, seconds)),
    };
    for side in [Side::Ours, Side::Theirs] {
        slice(side, 1)?;
    }
    alternate(length, |side| {
        let load = || slice(side, length.seconds);
        match side {
            Side::Ours => bench.profiling.watch(ours.0, load),
            Side::Theirs => load(),
        }
    })
}

/// The figures behind the ratios.
pub(super) fn told(pairs: &[(Slice, Slice)], other: &str) -> String {
    let (ours, theirs) = medians(pairs, |slice| slice.per_second);
    let (our_p99, their_p99) = medians(pairs, |slice| slice.p99);
    let (our_share, their_share) = medians(pairs, |slice| slice.generator_share);
    format!(
        "Counterfoil {ours:.0} requests/s, p99 {our_p99:.2} ms, generator busy {:.0} % of its time; {other} {theirs:.0} requests/s, \
         p99 {their_p99:.2} ms, generator {:.0} %",
        our_share * 100.0,
        their_share * 100.0
    )
}
