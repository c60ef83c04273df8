//! What is refused before a use case is asked: by the front, and of whoever asks.

use counterfoil_authority::{ClientError, SignInError, TokenError};
use counterfoil_wire::problem::Problem;

use super::{ApiProblem, busy, too_many_wrong_secrets};
use crate::auth::AuthError;
use crate::limiter::Limited;
use crate::refused::FrontRefused;

impl From<FrontRefused> for ApiProblem {
    fn from(refused: FrontRefused) -> Self {
        match refused {
            FrontRefused::InvalidHost => Problem::InvalidHost,
            FrontRefused::NotNegotiated(problem) => problem,
            FrontRefused::Private => Problem::PrivateMode,
            FrontRefused::Limited(limited) => limit(limited),
            FrontRefused::Panicked => Problem::Internal,
        }
        .into()
    }
}

impl From<AuthError> for ApiProblem {
    fn from(refused: AuthError) -> Self {
        match refused {
            AuthError::Missing => Problem::RequiresAuthentication.into(),
            AuthError::Wrong => Problem::BadCredentials.into(),
            AuthError::PasswordOnly => Problem::PasswordOnly.into(),
            AuthError::SignIn(refused) => refused.into(),
            AuthError::Token(refused) => refused.into(),
            AuthError::Client(refused) => refused.into(),
            AuthError::Limited(limited) => limit(limited).into(),
            AuthError::Unplaced => Problem::Internal.into(),
        }
    }
}

fn limit(limited: Limited) -> Problem {
    match limited {
        Limited::TooFast => Problem::SecondaryRateLimited,
        Limited::Address(address) => Problem::AddressRateLimited(address),
        Limited::User(account) => Problem::UserRateLimited(account),
        Limited::App(client_id) => Problem::AppRateLimited(client_id),
    }
}

impl From<SignInError> for ApiProblem {
    fn from(refused: SignInError) -> Self {
        match refused {
            SignInError::BadCredentials => Problem::BadCredentials.into(),
            SignInError::CodeRequired => Problem::OtpRequired.into(),
            SignInError::Suspended => Problem::Suspended.into(),
            SignInError::SecondFactorOverdue => Problem::SecondFactorOverdue.into(),
            SignInError::TooManyAttempts => Problem::TooManyAttempts.into(),
            SignInError::Busy(_) => busy().into(),
            SignInError::Store(error) => error.into(),
        }
    }
}

impl From<TokenError> for ApiProblem {
    fn from(refused: TokenError) -> Self {
        match refused {
            TokenError::Unknown => Problem::BadCredentials.into(),
            TokenError::Suspended => Problem::Suspended.into(),
            TokenError::Busy => busy().into(),
            TokenError::Store(error) => error.into(),
        }
    }
}

impl From<ClientError> for ApiProblem {
    fn from(refused: ClientError) -> Self {
        match refused {
            ClientError::WrongClient => Problem::BadCredentials.into(),
            ClientError::TooManyWrongSecrets => too_many_wrong_secrets().into(),
            ClientError::Busy => busy().into(),
            ClientError::Store(error) => error.into(),
        }
    }
}
