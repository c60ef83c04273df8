//! Statements: named texts, each written once for all engines.
//!
//! Parameters are `$1`, `$2`, … and are bound by number, whatever the order in which they stand in
//! the text.

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

/// What a statement holds on to, where several transactions write at the same time. SQLite has one
/// writer, and so has no such locks: see [`crate::tx::Tx::lock`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Lock {
    /// Nothing.
    None,
    /// The rows stay as they are: others may hold them in the same way, and nobody changes them.
    Shared,
    /// The rows are this transaction's: whoever else wants to hold or change them waits.
    Exclusive,
}

/// Rows that one statement inserts at most.
const ROWS_AT_ONCE: usize = 32;

/// A statement that inserts one row, and the same for 2, 4, 8 and so on up to [`ROWS_AT_ONCE`]:
/// each statement is a way to the server and back, and each size a text that it keeps prepared.
#[derive(Clone, Debug)]
pub(crate) struct InsertMany {
    /// The largest first, each with its number of rows.
    sizes: Vec<(usize, Statement)>,
}

impl InsertMany {
    /// Made once for a statement that ends with `VALUES ($1, …)`, the numbers in their order: its
    /// texts stay for as long as the program runs.
    pub(crate) fn new(one: Statement) -> Self {
        let (insert, row) = one
            .text
            .split_once(" VALUES ")
            .expect("the statement gives the values of one row");
        let columns = row.matches('$').count();
        let of_rows = |rows: usize| {
            let row = |row: usize| {
                let numbers = row * columns + 1..=(row + 1) * columns;
                let numbers: Vec<_> = numbers.map(|number| format!("${number}")).collect();
                format!("({})", numbers.join(", "))
            };
            let values: Vec<String> = (0..rows).map(row).collect();
            format!("{insert} VALUES {}", values.join(", "))
        };
        let halves = std::iter::successors(Some(ROWS_AT_ONCE), |rows| Some(rows / 2));
        let several = halves.take_while(|rows| *rows > 1).map(|rows| {
            let text = of_rows(rows).leak();
            (rows, Statement { text, ..one })
        });
        Self {
            sizes: several.chain([(1, one)]).collect(),
        }
    }

    /// The statement that inserts as many as it can of so many rows, and how many that is; none
    /// for no row.
    pub(crate) fn for_rows(&self, rows: usize) -> Option<(usize, Statement)> {
        let mut sizes = self.sizes.iter();
        sizes.find(|(size, _)| *size <= rows).copied()
    }
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
