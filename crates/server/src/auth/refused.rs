//! Why nobody is known to ask.

use counterfoil_authority::{ClientRefused, SignInRefused, TokenRefused};

use crate::limiter::Limited;

/// See the module.
#[derive(Debug)]
pub(crate) enum AuthRefused {
    /// The request carries no credentials.
    Missing,
    /// It carries what cannot be right: something that cannot be read, or credentials of another
    /// kind than the one that is asked for.
    Wrong,
    /// The token is right, and only a password would do.
    PasswordOnly,
    /// The login, the password or the code was refused.
    SignIn(SignInRefused),
    /// The token was refused.
    Token(TokenRefused),
    /// The client id or secret was refused.
    Client(ClientRefused),
    /// Whoever asks is right, and asked or changed too much.
    Limited(Limited),
    /// The listener did not say where the request came from, without which nothing is decided.
    Unplaced,
}

impl From<SignInRefused> for AuthRefused {
    fn from(refused: SignInRefused) -> Self {
        Self::SignIn(refused)
    }
}

impl From<TokenRefused> for AuthRefused {
    fn from(refused: TokenRefused) -> Self {
        Self::Token(refused)
    }
}

impl From<ClientRefused> for AuthRefused {
    fn from(refused: ClientRefused) -> Self {
        Self::Client(refused)
    }
}

impl From<Limited> for AuthRefused {
    fn from(limited: Limited) -> Self {
        Self::Limited(limited)
    }
}
