//! The check beside introspection by node-oidc-provider.

use anyhow::Result;

use crate::bench::Bench;
use crate::bench::process::Cores;
use crate::bench::results::Reading;
use crate::bench::rows::against_bare::{in_turns, told};
use crate::bench::scene::Scene;
use crate::bench::sides::node_peer;
use crate::bench::slices::ratios;

pub(crate) fn check(bench: &Bench) -> Result<Vec<Reading>> {
    let scene = Scene::make(bench)?;
    let asked = scene.app_check();
    let ours = scene.installation.serve(bench, Cores::One)?;
    asked.expect(ours.address(), 200)?;
    let peer = node_peer::start(bench)?;
    let pairs = in_turns(
        bench,
        (Cores::One, bench.length()),
        (&ours, &asked),
        (&peer.server, &peer.introspect),
    )?;
    Ok(vec![Reading::of(
        Cores::One.name(),
        ratios(&pairs, |slice| slice.per_second),
        told(&pairs, "node-oidc-provider"),
    )])
}
