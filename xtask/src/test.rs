//! `cargo xtask test`: what continuous integration runs, and what a person runs before a push.

use std::process::Command;

use anyhow::{Result, bail};

use crate::beside::{Beside, Stage};
use crate::budget;
use crate::check::{self, Extent};
use crate::say;
use crate::searches::{FEWEST, FEWEST_ELSEWHERE, Searches};
use crate::setup;
use crate::tally::{self, Count, Failure, Outcome};
use crate::times::Times;
use crate::workspace::Workspace;

/// Tells the tests which engine the run is about.
const ENGINE: &str = "COUNTERFOIL_TEST_ENGINE";

/// Modules of the integration tests that the inner loop leaves out, because they start real
/// programs and take long.
const SLOW_MODULES: &[&str] = &[
    "acme::",
    "browser::",
    "budget::",
    "clients::",
    "crash::",
    "faults::",
    "mail::",
    "monitoring::",
    "network::",
    "nodes::",
    "races::",
    "schemathesis::",
    "service::",
    "staleness::",
    "syncs::",
];

/// Modules of the integration tests that run once, on SQLite or on what they choose themselves.
/// Every other one runs again on each engine.
const ONCE: &[(&str, &str)] = &[
    (
        "acme::",
        "is about an authority for certificates, and only a server on a file orders them",
    ),
    (
        "api_description::",
        "is about what is said of routes, which no engine changes",
    ),
    (
        "browser::",
        "is about what a browser shows, which no engine changes",
    ),
    ("bystander::", "runs apart"),
    ("budget::", "runs apart"),
    (
        "clients::",
        "clients of others see the same answers, which other modules compare",
    ),
    ("crash::", "names its engines itself"),
    (
        "described::",
        "holds answers against lists and the official description, which know of no engine",
    ),
    ("faults::", "names its engines itself"),
    ("mail::", "is about a mail server, which no engine changes"),
    (
        "monitoring::",
        "asks other programs about text, and names its engines itself",
    ),
    ("moving::", "names its engines itself"),
    ("network::", "names its engine itself"),
    ("nodes::", "names its engine itself"),
    ("reference::", "compares pages that know of no engine"),
    ("refused_passwords::", "is about the time of hashes"),
    (
        "schemathesis::",
        "sends what is wrong in form, which no engine sees",
    ),
    (
        "service::",
        "is about the service manager and packages, not about a database",
    ),
    ("syncs::", "counts what SQLite asks of the system"),
    ("traces::", "is about what is sent of requests"),
];

/// Modules of the integration tests that run once, with no others beside them.
struct Apart {
    modules: &'static [&'static str],
    /// What its run is called.
    stage: &'static str,
    /// How many of its tests run at a time.
    threads: &'static str,
}

const APART: &[Apart] = &[
    // People who wait for their turn would wait for other tests too.
    Apart {
        modules: &["bystander::"],
        stage: "tests of bystanders",
        threads: "1",
    },
    // They keep the machine so busy for minutes that a test that waits for a node would wait too
    // long. Each takes about one core, and what they count is not changed by another beside it:
    // pages that a database reads, and instructions of a program, which was compiled beside the
    // tests on SQLite.
    Apart {
        modules: &["moving::growth::", "budget::"],
        stage: "tests of growth and of the budget",
        threads: "2",
    },
];

/// An engine, as the variable that tests read names it.
struct Engine {
    variable: &'static str,
    name: &'static str,
    /// Modules that it does without beside those that run once, and why.
    without: &'static [(&'static str, &'static str)],
}

