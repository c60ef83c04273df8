//! The programs that make and watch load, each behind a function.

use std::fmt::Write as _;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use crate::bench::Bench;
use crate::bench::http::Asked;
use crate::bench::process::{Cores, seconds_of_children};
use crate::bench::rows::Row;
use crate::workspace::output;

/// Connections that ask at the same time.
pub(crate) const CONNECTIONS: u32 = 64;

/// The packages that bring the programs which rows need.
const PACKAGES: &[(&str, &str)] = &[
    ("nginx", "nginx"),
    ("node", "nodejs"),
    ("npm", "npm"),
    ("perf", "linux-perf"),
    ("strace", "strace"),
    ("taskset", "util-linux"),
    ("wrk", "wrk"),
];

/// Ends with one sentence when a program that some row needs is not there.
pub(crate) fn demand_all(rows: &[&Row]) -> Result<()> {
    for program in rows.iter().flat_map(|row| row.needs) {
        demand(program)?;
    }
    Ok(())
}

/// Ends with one sentence when a program is not there.
pub(crate) fn demand(program: &str) -> Result<()> {
    if find(program).is_some() {
        return Ok(());
    }
    let package = PACKAGES.iter().find(|(name, _)| *name == program);
    let package = package.map_or(program, |(_, package)| package);
    bail!("{program} is needed and not there; run this once: sudo apt-get install --yes {package}")
}

/// Where a program is, the folders of administrators included.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let script = format!("PATH=\"$PATH:/usr/local/sbin:/usr/sbin:/sbin\" command -v {program}");
    let found = Command::new("sh")
        .args(["-c", &script])
        .stdin(Stdio::null())
        .output()
        .ok()?;
    let path = String::from_utf8(found.stdout).ok()?;
    let path = path.trim();
    (found.status.success() && !path.is_empty()).then(|| PathBuf::from(path))
}

/// What one slice of load showed.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Slice {
    /// Requests answered in a second.
    pub(crate) per_second: f64,
    /// All requests answered.
    pub(crate) answered: f64,
    /// The time within which half of the requests were answered, in milliseconds.
    pub(crate) p50: f64,
    /// The time within which 99 of 100 were.
    pub(crate) p99: f64,
    /// The generator's share of its core, or of its cores together.
    pub(crate) generator_share: f64,
    /// Answers with another status than the one that is counted.
    pub(crate) others: f64,
}

/// A script that tells wrk what to ask, and to print what came of it in one line.
pub(crate) fn wrk_script(bench: &Bench, name: &str, asked: &Asked) -> Result<PathBuf> {
    let quoted = |text: &str| json!(text).to_string();
    let mut script = format!("wrk.method = {}\n", quoted(asked.method));
    for (header, value) in &asked.headers {
        let _ = writeln!(
            script,
            "wrk.headers[{}] = {}",
            quoted(header),
            quoted(value)
        );
    }
    if let Some(body) = &asked.body {
        let _ = writeln!(script, "wrk.body = {}", quoted(body));
    }
    script.push_str(
        "function done(summary, latency, requests)\n\
         \x20 local e = summary.errors\n\
         \x20 io.write(string.format(\"bench %d %d %d %d %d\\n\", summary.requests, summary.duration,\n\
         \x20   latency:percentile(50), latency:percentile(99), e.connect + e.read + e.write + e.status + e.timeout))\n\
         end\n",
    );
    let file = bench.file(&format!("{name}.lua"));
    fs::write(&file, script).with_context(|| format!("cannot write {}", file.display()))?;
    Ok(file)
}

/// Loads a server with wrk. An answer that is no success would make a fast benchmark of a failure,
/// so it ends the run.
pub(crate) fn wrk(
    script: &Path,
    asked: &Asked,
    address: SocketAddr,
    (cores, seconds): (Cores, u32),
) -> Result<Slice> {
    let mut command = cores.load("wrk");
    command.args(["--threads", &cores.of_server().to_string()]);
    command.args(["--connections", &CONNECTIONS.to_string()]);
    command.args(["--duration", &format!("{seconds}s"), "--script"]);
    command.arg(script);
    command.arg(format!("http://{address}{}", asked.path));
    let before = seconds_of_children()?;
    let printed = output(command, "wrk")?;
    let taken = seconds_of_children()? - before;
    let mut slice =
        parse_wrk(&printed).with_context(|| format!("wrk printed something else:\n{printed}"))?;
    slice.generator_share = taken / f64::from(seconds) / f64::from(cores.of_server());
    ensure!(slice.others == 0.0, "some requests failed:\n{printed}");
    Ok(slice)
}

fn parse_wrk(printed: &str) -> Option<Slice> {
    let line = printed
        .lines()
        .find_map(|line| line.strip_prefix("bench "))?;
    let numbers: Vec<f64> = line
        .split(' ')
        .map(|number| number.parse().ok())
        .collect::<Option<_>>()?;
    let [answered, microseconds, p50, p99, others] = numbers[..] else {
        return None;
    };
    Some(Slice {
        per_second: answered / microseconds * 1e6,
        answered,
        p50: p50 / 1_000.0,
        p99: p99 / 1_000.0,
        generator_share: f64::NAN,
        others,
    })
}

/// What our own generator is to ask.
#[derive(Clone, Debug)]
pub(crate) struct Load {
    /// The request, with {item} and {number} where requests differ.
    pub(crate) asked: Asked,
    /// The length of its body when it has such places.
    pub(crate) body_bytes: Option<usize>,
    /// Lines for {item}.
    pub(crate) lines: Option<PathBuf>,
    /// The first number for {number}.
    pub(crate) number: u64,
    /// The status that is counted.
    pub(crate) status: u16,
}

