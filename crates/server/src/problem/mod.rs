//! Errors of the REST API: the one place where what a use case refuses becomes what the wire says.

mod from_administration;
mod from_authority;

use std::sync::Arc;
use std::time::Duration;

use axum::response::{IntoResponse, Response};
use counterfoil_wire::problem::Problem;

/// When trying again makes sense after a failure of ours.
const SHORTLY: Duration = Duration::from_secs(1);

/// An error of the REST API, with the cause that the client does not see.
#[derive(Clone, Debug)]
pub(crate) struct RestProblem {
    pub(crate) problem: Problem,
    pub(crate) cause: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

impl RestProblem {
    /// Whether more was asked than can be done soon.
    pub(crate) fn is_busy(&self) -> bool {
        matches!(self.problem, Problem::Busy { .. })
    }
}

impl From<Problem> for RestProblem {
    fn from(problem: Problem) -> Self {
        Self {
            problem,
            cause: None,
        }
    }
}

/// The answer is finished by the presenting middleware, which knows the operation and the form the
/// client wants. The cause is logged once, by the outermost middleware.
impl IntoResponse for RestProblem {
    fn into_response(self) -> Response {
        let mut response = self.problem.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Clients know this answer as one that comes of wrong credentials; none of them waits on it to try
/// the same again.
const fn too_many_wrong_secrets() -> Problem {
    Problem::TooManyAttempts
}

const fn busy() -> Problem {
    Problem::Busy {
        retry_after: SHORTLY,
    }
}
