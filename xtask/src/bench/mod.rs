//! `cargo xtask bench`: how fast, as ratios to other servers measured in the same run.
//!
//! A machine changes its speed within seconds, so the sides take turns in many short slices, and
//! what is compared is the ratio of neighbouring slices. Absolute figures are printed and mean
//! little elsewhere.
//!
//! Each row of the table is data (`rows`): what is wanted, and the function that measures it. What
//! a row showed is kept in the build folder; the page is made of what is kept there.

mod against;
mod database;
mod disk;
mod http;
mod machine;
mod page;
mod process;
mod profile;
mod results;
mod rows;
mod scene;
mod sides;
mod slices;
mod tools;
mod visitor;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

use self::profile::Profiling;
use self::results::Results;
use self::rows::{ROWS, Row};
use crate::say;
use crate::workspace::{Workspace, succeed};

/// What the command line asks for.
pub(crate) struct Wanted {
    /// Only these rows.
    pub(crate) only: Vec<String>,
    /// How long each is measured.
    pub(crate) length: Length,
    /// Whether the figures are for a first look only, and not for the page.
    pub(crate) extent: Extent,
    /// Store where the time of this row goes, instead of measuring it.
    pub(crate) profile: Option<String>,
    /// Which programs are measured.
    pub(crate) programs: Programs,
    /// An older build that this one is compared with, instead of being measured.
    pub(crate) against: Option<PathBuf>,
}

/// Which programs are measured.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Programs {
    /// Those of this tree, built first.
    Fresh,
    /// Those that were built before.
    AsBuilt,
}

/// Whether a run is in earnest.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// Its figures go to the page.
    Full,
    /// A first look: short slices, smaller databases.
    Quick,
}

/// How long a row is measured.
#[derive(Clone, Copy)]
pub(crate) struct Length {
    /// Slices of each side.
    pub(crate) slices: u32,
    /// Seconds of a slice.
    pub(crate) seconds: u32,
}

impl Extent {
    /// The extent that `--quick` stands for.
    pub(crate) fn of(quick: bool) -> Self {
        if quick { Self::Quick } else { Self::Full }
    }
}

impl Programs {
    /// The programs that `--as-built` stands for.
    pub(crate) fn of(as_built: bool) -> Self {
        if as_built { Self::AsBuilt } else { Self::Fresh }
    }
}

impl Length {
    /// Half as many slices, for what is only told or has been measured in another way already.
    pub(crate) fn half(self) -> Self {
        Self {
            slices: self.slices.div_ceil(2),
            ..self
        }
    }

    /// What is usual: at least 40 seconds a side in earnest.
    pub(crate) fn usual(quick: bool) -> Self {
        match Extent::of(quick) {
            Extent::Full => Self {
                slices: 20,
                seconds: 2,
            },
            Extent::Quick => Self {
                slices: 3,
                seconds: 1,
            },
        }
    }
}

/// What the rows work with.
pub(crate) struct Bench {
    /// Where the programs are.
    programs: PathBuf,
    /// The root of the workspace.
    root: PathBuf,
    /// Everything that a run writes.
    folder: PathBuf,
    length: Length,
    extent: Extent,
    profiling: Profiling,
    /// The number of this run.
    run: u64,
}

/// Measures what is wanted, prints the table, and writes the page if the run was in earnest.
pub(crate) fn run(workspace: &Workspace, wanted: &Wanted) -> Result<()> {
    if let Some(older) = &wanted.against {
        let (bench, _) = prepare(workspace, wanted)?;
        return against::compare(&bench, older, &wanted.only);
    }
    let rows = chosen(wanted)?;
    tools::demand_all(&rows)?;
    let (bench, results) = prepare(workspace, wanted)?;
    let machine = machine::describe(&bench.folder)?;
    say::line(&machine);
    for row in rows {
        say::step(&format!("{}: {}", row.name, row.what));
        if wanted.profile.is_some() {
            (row.measure)(&bench)?;
            results.keep_profile(row.name, &bench.profiling.shares()?)?;
            continue;
        }
        let readings = (row.measure)(&bench).with_context(|| format!("row {}", row.name))?;
        for reading in &readings {
            say::line(&page::line(row, reading));
        }
        results.keep(row.name, &readings, wanted.length)?;
    }
    let page = page::page(&results, &machine);
    if wanted.extent == Extent::Quick {
        say::line(&page);
        say::line("A quick run: the page was not written.");
        return Ok(());
    }
    say::line(&page);
    let file = workspace.root().join("docs/reference/performance.md");
    fs::write(&file, page).with_context(|| format!("cannot write {}", file.display()))
}

/// Builds the programs, unless those that there are will do, and makes the folder of the run.
fn prepare(workspace: &Workspace, wanted: &Wanted) -> Result<(Bench, Results)> {
    if wanted.programs == Programs::Fresh {
        build(workspace)?;
    }
    let target = workspace.target_folder()?;
    let folder = target.join("bench");
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let results = Results::open(&folder.join("results"), wanted.extent)?;
    let bench = Bench {
        run: results.run(),
        programs: set_aside(&target.join("release"), &folder)?,
        root: workspace.root().to_path_buf(),
        profiling: Profiling::of(wanted.profile.is_some(), &folder),
        folder,
        length: wanted.length,
        extent: wanted.extent,
    };
    Ok((bench, results))
}

/// The rows to measure, in the order of the table.
fn chosen(wanted: &Wanted) -> Result<Vec<&'static Row>> {
    let names: Vec<&str> = match &wanted.profile {
        Some(name) => vec![name],
        None => wanted.only.iter().map(String::as_str).collect(),
    };
    if let Some(unknown) = names
        .iter()
        .find(|name| ROWS.iter().all(|row| row.name != **name))
    {
        let known: Vec<&str> = ROWS.iter().map(|row| row.name).collect();
        bail!("there is no row {unknown}; there are {}", known.join(", "));
    }
    let rows: Vec<&Row> = ROWS
        .iter()
        .filter(|row| names.is_empty() || names.contains(&row.name))
        .collect();
    ensure!(!rows.is_empty(), "no row is left");
    Ok(rows)
}

fn build(workspace: &Workspace) -> Result<()> {
    say::step("build");
    let mut arguments = vec!["build", "--release", "--locked"];
    for package in ["counterfoil", "reference-server", "bench-tools"] {
        arguments.extend(["--package", package]);
    }
    succeed(workspace.cargo(&arguments), "cargo build")
}

/// Copies the programs, so that a build that runs meanwhile changes nothing that is measured.
fn set_aside(built: &Path, folder: &Path) -> Result<PathBuf> {
    let programs = folder.join("programs");
    fs::create_dir_all(&programs)?;
    for name in [
        "counterfoil",
        "reference-server",
        "bench-load",
        "bench-fill",
    ] {
        let from = built.join(name);
        fs::copy(&from, programs.join(name))
            .with_context(|| format!("{} is not built", from.display()))?;
    }
    Ok(programs)
}

impl Bench {
    /// A program that was built for this run.
    fn program(&self, name: &str) -> PathBuf {
        self.programs.join(name)
    }

    /// A file or folder of the run.
    fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// How long a row is measured.
    fn length(&self) -> Length {
        self.profiling.length(self.length)
    }

    /// A large number for a run in earnest, a smaller one for a first look.
    fn at_most<T>(&self, full: T, quick: T) -> T {
        match self.extent {
            Extent::Full => full,
            Extent::Quick => quick,
        }
    }
}
