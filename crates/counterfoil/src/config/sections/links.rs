//! For how long links work.

use std::time::Duration;

use crate::config::rule::{Length, length};
use crate::config::section::section;

/// From five minutes to thirty days.
const LIFE: Length = length(300, 30 * 24 * 3_600, "1h");

section! {
    /// For how long links work that are mailed or shown to somebody. Each works once, and a newer
    /// one of its kind ends the one before.
    pub struct Links = "links", "links." {
        /// The link that makes the first administrator.
        set_up: Duration = Duration::from_hours(1), LIFE, Restart;
        /// The link by which somebody who is invited chooses a password.
        invitation: Duration = Duration::from_hours(24 * 7), LIFE, Restart;
        /// The link by which somebody chooses another password.
        reset: Duration = Duration::from_hours(1), LIFE, Restart;
        /// The link that shows that an e-mail address is somebody's.
        address: Duration = Duration::from_hours(24), LIFE, Restart;
        /// The link that takes back a change of e-mail addresses.
        address_undo: Duration = Duration::from_hours(24 * 7), LIFE, Restart;
        /// The link by which somebody turns on a second factor who must have one.
        enrolment: Duration = Duration::from_hours(1), LIFE, Restart;
    }
}
