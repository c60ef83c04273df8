//! Of whom a second factor is required.

use std::time::Duration;

use counterfoil_domain::length_of_time::LONGEST;
use counterfoil_domain::second_factor::RequiredOf;

use crate::config::rule::{Length, OneOf};
use crate::config::section::section;

section! {
    /// Two-factor authentication. Users may always turn it on; here it can be required.
    pub struct TwoFactor = "two_factor", "two_factor." {
        /// Who must have a second factor. Whoever has none by the end of `grace` is refused with
        /// Basic authentication (403), and their pages say to ask an administrator. Their tokens
        /// live on, unless `tokens` says otherwise.
        required: RequiredOf = RequiredOf::Nobody,
            OneOf(&[
                ("nobody", RequiredOf::Nobody),
                ("administrators", RequiredOf::Administrators),
                ("everyone", RequiredOf::Everyone),
            ]), Restart;
        /// How long somebody may do without the second factor that `required` wants. It begins with
        /// the first start under that setting, with the account, or when its user becomes an
        /// administrator, whichever is latest, and is the same on all nodes.
        grace: Duration = Duration::from_hours(14 * 24), GRACE, Restart;
        /// What becomes of the tokens of a user whose grace is over: they live on, or all of them
        /// end, within the hour.
        tokens: TokensWithout = TokensWithout::LiveOn,
            OneOf(&[("live", TokensWithout::LiveOn), ("end", TokensWithout::End)]), Restart;
    }
}

const GRACE: Length = Length {
    least: Duration::from_mins(1),
    most: LONGEST,
    example: "14d",
    or_nothing: true,
};

/// What becomes of tokens whose owner should have a second factor by now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokensWithout {
    /// Nothing.
    LiveOn,
    /// They end.
    End,
}
