//! What the refusals are on the wire that apps and administrators meet.

use counterfoil_authority::{AdministrationError, AppTokenError, ClientRefused, ToOneself};
use counterfoil_wire::problem::{Field, FieldError, Problem};

use super::{RestProblem, busy, too_many_wrong_secrets};

impl From<ClientRefused> for RestProblem {
    fn from(refused: ClientRefused) -> Self {
        match refused {
            ClientRefused::WrongClient => Problem::BadCredentials.into(),
            ClientRefused::TooManyWrongSecrets => too_many_wrong_secrets().into(),
            ClientRefused::Busy => busy().into(),
            ClientRefused::Store(error) => error.into(),
        }
    }
}

impl From<AppTokenError> for RestProblem {
    fn from(error: AppTokenError) -> Self {
        match error {
            AppTokenError::NotFound => Problem::NotFound.into(),
            AppTokenError::ClientGone => Problem::BadCredentials.into(),
            AppTokenError::Busy => busy().into(),
            AppTokenError::Store(error) => error.into(),
        }
    }
}

impl From<AdministrationError> for RestProblem {
    fn from(error: AdministrationError) -> Self {
        match error {
            AdministrationError::NotFound => Problem::NotFound.into(),
            AdministrationError::OwnAccount(act) => Problem::OwnAccount(verb(act)).into(),
            AdministrationError::TokenInUse => Problem::TokenInUse.into(),
            AdministrationError::ScopesRefused(scopes) => {
                Problem::field(FieldError::scopes_not_for_impersonation(&scopes)).into()
            }
            AdministrationError::Suspended => Problem::field(FieldError::suspended_user()).into(),
            AdministrationError::LoginTaken => {
                Problem::field(FieldError::taken_by_a_user(Field::Login)).into()
            }
            AdministrationError::EmailTaken => {
                Problem::field(FieldError::taken_by_a_user(Field::Email)).into()
            }
            AdministrationError::CallerGone => Problem::BadCredentials.into(),
            AdministrationError::Store(error) => error.into(),
        }
    }
}

const fn verb(act: ToOneself) -> &'static str {
    match act {
        ToOneself::Suspend => "suspend",
        ToOneself::Demote => "demote",
        ToOneself::Delete => "delete",
    }
}
