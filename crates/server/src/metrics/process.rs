//! What the system knows of this process, under the names that Prometheus's own libraries give it.

use std::fmt;
use std::fs;

use rustix::param::{clock_ticks_per_second, page_size};
use rustix::process::{Resource, getrlimit};

use super::catalog::{
    PROCESS_CPU, PROCESS_MAX_FDS, PROCESS_OPEN_FDS, PROCESS_RESIDENT_MEMORY, PROCESS_START,
    PROCESS_THREADS, PROCESS_VIRTUAL_MEMORY,
};
use super::told::Told;

/// Tells it all. What the system does not say, as where `/proc` is hidden, is left out.
pub(super) fn tell(told: &mut Told<'_>) -> fmt::Result {
    if let Some(stat) = read("/proc/self/stat").as_deref().and_then(Stat::read) {
        told.counter_of_seconds(&PROCESS_CPU, stat.cpu_seconds)?;
        told.gauge(&PROCESS_RESIDENT_MEMORY, &stat.resident_bytes)?;
        told.gauge(&PROCESS_VIRTUAL_MEMORY, &stat.virtual_bytes)?;
        told.gauge(&PROCESS_THREADS, &stat.threads)?;
        if let Some(booted) = read("/proc/stat").as_deref().and_then(boot_time) {
            told.gauge(&PROCESS_START, &(booted + stat.started_after_boot))?;
        }
    }
    if let Ok(open) = fs::read_dir("/proc/self/fd") {
        // The folder that is read is open too.
        let open = open.count().saturating_sub(1);
        told.gauge(&PROCESS_OPEN_FDS, &open)?;
    }
    match getrlimit(Resource::Nofile).current {
        Some(most) => told.gauge(&PROCESS_MAX_FDS, &most),
        None => told.gauge(&PROCESS_MAX_FDS, &f64::INFINITY),
    }
}

fn read(path: &str) -> Option<String> {
    fs::read_to_string(path).ok()
}

/// What `proc_pid_stat(5)` says.
#[derive(Debug, PartialEq)]
struct Stat {
    cpu_seconds: f64,
    threads: u64,
    started_after_boot: f64,
    virtual_bytes: u64,
    resident_bytes: u64,
}

impl Stat {
    fn read(line: &str) -> Option<Self> {
        // The second field is the program's name in parentheses, which may hold anything.
        let (_, rest) = line.rsplit_once(')')?;
        let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
        // The manual counts from 1, and the first of these is its third.
        let field = |number: usize| fields.get(number - 3)?.parse::<u64>().ok();
        Some(Self {
            cpu_seconds: seconds(field(14)? + field(15)?),
            threads: field(20)?,
            started_after_boot: seconds(field(22)?),
            virtual_bytes: field(23)?,
            resident_bytes: field(24)? * page_size() as u64,
        })
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a process would have to run for millions of years"
)]
fn seconds(ticks: u64) -> f64 {
    ticks as f64 / clock_ticks_per_second() as f64
}

fn boot_time(stat: &str) -> Option<f64> {
    let line = stat.lines().find_map(|line| line.strip_prefix("btime "));
    line?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_systems_line_is_read_whatever_the_program_is_called() {
        let line = "7 (a) b (c)) S 1 2 3 4 5 6 7 8 9 10 150 50 13 14 15 16 9 18 1000 4096000 25 22";
        assert_eq!(
            Stat::read(line),
            Some(Stat {
                cpu_seconds: seconds(200),
                threads: 9,
                started_after_boot: seconds(1000),
                virtual_bytes: 4_096_000,
                resident_bytes: 25 * page_size() as u64,
            })
        );
        assert_eq!(Stat::read("7 (a) S 1"), None);
        assert_eq!(
            boot_time("cpu 1 2\nbtime 1700000000\n"),
            Some(1_700_000_000.0)
        );
    }
}
