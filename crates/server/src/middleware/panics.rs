//! A panic in a handler is a bug of ours and an answer all the same.

use std::any::Any;

use axum::response::{IntoResponse, Response};
use counterfoil_wire::problem::Problem;
use tower_http::catch_panic::CatchPanicLayer;

use crate::problem::RestProblem;

type Handler = fn(Box<dyn Any + Send + 'static>) -> Response;

/// The layer that turns panics into 500.
pub(crate) fn layer() -> CatchPanicLayer<Handler> {
    CatchPanicLayer::custom(answer as Handler)
}

/// What the panic said is in the log already; it may hold anything, so it goes nowhere else.
fn answer(_: Box<dyn Any + Send + 'static>) -> Response {
    RestProblem::from(Problem::Internal).into_response()
}
