//! The body of a request, read within bounds.

use axum::extract::{FromRequest, Request};
use bytes::{Bytes, BytesMut};
use counterfoil_wire::input::{Body, body_object};
use counterfoil_wire::problem::Problem;
use http_body_util::BodyExt;
use hyper::body::Body as _;

use crate::listen::BodyTimedOut;
use crate::problem::ApiProblem;
use crate::state::ServerState;

/// A JSON object, or `None` when there is no body.
pub(crate) struct JsonObject(pub(crate) Option<Body>);

impl FromRequest<ServerState> for JsonObject {
    type Rejection = ApiProblem;

    async fn from_request(request: Request, state: &ServerState) -> Result<Self, ApiProblem> {
        let bytes = read(request, state).await?;
        Ok(Self(body_object(&bytes)?))
    }
}

/// A JSON object, or `None` when there is no body, or one that is `null`: some operations are
/// described so, and there are clients that take them at their word.
pub(crate) struct NullableObject(pub(crate) Option<Body>);

impl FromRequest<ServerState> for NullableObject {
    type Rejection = ApiProblem;

    async fn from_request(request: Request, state: &ServerState) -> Result<Self, ApiProblem> {
        let bytes = read(request, state).await?;
        if bytes.trim_ascii() == b"null" {
            return Ok(Self(None));
        }
        Ok(Self(body_object(&bytes)?))
    }
}

/// The whole body. Most come in one piece, which is not copied.
pub(crate) async fn read(request: Request, state: &ServerState) -> Result<Bytes, Problem> {
    let most = state.settings().body_bytes;
    let mut body = request.into_body();
    let mut whole = Bytes::new();
    let mut pieces = BytesMut::new();
    while !body.is_end_stream()
        && let Some(frame) = body.frame().await
    {
        let frame = frame.map_err(|error| refusal(&error))?;
        let Ok(data) = frame.into_data() else {
            continue;
        };
        if data.len() > most - whole.len().max(pieces.len()) {
            return Err(Problem::PayloadTooLarge);
        }
        if whole.is_empty() && pieces.is_empty() {
            whole = data;
        } else {
            pieces.extend_from_slice(&std::mem::take(&mut whole));
            pieces.extend_from_slice(&data);
        }
    }
    Ok(if pieces.is_empty() {
        whole
    } else {
        pieces.freeze()
    })
}

fn refusal(error: &(dyn std::error::Error + 'static)) -> Problem {
    if BodyTimedOut::is_behind(error) {
        Problem::RequestTimeout
    } else {
        Problem::BodyUnreadable
    }
}
