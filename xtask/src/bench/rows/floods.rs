//! Checks while somebody floods: with wrong passwords, and with tokens that do not exist.

use std::fs;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use crate::bench::database::{Passwords, filled, login, unknown_tokens};
use crate::bench::http::{Asked, basic};
use crate::bench::process::{Cores, Server};
use crate::bench::results::Reading;
use crate::bench::scene::{Installation, PASSWORD, gateway};
use crate::bench::slices::{Side, alternate, median_of, medians, ratios};
use crate::bench::tools::{Load, Pace, Slice};
use crate::bench::{Bench, Length};

/// Tokens in the database.
const TOKENS: u64 = 1_000_000;
/// Tokens that are asked for, of those: all of them are remembered.
const ASKED: u64 = 10_000;
/// Logins that are tried with wrong passwords, half of them known. The users beyond them sign in
/// with right ones.
const LOGINS: u64 = 8_000;
/// Unknown tokens that are asked for.
const UNKNOWN: u64 = 1_000_000;
/// How busy the server is with checks.
const SHARE: f64 = 0.5;
/// How busy the unknown tokens would keep it if they cost what a hit costs.
const FLOOD_SHARE: f64 = 0.25;
/// How soon somebody with the right password must be answered while the flood lasts.
const PATIENCE: Duration = Duration::from_secs(2);

pub(crate) fn passwords(bench: &Bench) -> Result<Vec<Reading>> {
    let hits = Hits::start(bench)?;
    let mut flood = Load::of(Asked::get("/api/v3/user", "{item}"));
    flood.lines = Some(wrong_passwords(bench)?);
    flood.status = 401;
    let mut slowest = Duration::ZERO;
    let mut signed_in = 0;
    let flooded = hits.in_turns(
        (bench, bench.length()),
        &flood,
        |_| Pace::FromEverywhere,
        |until| {
            // Once a second, each time somebody else, so that the password must be computed.
            while Instant::now() < until {
                let since = Instant::now();
                let right = basic(&login(LOGINS + signed_in), PASSWORD);
                Asked::get("/api/v3/user", right).expect(hits.server.address(), 200)?;
                slowest = slowest.max(since.elapsed());
                signed_in += 1;
                thread::sleep(Duration::from_millis(200));
            }
            Ok(())
        },
    )?;
    let kept = if slowest <= PATIENCE { "" } else { "not " };
    let detail = format!(
        "{}; {:.0} wrong passwords/s were answered; the slowest of {signed_in} sign-ins with a right password took {:.2} s, so 2 s \
         were {kept}kept",
        told(&flooded.pairs),
        flooded.per_second,
        slowest.as_secs_f64()
    );
    let samples = ratios(&flooded.pairs, |slice| slice.p99);
    Ok(vec![Reading::of(Cores::One.name(), samples, detail)])
}

pub(crate) fn tokens(bench: &Bench) -> Result<Vec<Reading>> {
    let hits = Hits::start(bench)?;
    let mut flood = Load::of(gateway("{item}"));
    flood.lines = Some(unknown_tokens(bench, UNKNOWN)?);
    flood.status = 401;
    let mut readings = Vec::new();
    let paced = |rate: f64| Pace::Fixed(rate * FLOOD_SHARE);
    let flooded = hits.in_turns((bench, bench.length()), &flood, paced, wait)?;
    readings.push(Reading::of(
        "the flood from one address",
        ratios(&flooded.pairs, |slice| slice.p99),
        format!(
            "{}; {:.0} unknown tokens/s, {:.0} % of them refused for being too many",
            told(&flooded.pairs),
            flooded.per_second,
            flooded.others * 100.0
        ),
    ));
    let everywhere = |rate: f64| Pace::FixedFromEverywhere(rate * FLOOD_SHARE);
    let flooded = hits.in_turns((bench, bench.length()), &flood, everywhere, wait)?;
    // The bound on unknown tokens is for each address, so here nearly all of them are read.
    readings.push(
        Reading::of(
            "the flood from ever new addresses",
            ratios(&flooded.pairs, |slice| slice.p99),
            format!(
                "{}; {:.0} unknown tokens/s, {:.0} % of them refused for being too many",
                told(&flooded.pairs),
                flooded.per_second,
                flooded.others * 100.0
            ),
        )
        .told(),
    );
    // The same number of requests for a token that is known: what any load of this size does to its
    // neighbours.
    let known = Load::of(hits.known.clone());
    let flooded = hits.in_turns((bench, bench.length().half()), &known, paced, wait)?;
    readings.push(
        Reading::of(
            "as many more hits instead",
            ratios(&flooded.pairs, |slice| slice.p99),
            format!(
                "{}; {:.0} more hits/s",
                told(&flooded.pairs),
                flooded.per_second
            ),
        )
        .told(),
    );
    Ok(readings)
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "it stands where something else may fail"
)]
fn wait(until: Instant) -> Result<()> {
    thread::sleep(until.saturating_duration_since(Instant::now()));
    Ok(())
}

