//! What is refused about organizations and teams, and of what is one's own.

use counterfoil_authority::AccessError;
use counterfoil_domain::access::{AccessRefused, Own};
use counterfoil_domain::organization::OrganizationRefused;
use counterfoil_wire::problem::Problem;

use super::Refusal;
use crate::problem::ApiProblem;

impl From<AccessError> for ApiProblem {
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
impl Refusal for OrganizationRefused {
    fn problem(self) -> Problem {
        Problem::NotFound
    }
}
