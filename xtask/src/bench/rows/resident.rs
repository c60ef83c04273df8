//! Memory: of a server that does nothing, and of each token that it remembers.

use std::fs;

use anyhow::Result;

use crate::bench::Bench;
use crate::bench::database::{Passwords, filled};
use crate::bench::http::Asked;
use crate::bench::process::Cores;
use crate::bench::results::Reading;
use crate::bench::scene::{Installation, Scene, gateway};
use crate::bench::tools::{Load, Pace};

/// Tokens in the database, all of which are remembered in the end.
const MANY: u64 = 1_000_000;
/// Those that are remembered before the growth is measured: by then every other memory is full.
const FIRST: usize = 200_000;

/// The setting that bounds the memory, and a bound that is not reached.
const MEMORY: (&str, &str) = ("COUNTERFOIL_CHECKS__REMEMBERED_TOKENS", "2000000");

pub(crate) fn idle(bench: &Bench) -> Result<Vec<Reading>> {
    let scene = Scene::make(bench)?;
    let mut samples = Vec::new();
    let mut own = 0.0;
    for _ in 0..5 {
        let server = scene.installation.serve(bench, Cores::Two)?;
        Asked::get("/healthz", "none").expect(server.address(), 200)?;
        samples.push(server.memory_bytes("VmRSS")? / 1e6);
        own = server.memory_bytes("RssAnon")? / 1e6;
    }
    let detail = format!("of which {own:.1} MB are its own and the rest is the program's file");
    Ok(vec![Reading::of(Cores::Two.name(), samples, detail)])
}

pub(crate) fn per_token(bench: &Bench) -> Result<Vec<Reading>> {
    let filled = filled(bench, MANY, Passwords::Shipped)?;
    let server = Installation::at(bench, &filled.folder)
        .with(MEMORY.0, MEMORY.1)
        .serve(bench, Cores::One)?;
    let all = fs::read_to_string(&filled.tokens)?;
    let tokens: Vec<&str> = all.lines().collect();
    let (first, rest) = tokens.split_at(FIRST);
    let mut resident = Vec::new();
    for (name, part) in [("first-tokens", first), ("rest-of-tokens", rest)] {
        let file = bench.file(name);
        fs::write(&file, part.join("\n") + "\n")?;
        let mut load = Load::of(gateway("{item}"));
        load.lines = Some(file);
        load.run(bench, server.address(), (Cores::One, Pace::Once, 300))?;
        resident.push(server.memory_bytes("RssAnon")?);
    }
    let count = f64::from(u32::try_from(rest.len())?);
    let sample = (resident[1] - resident[0]) / count;
    let detail = format!(
        "{:.1} MB after {FIRST} tokens, {:.1} MB after {MANY}",
        resident[0] / 1e6,
        resident[1] / 1e6
    );
    Ok(vec![Reading::of(Cores::One.name(), vec![sample], detail)])
}
