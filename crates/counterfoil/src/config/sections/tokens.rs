//! What tokens look like, how many there may be and how long they live.

use std::time::Duration;

use counterfoil_domain::length_of_time::LONGEST;
use counterfoil_domain::token::{AcceptedFormat, TokenFormats, TokenPrefix};
use counterfoil_domain::token_life::SHORTEST_IDLE_LIFETIME;

use crate::config::rule::{Length, ListOf, Maybe, Text, TextRefused, text, whole};
use crate::config::section::section;

section! {
    /// What tokens look like, how many there may be and how long they live.
    pub struct Tokens = "tokens", "tokens." {
        /// What personal access tokens begin with. Tokens that were issued with another prefix stay
        /// valid only if it is one of the published ones.
        personal_prefix: TokenPrefix = TokenFormats::default().personal, prefix("ghp_"), Restart;
        /// What tokens of OAuth apps begin with. The same holds for a change.
        app_prefix: TokenPrefix = TokenFormats::default().app, prefix("gho_"), Restart;
        /// Other forms of tokens that verify, for tokens that were moved here from elsewhere:
        /// `hex40` is 40 lower-case hexadecimal digits; anything else is a prefix, the length of
        /// the whole token, and the word `checksum` if its last six characters are one. Without a
        /// checksum, every text of the form is looked up.
        ///
        /// With Basic authentication, a password of such a form is taken for a token and never for
        /// a password.
        accepted: Vec<AcceptedFormat> = Vec::new(), ListOf(text::<AcceptedFormat>(AcceptedFormat::FORM, "hex40")), Restart;
        /// How many live tokens an app may have for one user and one set of scopes. One more ends
        /// the oldest.
        live_per_scope_set: u32 = 10, whole("tokens", 1, 10_000), Restart;
        /// How many tokens an app may get in an hour for one user and one set of scopes. 0 means
        /// any number.
        per_hour: u32 = 0, whole("tokens", 0, 1_000_000), Restart;
        /// How many live tokens one user may have. One more is answered 422.
        live_per_user: u32 = 1_000, whole("tokens", 1, 1_000_000), Restart;
        /// How many personal access tokens a user may make on pages in an hour, regenerated ones
        /// among them.
        on_pages_per_hour: u32 = 60, whole("tokens", 1, 1_000_000), Restart;
        /// How long a token lives that is made without saying for how long, as all at the API are.
        /// If it is not set, until it is revoked, or for `maximum_lifetime`. Tokens that exist keep
        /// what they were made with.
        default_lifetime: Option<Duration> = None, Maybe(lifetime("90d")), Restart;
        /// How long a token may live. The command line refuses a longer wish, the API cuts to it.
        maximum_lifetime: Option<Duration> = None, Maybe(lifetime("365d")), Restart;
        /// How long a token may go unused. Then it is refused, and its record ends with the reason
        /// `idle`. It counts from when the token was last used or made, and for tokens that exist
        /// at once. Times of use are written in batches, so it takes up to two minutes more.
        idle_lifetime: Option<Duration> = None, Maybe(IDLE), Restart;
        /// How long a token lives that a site administrator makes to act as somebody else; never
        /// longer than `maximum_lifetime`. It ends earlier with the rights of whoever made it.
        impersonation_lifetime: Duration = Duration::from_hours(8), lifetime("8h"), Restart;
    }
}

const IDLE: Length = Length {
    least: SHORTEST_IDLE_LIFETIME,
    most: LONGEST,
    example: "90d",
    or_nothing: false,
};

const fn lifetime(example: &'static str) -> Length {
    Length {
        least: Duration::from_mins(1),
        most: LONGEST,
        or_nothing: false,
        example,
    }
}

const fn prefix(example: &'static str) -> Text<TokenPrefix> {
    Text {
        expected: "2 to 16 lower-case letters, digits and underscores, the last an underscore",
        example,
        parse: |text| TokenPrefix::parse(text).ok_or(TextRefused::Form),
        write: |prefix| prefix.as_str().to_owned(),
    }
}
