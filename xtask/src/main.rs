//! `cargo xtask`: everything that is more than a line of shell, in Rust, so that a fresh machine
//! needs nothing but cargo. One file per subject; this one only lists the commands.
//!
//! It never prompts: continuous integration runs it without standard input.

mod bench;
mod beside;
mod budget;
mod check;
mod dist;
mod pictures;
mod proofs;
mod reference;
mod rows;
mod run;
mod say;
mod searches;
mod setup;
mod tables;
mod tally;
mod test;
mod tidy;
mod times;
mod workspace;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::workspace::Workspace;

/// Set-up, checks and tests of the Counterfoil workspace.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

/// What can be asked for.
#[derive(Subcommand)]
enum Command {
    /// Install what the tests need and is missing: Debian packages and npm clients
    Setup,
    /// Format, lints, docs and tidy, in the order that CI runs them
    Check {
        /// Leave the docs out
        #[arg(long)]
        quick: bool,
    },
    /// Set up, check, build and run every test, on each engine; the last line is the count
    Test {
        /// The inner loop: SQLite alone, no docs, no real clients, crashes or faults
        #[arg(long)]
        quick: bool,
    },
    /// Run the tests that docs/reference/security.md names, and say of each row whether it holds:
    /// attacks, and items of OWASP's ASVS
    Attacks,
    /// The same for the criteria of WCAG on docs/reference/accessibility.md
    Accessibility,
    /// The same for the programs of others on docs/reference/clients.md
    Clients,
    /// The fast checks on the tree that no compiler makes
    Tidy,
    /// Draw the diagram of the crates in ARCHITECTURE.md anew
    Diagram,
    /// Rewrite the pages under docs/reference from the program
    Reference,
    /// Take pictures of every page in both languages, light and dark, wide and narrow, on a sheet
    /// each
    Pictures,
    /// Build and run the program, as in `cargo xtask run -- serve`
    Run {
        /// What the program is given
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// The full form of the crash test: kill the program under load on each engine, and PostgreSQL
    /// under it
    Crash {
        /// How often something is killed on each engine; every tenth time it is PostgreSQL
        #[arg(long, default_value_t = proofs::CRASH_ROUNDS)]
        rounds: u32,
    },
    /// The full form of the test that no check succeeds by what has ended
    Stale {
        /// How many checks are made
        #[arg(long, default_value_t = proofs::STALE_CHECKS)]
        checks: u32,
    },
    /// Prove on three nodes behind `HAProxy` that none accepts what another one ended
    Nodes {
        /// How many changes of each kind
        #[arg(long, default_value_t = proofs::NODE_CHANGES)]
        changes: u32,
        /// An older commit, built once and kept, whose program runs two of the nodes
        #[arg(long, value_name = "COMMIT")]
        beside: Option<String>,
    },
    /// The full form of the test that loses nothing to the network between a node and PostgreSQL
    Network {
        /// How often the network fails
        #[arg(long, default_value_t = proofs::NETWORK_ROUNDS)]
        rounds: u32,
    },
    /// Send what the description of the API allows and forbids to the real program, by schemathesis
    Schemathesis {
        /// How many requests
        #[arg(long, default_value_t = proofs::SCHEMATHESIS_CASES)]
        cases: u32,
    },
    /// Measure on the real program that the time of a refused password tells nothing
    Refusals {
        /// How often each kind of password is refused
        #[arg(long, default_value_t = proofs::REFUSALS)]
        tries: u32,
    },
    /// Prove that many tokens move to either engine in five minutes
    Import {
        /// How many tokens
        #[arg(long, default_value_t = proofs::IMPORT_TOKENS)]
        tokens: u32,
    },
    /// The full form of the proof that no flood harms a bystander: on a quiet machine, with answers
    /// in time
    Bystander {
        /// How many seconds each flood lasts
        #[arg(long, default_value_t = proofs::FLOOD_SECONDS)]
        seconds: u32,
        /// An older build of the program, to be flooded too and not judged
        #[arg(long, value_name = "PROGRAM")]
        before: Option<PathBuf>,
    },
    /// The full form of the property tests
    Properties {
        /// How many cases each property is tried with
        #[arg(long, default_value_t = proofs::PROPERTY_CASES)]
        cases: u32,
    },
    /// Measure against other servers in the same run, and write docs/reference/performance.md
    Bench {
        /// Only these rows
        #[arg(long, value_name = "ROW", num_args = 1..)]
        only: Vec<String>,
        /// Slices of each side, in turns
        #[arg(long)]
        slices: Option<u32>,
        /// Seconds of a slice
        #[arg(long)]
        seconds: Option<u32>,
        /// A first look, in a few minutes; the page is not written
        #[arg(long)]
        quick: bool,
        /// Keep for the page where the time of this row goes, instead of measuring it
        #[arg(long, value_name = "ROW", conflicts_with_all = ["only", "quick"])]
        profile: Option<String>,
        /// Measure the programs as they were built before
        #[arg(long)]
        as_built: bool,
        /// Compare with this older build of the program, in speed, in how many tokens share a sync,
        /// in start and in memory; no page is written
        #[arg(long, value_name = "PROGRAM", conflicts_with = "profile")]
        against: Option<PathBuf>,
    },
    /// Record how many instructions a check takes with this compiler, as the budget that a test
    /// keeps
    Budget,
    /// Make a release: a Debian package, a tarball, a container image, a bill of materials and
    /// their digests, in `dist` below the folder of the build
    Dist {
        /// Pack this program, in place of a release build
        #[arg(long, value_name = "PROGRAM")]
        program: Option<PathBuf>,
        /// Where the release goes
        #[arg(long, value_name = "FOLDER")]
        to: Option<PathBuf>,
        /// Make it from two builds, and compare all bytes
        #[arg(long, conflicts_with = "program")]
        twice: bool,
    },
    /// Run every proof in its full form
    Accept {
        /// Only list them
        #[arg(long)]
        list: bool,
    },
}

fn main() -> ExitCode {
    match carry_out(Arguments::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say::problem(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn carry_out(command: Command) -> anyhow::Result<()> {
    let workspace = Workspace::find()?;
    match command {
        Command::Setup => setup::run(&workspace),
        Command::Check { quick } => check::run(&workspace, check::Extent::of(quick)),
        Command::Test { quick } => test::run(&workspace, check::Extent::of(quick)),
        Command::Attacks => tables::run(&workspace, tables::SECURITY),
        Command::Accessibility => tables::run(&workspace, tables::ACCESSIBILITY),
        Command::Clients => tables::run(&workspace, tables::CLIENTS),
        Command::Tidy => tidy::run(&workspace),
        Command::Diagram => tidy::diagram::redraw(&workspace),
        Command::Reference => reference::run(&workspace),
        Command::Pictures => pictures::take(&workspace),
        Command::Run { arguments } => run::run(&workspace, &arguments),
        Command::Crash { rounds } => proofs::crash(&workspace, rounds),
        Command::Stale { checks } => proofs::stale(&workspace, checks),
        Command::Nodes { changes, beside } => proofs::nodes(&workspace, changes, beside.as_deref()),
        Command::Network { rounds } => proofs::network(&workspace, rounds),
        Command::Schemathesis { cases } => proofs::schemathesis(&workspace, cases),
        Command::Refusals { tries } => proofs::refusals(&workspace, tries),
        Command::Import { tokens } => proofs::import(&workspace, tokens),
        Command::Bystander { seconds, before } => {
            proofs::bystander(&workspace, seconds, before.as_deref())
        }
        Command::Properties { cases } => proofs::properties(&workspace, cases),
        Command::Bench {
            only,
            slices,
            seconds,
            quick,
            profile,
            as_built,
            against,
        } => {
            let usual = bench::Length::usual(quick);
            let wanted = bench::Wanted {
                only,
                length: bench::Length {
                    slices: slices.unwrap_or(usual.slices),
                    seconds: seconds.unwrap_or(usual.seconds),
                },
                extent: bench::Extent::of(quick),
                profile,
                programs: bench::Programs::of(as_built),
                against,
            };
            bench::run(&workspace, &wanted)
        }
        Command::Budget => budget::record(&workspace),
        Command::Dist { program, to, twice } => {
            dist::run(&workspace, &dist::Wanted { program, to, twice })
        }
        Command::Accept { list } => proofs::accept(&workspace, list),
    }
}
