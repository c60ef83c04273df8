//! Loads a server and prints one JSON document: how many answers came, with which statuses, how fast.

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
    /// A JSON object: the request as `template`, `lines` for {item} and the first `number` for {number} in it
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
}

#[expect(clippy::print_stdout, reason = "the bench reads the outcome from here")]
fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let depth = arguments.depth.max(1);
    let pace = match (arguments.rate, arguments.once) {
        (Some(per_second), _) => Pace::Fixed {
            per_second: per_second.max(1),
        },
        (None, true) => Pace::Once { depth },
        (None, false) => Pace::Answered { depth },
    };
    let plan = Plan {
        address: arguments.address,
        connections: arguments.connections.max(1),
        pace,
        duration: Duration::from_secs_f64(arguments.seconds),
        requests_per_address: arguments.requests_per_address,
    };
    let outcome = run(&plan, Requests::read(&arguments.requests)?)?;
    println!("{:#}", outcome.to_json());
    Ok(())
}
