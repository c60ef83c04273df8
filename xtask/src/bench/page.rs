//! What was measured, as a page.

use std::fmt::Write as _;

use crate::bench::Length;
use crate::bench::results::{Kept, Reading, Results, Shares};
use crate::bench::rows::{Bound, ROWS, Row, Unit};
use crate::bench::slices::{median, quantile};

const INTRODUCTION: &str = "\
# Performance

Written by `cargo xtask bench`. A figure is a ratio to another server, measured in the same run on the same machine in many
short slices that take turns: absolute figures differ between machines and moments, ratios much less. Each ratio is that of
two neighbouring slices; the table gives the median, the middle half and the extremes of them.

Counterfoil runs as it is shipped: release build, every check of expiry and revocation, last-used times, request ids, metrics
and audit on, the default logging to a file, rate limits off. Answers come over plain HTTP on the loopback network, on
connections that stay open.
";

/// One reading in a line, for whoever watches the run.
pub(crate) fn line(row: &Row, reading: &Reading) -> String {
    format!(
        "{}: {} (wanted {}; {}); {}",
        reading.case,
        figure(row.unit, median(reading.samples.clone())),
        wanted(row),
        spread(row.unit, reading),
        reading.detail
    )
}

pub(crate) fn page(results: &Results, machine: &str) -> String {
    let mut page = String::from(INTRODUCTION);
    // A run that only profiled has another length, and is not the one whose figures follow.
    let last = results.last_length().map(|Length { slices, seconds }| {
        format!(
            "The last run: {slices} slices of {seconds} s for each side where sides take turns. "
        )
    });
    let _ = writeln!(page, "\n{}{machine}\n", last.unwrap_or_default());
    page.push_str("| what | wanted | where | reached | middle half; extremes | it is |\n");
    page.push_str("| --- | --- | --- | --- | --- | --- |\n");
    for row in ROWS {
        match results.find(row.name) {
            Some(kept) => table_rows(&mut page, row, &kept),
            None => {
                let _ = writeln!(
                    page,
                    "| {} | {} | | not measured | | |",
                    row.what,
                    wanted(row)
                );
            }
        }
    }
    page.push_str("\nIn the last column, *told* is a reading that is given for comparison and decides nothing.\n");
    details(&mut page, results);
    profiles(&mut page, results);
    page
}

fn table_rows(page: &mut String, row: &Row, kept: &Kept) {
    for (place, reading) in kept.readings.iter().enumerate() {
        let middle = median(reading.samples.clone());
        let verdict = match (reading.counts, row.wanted.holds(middle)) {
            (false, _) => "*told*",
            (true, true) => "reached",
            (true, false) => "**not reached**",
        };
        let earlier = if kept.earlier {
            ", in an earlier run"
        } else {
            ""
        };
        let (what, wanted) = if place == 0 {
            (row.what, wanted(row))
        } else {
            ("", String::new())
        };
        let _ = writeln!(
            page,
            "| {what} | {wanted} | {} | {} | {} | {verdict}{earlier} |",
            reading.case,
            figure(row.unit, middle),
            spread(row.unit, reading),
        );
    }
}

/// What stands behind each figure.
fn details(page: &mut String, results: &Results) {
    page.push_str("\n## How each was measured, and what stands behind it\n");
    for row in ROWS {
        let _ = writeln!(page, "\n- `{}`: {}. {}.", row.name, row.what, row.how);
        let Some(kept) = results.find(row.name) else {
            continue;
        };
        for reading in &kept.readings {
            let _ = writeln!(page, "  - {}: {}.", reading.case, reading.detail);
        }
    }
}

/// Where the time goes in rows that were profiled.
fn profiles(page: &mut String, results: &Results) {
    let mut heading = "\n## Where the time goes\n\nShares of the samples that `perf` took of Counterfoil's process during one slice; \
         symbols under half a per cent are left out.\n";
    for row in ROWS {
        let Some(shares) = results.find_profile(row.name) else {
            continue;
        };
        page.push_str(heading);
        heading = "";
        profile(page, row, &shares);
    }
}

fn profile(page: &mut String, row: &Row, shares: &Shares) {
    let told: f64 = shares.iter().map(|(_, share)| share).sum();
    let kernel: f64 = shares
        .iter()
        .filter(|(symbol, _)| symbol.starts_with("kernel: "))
        .map(|(_, share)| share)
        .sum();
    let _ = writeln!(
        page,
        "\n### `{}`\n\n{told:.0} % of the samples, of which {kernel:.0} % are the kernel's:\n\n| symbol | share |\n| --- | --- |",
        row.name
    );
    for (symbol, share) in shares {
        let symbol = symbol.replace('|', "\\|");
        let _ = writeln!(page, "| `{symbol}` | {share:.1} % |");
    }
}

fn wanted(row: &Row) -> String {
    match row.wanted {
        Bound::AtLeast(least) => format!("at least {}", figure(row.unit, least)),
        Bound::AtMost(most) => format!("at most {}", figure(row.unit, most)),
    }
}

fn spread(unit: Unit, reading: &Reading) -> String {
    let sorted = reading.sorted();
    if sorted.len() < 2 {
        return "one sample".to_owned();
    }
    let at = |share| figure(unit, quantile(&sorted, share));
    format!("{} to {}; {} to {}", at(0.25), at(0.75), at(0.0), at(1.0))
}

fn figure(unit: Unit, figure: f64) -> String {
    match unit {
        Unit::Ratio => format!("{figure:.2}"),
        Unit::RequestsPerSync => format!("{figure:.1}"),
        Unit::Milliseconds => format!("{figure:.1} ms"),
        Unit::Megabytes => format!("{figure:.1} MB"),
        Unit::Bytes => format!("{figure:.0} bytes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_that_misses_its_bound_says_so() {
        let row = &ROWS[0];
        let kept = |sample| Kept {
            readings: vec![Reading::of("one core", vec![sample, sample], "d")],
            earlier: false,
        };
        let mut page = String::new();
        table_rows(&mut page, row, &kept(0.5));
        assert!(page.contains("| **not reached** |"), "{page}");
        let mut page = String::new();
        table_rows(&mut page, row, &kept(0.9));
        assert!(page.contains("| reached |"), "{page}");
    }

    #[test]
    fn a_reading_that_is_only_told_decides_nothing() {
        let mut page = String::new();
        let kept = Kept {
            readings: vec![Reading::of("one core", vec![0.1], "d").told()],
            earlier: true,
        };
        table_rows(&mut page, &ROWS[0], &kept);
        assert!(page.contains("| *told*, in an earlier run |"), "{page}");
    }
}