/// When requests are sent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Pace {
    /// As soon as one is answered.
    Answered,
    /// So many in a second, evenly.
    Fixed(f64),
    /// Each line once, several under way on a connection.
    Once,
    /// As soon as one is answered, from ever new addresses.
    FromEverywhere,
    /// So many in a second, evenly, from ever new addresses.
    FixedFromEverywhere(f64),
}

impl Load {
    /// A load of one request again and again, answered with 200.
    pub(crate) fn of(asked: Asked) -> Self {
        Self {
            asked,
            body_bytes: None,
            lines: None,
            number: 0,
            status: 200,
        }
    }

    /// Runs the generator to its end. Other statuses than the one that is counted end the run.
    pub(crate) fn run(
        &self,
        bench: &Bench,
        to: SocketAddr,
        (cores, pace, seconds): (Cores, Pace, u32),
    ) -> Result<Slice> {
        let mut command = self.command(bench, to, (cores, seconds))?;
        add_pace(&mut command, "", pace);
        let document = finish(command.spawn().context("bench-load could not be started")?)?;
        self.read(&document)
    }

    /// Starts the generator at a fixed rate, while it floods the server in the background.
    pub(crate) fn start_in_flood(
        &self,
        bench: &Bench,
        to: SocketAddr,
        (cores, rate, seconds): (Cores, f64, u32),
        (flood, pace): (&Load, Pace),
    ) -> Result<Running> {
        let mut command = self.command(bench, to, (cores, seconds))?;
        add_pace(&mut command, "", Pace::Fixed(rate));
        command.arg("--background");
        command.arg(flood.description(bench, "flood", to)?);
        add_pace(&mut command, "background-", pace);
        let child = command.spawn().context("bench-load could not be started")?;
        Ok(Running {
            child,
            measured: self.clone(),
            flood: flood.clone(),
        })
    }

    fn command(
        &self,
        bench: &Bench,
        to: SocketAddr,
        (cores, seconds): (Cores, u32),
    ) -> Result<Command> {
        let mut command = cores.load(bench.program("bench-load"));
        command.args(["--address", &to.to_string(), "--requests"]);
        command.arg(self.description(bench, "load", to)?);
        command.args(["--connections", &CONNECTIONS.to_string()]);
        command.args(["--seconds", &seconds.to_string()]);
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        Ok(command)
    }

    /// What the generator reads of the requests.
    fn description(&self, bench: &Bench, name: &str, to: SocketAddr) -> Result<PathBuf> {
        let description = json!({
            "template": self.asked.bytes(to, "", self.body_bytes),
            "lines": self.lines,
            "number": self.number,
        });
        let file = bench.file(&format!("{name}.json"));
        fs::write(&file, description.to_string())?;
        Ok(file)
    }

    fn read(&self, document: &Value) -> Result<Slice> {
        let slice = parse_load(document, self.status)
            .with_context(|| format!("bench-load printed something else: {document}"))?;
        ensure!(
            slice.others == 0.0,
            "{} of {} requests were not answered with {}: {document}",
            slice.others,
            slice.answered,
            self.status
        );
        Ok(slice)
    }
}

fn add_pace(command: &mut Command, of: &str, pace: Pace) {
    let mut add = |name: &str, value: f64| {
        command.args([format!("--{of}{name}"), format!("{value:.0}")]);
    };
    match pace {
        Pace::Answered => {}
        Pace::Fixed(rate) => add("rate", rate),
        Pace::FromEverywhere => add("requests-per-address", 5.0),
        Pace::FixedFromEverywhere(rate) => {
            add("rate", rate);
            add("requests-per-address", 100.0);
        }
        Pace::Once => drop(command.args(["--once", "--depth", "16"])),
    }
}

/// A generator at work while it floods.
pub(crate) struct Running {
    child: Child,
    measured: Load,
    flood: Load,
}

impl Running {
    /// Waits for its end, and gives what was measured and what became of the flood, of which other
    /// answers are no failure.
    pub(crate) fn finish(self) -> Result<(Slice, Slice)> {
        let document = finish(self.child)?;
        let flood = parse_load(&document["background"], self.flood.status);
        let flood = flood.with_context(|| format!("nothing of a flood: {document}"))?;
        Ok((self.measured.read(&document)?, flood))
    }
}

fn finish(child: Child) -> Result<Value> {
    let output = child.wait_with_output()?;
    ensure!(
        output.status.success(),
        "bench-load failed ({})",
        output.status
    );
    serde_json::from_slice(&output.stdout).context("bench-load printed no JSON")
}

fn parse_load(document: &Value, status: u16) -> Option<Slice> {
    let number = |name: &str| document[name].as_f64();
    let counted = document["statuses"][status.to_string()]
        .as_f64()
        .unwrap_or(0.0);
    Some(Slice {
        per_second: number("per_second")?,
        answered: number("answered")?,
        p50: number("p50_micros")? / 1_000.0,
        p99: number("p99_micros")? / 1_000.0,
        generator_share: number("generator_share")?,
        others: number("answered")? - counted + number("failures")? + number("unanswered")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_wrk_counted_is_read() {
        let slice = parse_wrk("Running\nbench 100000 2000000 600 1500 0\n").unwrap();
        assert_eq!(
            (slice.per_second, slice.p50, slice.p99, slice.others),
            (50_000.0, 0.6, 1.5, 0.0)
        );
    }

    #[test]
    fn an_answer_with_another_status_is_told_from_those_that_count() {
        let document = json!({"per_second": 5.0, "answered": 10, "statuses": {"200": 7, "503": 3},
            "failures": 1, "unanswered": 0, "p50_micros": 1.0, "p99_micros": 2.0, "generator_share": 0.5});
        let others = parse_load(&document, 200).unwrap().others;
        assert!((others - 4.0).abs() < 1e-9);
    }
}
