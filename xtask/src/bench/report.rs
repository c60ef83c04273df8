//! What a run showed, as a page.

use std::fmt::Write as _;

use crate::bench::Length;
use crate::bench::wrk::Slice;

/// Two sides, measured in turn.
pub(crate) struct Comparison {
    pub(crate) what: &'static str,
    /// What the ratio should reach.
    pub(crate) at_least: f64,
    /// Neighbouring slices: ours, and the reference's.
    pub(crate) slices: Vec<(Slice, Slice)>,
}

/// The page with all comparisons.
pub(crate) fn page(comparisons: &[Comparison], length: Length) -> String {
    let mut page = String::from(
        "# Performance\n\n\
         Written by `cargo xtask bench`. Each figure is a ratio to a bare server of the same framework, measured in the same\n\
         run, on the same machine, in turns: absolute figures differ between machines and moments, ratios hardly do.\n\n",
    );
    let Length { slices, seconds } = length;
    let _ = writeln!(
        page,
        "This run: {slices} slices of {seconds} s for each side, 64 connections, one thread of load, server and load on the same cores.\n"
    );
    page.push_str("| what | at least | ratio (median) | lowest to highest | requests/s, ours | reference | p99, ours | reference |\n");
    page.push_str("| --- | --- | --- | --- | --- | --- | --- | --- |\n");
    for comparison in comparisons {
        row(&mut page, comparison);
    }
    page.push_str("\nWhere the time goes: [decision 6](../decisions/0006-remembered-passwords.md), under its costs.\n");
    page
}

fn row(page: &mut String, comparison: &Comparison) {
    let of =
        |value: fn(&(Slice, Slice)) -> f64| sorted(comparison.slices.iter().map(value).collect());
    let ratios = of(|(ours, theirs)| ours.requests_per_second / theirs.requests_per_second);
    let _ = writeln!(
        page,
        "| {} | {:.2} | {:.2} | {:.2} to {:.2} | {:.0} | {:.0} | {:.2} ms | {:.2} ms |",
        comparison.what,
        comparison.at_least,
        median(&ratios),
        ratios.first().copied().unwrap_or_default(),
        ratios.last().copied().unwrap_or_default(),
        median(&of(|(ours, _)| ours.requests_per_second)),
        median(&of(|(_, theirs)| theirs.requests_per_second)),
        median(&of(|(ours, _)| ours.p99_milliseconds)),
        median(&of(|(_, theirs)| theirs.p99_milliseconds)),
    );
}

fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    values
}

fn median(sorted: &[f64]) -> f64 {
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}
