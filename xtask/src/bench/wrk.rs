//! The load generator.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::bench::side::Side;
use crate::workspace::output;

/// What one slice showed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Slice {
    /// Requests answered in a second.
    pub(crate) requests_per_second: f64,
    /// The time within which 99 of 100 requests were answered, in milliseconds.
    pub(crate) p99_milliseconds: f64,
}

/// Ends with one sentence when the generator is not there.
pub(crate) fn demand() -> Result<()> {
    let probe = Command::new("wrk")
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if probe.is_err() {
        bail!(
            "wrk generates the load and is not there; run this once: sudo apt-get install --yes wrk"
        );
    }
    Ok(())
}

/// Loads one side for some seconds from one thread.
pub(crate) fn slice(side: &Side, connections: u32, seconds: u32) -> Result<Slice> {
    let mut command = Command::new("wrk");
    command.args([
        "--threads",
        "1",
        "--latency",
        "--connections",
        &connections.to_string(),
    ]);
    command.args(["--duration", &format!("{seconds}s")]);
    for header in side.headers() {
        command.args(["--header", header]);
    }
    command.arg(side.url());
    let printed = output(command, "wrk")?;
    parse(&printed).with_context(|| format!("wrk printed something else:\n{printed}"))
}

fn parse(printed: &str) -> Result<Slice> {
    // An answer that is no success would make a fast benchmark of a failure.
    if printed.contains("Non-2xx") || printed.contains("Socket errors") {
        bail!("some requests failed");
    }
    let after = |label: &str| {
        let line = printed
            .lines()
            .map(str::trim)
            .find_map(|line| line.strip_prefix(label));
        line.map(str::trim)
            .with_context(|| format!("no line begins with {label}"))
    };
    Ok(Slice {
        requests_per_second: after("Requests/sec:")?.parse()?,
        p99_milliseconds: milliseconds(after("99%")?)?,
    })
}

fn milliseconds(text: &str) -> Result<f64> {
    let (number, factor) = if let Some(number) = text.strip_suffix("us") {
        (number, 0.001)
    } else if let Some(number) = text.strip_suffix("ms") {
        (number, 1.0)
    } else {
        (text.strip_suffix('s').context("a time has a unit")?, 1000.0)
    };
    Ok(number.parse::<f64>()? * factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRINTED: &str = "  Latency Distribution\n     50%  1.20ms\n     99%  980.00us\nRequests/sec:  51234.56\nTransfer/sec: 1MB\n";

    #[test]
    fn rate_and_tail_are_read() {
        let slice = parse(PRINTED).unwrap();
        assert_eq!(
            (slice.requests_per_second, slice.p99_milliseconds),
            (51_234.56, 0.98)
        );
    }

    #[test]
    fn failed_requests_fail_the_run() {
        assert!(parse(&format!("{PRINTED}  Non-2xx or 3xx responses: 3\n")).is_err());
    }
}
