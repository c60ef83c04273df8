//! `cargo xtask bench`: how fast, as a ratio to a bare server measured in the same run.
//!
//! The machine's speed changes within seconds, so the two sides take turns in many short slices, and what is compared is the
//! ratio of neighbouring slices. Absolute figures are printed and mean little elsewhere.

mod report;
mod side;
mod wrk;

use anyhow::{Context, Result};

use crate::bench::report::Comparison;
use crate::bench::side::Side;
use crate::say;
use crate::workspace::{Workspace, succeed};

/// How long a run is.
#[derive(Clone, Copy)]
pub(crate) struct Length {
    /// Slices of each side.
    pub(crate) slices: u32,
    /// Seconds of a slice.
    pub(crate) seconds: u32,
}

/// Connections that ask at the same time.
const CONNECTIONS: u32 = 64;

/// Runs the benchmarks, prints the table and writes the page.
pub(crate) fn run(workspace: &Workspace, length: Length) -> Result<()> {
    wrk::demand()?;
    say::step("build");
    let build = [
        "build",
        "--release",
        "--locked",
        "--package",
        "counterfoil",
        "--package",
        "reference-server",
    ];
    succeed(workspace.cargo(&build), "cargo build")?;
    let comparisons = [remembered_password(workspace, length)?];
    let page = report::page(&comparisons, length);
    say::line(&page);
    let file = workspace.root().join("docs/reference/performance.md");
    std::fs::write(&file, page).with_context(|| format!("cannot write {}", file.display()))
}

/// The same user asks for one authorization again and again with Basic authentication.
fn remembered_password(workspace: &Workspace, length: Length) -> Result<Comparison> {
    say::step("GET /authorizations/{id}, repeated Basic");
    let counterfoil = Side::counterfoil(workspace)?;
    let reference = Side::reference(workspace, counterfoil.body_bytes()?)?;
    let sides = [&counterfoil, &reference];
    // What is cold at first is not what is measured.
    for side in sides {
        wrk::slice(side, CONNECTIONS, 1)?;
    }
    let mut slices = Vec::new();
    for number in 0..length.slices {
        // Which side goes first changes, so that neither always has the quieter moment.
        let (first, second) = if number % 2 == 0 { (0, 1) } else { (1, 0) };
        let mut pair = [None, None];
        for place in [first, second] {
            pair[place] = Some(wrk::slice(sides[place], CONNECTIONS, length.seconds)?);
        }
        if let [Some(ours), Some(theirs)] = pair {
            slices.push((ours, theirs));
        }
    }
    Ok(Comparison {
        what: "`GET /authorizations/{id}`, repeated Basic ÷ bare axum, body of the same size",
        at_least: 0.5,
        slices,
    })
}