/// The engine that everything runs on, and those that what depends on the engine runs on again.
const FIRST: Engine = Engine {
    variable: "sqlite",
    name: "SQLite",
    without: &[],
};
const AGAIN: &[Engine] = &[
    Engine {
        variable: "postgres",
        name: "PostgreSQL",
        without: &[
            ("connections::crowd::", "asks for no more than to be served"),
            (
                "connections::encryption::",
                "is about what comes before a request",
            ),
            (
                "connections::pressure::",
                "presses the listener, not the database",
            ),
            (
                "connections::refusals::",
                "is refused before a database is asked",
            ),
        ],
    },
    Engine {
        variable: "pgbouncer",
        name: "PostgreSQL behind PgBouncer",
        without: &[
            (
                "command_line::",
                "starts programs one after the other, each of which waits a second to be heard",
            ),
            ("connections::", "presses the listener, not the database"),
            (
                "properties::",
                "ten thousand cases again, of what the engine behind the pooler was asked already",
            ),
            (
                "staleness::",
                "as many checks again, and a pooler is not on their way",
            ),
            (
                "web::forms::",
                "is refused for what the form carries, and changes nothing that a pooler could see",
            ),
        ],
    },
];

/// How many tests run at a time where nodes share a database.
const THREADS: &str = "4";

/// What the runs on all engines came to.
#[derive(Default)]
struct Sum {
    count: Count,
    /// Each with its engine.
    failures: Vec<(Failure, &'static str)>,
    all_succeeded: bool,
    times: Times,
}

/// Sets up, checks, builds, tests. The last line on standard output is the count of all test
/// binaries together.
pub(crate) fn run(workspace: &Workspace, extent: Extent) -> Result<()> {
    let mut sum = Sum {
        all_succeeded: true,
        ..Sum::default()
    };
    sum.times.stage("setup", || setup::run(workspace))?;
    let mut failed = match extent {
        Extent::Full => check::uncompiled(workspace, extent, &mut sum.times),
        Extent::Quick => check::failures(workspace, extent, &mut sum.times),
    };
    if let Err(error) = sum.times.stage("build", || check::build(workspace)) {
        say::problem(&format!("{error:#}"));
        failed.push("build");
    }
    match extent {
        Extent::Full => failed.extend(run_all(workspace, &mut sum)?),
        Extent::Quick => sum.take(
            &FIRST,
            "tests on SQLite",
            tally::stream,
            tests(workspace, extent),
        )?,
    }
    if !sum.all_succeeded {
        failed.push("tests");
    }
    say::step("times");
    for line in sum.times.lines() {
        say::line(&line);
    }
    for (failure, engine) in &sum.failures {
        say::line(&format!("failed: {}, on {engine}", failure.name));
        for line in &failure.said {
            say::line(&format!("  {line}"));
        }
    }
    if !failed.is_empty() {
        say::line(&format!("\nfailed: {}", failed.join(", ")));
    }
    say::line("");
    say::line(&sum.count.closing_line());
    if !failed.is_empty() {
        bail!("{} failed", failed.join(", "));
    }
    if sum.count.passed == 0 {
        bail!("no test ran");
    }
    Ok(())
}

/// Everything on SQLite, and beside it what else must be compiled; then what runs apart; then what
/// depends on the engine on the others. Names what failed of that which was compiled.
fn run_all(workspace: &Workspace, sum: &mut Sum) -> Result<Vec<&'static str>> {
    let mut stages = check::compiled(workspace, Extent::Full);
    stages.push(Stage {
        name: "release build",
        command: budget::build(workspace),
    });
    let mut beside = Beside::new(stages);
    let searches = Searches::new(workspace, FIRST.name, FEWEST)?;
    let mut tests_on_first = tests(workspace, Extent::Full);
    searches.count_in(&mut tests_on_first);
    sum.take(
        &FIRST,
        "tests on SQLite",
        |command| tally::stream_from(command, || beside.start()),
        tests_on_first,
    )?;
    let mut failed = beside.finish(&mut sum.times);
    if !searches.suffice() {
        failed.push("search for secrets");
    }
    for apart in APART {
        let command = tests_apart(apart, workspace);
        sum.take(&FIRST, apart.stage, tally::stream, command)?;
    }
    sum.take_examples(examples(workspace))?;
    for engine in AGAIN {
        let stage = format!("tests on {}", engine.name);
        let searches = Searches::new(workspace, engine.name, FEWEST_ELSEWHERE)?;
        let mut tests = tests_of(engine, workspace);
        searches.count_in(&mut tests);
        sum.take(engine, &stage, tally::stream, tests)?;
        // Behind the pooler it is the same server, and fewer programs.
        if engine.variable == "postgres" && !searches.suffice() {
            failed.push("search for secrets on PostgreSQL");
        }
    }
    Ok(failed)
}

