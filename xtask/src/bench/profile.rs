//! Where the time of a row goes: perf watches our side during one slice.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::bench::Length;
use crate::bench::process::Server;
use crate::bench::results::Shares;
use crate::bench::tools;
use crate::workspace::output;

/// Samples in a second: not a round number, so that nothing periodic hides behind it.
const FREQUENCY: &str = "997";
/// Shares below this are not told, in percent.
const LEAST_SHARE: f64 = 0.5;
/// How many symbols the page shows.
const MOST_SYMBOLS: usize = 40;

/// How a row is measured when it is profiled.
const LENGTH: Length = Length {
    slices: 1,
    seconds: 6,
};

/// Whether this run profiles, and where to.
pub(crate) struct Profiling {
    data: Option<PathBuf>,
}

impl Profiling {
    /// Profiles if it is wanted.
    pub(crate) fn of(wanted: bool, folder: &Path) -> Self {
        let data = wanted.then(|| folder.join("perf.data"));
        if let Some(data) = &data {
            // Whatever an earlier profile left; it need not be there.
            drop(fs::remove_file(data));
        }
        Self { data }
    }

    /// The length that rows take: one slice when a profile is all that is wanted.
    pub(crate) fn length(&self, wanted: Length) -> Length {
        if self.data.is_some() { LENGTH } else { wanted }
    }

    /// Does the work, watching the server if this is the first slice of a profile.
    pub(crate) fn watch<T>(&self, server: &Server, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let data = match &self.data {
            Some(data) if !data.exists() => data,
            _ => return work(),
        };
        tools::demand("perf")?;
        let mut perf = Command::new("perf")
            .args(["record", "--quiet", "--freq", FREQUENCY, "--pid"])
            .arg(server.process_id().to_string())
            .arg("--output")
            .arg(data)
            .args(["--", "sleep", &(LENGTH.seconds - 1).to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .context("perf could not be started")?;
        let outcome = work();
        ensure!(perf.wait()?.success(), "perf failed");
        outcome
    }

    /// The shares of the symbols, largest first.
    pub(crate) fn shares(&self) -> Result<Shares> {
        let data = self.data.as_ref().context("nothing was profiled")?;
        let mut command = Command::new("perf");
        command.args(["report", "--stdio", "--no-children", "--sort", "symbol"]);
        command.arg("--input").arg(data);
        Ok(parse(&output(command, "perf report")?))
    }
}

fn parse(printed: &str) -> Shares {
    printed
        .lines()
        .filter_map(|line| {
            let (share, rest) = line.trim().split_once('%')?;
            let share: f64 = share.parse().ok()?;
            let (kind, symbol) = rest.trim().split_once(' ')?;
            let place = if kind == "[k]" { "kernel: " } else { "" };
            // Behind the symbol perf puts columns that stay empty on most machines.
            let symbol = symbol.trim();
            let symbol = symbol.split_once("  ").map_or(symbol, |(symbol, _)| symbol);
            Some((format!("{place}{}", without_hash(symbol)), share))
        })
        .filter(|(_, share)| *share >= LEAST_SHARE)
        .take(MOST_SYMBOLS)
        .collect()
}

/// A symbol without the hash that the compiler puts behind it.
fn without_hash(symbol: &str) -> &str {
    match symbol.rsplit_once("::h") {
        Some((name, hash)) if hash.len() == 16 => name,
        _ => symbol,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_read_without_hashes_and_small_ones_left_out() {
        let printed = "# Overhead  Symbol\n    12.50%  [k] tcp_sendmsg\n     3.20%  [.] a::b::h0123456789abcdef     -      -\n     0.40%  [.] c\n";
        let expected = [("kernel: tcp_sendmsg", 12.5), ("a::b", 3.2)];
        let expected = expected.map(|(name, share)| (name.to_owned(), share));
        assert_eq!(parse(printed), expected);
    }
}
