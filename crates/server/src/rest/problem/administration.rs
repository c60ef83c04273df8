//! What administrators are refused.

use counterfoil_authority::{AdministrationError, ToOneself};
use counterfoil_wire::problem::{Field, FieldError, Problem};

use crate::problem::ApiProblem;

impl From<AdministrationError> for ApiProblem {
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
