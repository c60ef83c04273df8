//! Why an authorization was not made, changed or ended: for each of these what can be in its way.

/// Another live token has the name that this one would have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum NameTaken {
    /// Another live personal token of the owner has this note.
    #[error("another personal access token has this note")]
    Note,
    /// Another live token of the owner and app has this fingerprint.
    #[error("another token for this app has this fingerprint")]
    Fingerprint,
}

/// There is no such live authorization of whoever it should be of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("there is no such token")]
pub struct NoSuchToken;

/// Why an authorization was not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum CreationRefused {
    /// Another live token has its note or its fingerprint.
    #[error(transparent)]
    NameTaken(#[from] NameTaken),
    /// The owner has as many live tokens as one may have.
    #[error("this user has {limit} tokens, as many as one may have")]
    TooManyTokens {
        /// Live tokens that one user may have.
        limit: u32,
    },
    /// As many tokens as may be were made for this user, app and scope set within the hour.
    #[error("{limit} tokens were made for this user and app within an hour, as many as may be")]
    TooManyThisHour {
        /// Tokens that may be made in an hour.
        limit: u32,
    },
    /// The owner was deleted or suspended meanwhile.
    #[error("this user was deleted or suspended")]
    OwnerGone,
    /// The owner gave an e-mail address that nobody has verified.
    #[error("this user must verify the e-mail address first")]
    EmailUnverified,
    /// The app was deleted meanwhile.
    #[error("this app was deleted")]
    AppGone,
    /// A given token is already known.
    #[error("this token is already known")]
    TokenKnown,
}

/// Why an authorization was not changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum AuthorizationChangeRefused {
    /// It is not there, or is over.
    #[error(transparent)]
    NotFound(#[from] NoSuchToken),
    /// A personal token needs a note.
    #[error("a personal access token needs a note")]
    NoteMissing,
    /// Another live token has the note or the fingerprint.
    #[error(transparent)]
    NameTaken(#[from] NameTaken),
}

/// Why a token was not replaced by another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum ResetRefused {
    /// It is not there, or is over.
    #[error(transparent)]
    NotFound(#[from] NoSuchToken),
    /// The one that is to take its place is already known.
    #[error("this token is already known")]
    TokenKnown,
}
