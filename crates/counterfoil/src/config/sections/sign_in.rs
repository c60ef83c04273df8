//! When sign-ins are refused.

use std::time::Duration;

use crate::config::rule::{length, whole};
use crate::config::section::section;

/// In seconds.
const HOUR: u64 = 60 * 60;
/// In seconds.
const WEEK: u64 = 7 * 24 * HOUR;

section! {
    /// When sign-ins are refused because too many failed. Failures are counted in the database, for
    /// known and unknown logins alike, and expire by time only; IPv6 addresses are counted by their
    /// /64. A login is what was typed: a user's login and e-mail address count apart, but where
    /// failures of a login over all addresses are counted.
    pub struct SignIn = "sign_in", "sign_in." {
        /// How many failures of one login from one address, within `window`, lock that
        /// login for that address.
        failures_per_login_and_address: u32 = 10, whole("failures", 1, 1_000_000), Restart;
        /// How many failures from one address over all logins, within `window`, lock the
        /// address.
        failures_per_address: u32 = 50, whole("failures", 1, 1_000_000), Restart;
        /// How many failures of one login over all addresses, within `login_window`, slow
        /// down the addresses that it did not sign in from lately.
        failures_per_login: u32 = 100, whole("failures", 1, 1_000_000), Restart;
        /// How long an address that is slowed down is refused after each failure.
        slow_wait: Duration = Duration::from_mins(1), length(1, HOUR, "1m"), Restart;
        /// How many failures of one login over all addresses, within `login_window`, refuse
        /// the addresses that it did not sign in from lately.
        failures_per_login_slowed: u32 = 600, whole("failures", 1, 1_000_000), Restart;
        /// How far back failures of one address count.
        window: Duration = Duration::from_mins(10), length(1, WEEK, "10m"), Restart;
        /// How far back failures of one login over all addresses count.
        login_window: Duration = Duration::from_hours(1), length(1, WEEK, "1h"), Restart;
        /// How long a lock lasts. A wrong one-time code after a right password doubles
        /// it each time.
        lock: Duration = Duration::from_mins(10), length(1, WEEK, "10m"), Restart;
        /// How long a doubled lock lasts at most.
        longest_lock: Duration = Duration::from_hours(24), length(1, WEEK, "1d"), Restart;
        /// For how long an address counts as known after the login signed in from it.
        known_address: Duration = Duration::from_hours(30 * 24), length(24 * HOUR, 365 * 24 * HOUR, "30d"), Restart;
        /// How many wrong one-time codes an account may get since its last right one, from all
        /// addresses together and however long it takes. Then no one-time code is accepted until a
        /// recovery code is given or `user unlock` helps. Only who has the password can get there.
        wrong_codes: u32 = 100, whole("codes", 1, 1_000_000), Restart;
        /// How often in a minute a login is asked for a missing one-time code from one address,
        /// before it is told to wait. Being asked is no failure; this stops clients that ask on and
        /// on.
        code_questions_per_minute: u32 = 30, whole("questions", 1, 1_000_000), Restart;
        /// How long a verified password is remembered, so that a repeated request costs
        /// no second Argon2id. Only a keyed digest is kept, in memory. `0s` turns it off.
        password_memory: Duration = Duration::from_mins(2), length(1, 5 * 60, "2m").or_nothing(), Restart;
    }
}
