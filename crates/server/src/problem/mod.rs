//! Errors as the JSON of the API says them, which REST and GraphQL share. What only the use cases
//! of one surface refuse, that surface turns into these.

mod refusals;

use std::sync::Arc;
use std::time::Duration;

use axum::response::{IntoResponse, Response};
use counterfoil_authority::StoreError;
use counterfoil_wire::problem::Problem;

/// When trying again makes sense after a failure of ours.
const SHORTLY: Duration = Duration::from_secs(1);

/// An error of the API, with the cause that the client does not see.
#[derive(Clone, Debug)]
pub(crate) struct ApiProblem {
    pub(crate) problem: Problem,
    pub(crate) cause: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

impl ApiProblem {
    /// Whether more was asked than can be done soon.
    pub(crate) fn is_busy(&self) -> bool {
        matches!(self.problem, Problem::Busy { .. })
    }
}

impl From<Problem> for ApiProblem {
    fn from(problem: Problem) -> Self {
        Self {
            problem,
            cause: None,
        }
    }
}

impl From<StoreError> for ApiProblem {
    fn from(error: StoreError) -> Self {
        let problem = match error {
            StoreError::Unavailable(_)
            | StoreError::NotCommitted(_)
            | StoreError::OlderProgram
            | StoreError::Closed => Problem::Unavailable {
                retry_after: SHORTLY,
            },
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

/// The answer is finished by the finalizing middleware, which knows the operation and the form the
/// client wants. The cause is logged once, by the outermost middleware.
impl IntoResponse for ApiProblem {
    fn into_response(self) -> Response {
        let mut response = self.problem.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Clients know this answer as one that comes of wrong credentials; none of them waits on it to try
/// the same again.
pub(crate) const fn too_many_wrong_secrets() -> Problem {
    Problem::TooManyAttempts
}

/// More was asked than can be done soon.
pub(crate) const fn busy() -> Problem {
    Problem::Busy {
        retry_after: SHORTLY,
    }
}
