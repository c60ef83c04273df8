//! How long people stay signed in with a browser.

use std::time::Duration;

use counterfoil_domain::session::SessionLife;

use crate::config::rule::{Length, whole};
use crate::config::section::section;

const DAY: Duration = Duration::from_hours(24);

section! {
    /// How long people stay signed in with a browser. A change counts for sessions that there are,
    /// too.
    pub struct Sessions = "sessions", "sessions." {
        /// For how long a session may go unused. Times of use are written in batches, so it takes
        /// up to two minutes more.
        idle: Duration = SessionLife::default().idle, lifetime("7d"), Restart;
        /// How long a session lives however much it is used. Then its user signs in again.
        absolute: Duration = SessionLife::default().absolute, lifetime("30d"), Restart;
        /// How many live sessions one user may have. One more ends the one that was used least
        /// recently.
        live_per_user: u32 = SessionLife::default().most_per_user, whole("sessions", 1, 10_000), Restart;
    }
}

const fn lifetime(example: &'static str) -> Length {
    Length {
        least: Duration::from_mins(5),
        most: DAY.saturating_mul(400),
        example,
        or_nothing: false,
    }
}
