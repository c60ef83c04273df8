//! Tables for people: columns as wide as what stands in them, two spaces apart.

/// Rows under headings.
#[derive(Debug)]
pub(crate) struct Table<const N: usize> {
    headings: [&'static str; N],
    rows: Vec<[String; N]>,
}

impl<const N: usize> Table<N> {
    /// A table without rows.
    pub(crate) fn new(headings: [&'static str; N]) -> Self {
        Self {
            headings,
            rows: Vec::new(),
        }
    }

    /// Adds a row.
    pub(crate) fn push(&mut self, row: [String; N]) {
        self.rows.push(row);
    }

    /// The table as text; nothing at all when it has no rows.
    pub(crate) fn to_text(&self) -> String {
        if self.rows.is_empty() {
            return String::new();
        }
        let headings = self.headings.map(str::to_owned);
        let all = || std::iter::once(&headings).chain(&self.rows);
        let width = |column: usize| all().map(|row| row[column].chars().count()).max();
        let widths: [usize; N] = std::array::from_fn(|column| width(column).unwrap_or(0));
        let mut text = String::new();
        for row in all() {
            let cells = row.iter().zip(widths);
            let line: Vec<String> = cells
                .map(|(cell, width)| format!("{cell:width$}"))
                .collect();
            text.push_str(line.join("  ").trim_end());
            text.push('\n');
        }
        text
    }
}

/// Facts about one thing: a name and a value on each line.
pub(crate) fn facts(pairs: &[(&str, String)]) -> String {
    let width = pairs.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let line = |(name, value): &(&str, String)| {
        format!("{name:width$}  {value}").trim_end().to_owned() + "\n"
    };
    pairs.iter().map(line).collect()
}

/// A value, or a hyphen where there is none.
pub(crate) fn or_hyphen<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

/// `yes` or `no`.
pub(crate) fn yes_or_no(value: bool) -> String {
    if value { "yes" } else { "no" }.to_owned()
}

/// How many of something there are, in words: `1 token`, `2 tokens`.
pub(crate) fn count(number: u64, noun: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let mut table = Table::new(["LOGIN", "NAME"]);
        table.push(["a".to_owned(), "Zoë".to_owned()]);
        table.push(["octocat".to_owned(), String::new()]);
        assert_eq!(table.to_text(), "LOGIN    NAME\na        Zoë\noctocat\n");
    }

    #[test]
    fn a_table_without_rows_has_no_headings_either() {
        assert_eq!(Table::new(["LOGIN"]).to_text(), "");
    }
}
