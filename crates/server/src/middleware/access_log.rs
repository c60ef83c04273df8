//! The line that a request leaves in the log.
//!
//! It has the route's template, never the path, the query, a header or a body, and of methods those
//! that are known: a client may send any text as one. Answers that changed something are logged at
//! `info`, failures of ours at `error` with their cause, everything else at `debug`. Being busy is
//! no failure: a flood of sign-ins would fill the log with lines that say nothing new, and the
//! metrics count them.

use std::time::Duration;

use http::{Method, StatusCode};

use crate::metrics::{UNMATCHED, method_label};
use crate::middleware::request_id::RequestId;
use crate::problem::ApiProblem;

/// What a line says.
pub(crate) struct Line<'a> {
    pub(crate) id: RequestId,
    pub(crate) method: &'a Method,
    /// None when no template matched.
    pub(crate) template: Option<&'a str>,
    pub(crate) status: StatusCode,
    pub(crate) took: Duration,
    /// Whether a success of this operation changes something.
    pub(crate) changes: bool,
    pub(crate) problem: Option<&'a ApiProblem>,
}

/// Writes the line, if the level wants it.
pub(crate) fn log(line: &Line<'_>) {
    let &Line { id, status, .. } = line;
    let method = method_label(line.method);
    let route = line.template.unwrap_or(UNMATCHED);
    let duration_us = u64::try_from(line.took.as_micros()).unwrap_or(u64::MAX);
    let failed = line.problem.filter(|problem| !problem.is_busy());
    // A red health check has logged its cause where it was found.
    if status.is_server_error()
        && let Some(problem) = failed
    {
        let cause = problem.cause.as_deref().map(chain).unwrap_or_default();
        tracing::error!(request.id = %id, http.method = method, http.route = route, http.status = status.as_u16(), duration_us, cause, "request failed");
    } else if line.changes && status.is_success() {
        tracing::info!(request.id = %id, http.method = method, http.route = route, http.status = status.as_u16(), duration_us, "request changed something");
    } else {
        tracing::debug!(request.id = %id, http.method = method, http.route = route, http.status = status.as_u16(), duration_us, "request answered");
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
