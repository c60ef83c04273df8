//! Tables of the administration. Where a page is narrow each row is a list of its own, with the
//! heading of its column before each cell.

use askama::Template;
use askama::filters::HtmlSafe;

use crate::components::Badge;
use crate::text::Text;

/// Rows under headings, of which the first cell says what each is about.
#[derive(Template)]
#[template(path = "components/table.html")]
pub struct Table {
    name: Text,
    columns: Vec<Text>,
    rows: Vec<Vec<Labelled>>,
}

/// What stands in a row under a heading: lines below each other, then badges.
#[derive(Debug)]
pub struct Cell {
    lines: Vec<Text>,
    badges: Vec<Badge>,
}

struct Labelled {
    label: Text,
    cell: Cell,
}

impl Table {
    /// A table of this name, which stands in no heading above it, without rows.
    pub fn new<const N: usize>(name: Text, columns: [Text; N]) -> Self {
        Self {
            name,
            columns: columns.into(),
            rows: Vec::new(),
        }
    }

    /// Adds a row with a cell for each column.
    pub fn add<const N: usize>(&mut self, cells: [Cell; N]) {
        debug_assert_eq!(N, self.columns.len(), "a cell for each column");
        let labels = self.columns.iter().map(Text::without_tags);
        let row = labels.zip(cells);
        let row = row.map(|(label, cell)| Labelled { label, cell });
        self.rows.push(row.collect());
    }

    /// Whether it has no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

impl Cell {
    /// One with this text.
    pub fn of(text: Text) -> Self {
        Self {
            lines: vec![text],
            badges: Vec::new(),
        }
    }

    /// One with these badges.
    pub fn badges(badges: Vec<Badge>) -> Self {
        Self {
            lines: Vec::new(),
            badges,
        }
    }

    /// The same with badges below its lines.
    #[must_use]
    pub fn with_badges(mut self, badges: Vec<Badge>) -> Self {
        self.badges.extend(badges);
        self
    }

    /// The same with a line below the others.
    #[must_use]
    pub fn below(mut self, line: Option<Text>) -> Self {
        self.lines.extend(line);
        self
    }
}

impl HtmlSafe for Table {}
