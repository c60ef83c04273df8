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
}

/// Declares statements and lists them, so that a test can prepare every one of them.
macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident = $text:expr;)+) => {
        $($(#[$doc])* const $name: $crate::statement::Statement =
            $crate::statement::Statement { name: stringify!($name), text: $text };)+

        /// Every statement of this file.
        #[cfg(test)]
        pub(crate) const STATEMENTS: &[$crate::statement::Statement] = &[$($name),+];
    };
}
pub(crate) use statements;
