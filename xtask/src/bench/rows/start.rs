//! From the start of the process to the first correct answer.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::bench::Bench;
use crate::bench::database::{Passwords, filled, unknown_tokens};
use crate::bench::http::Asked;
use crate::bench::process::{Cores, Server};
use crate::bench::results::Reading;
use crate::bench::scene::{Installation, gateway};
use crate::bench::sides::nginx::free_address;

/// Tokens of the large store.
const MANY: u64 = 1_000_000;
/// How often each is started.
const STARTS: u32 = 20;
/// When an answer is given up.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) fn empty(bench: &Bench) -> Result<Vec<Reading>> {
    let installation = Installation::empty(bench, "start")?;
    // The installation exists, as it does on every start but the first.
    drop(installation.serve(bench, Cores::Two)?);
    starts(bench, &installation, &unknown(bench)?, 401)
}

/// Milliseconds from one start to the first answer, which is that a token is unknown.
pub(crate) fn started(bench: &Bench, installation: &Installation, cores: Cores) -> Result<f64> {
    one(bench, installation, &unknown(bench)?, (cores, 401))
}

fn unknown(bench: &Bench) -> Result<Asked> {
    let unknown = std::fs::read_to_string(unknown_tokens(bench, 1)?)?;
    Ok(gateway(unknown.trim()))
}

pub(crate) fn million(bench: &Bench) -> Result<Vec<Reading>> {
    let filled = filled(bench, MANY, Passwords::Shipped)?;
    let installation = Installation::at(bench, &filled.folder);
    let tokens = std::fs::read_to_string(&filled.tokens)?;
    let known = gateway(tokens.lines().next().unwrap_or_default());
    starts(bench, &installation, &known, 200)
}

fn starts(
    bench: &Bench,
    installation: &Installation,
    asked: &Asked,
    status: u16,
) -> Result<Vec<Reading>> {
    let mut readings = Vec::new();
    for cores in [Cores::Two, Cores::One] {
        let mut samples = Vec::new();
        for _ in 0..STARTS {
            samples.push(one(bench, installation, asked, (cores, status))?);
        }
        let reading = Reading::of(cores.name(), samples, format!("{STARTS} starts"));
        // What one asks a machine for is all of it.
        readings.push(match cores {
            Cores::Two => reading,
            Cores::One => reading.told(),
        });
    }
    Ok(readings)
}

/// Milliseconds from one start to the answer.
fn one(
    bench: &Bench,
    installation: &Installation,
    asked: &Asked,
    (cores, status): (Cores, u16),
) -> Result<f64> {
    let address = free_address()?;
    let command = installation.serve_command(cores, &address.to_string());
    let since = Instant::now();
    let _server = Server::start_at(command, address, installation.log(bench))?;
    answered(asked, address, status)?;
    Ok(since.elapsed().as_secs_f64() * 1e3)
}

fn answered(asked: &Asked, address: SocketAddr, status: u16) -> Result<()> {
    let since = Instant::now();
    while since.elapsed() < PATIENCE {
        match asked.ask(address) {
            Ok(answer) if answer.status == status => return Ok(()),
            Ok(answer) => bail!("answered with {} instead of {status}", answer.status),
            Err(_) => {}
        }
    }
    bail!("no answer came")
}
