//! What administrators are refused.

use counterfoil_authority::{AdministrationRefused, SelfAction};
use counterfoil_wire::problem::{Field, FieldError, Problem};

use super::Refusal;

impl Refusal for AdministrationRefused {
    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::NotFound,
            Self::OwnAccount(act) => Problem::OwnAccount(verb(act)),
            Self::TokenInUse => Problem::TokenInUse,
            Self::ScopesRefused(scopes) => {
                Problem::field(FieldError::scopes_not_for_impersonation(&scopes))
            }
            Self::Suspended => Problem::field(FieldError::suspended_user()),
            Self::LoginTaken(_) => Problem::field(FieldError::taken_by_a_user(Field::Login)),
            Self::EmailTaken(_) => Problem::field(FieldError::taken_by_a_user(Field::Email)),
            // As if the token had ended.
            Self::RightsLost => Problem::BadCredentials,
        }
    }
}

const fn verb(act: SelfAction) -> &'static str {
    match act {
        SelfAction::Suspend => "suspend",
        SelfAction::Demote => "demote",
        SelfAction::Delete => "delete",
    }
}
