//! Ten million authorizations beside ten thousand, on both engines: what a look-up, a page and an
//! issue take.

use anyhow::{Context, Result};

use crate::bench::Bench;
use crate::bench::database::{self, Passwords, copy};
use crate::bench::http::Asked;
use crate::bench::process::Cores;
use crate::bench::results::Reading;
use crate::bench::rows::issue::{FEW, MAKERS, MANY, MANY_QUICK, Maker};
use crate::bench::scene::{Installation, gateway};
use crate::bench::sides::postgres::Cluster;
use crate::bench::slices::{Side, alternate, medians, ratios};
use crate::bench::tools::{Load, Pace, Slice};

/// The setting that bounds the memory of tokens.
const MEMORY: &str = "COUNTERFOIL_CHECKS__REMEMBERED_TOKENS";

pub(crate) fn compare(bench: &Bench) -> Result<Vec<Reading>> {
    let count = bench.at_most(MANY, MANY_QUICK);
    let mut readings = sqlite(bench, count)?;
    readings.extend(postgres(bench, count)?);
    Ok(readings)
}

fn sqlite(bench: &Bench, count: u64) -> Result<Vec<Reading>> {
    let made = |tokens| {
        let filled = database::filled(bench, tokens, Passwords::Cheap)?;
        // A copy, so that the databases of other rows do not grow.
        let folder = copy(&filled.folder, bench, &format!("rows-{tokens}"))?;
        let installation = Passwords::Cheap.of(Installation::at(bench, &folder));
        Made::new(bench, installation, (filled.users, filled.tokens))
    };
    measure(bench, "SQLite", &made(count)?, || made(FEW))
}

fn postgres(bench: &Bench, count: u64) -> Result<Vec<Reading>> {
    let cluster = Cluster::start(bench)?;
    let made = |tokens| {
        let filled = cluster.filled(bench, tokens)?;
        let name = format!("rows_{tokens}");
        cluster.copy(&filled.name, &name)?;
        let folder = copy(&filled.folder, bench, &format!("postgres-{name}"))?;
        let installation = Passwords::Cheap.of(cluster.installation(bench, &folder, &name));
        Made::new(bench, installation, (filled.users, filled.tokens))
    };
    measure(bench, "PostgreSQL", &made(count)?, || made(FEW))
}

/// A server with tokens, and what is asked of it.
struct Made {
    maker: Maker,
    check: Load,
    page: Load,
}

impl Made {
    fn new(
        bench: &Bench,
        installation: Installation,
        (users, tokens): (u64, std::path::PathBuf),
    ) -> Result<Self> {
        let installation = installation.with(MEMORY, "0");
        let maker = Maker::on(bench, &installation, (users, MAKERS), Cores::Two)?;
        let mut check = Load::of(gateway("{item}"));
        check.lines = Some(tokens);
        let mut page = Load::of(Asked::get("/api/v3/authorizations?per_page=30", "{item}"));
        page.lines = maker.makers();
        Ok(Self { maker, check, page })
    }

    fn load(&self, bench: &Bench, what: What, (seconds, number): (u32, u64)) -> Result<Slice> {
        let how = (Cores::Two, Pace::Answered, seconds);
        let to = self.maker.server.address();
        match what {
            What::Check => self.check.run(bench, to, how),
            What::Page => self.page.run(bench, to, how),
            What::Issue => self.maker.issue(bench, seconds, number),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Check,
    Page,
    Issue,
}

fn measure(
    bench: &Bench,
    engine: &str,
    many: &Made,
    make_few: impl Fn() -> Result<Made>,
) -> Result<Vec<Reading>> {
    let length = bench.length().half();
    let mut few = Some(make_few()?);
    let mut number = 0;
    let mut readings = Vec::new();
    for (what, name) in [
        (What::Check, "a check that must read"),
        (What::Page, "a page of 30"),
        (What::Issue, "an issue"),
    ] {
        // What is cold at first is not what is measured; a large database needs longer to be in
        // memory.
        many.load(bench, what, (length.seconds * 4, number + 1))?;
        let small = few.as_ref().context("it is put back")?;
        small.load(bench, what, (length.seconds, number + 2))?;
        number += 2;
        let pairs = alternate(length, |side| {
            number += 1;
            if side == Side::Ours {
                let slice = || many.load(bench, what, (length.seconds, number));
                return bench.profiling.watch(&many.maker.server, slice);
            }
            if what == What::Issue {
                // Put back, or its users would soon have as many tokens as one may have.
                drop(few.take());
                few = Some(make_few()?);
            }
            let small = few.as_ref().context("it is put back")?;
            small.load(bench, what, (length.seconds, number))
        })?;
        let (ours, theirs) = medians(&pairs, |slice| slice.per_second);
        let detail = format!("{ours:.0}/s with many, {theirs:.0}/s with few");
        // The time of one is the inverse of how many there are in a second.
        let samples = ratios(&pairs, |slice| 1.0 / slice.per_second);
        readings.push(Reading::of(format!("{engine}, {name}"), samples, detail));
    }
    Ok(readings)
}
