//! What each refusal of a use case is on the wire.

mod administration;
mod organizations;
mod tokens;

use counterfoil_authority::UseCaseError;
use counterfoil_wire::problem::Problem;

use crate::problem::ApiProblem;

/// A rule's no, as REST says it.
trait Refusal {
    fn problem(self) -> Problem;
}

impl<R: Refusal> From<UseCaseError<R>> for ApiProblem {
    fn from(error: UseCaseError<R>) -> Self {
        match error {
            UseCaseError::Refused(refused) => refused.problem().into(),
            UseCaseError::CallerGone(_) => Problem::BadCredentials.into(),
            UseCaseError::Store(error) => error.into(),
        }
    }
}
