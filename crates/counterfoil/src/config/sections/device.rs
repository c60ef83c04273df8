//! The device flow, as it is for all apps.

use crate::config::rule::Switch;
use crate::config::section::section;

section! {
    /// The device flow.
    pub struct Device = "device", "device." {
        /// Whether devices may get scopes for administrators, such as `site_admin`. They are given
        /// by a site administrator alone who proved within five minutes who they are, to an app
        /// that has a client secret and has published none, and only at a poll that sends the
        /// secret. Whoever has somebody type a code gets what that person gives: leave it off
        /// unless a program needs it.
        administrator_scopes: bool = false, Switch, Restart;
    }
}
