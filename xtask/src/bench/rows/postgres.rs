//! PostgreSQL: what issuing reaches of what the database alone can do, and what checks ask of it.

use std::fs;

use anyhow::{Context, Result, ensure};

use crate::bench::Bench;
use crate::bench::database::{Passwords, copy};
use crate::bench::process::Cores;
use crate::bench::results::Reading;
use crate::bench::rows::issue::{FEW, Maker, USERS};
use crate::bench::scene::{Installation, gateway};
use crate::bench::sides::postgres::{Cluster, FilledDatabase};
use crate::bench::slices::{Side, alternate, median, medians, ratios};
use crate::bench::tools::{CONNECTIONS, Load, Pace};

/// The database that issues go to: a copy, so that each run begins with the same.
const ISSUE: &str = "issue";

/// As many connections for writing as there are clients: half of a node's are for reading.
const CONNECTIONS_OF_NODE: &str = "128";
/// The setting of that.
const POOL: &str = "COUNTERFOIL_DATABASE__CONNECTIONS";

/// What the clients of pgbench ask.
const SCRIPT: &str = "xtask/src/bench/rows/issue.pgbench";

/// How far apart the numbers of two slices are.
const SLICE: u64 = 10_000_000_000;

/// How long two nodes are loaded.
const MINUTE: u32 = 60;
const MINUTE_QUICK: u32 = 5;

pub(crate) fn issue(bench: &Bench) -> Result<Vec<Reading>> {
    let cluster = Cluster::start(bench)?;
    let few = cluster.with_users(bench, FEW, USERS)?;
    cluster.copy(&few.name, ISSUE)?;
    let folder = copy(&few.folder, bench, "postgres-issue")?;
    let installation = Passwords::Cheap.of(cluster.installation(bench, &folder, ISSUE));
    let installation = installation.with(POOL, CONNECTIONS_OF_NODE);
    let maker = Maker::on(bench, &installation, (USERS, USERS), Cores::Two)?;
    let asked = same_statements(bench, &cluster, &maker)?;
    let length = bench.length();
    let mut number = 0;
    let pairs = alternate(length, |side| {
        number += 1;
        match side {
            Side::Ours => {
                let load = || maker.issue(bench, length.seconds, number);
                Ok(bench.profiling.watch(&maker.server, load)?.per_second)
            }
            Side::Theirs => pgbench(bench, &cluster, (length.seconds, number)),
        }
    })?;
    let (ours, theirs) = medians(&pairs, |rate| *rate);
    let detail = format!(
        "{ours:.0} tokens/s, {theirs:.0} transactions/s by pgbench; {asked:.2} statements a token by Counterfoil, \
         BEGIN and COMMIT among them"
    );
    let ratios = ratios(&pairs, |rate| *rate);
    Ok(vec![Reading::of(Cores::Two.name(), ratios, detail)])
}

/// Statements that Counterfoil asks for a token. Fails when it does not ask what the script does.
fn same_statements(bench: &Bench, cluster: &Cluster, maker: &Maker) -> Result<f64> {
    let script = fs::read_to_string(bench.root.join(SCRIPT))?;
    let written = script
        .lines()
        .filter(|line| !line.starts_with("--") && !line.starts_with('\\'));
    // The first issue of each user reads the account into memory.
    maker.issue(bench, 2, 9_000)?;
    cluster.forget_statements()?;
    let slice = maker.issue(bench, 2, 9_001)?;
    let counted = cluster.statements(ISSUE)?;
    // What is asked once or more for each token, whatever else goes on.
    let often = counted
        .iter()
        .filter(|(calls, _)| *calls > slice.answered * 0.9);
    let mut ours: Vec<String> = often.map(|(_, text)| beginning(text)).collect();
    let mut theirs: Vec<String> = written.map(beginning).collect();
    ours.retain(|text| !text.starts_with("SET LOCAL"));
    ours.sort();
    theirs.sort();
    ensure!(
        ours == theirs,
        "an issue asks other statements than {SCRIPT}: {ours:?} instead of {theirs:?}; bring the script up to date"
    );
    let calls: f64 = counted.iter().map(|(calls, _)| calls).sum();
    Ok(calls / slice.answered)
}

