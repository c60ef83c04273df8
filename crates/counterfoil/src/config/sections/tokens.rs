//! What tokens look like, and how many there may be.

use counterfoil_domain::token::{AcceptedFormat, TokenFormats, TokenPrefix};

use crate::config::rule::{ListOf, Text, TextRefused, text, whole};
use crate::config::section::section;

section! {
    /// What tokens look like, and how many there may be.
    pub struct Tokens = "tokens", "tokens." {
        /// What personal access tokens begin with. Tokens that were issued with another prefix stay valid only if it is one
        /// of the published ones.
        personal_prefix: TokenPrefix = TokenFormats::default().personal, prefix("ghp_"), Restart;
        /// What tokens of OAuth apps begin with. The same holds for a change.
        app_prefix: TokenPrefix = TokenFormats::default().app, prefix("gho_"), Restart;
        /// Other forms of tokens that verify, for tokens that were moved here from elsewhere: `hex40` is 40 lower-case
        /// hexadecimal digits; anything else is a prefix, the length of the whole token, and the word `checksum` if its
        /// last six characters are one. Without a checksum, every text of the form is looked up.
        ///
        /// With Basic authentication, a password of such a form is taken for a token and never for a password.
        accepted: Vec<AcceptedFormat> = Vec::new(), ListOf(text(AcceptedFormat::FORM, "hex40")), Restart;
        /// How many live tokens an app may have for one user and one set of scopes. One more ends the oldest.
        live_per_scope_set: u32 = 10, whole("tokens", 1, 10_000), Restart;
        /// How many tokens an app may get in an hour for one user and one set of scopes. 0 means any number.
        per_hour: u32 = 0, whole("tokens", 0, 1_000_000), Restart;
        /// How many live tokens one user may have. One more is answered 422.
        live_per_user: u32 = 1_000, whole("tokens", 1, 1_000_000), Restart;
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
