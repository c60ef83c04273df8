//! What a cache must forget: the subjects of the feed of changes.

use crate::id::{AccountId, AppId, AuthorizationId};

/// Something that is no longer as it was a moment ago. Whoever remembers anything about it forgets
/// that before the change is acknowledged, or within a second on another node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Change {
    /// A token ended, or its record changed.
    Authorization {
        /// The record of the token, also of one that was replaced.
        id: AuthorizationId,
        /// The first eight bytes of the digest of the token, as
        /// [`crate::digest::SecretDigest::head`] gives them.
        digest_head: i64,
    },
    /// An account, or anything that is remembered under it: its credentials, its standing, its
    /// tokens, its memberships.
    Account(AccountId),
    /// An app, its secrets or any of its tokens.
    App(AppId),
    /// An organization, its teams or its members.
    Organization(AccountId),
}
