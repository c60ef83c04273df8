//! The proofs whose full form takes longer than a test run should. `cargo xtask test` runs each in
//! its short form; the commands here run the same tests with larger numbers.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::check::{self, Extent};
use crate::say;
use crate::tally;
use crate::workspace::{Workspace, output, succeed};

/// Kills on each engine in the full crash test.
pub(crate) const CRASH_ROUNDS: u32 = 1_000;

/// Checks in the full test that nothing is stale.
pub(crate) const STALE_CHECKS: u32 = 1_000_000;

/// Changes of each kind in the full test that no node accepts what another one ended.
pub(crate) const NODE_CHANGES: u32 = 10_000;

/// Faults of the network in the full test.
pub(crate) const NETWORK_ROUNDS: u32 = 400;

/// Refusals of each kind in the full test that their time tells nothing.
pub(crate) const REFUSALS: u32 = 41;

/// Requests that schemathesis makes in its full run.
pub(crate) const SCHEMATHESIS_CASES: u32 = 50_000;

/// Tokens that the full test moves to each engine within five minutes.
pub(crate) const IMPORT_TOKENS: u32 = 1_000_000;

/// Seconds of each flood in the full proof that bystanders are not harmed.
pub(crate) const FLOOD_SECONDS: u32 = 60;

/// Cases of each property in the full run.
pub(crate) const PROPERTY_CASES: u32 = 10_000;

/// The crash test with a number of rounds of the caller's choice.
pub(crate) fn crash(workspace: &Workspace, rounds: u32) -> Result<()> {
    check::build(workspace)?;
    let mut command = workspace.integration_tests();
    command
        .args(["--", "--nocapture", "crash::"])
        .env("COUNTERFOIL_CRASH_ROUNDS", rounds.to_string());
    some_passed("crash", &tally::stream(command)?)
}

/// The test that nothing is stale with a number of checks of the caller's choice.
pub(crate) fn stale(workspace: &Workspace, checks: u32) -> Result<()> {
    check::build(workspace)?;
    let mut command = workspace.integration_tests();
    command
        .args(["--", "--nocapture", "staleness::"])
        .env("COUNTERFOIL_STALE_CHECKS", checks.to_string());
    some_passed("stale", &tally::stream(command)?)
}

/// The test that no node accepts what another one ended, with a number of changes of each kind of
/// the caller's choice, and with nodes of an older commit's program where one is named.
pub(crate) fn nodes(workspace: &Workspace, changes: u32, beside: Option<&str>) -> Result<()> {
    let older = beside
        .map(|commit| built_at(workspace, commit))
        .transpose()?;
    check::build(workspace)?;
    let mut command = workspace.integration_tests();
    command
        .args(["--", "--nocapture", "nodes::lags"])
        .env("COUNTERFOIL_NODE_CHANGES", changes.to_string());
    if let Some(older) = older {
        command.env("COUNTERFOIL_NODES_BESIDE", older);
    }
    some_passed("nodes", &tally::stream(command)?)
}

/// The tests of the network between a node and PostgreSQL, with a number of faults of the caller's
/// choice.
pub(crate) fn network(workspace: &Workspace, rounds: u32) -> Result<()> {
    check::build(workspace)?;
    let mut command = workspace.integration_tests();
    command
        .args(["--", "--nocapture", "network::"])
        .env("COUNTERFOIL_NETWORK_ROUNDS", rounds.to_string());
    some_passed("network", &tally::stream(command)?)
}

/// The test that the time of a refused password tells nothing, with a number of tries of the
/// caller's choice.
pub(crate) fn refusals(workspace: &Workspace, tries: u32) -> Result<()> {
    check::build(workspace)?;
    let mut command = workspace.integration_tests();
    command
        .args(["--", "--nocapture", "refused_passwords::"])
        .env("COUNTERFOIL_REFUSALS", tries.to_string());
    some_passed("refusals", &tally::stream(command)?)
}

/// The run of schemathesis with a number of cases of the caller's choice.
pub(crate) fn schemathesis(workspace: &Workspace, cases: u32) -> Result<()> {
    check::build(workspace)?;
    let mut command = workspace.integration_tests();
    command
        .args(["--", "--nocapture", "schemathesis::"])
        .env("COUNTERFOIL_SCHEMATHESIS_CASES", cases.to_string());
    some_passed("schemathesis", &tally::stream(command)?)
}

/// The test that as many tokens as the caller wants move to either engine in five minutes, with the
/// program as it is shipped.
pub(crate) fn import(workspace: &Workspace, tokens: u32) -> Result<()> {
    build_as_shipped(workspace)?;
    check::build(workspace)?;
    let mut command = workspace.integration_tests();
    command
        .args(["--", "--nocapture", "in_five_minutes"])
        .env("COUNTERFOIL_IMPORT_TOKENS", tokens.to_string());
    some_passed("import", &tally::stream(command)?)
}

/// The program of a commit, as it is shipped. Built once: what a commit's sources are does not
/// change.
fn built_at(workspace: &Workspace, commit: &str) -> Result<PathBuf> {
    let git = |arguments: &[&str]| {
        let mut git = Command::new("git");
        git.args(arguments).current_dir(workspace.root());
        git
    };
    let wanted = format!("{commit}^{{commit}}");
    let commit = output(git(&["rev-parse", "--verify", &wanted]), "git rev-parse")?;
    let folder = workspace.target_folder()?.join("older").join(commit.trim());
    let program = folder.join("target/release/counterfoil");
    if program.is_file() {
        return Ok(program);
    }
    // Anew, since what is there may be a part.
    let source = folder.join("source");
    if source.exists() {
        fs::remove_dir_all(&source)?;
    }
    fs::create_dir_all(&source)?;
    let archive = folder.join("source.tar");
    let to = format!("--output={}", archive.display());
    succeed(git(&["archive", &to, commit.trim()]), "git archive")?;
    let mut tar = Command::new("tar");
    tar.arg("--extract").arg("--file").arg(&archive);
    tar.arg("--directory").arg(&source);
    succeed(tar, "tar")?;
    let mut build = Command::new("cargo");
    build
        .args(["build", "--release", "--locked", "--package", "counterfoil"])
        .arg("--target-dir")
        .arg(folder.join("target"))
        .current_dir(&source);
    succeed(build, "cargo build")?;
    Ok(program)
}

