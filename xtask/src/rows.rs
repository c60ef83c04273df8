//! Rows of the tables under `docs/reference` that name the tests which show them. The last cell of
//! a row holds its tests, each between back quotes. One that no test shows begins a cell with what
//! becomes of it in bold, such as `**Does not apply.**`, and says why.

/// A row of such a table.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Row<'p> {
    /// Where it stands on the page, from 1.
    pub(crate) line: usize,
    /// Its cells, without the blanks around them.
    pub(crate) cells: Vec<&'p str>,
}

impl<'p> Row<'p> {
    /// What it is called: its first cell.
    pub(crate) fn id(&self) -> &'p str {
        self.cells.first().copied().unwrap_or_default()
    }

    /// The tests that its last cell names.
    pub(crate) fn tests(&self) -> Vec<&'p str> {
        self.cells.last().map_or_else(Vec::new, |cell| quoted(cell))
    }

    /// What a cell begins with in bold, without its full stop, and what that cell says beside it.
    pub(crate) fn verdict(&self) -> Option<(&'p str, &'p str)> {
        self.cells.iter().find_map(|cell| {
            let (verdict, rest) = cell.strip_prefix("**")?.split_once("**")?;
            Some((verdict.trim_end_matches('.'), rest.trim()))
        })
    }
}

/// What stands between back quotes.
pub(crate) fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// The rows of all tables of a page, without the headings of these.
pub(crate) fn rows(page: &str) -> Vec<Row<'_>> {
    let mut rows = Vec::new();
    let mut is_below_heading = false;
    for (index, line) in page.lines().enumerate() {
        let inner = line.strip_prefix("| ");
        let Some(inner) = inner.and_then(|line| line.strip_suffix(" |")) else {
            is_below_heading = false;
            continue;
        };
        if is_below_heading && !inner.starts_with("---") {
            rows.push(Row {
                line: index + 1,
                cells: inner.split(" | ").map(str::trim).collect(),
            });
        }
        is_below_heading = true;
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "Some `text`.\n\n| id | what | here | tests |\n| --- | --- | --- | --- |\n\
                        | R1 | `a` is tried | no `b` | `web::one`, `web::two` |\n\
                        | V6.8.1 | something | **Does not apply.** There is none. | – |\n\n\
                        | id | tests |\n| --- | --- |\n| R2 | `web::three` |\n";

    #[test]
    fn the_rows_of_every_table_are_read_without_their_headings() {
        let ids: Vec<_> = rows(PAGE).iter().map(Row::id).collect();
        assert_eq!(ids, ["R1", "V6.8.1", "R2"]);
        assert_eq!(rows(PAGE)[0].line, 5);
    }

    #[test]
    fn a_row_names_its_tests_in_its_last_cell() {
        assert_eq!(rows(PAGE)[0].tests(), ["web::one", "web::two"]);
        assert!(rows(PAGE)[1].tests().is_empty());
    }

    #[test]
    fn a_row_says_in_bold_what_becomes_of_it() {
        let rows = rows(PAGE);
        assert_eq!(rows[0].verdict(), None);
        assert_eq!(
            rows[1].verdict(),
            Some(("Does not apply", "There is none."))
        );
    }
}
