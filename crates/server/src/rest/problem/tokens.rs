//! What is refused about authorizations, grants, and the tokens of an app.

use counterfoil_authority::{AppTokenError, ClientError, CreationError, UseCaseError};
use counterfoil_domain::authorization::{
    AuthorizationChangeRefused, CreationRefused, NameTaken, NoSuchToken,
};
use counterfoil_domain::grant::GrantRefused;
use counterfoil_domain::principal::Lapsed;
use counterfoil_wire::problem::{Field, FieldError, Problem};

use super::Refusal;
use crate::problem::{ApiProblem, busy};

impl From<AppTokenError> for ApiProblem {
    fn from(error: AppTokenError) -> Self {
        match error {
            AppTokenError::NotFound => Problem::NotFound.into(),
            AppTokenError::ClientGone => Problem::BadCredentials.into(),
            AppTokenError::Busy => busy().into(),
            AppTokenError::Store(error) => error.into(),
        }
    }
}

/// What is refused of the app through which a user asks is said in other words than of an app that
/// asks by itself.
impl From<CreationError> for ApiProblem {
    fn from(error: CreationError) -> Self {
        match error {
            CreationError::Client(ClientError::WrongClient)
            | CreationError::UseCase(UseCaseError::CallerGone(Lapsed::Client)) => {
                Problem::InvalidClient.into()
            }
            CreationError::Client(refused) => refused.into(),
            CreationError::UseCase(error) => error.into(),
        }
    }
}

impl Refusal for CreationRefused {
    fn problem(self) -> Problem {
        match self {
            Self::NameTaken(taken) => taken.problem(),
            Self::TooManyTokens { limit } => Problem::field(FieldError::too_many_tokens(limit)),
            Self::TooManyThisHour { limit } => {
                Problem::field(FieldError::too_many_tokens_an_hour(limit))
            }
            Self::EmailUnverified => Problem::field(FieldError::unverified_email()),
            // The caller was there a moment ago: deleted or suspended meanwhile.
            Self::OwnerGone => Problem::BadCredentials,
            Self::AppGone => Problem::InvalidClient,
            // Clients give none, and make none on pages.
            Self::TokenKnown | Self::TooManyOnPages(_) => Problem::Internal,
        }
    }
}

impl Refusal for NameTaken {
    fn problem(self) -> Problem {
        Problem::field(FieldError::already_exists(match self {
            Self::Note => Field::Description,
            Self::Fingerprint => Field::Fingerprint,
        }))
    }
}

impl Refusal for AuthorizationChangeRefused {
    fn problem(self) -> Problem {
        match self {
            Self::NotFound(missing) => missing.problem(),
            Self::NoteMissing => Problem::field(FieldError::missing(Field::Description)),
            Self::NameTaken(taken) => taken.problem(),
        }
    }
}

impl Refusal for NoSuchToken {
    fn problem(self) -> Problem {
        Problem::NotFound
    }
}

impl Refusal for GrantRefused {
    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::NotFound,
        }
    }
}
