//! How long things are kept after their end.

use std::time::Duration;

use counterfoil_domain::length_of_time::LONGEST;

use crate::config::rule::Length;
use crate::config::section::section;

const DAY: Duration = Duration::from_hours(24);

/// Mistyped as seconds, it would remove at once what was to stay for months.
const fn at_least_a_day(example: &'static str) -> Length {
    Length {
        least: DAY,
        most: LONGEST,
        example,
        or_nothing: false,
    }
}

section! {
    /// How long things are kept after their end. Whatever is removed, its ids, logins and client
    /// ids are never given again.
    pub struct Retention = "retention", "retention." {
        /// For how long the record of a token is kept after the token ended, with the reason.
        /// Nothing but its digest is known of the token itself.
        ended: Duration = Duration::from_hours(90 * 24), at_least_a_day("90d"), Restart;
        /// For how long events stay in the audit trail. `0s` means for ever. Their removal is an
        /// event itself.
        audit: Duration = Duration::ZERO, at_least_a_day("730d").or_nothing(), Restart;
    }
}
