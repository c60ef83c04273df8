//! Tokens made durable: how many share a sync, what one costs, and whether it costs more among ten
//! million.

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use crate::bench::Bench;
use crate::bench::database::{Filled, Passwords, copy, filled, login, with_users};
use crate::bench::disk;
use crate::bench::http::{Asked, basic};
use crate::bench::process::{Cores, Server};
use crate::bench::results::Reading;
use crate::bench::scene::{Installation, PASSWORD, metric};
use crate::bench::sides::reference;
use crate::bench::slices::{Side, alternate, median_of, medians, quantile, ratios};
use crate::bench::tools::{Load, Pace, Slice};
use crate::workspace::succeed;

/// Tokens and users of the small database. A user's tokens are counted at each issue, up to the
/// bound on them, so there are enough users that none reaches it.
pub(super) const FEW: u64 = 10_000;
pub(super) const USERS: u64 = 1_000;
/// Tokens of the large database.
pub(super) const MANY: u64 = 10_000_000;
pub(super) const MANY_QUICK: u64 = 1_000_000;
/// Users who make tokens in the large one: more, since it is not put back between slices.
pub(super) const MAKERS: u64 = 5_000;

/// What the note of each token is: unlike any other.
const BODY: &str = r#"{"scopes":["repo","gist"],"note":"bench {number}"}"#;
const BODY_BYTES: usize = BODY.len() - "{number}".len() + 18;

/// How far apart the notes of two runs, and of two slices, are.
const RUN: u64 = 1_000_000_000_000;
const SLICE: u64 = 100_000_000;

/// The number of the slice that is traced: beyond all others.
const TRACED: u64 = 9_000;

pub(crate) fn syncs(bench: &Bench) -> Result<Vec<Reading>> {
    let maker = Maker::start(bench, Cores::One, "issue")?;
    let length = bench.length();
    let mut samples = Vec::new();
    let mut rates = Vec::new();
    for number in 0..length.slices {
        let before = maker.counted()?;
        let slice = bench.profiling.watch(&maker.server, || {
            maker.issue(bench, length.seconds, u64::from(number))
        })?;
        samples.push(maker.per_sync_since(before)?);
        rates.push(slice);
    }
    let per_second = median_of(&rates, |slice| slice.per_second);
    let p99 = median_of(&rates, |slice| slice.p99);
    let (syncs, answers) = maker.traced(bench, length.seconds)?;
    let disk = disk::syncs(&bench.folder)?;
    let detail = format!(
        "{per_second:.0} tokens/s, p99 {p99:.2} ms; a sync of the disk takes {:.0} µs. By strace: {answers:.0} tokens in {syncs:.0} \
         syncs, {:.1} a sync",
        quantile(&disk, 0.5),
        answers / syncs
    );
    Ok(vec![Reading::of(Cores::One.name(), samples, detail)])
}

