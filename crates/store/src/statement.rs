//! Statements: named texts, each written once for all engines.
//!
//! Parameters are `$1`, `$2`, … and are bound by number, whatever the order in which they stand in the text.

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

/// What a statement holds on to, where several transactions write at the same time. SQLite has one writer, and so has no
/// such locks: see [`crate::tx::Tx::lock`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Lock {
    /// Nothing.
    None,
    /// The rows stay as they are: others may hold them in the same way, and nobody changes them.
    Shared,
    /// The rows are this transaction's: whoever else wants to hold or change them waits.
    Exclusive,
}

/// Declares statements and lists them, so that a test can prepare every one of them. A statement that locks what it reads says
/// so: `NAME = @Exclusive "SELECT …";`.
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