/// The words by which a statement is known. `pg_stat_statements` writes `$1` for what is constant.
fn beginning(text: &str) -> String {
    let is_value =
        |word: &str| word.starts_with(|first: char| first == '$' || first.is_ascii_digit());
    let words = text.trim_end_matches(';').split_whitespace().take(3);
    let words: Vec<&str> = words
        .map(|word| if is_value(word) { "?" } else { word })
        .collect();
    words.join(" ")
}

/// Transactions in a second. The first second is left out: each client connects, and prepares its
/// statements.
fn pgbench(bench: &Bench, cluster: &Cluster, (seconds, slice): (u32, u64)) -> Result<f64> {
    let users = "SELECT min(id), count(*) FROM accounts WHERE login LIKE 'filled-%'";
    let users = cluster.ask(ISSUE, users)?;
    let (first, count) = users.split_once('|').context("there are no users")?;
    let mut command = cluster.load("pgbench", Cores::Two);
    command.args(["-n", "-M", "prepared", "-j", "2", "-P", "1"]);
    command.args(["-c", &CONNECTIONS.to_string()]);
    command.args(["-T", &(seconds + 2).to_string()]);
    for (name, value) in [
        ("n", "0".to_owned()),
        ("base", (slice * SLICE).to_string()),
        ("first_user", first.to_owned()),
        ("users", count.to_owned()),
    ] {
        command.args(["-D", &format!("{name}={value}")]);
    }
    command.arg("-f").arg(bench.root.join(SCRIPT)).arg(ISSUE);
    let ran = command.output().context("pgbench could not be started")?;
    let said = String::from_utf8_lossy(&ran.stderr);
    ensure!(
        ran.status.success() && !said.contains("aborted"),
        "pgbench failed:\n{said}"
    );
    // progress: 2.0 s, 4711.0 tps, lat 13.5 ms stddev 2.0, 0 failed
    let rates = said.lines().filter_map(|line| {
        let (_, rate) = line.strip_prefix("progress: ")?.split_once(" s, ")?;
        rate.split(' ').next()?.parse::<f64>().ok()
    });
    let rates: Vec<f64> = rates.skip(1).take(seconds as usize).collect();
    ensure!(!rates.is_empty(), "pgbench said something else:\n{said}");
    Ok(median(rates))
}

pub(crate) fn statements(bench: &Bench) -> Result<Vec<Reading>> {
    let cluster = Cluster::start(bench)?;
    let few = cluster.filled(bench, FEW)?;
    let nodes = [
        node(bench, &cluster, &few, 1)?,
        node(bench, &cluster, &few, 2)?,
    ];
    let servers = [
        nodes[0].serve(bench, Cores::Two)?,
        nodes[1].serve(bench, Cores::Two)?,
    ];
    let mut load = Load::of(gateway("{item}"));
    load.lines = Some(few.tokens.clone());
    for server in &servers {
        load.run(bench, server.address(), (Cores::Two, Pace::Once, 60))?;
    }
    cluster.forget_statements()?;
    let seconds = bench.at_most(MINUTE, MINUTE_QUICK);
    let mut checks = 0.0;
    // At the same time on both nodes.
    std::thread::scope(|scope| -> Result<()> {
        let loads = servers.each_ref().map(|server| {
            let load = &load;
            scope.spawn(move || {
                load.run(
                    bench,
                    server.address(),
                    (Cores::Two, Pace::Answered, seconds),
                )
            })
        });
        for running in loads {
            let slice = running.join().ok().context("a load panicked")??;
            checks += slice.answered;
        }
        Ok(())
    })?;
    let asked = cluster.statements(&few.name)?;
    let total: f64 = asked.iter().map(|(calls, _)| calls).sum();
    let most: Vec<String> = asked
        .iter()
        .take(3)
        .map(|(calls, text)| {
            let beginning: String = text.chars().take(40).collect();
            format!("{calls:.0} × `{beginning}…`")
        })
        .collect();
    let detail = format!(
        "{total:.0} statements and {checks:.0} checks in {seconds} s; most often {}",
        most.join(", ")
    );
    let reading = Reading::of("two nodes on both cores", vec![total / checks], detail);
    Ok(vec![reading])
}

/// A node on the same database, with the same keys in a folder of its own.
fn node(
    bench: &Bench,
    cluster: &Cluster,
    filled: &FilledDatabase,
    number: u32,
) -> Result<Installation> {
    let folder = copy(&filled.folder, bench, &format!("postgres-node-{number}"))?;
    Ok(Passwords::Cheap.of(cluster.installation(bench, &folder, &filled.name)))
}
