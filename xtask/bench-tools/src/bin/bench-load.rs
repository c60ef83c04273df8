//! Loads a server and prints one JSON document: how many answers came, with which statuses, how
//! fast.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use bench_tools::load::{Pace, Plan, run};
use bench_tools::requests::Requests;
use clap::Parser;

/// What is asked of whom.
#[derive(Parser)]
struct Arguments {
    /// Where the server listens
    #[arg(long)]
    address: SocketAddr,
    /// A JSON object: the request as `template`, `lines` for {item} and the first `number` for
    /// {number} in it
    #[arg(long)]
    requests: PathBuf,
    #[arg(long, default_value_t = 64)]
    connections: usize,
    /// For how long; with --once, at most
    #[arg(long, default_value_t = 2.0)]
    seconds: f64,
    /// Requests in a second, evenly, instead of as fast as they are answered
    #[arg(long, conflicts_with = "once")]
    rate: Option<u32>,
    /// Ask each request once
    #[arg(long)]
    once: bool,
    /// Requests under way on a connection
    #[arg(long, default_value_t = 1)]
    depth: usize,
    /// Take another loopback address after so many requests of a connection
    #[arg(long)]
    requests_per_address: Option<u64>,
    /// Requests that somebody else makes meanwhile, on as many connections
    #[arg(long)]
    background: Option<PathBuf>,
    /// Their rate in a second, instead of as fast as they are answered
    #[arg(long, requires = "background")]
    background_rate: Option<u32>,
    /// They take another loopback address after so many requests of a connection
    #[arg(long, requires = "background")]
    background_requests_per_address: Option<u64>,
}

#[expect(clippy::print_stdout, reason = "the bench reads the outcome from here")]
fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let depth = arguments.depth.max(1);
    let paced = |rate: Option<u32>| match rate {
        Some(per_second) => Pace::Fixed {
            per_second: per_second.max(1),
        },
        None => Pace::Answered { depth },
    };
    let plan = Plan {
        address: arguments.address,
        connections: arguments.connections.max(1),
        pace: if arguments.once {
            Pace::Once { depth }
        } else {
            paced(arguments.rate)
        },
        duration: Duration::from_secs_f64(arguments.seconds),
        requests_per_address: arguments.requests_per_address,
    };
    let background_plan = Plan {
        pace: paced(arguments.background_rate),
        requests_per_address: arguments.background_requests_per_address,
        // Until what is measured has ended.
        duration: Duration::from_hours(1),
        ..plan
    };
    let background = match &arguments.background {
        Some(file) => Some((&background_plan, Requests::read(file)?)),
        None => None,
    };
    let outcomes = run(&plan, Requests::read(&arguments.requests)?, background)?;
    let mut document = outcomes.measured.to_json();
    if let Some(background) = outcomes.background {
        document["background"] = background.to_json();
    }
    println!("{document:#}");
    Ok(())
}
