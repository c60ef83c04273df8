//! Tables that go through a standard item by item: none is left out, and each says what becomes of
//! it here.

use crate::rows::Row;
use crate::tidy::tree::{File, Finding};

/// How many items of levels 1 and 2 each section has of the chapters 3, 6, 7 and 10 of OWASP's ASVS
/// 5.0.0. They are numbered from 1.
const ASVS: &[(&str, usize)] = &[
    ("V3.2", 2),
    ("V3.3", 4),
    ("V3.4", 6),
    ("V3.5", 5),
    ("V3.7", 2),
    ("V6.1", 3),
    ("V6.2", 12),
    ("V6.3", 4),
    ("V6.4", 4),
    ("V6.5", 5),
    ("V6.6", 3),
    ("V6.8", 4),
    ("V7.1", 3),
    ("V7.2", 4),
    ("V7.3", 2),
    ("V7.4", 5),
    ("V7.5", 2),
    ("V7.6", 2),
    ("V10.1", 2),
    ("V10.2", 2),
    ("V10.3", 4),
    ("V10.4", 11),
    ("V10.5", 5),
    ("V10.6", 2),
    ("V10.7", 3),
];

/// The criteria of level A and AA of the W3C's WCAG 2.2, by the guideline that they are of.
const WCAG: &[(&str, &[u32])] = &[
    ("1.1", &[1]),
    ("1.2", &[1, 2, 3, 4, 5]),
    ("1.3", &[1, 2, 3, 4, 5]),
    ("1.4", &[1, 2, 3, 4, 5, 10, 11, 12, 13]),
    ("2.1", &[1, 2, 4]),
    ("2.2", &[1, 2]),
    ("2.3", &[1]),
    ("2.4", &[1, 2, 3, 4, 5, 6, 7, 11]),
    ("2.5", &[1, 2, 3, 4, 7, 8]),
    ("3.1", &[1, 2]),
    ("3.2", &[1, 2, 3, 4, 6]),
    ("3.3", &[1, 2, 3, 4, 7, 8]),
    ("4.1", &[2, 3]),
];

/// What becomes of an item. Behind the first two stand tests that show it.
const VERDICTS: [&str; 4] = ["Met", "In part", "Not met", "Does not apply"];
/// What only people can judge.
const BY_HAND: &str = "By hand";

/// Looks at the rows of the standard among those of the page.
pub(super) fn check_asvs(page: &File, rows: &[Row<'_>]) -> Vec<Finding> {
    let expected = ASVS.iter().flat_map(|(section, items)| {
        let items = 1..=*items;
        items.map(move |item| format!("{section}.{item}"))
    });
    let is_item = |row: &&Row<'_>| {
        let number = row.id().strip_prefix('V');
        number.is_some_and(|number| number.starts_with(|first: char| first.is_ascii_digit()))
    };
    let rows: Vec<_> = rows.iter().filter(is_item).collect();
    let expected: Vec<_> = expected.collect();
    check(page, &rows, &expected, &["1", "2"], &VERDICTS)
}

