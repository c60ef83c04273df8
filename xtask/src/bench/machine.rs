//! The machine in general terms: what a reader needs to judge figures by, and nothing that names
//! it.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;

use anyhow::{Context, Result};

use crate::bench::disk;
use crate::workspace::output;

/// A line about the machine.
pub(crate) fn describe(folder: &Path) -> Result<String> {
    let cores = thread::available_parallelism()?;
    let release = fs::read_to_string("/proc/sys/kernel/osrelease")?;
    let kernel: Vec<&str> = release.trim().splitn(3, '.').take(2).collect();
    // To the nearest: what the kernel keeps for itself is missing.
    let gibibytes = (memory_kib()? + 512 * 1024) / 1024 / 1024;
    Ok(format!(
        "{cores} cores ({}), {gibibytes} GiB of memory, Linux {}, {}; {}.",
        std::env::consts::ARCH,
        kernel.join("."),
        compiler()?,
        disk::sentence(folder)?
    ))
}

/// How much memory there is, in KiB.
pub(crate) fn memory_kib() -> Result<u64> {
    let memory = fs::read_to_string("/proc/meminfo")?;
    memory
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:"))
        .and_then(|line| line.trim().trim_end_matches(" kB").trim().parse().ok())
        .context("no memory in /proc/meminfo")
}

/// The compiler, as `rustc 1.95.0`.
pub(crate) fn compiler() -> Result<String> {
    let mut command = Command::new("rustc");
    command.arg("--version");
    let printed = output(command, "rustc")?;
    let words: Vec<&str> = printed.split_whitespace().take(2).collect();
    Ok(words.join(" "))
}
