//! Identifiers: a type for each kind, so that one cannot be passed for another.
//!
//! All are positive 64-bit integers, given by the store in ascending order and never used twice.

use std::fmt;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}

ids! {
    /// An account: a user or an organization. One space of ids and names for both.
    AccountId,
    /// An OAuth app, which clients know by its client id and never by this number.
    AppId,
    /// The record of one token, which outlives changes of the token itself.
    AuthorizationId,
    /// One row of the store that keeps a token's digest.
    TokenDigestId,
    /// All that one user gave to one app.
    GrantId,
    /// One client secret of an app.
    ClientSecretId,
    /// One e-mail address of an account.
    EmailId,
    /// One recovery code of a user.
    RecoveryCodeId,
    /// One passkey of a user.
    PasskeyId,
    /// One team of an organization.
    TeamId,
    /// One session of a user in a browser.
    SessionId,
    /// One link that works once.
    LinkId,
    /// One mail that waits or waited to be sent.
    MailId,
}