impl Sum {
    fn take(
        &mut self,
        engine: &Engine,
        stage: &str,
        stream: impl FnOnce(Command) -> Result<Outcome>,
        mut command: Command,
    ) -> Result<()> {
        command.env(ENGINE, engine.variable);
        let outcome = self.times.stage(stage, || stream(command))?;
        // A run that finds no test proves nothing.
        self.all_succeeded &= outcome.count.passed > 0;
        self.add(engine.name, outcome);
        Ok(())
    }

    /// The examples know of no engine.
    fn take_examples(&mut self, command: Command) -> Result<()> {
        let outcome = self
            .times
            .stage("examples in docs", || tally::stream(command))?;
        self.add("-", outcome);
        Ok(())
    }

    fn add(&mut self, engine: &'static str, outcome: Outcome) {
        self.times.add(engine, &outcome);
        self.count.add(outcome.count);
        let of_engine = |failure| (failure, engine);
        self.failures
            .extend(outcome.failures.into_iter().map(of_engine));
        self.all_succeeded &= outcome.succeeded;
    }
}

fn tests(workspace: &Workspace, extent: Extent) -> Command {
    let mut command = workspace.cargo(&["test", "--workspace", "--locked", "--no-fail-fast"]);
    // All that a manifest does not say `test = false` of. Naming them leaves out the examples in
    // the docs, each of which is a program of its own to link, and whose harness tells no times.
    command.arg("--tests");
    tally::timed(&mut command);
    command.arg("--").args(tally::REPORT_TIMES);
    let slow = SLOW_MODULES.iter().filter(|_| extent == Extent::Quick);
    for module in slow.chain(APART.iter().flat_map(|apart| apart.modules)) {
        command.args(["--skip", module]);
    }
    command
}

fn tests_apart(apart: &Apart, workspace: &Workspace) -> Command {
    let mut command = workspace.integration_tests();
    tally::timed(&mut command);
    command.arg("--").args(tally::REPORT_TIMES);
    command.args(["--test-threads", apart.threads]);
    command.args(apart.modules);
    command
}

fn examples(workspace: &Workspace) -> Command {
    workspace.cargo(&["test", "--workspace", "--doc", "--locked", "--no-fail-fast"])
}

fn tests_of(engine: &Engine, workspace: &Workspace) -> Command {
    let mut command = workspace.integration_tests();
    tally::timed(&mut command);
    command.arg("--").args(tally::REPORT_TIMES);
    // Most of the time goes in waiting: each command waits until all nodes have heard of it.
    command.args(["--test-threads", THREADS]);
    for (module, _) in ONCE.iter().chain(engine.without) {
        command.args(["--skip", module]);
    }
    command
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// A module under another name would run again on every engine, or at every turn of the inner
    /// loop.
    #[test]
    fn every_module_that_is_left_out_is_there() {
        let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests");
        let list = include_str!("../../tests/main.rs");
        let without = AGAIN.iter().flat_map(|engine| engine.without);
        let once = ONCE.iter().chain(without).map(|(module, _)| *module);
        let apart = APART.iter().flat_map(|apart| apart.modules).copied();
        for module in once.chain(apart).chain(SLOW_MODULES.iter().copied()) {
            let name = module.split("::").next().expect("a split has a first part");
            let line = format!("mod {name};");
            assert!(list.lines().any(|found| found == line), "{line}");
            let folder = tests.join(module.trim_end_matches("::").replace("::", "/"));
            let is_there = folder.is_dir() || folder.with_extension("rs").is_file();
            assert!(is_there, "{}", folder.display());
        }
    }
}
