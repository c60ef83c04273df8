//! The body of a request, read within bounds.

use axum::extract::{FromRequest, Request};
use counterfoil_wire::input::{Body, body_object};
use counterfoil_wire::problem::Problem;
use http_body_util::{BodyExt, LengthLimitError, Limited};

use crate::listen::BodyTimedOut;
use crate::problem::RestProblem;
use crate::state::ServerState;

/// A JSON object, or `None` when there is no body.
pub(crate) struct JsonObject(pub(crate) Option<Body>);

impl FromRequest<ServerState> for JsonObject {
    type Rejection = RestProblem;

    async fn from_request(request: Request, state: &ServerState) -> Result<Self, RestProblem> {
        let limited = Limited::new(request.into_body(), state.settings().body_bytes);
        let collected = limited
            .collect()
            .await
            .map_err(|error| refusal(error.as_ref()))?;
        Ok(Self(body_object(&collected.to_bytes())?))
    }
}

fn refusal(error: &(dyn std::error::Error + 'static)) -> Problem {
    if error.is::<LengthLimitError>() {
        Problem::PayloadTooLarge
    } else if BodyTimedOut::is_behind(error) {
        Problem::RequestTimeout
    } else {
        Problem::BodyUnreadable
    }
}