/// The program as it is shipped.
fn build_as_shipped(workspace: &Workspace) -> Result<()> {
    let build = ["build", "--release", "--locked", "--package", "counterfoil"];
    succeed(workspace.cargo(&build), "cargo build")
}

/// The proof that no flood harms a bystander, with floods of a length of the caller's choice, and
/// figures of an older program where one is named. One test at a time: each wants the machine for
/// itself.
pub(crate) fn bystander(workspace: &Workspace, seconds: u32, before: Option<&Path>) -> Result<()> {
    if seconds >= FLOOD_SECONDS {
        build_as_shipped(workspace)?;
    }
    check::build(workspace)?;
    let mut command = workspace.integration_tests();
    command
        .args(["--", "--nocapture", "--test-threads", "1", "bystander::"])
        .env("COUNTERFOIL_BYSTANDER_SECONDS", seconds.to_string());
    if let Some(program) = before {
        // The tests work in a folder of their own.
        let program = program
            .canonicalize()
            .with_context(|| format!("there is no program {}", program.display()))?;
        command.env("COUNTERFOIL_BYSTANDER_BEFORE", program);
    }
    some_passed("bystander", &tally::stream(command)?)
}

/// The property tests, wherever they are, with a number of cases of the caller's choice.
///
/// They are found by name: a property test lives in a module called `properties`.
pub(crate) fn properties(workspace: &Workspace, cases: u32) -> Result<()> {
    let mut command = workspace.cargo(&["test", "--locked", "--workspace", "--lib", "--tests"]);
    command
        .args(["--", "properties::"])
        .env("PROPTEST_CASES", cases.to_string());
    some_passed("properties", &tally::stream(command)?)
}

/// Every proof in its full form, or only the list of them.
pub(crate) fn accept(workspace: &Workspace, list: bool) -> Result<()> {
    for proof in PROOFS {
        if list {
            say::line(&format!("{:<12} {}", proof.name, proof.shows));
        } else {
            say::step(&format!("{}: {}", proof.name, proof.shows));
            (proof.run)(workspace)?;
        }
    }
    Ok(())
}

/// One proof, as `cargo xtask accept` lists it.
struct Proof {
    name: &'static str,
    shows: &'static str,
    run: fn(&Workspace) -> Result<()>,
}

const PROOFS: &[Proof] = &[
    Proof {
        name: "test",
        shows: "everything that CI runs",
        run: |workspace| crate::test::run(workspace, Extent::Full),
    },
    Proof {
        name: "properties",
        shows: "each property holds in 10,000 cases, and a gateway is answered as the API is in 100,000",
        run: |workspace| properties(workspace, PROPERTY_CASES),
    },
    Proof {
        name: "crash",
        shows: "what was acknowledged is there after each of 1,000 kills under load, on each engine",
        run: |workspace| crash(workspace, CRASH_ROUNDS),
    },
    Proof {
        name: "network",
        shows: "what was acknowledged is stored after each of 400 faults of the network to the database",
        run: |workspace| network(workspace, NETWORK_ROUNDS),
    },
    Proof {
        name: "stale",
        shows: "none of 1,000,000 checks succeeds by what was acknowledged to have ended",
        run: |workspace| stale(workspace, STALE_CHECKS),
    },
    Proof {
        name: "schemathesis",
        shows: "of 50,000 requests by the description of the API none breaks anything or is answered otherwise than described",
        run: |workspace| schemathesis(workspace, SCHEMATHESIS_CASES),
    },
    Proof {
        name: "refusals",
        shows: "the medians of 41 refusals of each kind of password lie within 15 % of each other, on a quiet machine",
        run: |workspace| refusals(workspace, REFUSALS),
    },
    Proof {
        name: "nodes",
        shows: "of 10,000 changes of each kind none is accepted by another node a second later",
        run: |workspace| nodes(workspace, NODE_CHANGES, None),
    },
    Proof {
        name: "import",
        shows: "1,000,000 tokens move to either engine in five minutes",
        run: |workspace| import(workspace, IMPORT_TOKENS),
    },
    Proof {
        name: "bystander",
        shows: "others are served, and in time, while strangers flood for 60 seconds in one way after the other",
        run: |workspace| bystander(workspace, FLOOD_SECONDS, None),
    },
    Proof {
        name: "dist",
        shows: "two builds of the program as it is shipped make packages with the same bytes",
        run: |workspace| {
            let wanted = crate::dist::Wanted {
                program: None,
                to: None,
                twice: true,
            };
            crate::dist::run(workspace, &wanted)
        },
    },
];

/// A filter that matches nothing must not look like a proof.
fn some_passed(name: &str, outcome: &tally::Outcome) -> Result<()> {
    say::line(&outcome.count.closing_line());
    if !outcome.succeeded || outcome.count.failed > 0 {
        bail!("{name} failed");
    }
    if outcome.count.passed == 0 {
        bail!("{name} ran no test");
    }
    Ok(())
}
