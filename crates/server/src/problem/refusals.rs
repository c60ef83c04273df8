//! What is refused before a use case is asked: by the front, and of whoever asks.

use counterfoil_authority::{ClientRefused, SignInRefused, TokenRefused};
use counterfoil_wire::problem::Problem;

use super::{ApiProblem, busy, too_many_wrong_secrets};
use crate::auth::AuthRefused;
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

impl From<AuthRefused> for ApiProblem {
    fn from(refused: AuthRefused) -> Self {
        match refused {
            AuthRefused::Missing => Problem::RequiresAuthentication.into(),
            AuthRefused::Wrong => Problem::BadCredentials.into(),
            AuthRefused::PasswordOnly => Problem::PasswordOnly.into(),
            AuthRefused::SignIn(refused) => refused.into(),
            AuthRefused::Token(refused) => refused.into(),
            AuthRefused::Client(refused) => refused.into(),
            AuthRefused::Limited(limited) => limit(limited).into(),
            AuthRefused::Unplaced => Problem::Internal.into(),
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

impl From<SignInRefused> for ApiProblem {
    fn from(refused: SignInRefused) -> Self {
        match refused {
            SignInRefused::BadCredentials => Problem::BadCredentials.into(),
            SignInRefused::CodeRequired => Problem::OtpRequired.into(),
            SignInRefused::Suspended => Problem::Suspended.into(),
            SignInRefused::TooManyAttempts => Problem::TooManyAttempts.into(),
            SignInRefused::Busy(_) => busy().into(),
            SignInRefused::Store(error) => error.into(),
        }
    }
}

impl From<TokenRefused> for ApiProblem {
    fn from(refused: TokenRefused) -> Self {
        match refused {
            TokenRefused::Unknown => Problem::BadCredentials.into(),
            TokenRefused::Suspended => Problem::Suspended.into(),
            TokenRefused::Busy => busy().into(),
            TokenRefused::Store(error) => error.into(),
        }
    }
}

impl From<ClientRefused> for ApiProblem {
    fn from(refused: ClientRefused) -> Self {
        match refused {
            ClientRefused::WrongClient => Problem::BadCredentials.into(),
            ClientRefused::TooManyWrongSecrets => too_many_wrong_secrets().into(),
            ClientRefused::Busy => busy().into(),
            ClientRefused::Store(error) => error.into(),
        }
    }
}