pub(crate) fn cpu(bench: &Bench) -> Result<Vec<Reading>> {
    let maker = Maker::start(bench, Cores::One, "issue")?;
    let mut asked = maker.load.asked.clone();
    asked.headers[0].1 = basic(&login(0), PASSWORD);
    asked.body = Some(r#"{"scopes":["repo","gist"],"note":"what is recorded"}"#.to_owned());
    let answer = asked.expect(maker.server.address(), 201)?;
    let bare = reference::start(bench, &asked, &answer, Cores::One)?;
    let length = bench.length();
    let mut number = 0;
    let pairs = alternate(length, |side| {
        number += 1;
        let (server, load) = match side {
            Side::Ours => (&maker.server, maker.numbered(number)),
            Side::Theirs => (&bare, maker.numbered(number)),
        };
        let how = (Cores::One, Pace::Answered, length.seconds);
        let before = server.cpu_seconds()?;
        let work = || load.run(bench, server.address(), how);
        let slice = match side {
            Side::Ours => bench.profiling.watch(server, work)?,
            Side::Theirs => work()?,
        };
        let micros = (server.cpu_seconds()? - before) / slice.answered * 1e6;
        Ok((micros, slice))
    })?;
    let (ours, theirs) = medians(&pairs, |(micros, _)| *micros);
    let (our_rate, their_rate) = medians(&pairs, |(_, slice)| slice.per_second);
    let detail = format!(
        "{ours:.1} µs an issue at {our_rate:.0}/s, {theirs:.1} µs an answer of bare axum at {their_rate:.0}/s"
    );
    let ratios = ratios(&pairs, |(micros, _)| *micros);
    Ok(vec![Reading::of(Cores::One.name(), ratios, detail)])
}

pub(crate) fn rows(bench: &Bench) -> Result<Vec<Reading>> {
    let many = filled(bench, bench.at_most(MANY, MANY_QUICK), Passwords::Cheap)?;
    let few = filled(bench, FEW, Passwords::Cheap)?;
    let large = Passwords::Cheap.of(Installation::at(bench, &many.folder));
    let ours = Maker::on(bench, &large, (many.users, MAKERS), Cores::One)?;
    ours.issue(bench, 1, 0)?;
    let length = bench.length();
    let mut number = 0;
    let pairs = alternate(length, |side| {
        number += 1;
        match side {
            Side::Ours => bench
                .profiling
                .watch(&ours.server, || ours.issue(bench, length.seconds, number)),
            Side::Theirs => {
                let theirs = small(bench, &few)?;
                theirs.issue(bench, length.seconds, number)
            }
        }
    })?;
    let (our_rate, their_rate) = medians(&pairs, |slice| slice.per_second);
    let (our_p99, their_p99) = medians(&pairs, |slice| slice.p99);
    let detail = format!(
        "{our_rate:.0} tokens/s, p99 {our_p99:.2} ms among many; {their_rate:.0} tokens/s, p99 {their_p99:.2} ms among few"
    );
    let ratios = ratios(&pairs, |slice| slice.per_second);
    Ok(vec![Reading::of(Cores::One.name(), ratios, detail)])
}

/// The small database as it was at first.
fn small(bench: &Bench, few: &Filled) -> Result<Maker> {
    let folder = copy(&few.folder, bench, "issue-few")?;
    let small = Passwords::Cheap.of(Installation::at(bench, &folder));
    Maker::on(bench, &small, (few.users, few.users), Cores::One)
}

/// A server on which users make tokens.
pub(crate) struct Maker {
    pub(super) server: Server,
    operators: SocketAddr,
    load: Load,
    run: u64,
    cores: Cores,
}

impl Maker {
    /// One with the small database and many users.
    fn start(bench: &Bench, cores: Cores, name: &str) -> Result<Self> {
        let few = with_users(bench, FEW, USERS, Passwords::Cheap)?;
        let folder = copy(&few.folder, bench, name)?;
        let small = Passwords::Cheap.of(Installation::at(bench, &folder));
        Self::on(bench, &small, (USERS, USERS), cores)
    }

    /// One of this installation, of whose users so many make tokens, evenly chosen. Their passwords
    /// are remembered.
    pub(crate) fn on(
        bench: &Bench,
        installation: &Installation,
        (users, makers): (u64, u64),
        cores: Cores,
    ) -> Result<Self> {
        let makers = makers.min(users);
        let apart = users / makers;
        // Others than in the last run, if there are more users: whoever makes tokens each time has
        // too many in the end.
        let first = bench.run % apart;
        let lines: String = (0..makers)
            .map(|number| basic(&login(first + number * apart), PASSWORD) + "\n")
            .collect();
        let file = bench.file(&format!("makers-{users}-{makers}"));
        fs::write(&file, lines)?;
        let mut server = installation.serve(bench, cores)?;
        let operators = server.said("health checks and metrics on http://")?;
        let mut remember = Load::of(Asked::get("/api/v3/authorizations?per_page=1", "{item}"));
        remember.lines = Some(file.clone());
        remember.run(bench, server.address(), (cores, Pace::Once, 60))?;
        let mut load = Load::of(Asked::post("/api/v3/authorizations", "{item}", BODY));
        load.body_bytes = Some(BODY_BYTES);
        load.lines = Some(file);
        load.status = 201;
        Ok(Self {
            server,
            operators,
            load,
            run: bench.run,
            cores,
        })
    }

    /// The users who make tokens, as what they send to prove who they are, one on a line.
    pub(super) fn makers(&self) -> Option<PathBuf> {
        self.load.lines.clone()
    }

    /// The load of a slice, whose notes no other slice uses, of this run or of an earlier one on
    /// the same database.
    fn numbered(&self, slice: u64) -> Load {
        let mut load = self.load.clone();
        load.number = self.run * RUN + slice * SLICE;
        load
    }

    /// Makes tokens for some seconds.
    pub(super) fn issue(&self, bench: &Bench, seconds: u32, slice: u64) -> Result<Slice> {
        let how = (self.cores, Pace::Answered, seconds);
        self.numbered(slice).run(bench, self.server.address(), how)
    }

    /// Makes tokens for some seconds, and says how many were made durable by one sync.
    pub(crate) fn per_sync(&self, bench: &Bench, seconds: u32, slice: u64) -> Result<f64> {
        let before = self.counted()?;
        self.issue(bench, seconds, slice)?;
        self.per_sync_since(before)
    }

    fn per_sync_since(&self, before: (f64, f64)) -> Result<f64> {
        let after = self.counted()?;
        Ok((after.0 - before.0) / (after.1 - before.1))
    }

    /// Changes written and transactions committed so far.
    fn counted(&self) -> Result<(f64, f64)> {
        Ok((
            metric(self.operators, "counterfoil_store_writes_total")?,
            metric(self.operators, "counterfoil_store_commits_total")?,
        ))
    }

    /// The syncs that the kernel saw in a slice, and the tokens that were made meanwhile.
    fn traced(&self, bench: &Bench, seconds: u32) -> Result<(f64, f64)> {
        let file = bench.file("strace.log");
        let mut strace = Command::new("strace")
            .args(["-f", "-qq", "-e", "trace=fsync,fdatasync", "-o"])
            .arg(&file)
            .args(["-p", &self.server.process_id().to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("strace could not be started")?;
        let slice = self.issue(bench, seconds, TRACED);
        // It leaves the server when it is told to end.
        let mut end = Command::new("kill");
        end.arg(strace.id().to_string());
        succeed(end, "kill")?;
        strace.wait()?;
        let lines = fs::read_to_string(&file)?;
        let syncs = lines
            .lines()
            .filter(|line| line.contains("sync(") && !line.contains("resumed"));
        Ok((f64::from(u32::try_from(syncs.count())?), slice?.answered))
    }
}
