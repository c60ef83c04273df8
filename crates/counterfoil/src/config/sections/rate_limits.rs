//! How many requests somebody may make.

use counterfoil_domain::rate_limit::RateLimits as Limits;

use crate::config::rule::{Switch, whole};
use crate::config::section::section;

section! {
    /// How many requests somebody may make of the API, GraphQL included. Gateway checks are never
    /// limited. Each server counts by itself, in memory, from its start.
    pub struct RateLimits = "rate_limits", "rate_limits." {
        /// Whether there are limits. Without them, answers have no `X-RateLimit-*` headers and `GET
        /// /rate_limit` is 404, as on a GitHub Enterprise Server that was not told otherwise.
        enabled: bool = false, Switch, Restart;
        /// How many requests in an hour one address may make without credentials or with wrong
        /// ones. IPv6 addresses are counted by their /64.
        anonymous_per_hour: u32 = Limits::default().anonymous, whole("requests", 1, 1_000_000_000), Restart;
        /// How many requests in an hour a user may make, with all tokens together, or an app with
        /// its client id and secret. An hour begins with the first request.
        authenticated_per_hour: u32 = Limits::default().authenticated, whole("requests", 1, 1_000_000_000), Restart;
        /// How many requests in a minute a user, an app or an address may make.
        per_minute: u32 = Limits::default().per_minute, whole("requests", 1, 1_000_000_000), Restart;
        /// How many requests of a user, an app or an address may be under way at a time.
        at_a_time: u32 = Limits::default().at_a_time, whole("requests", 1, 1_000_000), Restart;
    }
}

impl RateLimits {
    /// The limits, if there are any.
    pub(crate) fn limits(&self) -> Option<Limits> {
        self.enabled.then_some(Limits {
            anonymous: self.anonymous_per_hour,
            authenticated: self.authenticated_per_hour,
            per_minute: self.per_minute,
            at_a_time: self.at_a_time,
        })
    }
}
