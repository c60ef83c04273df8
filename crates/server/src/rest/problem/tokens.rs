//! What is refused about authorizations, grants, and the tokens of an app.

use counterfoil_authority::{AppTokenError, AuthorizationError, GrantError};
use counterfoil_domain::authorization::AuthorizationRefused;
use counterfoil_wire::problem::{Field, FieldError, Problem};

use crate::problem::{ApiProblem, busy, too_many_wrong_secrets};

impl From<GrantError> for ApiProblem {
    fn from(error: GrantError) -> Self {
        match error {
            GrantError::NotFound | GrantError::NoSuchUser => Problem::NotFound.into(),
            GrantError::CallerGone => Problem::BadCredentials.into(),
            GrantError::Store(error) => error.into(),
        }
    }
}

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

impl From<AuthorizationError> for ApiProblem {
    fn from(error: AuthorizationError) -> Self {
        match error {
            AuthorizationError::InvalidClient => Problem::InvalidClient.into(),
            AuthorizationError::TooManyWrongSecrets => too_many_wrong_secrets().into(),
            AuthorizationError::Busy => busy().into(),
            AuthorizationError::NoSuchUser => Problem::BadCredentials.into(),
            AuthorizationError::Refused(refused) => refusal(refused).into(),
            // Clients cannot say how long a token is to live: it is cut. What they give somebody
            // else is nothing.
            AuthorizationError::LivesTooLong(_) | AuthorizationError::ForAdministrators(_) => {
                Problem::Internal.into()
            }
            AuthorizationError::Store(error) => error.into(),
        }
    }
}

fn refusal(refused: AuthorizationRefused) -> Problem {
    match refused {
        AuthorizationRefused::NotFound => Problem::NotFound,
        AuthorizationRefused::NoteTaken => {
            Problem::field(FieldError::already_exists(Field::Description))
        }
        AuthorizationRefused::NoteMissing => {
            Problem::field(FieldError::missing(Field::Description))
        }
        AuthorizationRefused::FingerprintTaken => {
            Problem::field(FieldError::already_exists(Field::Fingerprint))
        }
        AuthorizationRefused::TooManyTokens { limit } => {
            Problem::field(FieldError::too_many_tokens(limit))
        }
        AuthorizationRefused::TooManyThisHour { limit } => {
            Problem::field(FieldError::too_many_tokens_an_hour(limit))
        }
        AuthorizationRefused::EmailUnverified => Problem::field(FieldError::unverified_email()),
        // The caller was there a moment ago: deleted or suspended meanwhile.
        AuthorizationRefused::OwnerGone => Problem::BadCredentials,
        AuthorizationRefused::AppGone => Problem::InvalidClient,
        AuthorizationRefused::TokenKnown => Problem::Internal,
    }
}
