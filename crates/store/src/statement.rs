//! Statements: named texts, each written once for all engines.
//!
//! Parameters are `$1`, `$2`, … and are bound by number, whatever the order in which they stand in
//! the text.

mod columns;
mod value;

pub(crate) use crate::statement::value::{Row, Value, params};

/// A statement with the name under which tests and logs know it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Statement {
    /// The name of the constant.
    pub(crate) name: &'static str,
    /// The text.
    pub(crate) text: &'static str,
    /// What becomes of the rows that it reads until the transaction ends.
    pub(crate) lock: Lock,
}

impl Statement {
    /// The table and the column of the value at this place of its rows, the first at 0; of a
    /// computed value the first table and the expression.
    pub(crate) fn column(self, place: usize) -> (&'static str, &'static str) {
        columns::column(self.text, place)
    }
}

/// What a statement holds on to, where several transactions write at the same time. SQLite has one
/// writer, and so has no such locks: see [`crate::engine::connection::AnyConnection::lock`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Lock {
    /// Nothing.
    None,
    /// The rows stay as they are: others may hold them in the same way, and nobody changes them.
    Shared,
    /// The rows are this transaction's: whoever else wants to hold or change them waits.
    Exclusive,
}

/// Rows that one statement inserts or looks for at most.
pub(crate) const ROWS_AT_ONCE: usize = 32;

/// A statement for one row, and the same for 2, 4, 8 and so on up to [`ROWS_AT_ONCE`]: each
/// statement is a way to the server and back, and each size a text that it keeps prepared.
#[derive(Clone, Debug)]
pub(crate) struct Batched {
    /// The largest first, each with its number of rows.
    sizes: Vec<(usize, Statement)>,
}

impl Batched {
    /// Of a statement that inserts one row and has its values in one pair of parentheses, `VALUES
    /// ($1, …)`, after which only what it returns may follow. Made once: its texts stay for as long
    /// as the program runs.
    pub(crate) fn insert(one: Statement) -> Self {
        let (insert, rest) = one
            .text
            .split_once(" VALUES ")
            .expect("the statement gives the values of one row");
        let end = rest.rfind(')').expect("the values end") + 1;
        let (row, returned) = rest.split_at(end);
        Self::of(one, |rows| {
            let values: Vec<String> = (0..rows).map(|nth| shifted(row, nth)).collect();
            format!("{insert} VALUES {}{returned}", values.join(", "))
        })
    }

    /// Of a statement that looks for something: the one for many answers with a single row that has
    /// a column for each, 1 where something was found and else 0. Made once, like an insertion.
    pub(crate) fn look_up(one: Statement) -> Self {
        Self::of(one, |rows| {
            let found = |nth| {
                format!(
                    "CASE WHEN EXISTS ({}) THEN 1 ELSE 0 END",
                    shifted(one.text, nth)
                )
            };
            let columns: Vec<String> = (0..rows).map(found).collect();
            format!("SELECT {}", columns.join(", "))
        })
    }

    fn of(one: Statement, text_for: impl Fn(usize) -> String) -> Self {
        let sizes = std::iter::successors(Some(ROWS_AT_ONCE), |rows| Some(rows / 2));
        let sizes = sizes.take_while(|rows| *rows > 0).map(|rows| {
            let text = text_for(rows).leak();
            (rows, Statement { text, ..one })
        });
        Self {
            sizes: sizes.collect(),
        }
    }

    /// The statement for as many as it can take of so many rows, and how many that is; none for no
    /// row.
    pub(crate) fn for_rows(&self, rows: usize) -> Option<(usize, Statement)> {
        let mut sizes = self.sizes.iter();
        sizes.find(|(size, _)| *size <= rows).copied()
    }
}

/// The text for the `nth` row, from 0 on: its parameters follow those of the rows before it.
fn shifted(text: &str, nth: usize) -> String {
    let mut pieces = text.split('$');
    let before = pieces.next().unwrap_or_default();
    let numbered: Vec<(usize, &str)> = pieces
        .map(|piece| {
            let end = piece.find(|letter: char| !letter.is_ascii_digit());
            let (number, rest) = piece.split_at(end.unwrap_or(piece.len()));
            (number.parse().expect("a parameter has a number"), rest)
        })
        .collect();
    let of_a_row = numbered.iter().map(|(number, _)| *number).max();
    let passed = nth * of_a_row.unwrap_or(0);
    let numbered = numbered
        .iter()
        .map(|(number, rest)| format!("${}{rest}", passed + number));
    std::iter::once(before.to_owned()).chain(numbered).collect()
}

/// Declares statements and lists them, so that a test can prepare every one of them. A statement
/// that locks what it reads says so: `NAME = @Exclusive "SELECT …";`.
macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident = $(@$lock:ident)? $text:expr;)+) => {
        $($(#[$doc])* const $name: $crate::statement::Statement =
            $crate::statement::Statement {
                name: stringify!($name),
                text: $text,
                lock: $crate::statement::lock_of!($($lock)?),
            };)+

        /// Every statement of this file.
        #[cfg(test)]
        pub(crate) const STATEMENTS: &[$crate::statement::Statement] = &[$($name),+];
    };
}
pub(crate) use statements;

/// The lock that stands beside a statement.
macro_rules! lock_of {
    () => {
        $crate::statement::Lock::None
    };
    ($lock:ident) => {
        $crate::statement::Lock::$lock
    };
}
pub(crate) use lock_of;

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(batched: &Batched) -> Vec<(usize, &'static str)> {
        let sizes = batched.sizes.iter();
        sizes
            .map(|(rows, statement)| (*rows, statement.text))
            .collect()
    }

    #[test]
    fn an_insertion_of_many_has_the_values_of_each_and_returns_what_that_of_one_returns() {
        const ONE: Statement = Statement {
            name: "ONE",
            text: "INSERT INTO things (a, b) VALUES ($1, $2) RETURNING id",
            lock: Lock::None,
        };
        let texts = texts(&Batched::insert(ONE));
        assert_eq!(
            texts[4],
            (
                2,
                "INSERT INTO things (a, b) VALUES ($1, $2), ($3, $4) RETURNING id"
            )
        );
        assert_eq!(texts[5], (1, ONE.text));
        assert!(
            texts[0].1.ends_with(", ($63, $64) RETURNING id"),
            "{}",
            texts[0].1
        );
    }

    #[test]
    fn a_lookup_of_many_has_a_column_for_each() {
        const ONE: Statement = Statement {
            name: "ONE",
            text: "SELECT 1 FROM things WHERE b = $2 AND a = $1 LIMIT 1",
            lock: Lock::None,
        };
        let two = "SELECT CASE WHEN EXISTS (SELECT 1 FROM things WHERE b = $2 AND a = $1 LIMIT 1) THEN 1 ELSE 0 END, \
            CASE WHEN EXISTS (SELECT 1 FROM things WHERE b = $4 AND a = $3 LIMIT 1) THEN 1 ELSE 0 END";
        assert_eq!(texts(&Batched::look_up(ONE))[4], (2, two));
    }

    #[test]
    fn many_rows_take_the_fewest_statements() {
        let batched = Batched::look_up(Statement {
            name: "ONE",
            text: "SELECT $1",
            lock: Lock::None,
        });
        let mut left = 77;
        let mut sizes = Vec::new();
        while let Some((size, _)) = batched.for_rows(left) {
            left -= size;
            sizes.push(size);
        }
        assert_eq!(sizes, [32, 32, 8, 4, 1]);
    }
}
