//! A table of the schema as what concerns every one of them sees it: copying a database to another
//! engine, and comparing two. Which tables there are, [`crate::engine::sqlite::all_tables`] knows.

use crate::statement::{Lock, Statement};

/// A table, with the statements that move it. Their texts serve both engines.
#[derive(Debug)]
pub(crate) struct Table {
    /// Its name.
    pub(crate) name: String,
    /// Its columns in their order, which is that of both engines.
    pub(crate) columns: Vec<Column>,
    /// How many columns the primary key has, and where each of them stands.
    pub(crate) key: Vec<usize>,
    /// Whether its ids come from a counter.
    pub(crate) is_counted: bool,
    texts: Texts,
}

/// A column.
#[derive(Debug)]
pub(crate) struct Column {
    /// Its name.
    pub(crate) name: String,
    /// What is in it.
    pub(crate) kind: ColumnKind,
}

/// What is in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ColumnKind {
    /// Whole numbers.
    Integer,
    /// Text.
    Text,
    /// Bytes.
    Blob,
}

#[derive(Debug)]
struct Texts {
    count: String,
    any: String,
    first: String,
    after: String,
    insert: String,
    empty: String,
    names: String,
}

impl Table {
    /// The table with these columns and this primary key.
    pub(crate) fn new(
        name: String,
        columns: Vec<Column>,
        key: &[String],
        is_counted: bool,
    ) -> Self {
        let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        let names = names.join(", ");
        let order = key.join(", ");
        let numbers = |last: usize| {
            let numbers: Vec<_> = (1..=last).map(|number| format!("${number}")).collect();
            numbers.join(", ")
        };
        let texts = Texts {
            count: format!("SELECT count(*) FROM {name}"),
            any: format!("SELECT 1 FROM {name} LIMIT 1"),
            first: format!("SELECT {names} FROM {name} ORDER BY {order} LIMIT $1"),
            after: format!(
                "SELECT {names} FROM {name} WHERE ({order}) > ({}) ORDER BY {order} LIMIT ${}",
                numbers(key.len()),
                key.len() + 1
            ),
            insert: format!(
                "INSERT INTO {name} ({names}) VALUES ({})",
                numbers(columns.len())
            ),
            empty: format!("DELETE FROM {name}"),
            names,
        };
        let place = |wanted: &String| columns.iter().position(|column| column.name == *wanted);
        let key = key.iter().filter_map(place).collect();
        Self {
            name,
            columns,
            key,
            is_counted,
            texts,
        }
    }

    /// How many rows it has.
    pub(crate) fn count(&'static self) -> Statement {
        self.statement(&self.texts.count)
    }

    /// Whether it has any.
    pub(crate) fn any(&'static self) -> Statement {
        self.statement(&self.texts.any)
    }

    /// Its first rows in the order of its key, as many as the parameter says.
    pub(crate) fn first(&'static self) -> Statement {
        self.statement(&self.texts.first)
    }

    /// The rows after a key, as many as the last parameter says.
    pub(crate) fn after(&'static self) -> Statement {
        self.statement(&self.texts.after)
    }

    /// Adds a row.
    pub(crate) fn insert(&'static self) -> Statement {
        self.statement(&self.texts.insert)
    }

    /// Removes all rows.
    pub(crate) fn empty(&'static self) -> Statement {
        self.statement(&self.texts.empty)
    }

    /// The names of its columns, with commas between them.
    pub(crate) fn names(&self) -> &str {
        &self.texts.names
    }

    fn statement(&'static self, text: &'static str) -> Statement {
        Statement {
            name: &self.name,
            text,
            lock: Lock::None,
        }
    }
}
