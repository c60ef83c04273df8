//! What checking tokens may take.

use crate::config::rule::whole;
use crate::config::section::section;

section! {
    /// What checking tokens may take of this machine. A token that is remembered is checked without
    /// the database.
    pub struct Checks = "checks", "checks." {
        /// How many tokens are remembered. Each takes at most 260 bytes; what many tokens share
        /// (users, apps, scope sets) is remembered once. Beyond the number, what was not asked for
        /// lately is forgotten and read again when it is.
        remembered_tokens: u32 = 1_000_000, whole("tokens", 0, 1_000_000_000), Restart;
        /// How many tokens and apps that are not remembered are looked up at a time. Further ones
        /// are answered 503 with `Retry-After`.
        look_ups: u32 = 1_024, whole("look-ups", 1, 1_000_000), Restart;
        /// How many unknown tokens and apps one address (of IPv6, one /64) may ask for in a second,
        /// spread over it: at most a tenth of them (and up to 100) at once. Beyond it, what is not
        /// remembered is answered 503 with `Retry-After`; what is remembered is answered as ever. 0
        /// means any number. Behind a proxy that is not named in `trusted_proxies` all clients have
        /// one address.
        unknown_per_second: u32 = 1_000, whole("tokens", 0, 1_000_000_000), Restart;
    }
}