/// Looks at all rows of the page.
pub(super) fn check_wcag(page: &File, rows: &[Row<'_>]) -> Vec<Finding> {
    let expected = WCAG.iter().flat_map(|(guideline, criteria)| {
        let numbers = criteria.iter();
        numbers.map(move |number| format!("{guideline}.{number}"))
    });
    let rows: Vec<_> = rows.iter().collect();
    let verdicts = [VERDICTS.as_slice(), &[BY_HAND]].concat();
    let expected: Vec<_> = expected.collect();
    check(page, &rows, &expected, &["A", "AA"], &verdicts)
}

fn check(
    page: &File,
    rows: &[&Row<'_>],
    expected: &[String],
    levels: &[&str],
    verdicts: &[&str],
) -> Vec<Finding> {
    let ids: Vec<_> = rows.iter().map(|row| row.id()).collect();
    let mut findings = Vec::new();
    if ids != expected {
        let missing = expected.iter().filter(|id| !ids.contains(&id.as_str()));
        let missing: Vec<_> = missing.map(String::as_str).collect();
        findings.push(page.finding(format!(
            "does not have each item once and in order; it lacks [{}]",
            missing.join(", ")
        )));
    }
    for row in rows {
        let refusals = refusals(row, levels, verdicts);
        let said = refusals.into_iter();
        findings.extend(
            said.map(|refusal| page.finding_at(row.line, format!("{}: {refusal}", row.id()))),
        );
    }
    findings
}

fn refusals(row: &Row<'_>, levels: &[&str], verdicts: &[&str]) -> Vec<String> {
    let [_, level, asked, here, tests] = row.cells.as_slice() else {
        return vec!["a row has five cells".to_owned()];
    };
    let mut refusals = Vec::new();
    if !levels.contains(level) {
        refusals.push(format!("{level} is no level"));
    }
    if asked.is_empty() || tests.is_empty() {
        refusals.push("a cell is empty".to_owned());
    }
    match row.verdict().filter(|_| here.starts_with("**")) {
        Some((verdict, reason)) if verdicts.contains(&verdict) => {
            let is_shown = matches!(verdict, "Met" | "In part");
            if is_shown && row.tests().is_empty() {
                refusals.push(format!("{verdict}, and no test shows it"));
            }
            if reason.is_empty() {
                refusals.push("does not say how or why".to_owned());
            }
        }
        _ => refusals.push(format!("begins with none of {}", verdicts.join(", "))),
    }
    refusals
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::rows;
    use crate::tidy::tree::Tree;

    fn refused(row: &str) -> Vec<String> {
        let page = format!("| item | level |\n| --- | --- |\n{row}\n");
        let rows = rows(&page);
        refusals(&rows[0], &["1", "2"], &VERDICTS)
    }

    #[test]
    fn every_item_stands_once_and_in_order() {
        let head = "| item | level | asked | here | tests |\n| --- | --- | --- | --- | --- |\n";
        let row =
            |id: &str| format!("| {id} | 1 | something | **Does not apply.** No such. | – |\n");
        let found = |ids: &[&str]| {
            let rows: String = ids.iter().map(|id| row(id)).collect();
            let text = format!("{head}{rows}");
            let tree = Tree::of(&[("page.md", &text)]);
            let page = &tree.files()[0];
            let rows = crate::rows::rows(&page.text);
            let rows: Vec<_> = rows.iter().collect();
            let expected = ["V1.1.1", "V1.1.2"].map(str::to_owned);
            check(page, &rows, &expected, &["1"], &VERDICTS)
        };
        assert_eq!(found(&["V1.1.1", "V1.1.2"]), []);
        for ids in [
            &["V1.1.1"][..],
            &["V1.1.2", "V1.1.1"],
            &["V1.1.1", "V1.1.1", "V1.1.2"],
        ] {
            assert_eq!(found(ids).len(), 1, "{ids:?}");
        }
    }

    #[test]
    fn what_is_met_is_shown_and_what_is_not_has_its_reason() {
        let met = "| V3.2.1 | 1 | something | **Met.** So it is. | `web::so_it_is` |";
        assert!(refused(met).is_empty());
        for row in [
            "| V3.2.1 | 1 | something | **Met.** So it is. | – |",
            "| V3.2.1 | 3 | something | **Met.** So it is. | `web::so_it_is` |",
            "| V3.2.1 | 1 | something | **Not met.** | – |",
            "| V3.2.1 | 1 | something | **By hand.** Somebody looks. | – |",
            "| V3.2.1 | 1 | something | So it is. | `web::so_it_is` |",
            "| V3.2.1 | 1 | **Met.** So it is. | `web::so_it_is` |",
        ] {
            assert_eq!(refused(row).len(), 1, "{row}");
        }
    }

    #[test]
    fn the_standards_have_as_many_items_as_their_texts() {
        let items: usize = ASVS.iter().map(|(_, items)| items).sum();
        assert_eq!(items, 101);
        let criteria: usize = WCAG.iter().map(|(_, criteria)| criteria.len()).sum();
        assert_eq!(criteria, 55);
    }
}
