//! What each refusal of a use case is on the wire.

use std::sync::Arc;

use counterfoil_authority::{
    AccessError, AuthorizationError, GrantError, OrganizationError, SignInRefused, StoreError,
    TokenRefused,
};
use counterfoil_domain::access::{AccessRefused, Own};
use counterfoil_domain::authorization::AuthorizationRefused;
use counterfoil_wire::problem::{Field, FieldError, Problem};

use super::{RestProblem, SHORTLY, busy, too_many_wrong_secrets};

impl From<StoreError> for RestProblem {
    fn from(error: StoreError) -> Self {
        let problem = match error {
            StoreError::Unavailable(_) | StoreError::NotCommitted(_) | StoreError::Closed => {
                Problem::Unavailable {
                    retry_after: SHORTLY,
                }
            }
            StoreError::Inconsistent { .. }
            | StoreError::KeyGone { .. }
            | StoreError::NoAuditKey => Problem::Internal,
        };
        Self {
            problem,
            cause: Some(Arc::new(error)),
        }
    }
}

impl From<SignInRefused> for RestProblem {
    fn from(refused: SignInRefused) -> Self {
        match refused {
            SignInRefused::BadCredentials => Problem::BadCredentials.into(),
            SignInRefused::CodeRequired => Problem::OtpRequired.into(),
            SignInRefused::Suspended => Problem::Suspended.into(),
            SignInRefused::TooManyAttempts => Problem::TooManyAttempts.into(),
            SignInRefused::Busy(_) => Problem::Busy {
                retry_after: SHORTLY,
            }
            .into(),
            SignInRefused::Store(error) => error.into(),
        }
    }
}

impl From<TokenRefused> for RestProblem {
    fn from(refused: TokenRefused) -> Self {
        match refused {
            TokenRefused::Unknown => Problem::BadCredentials.into(),
            TokenRefused::Suspended => Problem::Suspended.into(),
            TokenRefused::Busy => Problem::Busy {
                retry_after: SHORTLY,
            }
            .into(),
            TokenRefused::Store(error) => error.into(),
        }
    }
}

impl From<GrantError> for RestProblem {
    fn from(error: GrantError) -> Self {
        match error {
            GrantError::NotFound | GrantError::NoSuchUser => Problem::NotFound.into(),
            GrantError::CallerGone => Problem::BadCredentials.into(),
            GrantError::Store(error) => error.into(),
        }
    }
}

impl From<AccessError> for RestProblem {
    fn from(error: AccessError) -> Self {
        match error {
            AccessError::Refused(refused) => unseen(refused).into(),
            AccessError::Store(error) => error.into(),
        }
    }
}

fn unseen(refused: AccessRefused) -> Problem {
    match refused {
        AccessRefused::NotFound => Problem::NotFound,
        AccessRefused::MembersOnly => Problem::MembersOnly,
        AccessRefused::OwnersOnly => Problem::OwnersOnly,
        AccessRefused::ScopeMissing(what) => match (what, what.scopes()) {
            (Own::Organizations, _) => Problem::OrganizationsNeedScope,
            (Own::Memberships, [scope, ..]) => Problem::ScopeMissing(scope.name()),
            // The answers to these speak of no scope (wire contract, sections 19 and 28).
            (Own::Memberships | Own::Teams | Own::Emails | Own::EmailInGraphQl, _) => {
                Problem::NotFound
            }
        },
    }
}

/// What is not there and what may not be seen look the same.
impl From<OrganizationError> for RestProblem {
    fn from(error: OrganizationError) -> Self {
        match error {
            OrganizationError::Refused(_) => Problem::NotFound.into(),
            OrganizationError::CallerGone => Problem::BadCredentials.into(),
            OrganizationError::Store(error) => error.into(),
        }
    }
}

impl From<AuthorizationError> for RestProblem {
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
