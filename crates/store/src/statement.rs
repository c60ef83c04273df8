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
pub(crate) const ROWS_AT_ONCE: usize = 32;

/// A statement that inserts one row, and the same for [`ROWS_AT_ONCE`]: each statement is a way to
/// the server and back.
#[derive(Clone, Copy, Debug)]
pub(crate) struct InsertMany {
    /// For one row.
    pub(crate) one: Statement,
    /// For many rows, whose parameters follow each other.
    pub(crate) many: Statement,
}

impl InsertMany {
    /// Made once for a statement that ends with `VALUES ($1, …)`, the numbers in their order: its
    /// text stays for as long as the program runs.
    pub(crate) fn new(one: Statement) -> Self {
        let (insert, row) = one
            .text
            .split_once(" VALUES ")
            .expect("the statement gives the values of one row");
        let columns = row.matches('$').count();
        let rows: Vec<String> = (0..ROWS_AT_ONCE)
            .map(|row| {
                let numbers = row * columns + 1..=(row + 1) * columns;
                let numbers: Vec<_> = numbers.map(|number| format!("${number}")).collect();
                format!("({})", numbers.join(", "))
            })
            .collect();
        let text = format!("{insert} VALUES {}", rows.join(", "));
        Self {
            one,
            many: Statement {
                text: text.leak(),
                ..one
            },
        }
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
