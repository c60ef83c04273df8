//! How many apps there may be.

use crate::config::rule::whole;
use crate::config::section::section;

section! {
    /// OAuth apps.
    pub struct Apps = "apps", "apps." {
        /// How many live apps one user or organization may own. One more is refused.
        per_user: u32 = 100, whole("apps", 1, 1_000_000), Restart;
        /// How many apps one user may register on pages in an hour, for themselves and for
        /// organizations, with those among them that are gone or belong to somebody else by then.
        on_pages_per_hour: u32 = 20, whole("apps", 1, 1_000_000), Restart;
    }
}
