//! How long the disk takes to make something durable: it differs by a factor of forty between
//! machines.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::time::Instant;

use anyhow::Result;

use crate::bench::slices::quantile;

/// Syncs that are measured.
const SYNCS: u32 = 200;
/// What each makes durable, in bytes: a page of the database.
const PAGE: usize = 4096;

/// Microseconds of a sync after a page was appended, sorted.
pub(crate) fn syncs(folder: &Path) -> Result<Vec<f64>> {
    let path = folder.join("sync-probe");
    let mut file = File::create(&path)?;
    let mut taken = Vec::new();
    for _ in 0..SYNCS {
        file.write_all(&[0; PAGE])?;
        let since = Instant::now();
        file.sync_data()?;
        taken.push(since.elapsed().as_secs_f64() * 1e6);
    }
    fs::remove_file(&path)?;
    taken.sort_by(f64::total_cmp);
    Ok(taken)
}

/// The same in a sentence.
pub(crate) fn sentence(folder: &Path) -> Result<String> {
    let syncs = syncs(folder)?;
    Ok(format!(
        "a sync of the disk takes {:.0} µs (median of {SYNCS}; one in ten takes more than {:.0} µs)",
        quantile(&syncs, 0.5),
        quantile(&syncs, 0.9)
    ))
}
