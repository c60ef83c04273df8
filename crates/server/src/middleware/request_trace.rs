//! The span of a request, for whoever traces. While nobody does it is never made, and costs a look
//! at a number.
//!
//! It has the route's template, never the path or the query, and of methods those that are known.

use axum::extract::Request;
use http::header::HeaderName;
use http::{Method, StatusCode};
use tracing::Span;
use tracing::field::Empty;

use crate::listen::Peer;
use crate::metrics::{UNMATCHED, method_label};
use crate::state::ServerState;

/// What the spans of requests are told apart by from all others.
pub const TRACED_REQUESTS: &str = "counterfoil::traced_requests";

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// The span of a request that came by this method, to the template at this place.
pub(crate) fn begin(
    state: &ServerState,
    request: &Request,
    method: &Method,
    place: Option<usize>,
) -> Span {
    let span = tracing::info_span!(
        target: TRACED_REQUESTS,
        "request",
        otel.kind = "server",
        otel.name = Empty,
        otel.status_code = Empty,
        http.request.method = Empty,
        http.route = Empty,
        http.response.status_code = Empty,
    );
    if span.is_disabled() {
        return span;
    }
    let (method, route) = (
        method_label(method),
        state.template(place).unwrap_or(UNMATCHED),
    );
    join(&span, request, state);
    span.record("otel.name", format!("{method} {route}"));
    span.record("http.request.method", method);
    span.record("http.route", route);
    span
}

/// Makes it part of the trace that a trusted proxy says it belongs to. What anybody else says would
/// let strangers decide what is traced and mix their requests into others' traces.
fn join(span: &Span, request: &Request, state: &ServerState) {
    let settings = state.settings();
    let is_trusted =
        |peer: &Peer| peer.headers_are_its_own && settings.trusted_proxies.trusts(peer.address);
    let peer = request.extensions().get::<Peer>();
    if let Some(join) = settings.continue_trace
        && peer.is_some_and(is_trusted)
        && let Some(parent) = request.headers().get(TRACEPARENT)
        && let Ok(parent) = parent.to_str()
    {
        join(span, parent);
    }
}

/// Notes how it was answered.
pub(crate) fn end(span: &Span, status: StatusCode) {
    if span.is_disabled() {
        return;
    }
    span.record("http.response.status_code", status.as_u16());
    if status.is_server_error() {
        span.record("otel.status_code", "ERROR");
    }
}
