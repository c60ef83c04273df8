//! A page of somebody who is signed in: the list of their tokens, read anew for each request. How
//! many a second, and how long the slowest take among many tokens of others.

use anyhow::{Result, ensure};

use crate::bench::Bench;
use crate::bench::database::{Passwords, copy, filled, login};
use crate::bench::http::Asked;
use crate::bench::process::{Cores, Server};
use crate::bench::results::Reading;
use crate::bench::rows::against_bare::{in_turns, told};
use crate::bench::scene::{Installation, LOGIN};
use crate::bench::sides::nginx;
use crate::bench::slices::{median_of, ratios};
use crate::bench::tools::{Load, Pace};
use crate::bench::visitor::Visitor;

/// Tokens on the page.
const TOKENS: u32 = 30;
const PATH: &str = "/settings/tokens";
/// Tokens in the store when the slowest are looked for, and how many ask for the page in a second.
const STORED: u64 = 100_000;
const RATE: f64 = 20.0;

pub(crate) fn tokens(bench: &Bench) -> Result<Vec<Reading>> {
    let installation = Installation::empty(bench, "settings")?;
    installation.add_user()?;
    for number in 1..=TOKENS {
        let note = format!("token {number}");
        let create = ["token", "create", LOGIN, "--scopes", "repo,gist"];
        installation.run(&[&create[..], &["--note", &note]].concat(), "")?;
    }
    let ours = installation.serve(bench, Cores::One)?;
    let page = Visitor::signed_in(&ours, LOGIN)?.page(PATH);
    let answer = page.expect(ours.address(), 200)?;
    let rows = answer.body.matches("class=\"stub\"").count();
    ensure!(rows == TOKENS as usize, "the page has {rows} tokens");
    let theirs = nginx::start(bench, answer.body.len(), Cores::One)?;
    let text = Asked::get(nginx::PATH, "none");
    text.expect(theirs.address(), 200)?;
    let how = (Cores::One, bench.length());
    let pairs = in_turns(bench, how, (&ours, &page), (&theirs, &text))?;
    Ok(vec![Reading::of(
        Cores::One.name(),
        ratios(&pairs, |slice| slice.per_second),
        told(&pairs, "nginx"),
    )])
}

pub(crate) fn tail(bench: &Bench) -> Result<Vec<Reading>> {
    let filled = filled(bench, STORED, Passwords::Shipped)?;
    let folder = copy(&filled.folder, bench, "settings-tail")?;
    let server = Installation::at(bench, &folder).serve(bench, Cores::One)?;
    let page = Visitor::signed_in(&server, &login(0))?.page(PATH);
    slowest(bench, &server, page)
}

/// How long the slowest of so many a second take to get a page of somebody who is signed in.
pub(super) fn slowest(bench: &Bench, server: &Server, page: Asked) -> Result<Vec<Reading>> {
    page.expect(server.address(), 200)?;
    let load = Load::of(page);
    let length = bench.length();
    let mut slices = Vec::new();
    for _ in 0..length.slices {
        let how = (Cores::One, Pace::Fixed(RATE), length.seconds);
        slices.push(
            bench
                .profiling
                .watch(server, || load.run(bench, server.address(), how))?,
        );
    }
    let p50 = median_of(&slices, |slice| slice.p50);
    let detail = format!("{RATE} requests/s, half of them within {p50:.2} ms");
    let samples = slices.iter().map(|slice| slice.p99).collect();
    Ok(vec![Reading::of(Cores::One.name(), samples, detail)])
}