/// What checks with and without a flood showed.
struct Flooded {
    pairs: Vec<(Slice, Slice)>,
    /// Answers of the flood in a second.
    per_second: f64,
    /// The share of them that had another status than was expected.
    others: f64,
}

/// A server that checks tokens which it remembers.
struct Hits {
    server: Server,
    load: Load,
    known: Asked,
}

impl Hits {
    fn start(bench: &Bench) -> Result<Self> {
        let database = filled(bench, TOKENS, Passwords::Shipped)?;
        let server = Installation::at(bench, &database.folder).serve(bench, Cores::One)?;
        let text = fs::read_to_string(&database.tokens)?;
        let tokens: Vec<&str> = text.lines().take(usize::try_from(ASKED)?).collect();
        ensure!(!tokens.is_empty(), "there are no tokens");
        let file = bench.file("asked-tokens");
        fs::write(&file, tokens.join("\n") + "\n")?;
        let mut load = Load::of(gateway("{item}"));
        load.lines = Some(file);
        load.run(bench, server.address(), (Cores::One, Pace::Once, 60))?;
        let known = gateway(tokens[0]);
        Ok(Self {
            server,
            load,
            known,
        })
    }

    /// Checks at a share of the saturation, with the flood and without it in turns. The flood's
    /// pace may depend on the saturation.
    fn in_turns(
        &self,
        (bench, length): (&Bench, Length),
        flood: &Load,
        pace: impl Fn(f64) -> Pace,
        mut meanwhile: impl FnMut(Instant) -> Result<()>,
    ) -> Result<Flooded> {
        let to = self.server.address();
        let mut floods = Vec::new();
        let mut found = None;
        let pairs = alternate(length, |side| {
            // Found anew for each pair: the first of the two finds it, both are asked at a share of
            // the same.
            let rate = if let Some(rate) = found.take() {
                rate
            } else {
                let how = (Cores::One, Pace::Answered, 1);
                *found.insert(self.load.run(bench, to, how)?.per_second)
            };
            let paced = rate * SHARE;
            if side == Side::Theirs {
                let how = (Cores::One, Pace::Fixed(paced), length.seconds);
                return self.load.run(bench, to, how);
            }
            let how = (Cores::One, paced, length.seconds);
            let running = self
                .load
                .start_in_flood(bench, to, how, (flood, pace(rate)))?;
            let until = Instant::now() + Duration::from_secs(u64::from(length.seconds));
            let (slice, flooding) = bench.profiling.watch(&self.server, || {
                meanwhile(until)?;
                running.finish()
            })?;
            floods.push(flooding);
            Ok(slice)
        })?;
        let answered: f64 = floods.iter().map(|slice| slice.answered).sum();
        let others: f64 = floods.iter().map(|slice| slice.others).sum();
        Ok(Flooded {
            pairs,
            per_second: median_of(&floods, |slice| slice.per_second),
            others: others / answered,
        })
    }
}

fn wrong_passwords(bench: &Bench) -> Result<PathBuf> {
    let lines: String = (0..LOGINS)
        .map(|number| {
            let tried = if number % 2 == 0 {
                login(number)
            } else {
                // As long as a known one.
                format!("nobody-{number:07}")
            };
            basic(&tried, "not this password") + "\n"
        })
        .collect();
    let file = bench.file("wrong-passwords");
    fs::write(&file, lines)?;
    Ok(file)
}

fn told(pairs: &[(Slice, Slice)]) -> String {
    let (rate, _) = medians(pairs, |slice| slice.per_second);
    let (flooded, quiet) = medians(pairs, |slice| slice.p99);
    let (flooded_p50, quiet_p50) = medians(pairs, |slice| slice.p50);
    format!(
        "checks at {rate:.0}/s: p99 {flooded:.3} ms in the flood and {quiet:.3} ms without, half within {flooded_p50:.3} ms and \
         {quiet_p50:.3} ms"
    )
}
