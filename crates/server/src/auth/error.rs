//! Why nobody is known to ask.

use counterfoil_authority::{ClientError, SignInError, TokenError};

use crate::limiter::Limited;

/// See the module.
#[derive(Debug)]
pub(crate) enum AuthError {
    /// The request carries no credentials.
    Missing,
    /// It carries what cannot be right: something that cannot be read, or credentials of another
    /// kind than the one that is asked for.
    Wrong,
    /// The token is right, and only a password would do.
    PasswordOnly,
    /// The login, the password or the code was refused.
    SignIn(SignInError),
    /// The token was refused.
    Token(TokenError),
    /// The client id or secret was refused.
    Client(ClientError),
    /// Whoever asks is right, and asked or changed too much.
    Limited(Limited),
    /// The listener did not say where the request came from, without which nothing is decided.
    Unplaced,
}

impl From<SignInError> for AuthError {
    fn from(refused: SignInError) -> Self {
        Self::SignIn(refused)
    }
}

impl From<TokenError> for AuthError {
    fn from(refused: TokenError) -> Self {
        Self::Token(refused)
    }
}

impl From<ClientError> for AuthError {
    fn from(refused: ClientError) -> Self {
        Self::Client(refused)
    }
}

impl From<Limited> for AuthError {
    fn from(limited: Limited) -> Self {
        Self::Limited(limited)
    }
}
