//! The body of a request, read within bounds.

use axum::extract::{FromRequest, Request};
use bytes::Bytes;
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
        let bytes = read(request, state).await?;
        Ok(Self(body_object(&bytes)?))
    }
}

/// A JSON object, or `None` when there is no body, or one that is `null`: some operations are described so, and there are
/// clients that take them at their word.
pub(crate) struct NullableObject(pub(crate) Option<Body>);

impl FromRequest<ServerState> for NullableObject {
    type Rejection = RestProblem;

    async fn from_request(request: Request, state: &ServerState) -> Result<Self, RestProblem> {
        let bytes = read(request, state).await?;
        if bytes.trim_ascii() == b"null" {
            return Ok(Self(None));
        }
        Ok(Self(body_object(&bytes)?))
    }
}

async fn read(request: Request, state: &ServerState) -> Result<Bytes, Problem> {
    let limited = Limited::new(request.into_body(), state.settings().body_bytes);
    let collected = limited.collect().await;
    let collected = collected.map_err(|error| refusal(error.as_ref()))?;
    Ok(collected.to_bytes())
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
