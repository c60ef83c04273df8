//! The outermost layer: gives the request its id, logs and counts it when it is done.
//!
//! A log line has the route's template, never the path, the query, a header or a body. Answers that changed something are
//! logged at `info`, failures of ours at `error` with their cause, everything else at `debug`. Being busy is no failure: a
//! flood of sign-ins would fill the log with lines that say nothing new, and the metrics count them.

use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use counterfoil_wire::header::X_GITHUB_REQUEST_ID;
use http::Method;

use crate::metrics::UNMATCHED;
use crate::middleware::request_id::RequestId;
use crate::problem::RestProblem;
use crate::state::ServerState;

/// See the module.
pub(crate) async fn access_log(
    State(state): State<ServerState>,
    request: Request,
    next: Next,
) -> Response {
    let started = Instant::now();
    let id = state.request_ids().give();
    let method = request.method().clone();
    let path = request.extensions().get::<MatchedPath>().cloned();
    let mut response = next.run(request).await;
    response
        .headers_mut()
        .insert(X_GITHUB_REQUEST_ID, id.header_value());
    let route = path.as_ref().map_or(UNMATCHED, MatchedPath::as_str);
    state
        .metrics()
        .count_request(&method, route, response.status(), started.elapsed());
    log(&method, route, &response, id, started);
    response
}

fn log(method: &Method, route: &str, response: &Response, id: RequestId, started: Instant) {
    let status = response.status();
    let duration_us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
    let problem = response.extensions().get::<RestProblem>();
    // A red health check has logged its cause where it was found.
    if status.is_server_error() && problem.is_some_and(|problem| !problem.is_busy()) {
        let cause = problem
            .and_then(|problem| problem.cause.as_deref())
            .map(chain)
            .unwrap_or_default();
        tracing::error!(request.id = %id, http.method = %method, http.route = route, http.status = status.as_u16(), duration_us, cause, "request failed");
    } else if !method.is_safe() && status.is_success() {
        tracing::info!(request.id = %id, http.method = %method, http.route = route, http.status = status.as_u16(), duration_us, "request changed something");
    } else {
        tracing::debug!(request.id = %id, http.method = %method, http.route = route, http.status = status.as_u16(), duration_us, "request answered");
    }
}

/// An error with the errors behind it, in one line.
fn chain(error: &(dyn std::error::Error + Send + Sync)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}
