//! What was measured, kept in the build folder so that one row can be measured again without the
//! others.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::bench::rows::ROWS;
use crate::bench::{Extent, Length};

/// One arrangement of a row: on one core, say, or without load.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Reading {
    /// Which arrangement.
    pub(crate) case: String,
    /// A sample for each pair of neighbouring slices.
    pub(crate) samples: Vec<f64>,
    /// What stands behind the samples, in a few words.
    pub(crate) detail: String,
    /// Whether it decides if the row is reached; what does not is only told.
    pub(crate) counts: bool,
}

impl Reading {
    /// A reading that decides.
    pub(crate) fn of(
        case: impl Into<String>,
        samples: Vec<f64>,
        detail: impl Into<String>,
    ) -> Self {
        Self {
            case: case.into(),
            samples,
            detail: detail.into(),
            counts: true,
        }
    }

    /// The same, only told.
    pub(crate) fn told(mut self) -> Self {
        self.counts = false;
        self
    }

    /// The samples in order.
    pub(crate) fn sorted(&self) -> Vec<f64> {
        let mut samples = self.samples.clone();
        samples.sort_by(f64::total_cmp);
        samples
    }
}

/// What a profile showed: symbols with their share of the samples in percent.
pub(crate) type Shares = Vec<(String, f64)>;

/// The folder of results.
pub(crate) struct Results {
    folder: PathBuf,
    run: u64,
}

/// A row as it was kept.
pub(crate) struct Kept {
    pub(crate) readings: Vec<Reading>,
    /// Whether it was measured in an earlier run than the last.
    pub(crate) earlier: bool,
}

impl Results {
    /// Opens the folder for another run. Quick runs have a folder of their own.
    pub(crate) fn open(folder: &Path, extent: Extent) -> Result<Self> {
        let folder = match extent {
            Extent::Full => folder.to_path_buf(),
            Extent::Quick => folder.join("quick"),
        };
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let counter = folder.join("runs");
        let before = fs::read_to_string(&counter).unwrap_or_default();
        let run = before.trim().parse::<u64>().unwrap_or(0) + 1;
        fs::write(&counter, run.to_string())?;
        Ok(Self { folder, run })
    }

    /// The number of this run.
    pub(crate) fn run(&self) -> u64 {
        self.run
    }

    /// Keeps what a row showed.
    pub(crate) fn keep(&self, row: &str, readings: &[Reading], length: Length) -> Result<()> {
        let readings: Vec<Value> = readings
            .iter()
            .map(|reading| {
                json!({
                    "case": reading.case,
                    "samples": reading.samples,
                    "detail": reading.detail,
                    "counts": reading.counts,
                })
            })
            .collect();
        let Length { slices, seconds } = length;
        let document = json!({
            "run": self.run,
            "slices": slices,
            "seconds": seconds,
            "readings": readings,
        });
        self.write(&format!("{row}.json"), &document)
    }

    /// Keeps where a row's time goes.
    pub(crate) fn keep_profile(&self, row: &str, shares: &Shares) -> Result<()> {
        self.write(&format!("{row}.profile.json"), &json!(shares))
    }

    /// What was kept of a row.
    pub(crate) fn find(&self, row: &str) -> Option<Kept> {
        let document = self.read(&format!("{row}.json"))?;
        let readings = document["readings"].as_array()?.iter().map(reading);
        Some(Kept {
            readings: readings.collect::<Option<_>>()?,
            earlier: document["run"].as_u64()? != self.last(),
        })
    }

    /// The last run that measured something; one that only profiles does not count.
    fn last(&self) -> u64 {
        let runs = ROWS
            .iter()
            .filter_map(|row| self.read(&format!("{}.json", row.name))?["run"].as_u64());
        runs.max().unwrap_or(self.run)
    }

    /// How long the rows of that run were measured.
    pub(crate) fn last_length(&self) -> Option<Length> {
        let last = self.last();
        let mut documents = ROWS
            .iter()
            .filter_map(|row| self.read(&format!("{}.json", row.name)));
        let document = documents.find(|document| document["run"].as_u64() == Some(last))?;
        let number = |name: &str| u32::try_from(document[name].as_u64()?).ok();
        Some(Length {
            slices: number("slices")?,
            seconds: number("seconds")?,
        })
    }

    /// What was kept of a row's profile.
    pub(crate) fn find_profile(&self, row: &str) -> Option<Shares> {
        serde_json::from_value(self.read(&format!("{row}.profile.json"))?).ok()
    }

    fn read(&self, name: &str) -> Option<Value> {
        let text = fs::read_to_string(self.folder.join(name)).ok()?;
        serde_json::from_str(&text).ok()
    }

    fn write(&self, name: &str, document: &Value) -> Result<()> {
        let file = self.folder.join(name);
        fs::write(&file, format!("{document:#}"))
            .with_context(|| format!("cannot write {}", file.display()))
    }
}

fn reading(value: &Value) -> Option<Reading> {
    Some(Reading {
        case: value["case"].as_str()?.to_owned(),
        samples: value["samples"]
            .as_array()?
            .iter()
            .map(Value::as_f64)
            .collect::<Option<_>>()?,
        detail: value["detail"].as_str()?.to_owned(),
        counts: value["counts"].as_bool()?,
    })
}
