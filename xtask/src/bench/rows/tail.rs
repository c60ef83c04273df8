//! The slowest in a hundred, each server at the same share of what it can do.

use std::net::SocketAddr;

use anyhow::Result;

use crate::bench::Bench;
use crate::bench::http::Asked;
use crate::bench::process::Cores;
use crate::bench::results::Reading;
use crate::bench::scene::Scene;
use crate::bench::sides::nginx;
use crate::bench::slices::{Side, alternate, medians, ratios};
use crate::bench::tools::{Load, Pace, Slice};

/// The share of its saturation at which a server is asked.
const SHARE: f64 = 0.7;

pub(crate) fn check(bench: &Bench) -> Result<Vec<Reading>> {
    let scene = Scene::make(bench)?;
    let asked = scene.app_check();
    let ours = scene.installation.serve(bench, Cores::One)?;
    let answer = asked.expect(ours.address(), 200)?;
    let theirs = nginx::start(bench, answer.body.len(), Cores::One)?;
    let text = Asked::get(nginx::PATH, "none");
    text.expect(theirs.address(), 200)?;
    let (check, text) = (Load::of(asked), Load::of(text));
    let length = bench.length();
    let slice = |side: Side, seconds: u32| match side {
        Side::Ours => at_share(bench, &check, ours.address(), seconds),
        Side::Theirs => at_share(bench, &text, theirs.address(), seconds),
    };
    for side in [Side::Ours, Side::Theirs] {
        slice(side, 1)?;
    }
    let pairs = alternate(length, |side| {
        let load = || slice(side, length.seconds);
        match side {
            Side::Ours => bench.profiling.watch(&ours, load),
            Side::Theirs => load(),
        }
    })?;
    Ok(vec![Reading::of(
        Cores::One.name(),
        ratios(&pairs, |slice| slice.p99),
        told(&pairs),
    )])
}

/// Finds the saturation of this moment, and then asks at a share of it.
fn at_share(bench: &Bench, load: &Load, to: SocketAddr, seconds: u32) -> Result<Slice> {
    let saturation = load
        .run(bench, to, (Cores::One, Pace::Answered, 1))?
        .per_second;
    let pace = Pace::Fixed(saturation * SHARE);
    load.run(bench, to, (Cores::One, pace, seconds))
}

fn told(pairs: &[(Slice, Slice)]) -> String {
    let (our_rate, their_rate) = medians(pairs, |slice| slice.per_second);
    let (our_p50, their_p50) = medians(pairs, |slice| slice.p50);
    let (our_p99, their_p99) = medians(pairs, |slice| slice.p99);
    let (our_share, their_share) = medians(pairs, |slice| slice.generator_share);
    format!(
        "the check at {our_rate:.0} requests/s: half within {our_p50:.3} ms, p99 {our_p99:.3} ms, generator busy {:.0} % of its \
         time; nginx at {their_rate:.0} requests/s: half within {their_p50:.3} ms, p99 {their_p99:.3} ms, generator {:.0} %",
        our_share * 100.0,
        their_share * 100.0
    )
}
