//! What operators and their balancers ask: is it alive, can it work, what has it done. What it has
//! done is told on the operators' port alone.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, StatusCode};

use crate::nothing_here::PLAIN;
use crate::route::{Route, routes};
use crate::state::ServerState;
use crate::surface::Surface;

/// See the module.
pub(crate) static OPS: Surface = Surface {
    name: "Health",
    root: "",
    routes: ROUTES,
    policy: PLAIN,
};

static ROUTES: &[Route] = routes! {
    GET "/healthz" => -, Nothing, -, Unlimited, healthz;
    GET "/readyz" => -, Nothing, -, Unlimited, readyz;
};

/// `GET /healthz`: the process answers.
pub(crate) async fn healthz() -> Response {
    plain(StatusCode::OK, "ok\n")
}

/// `GET /readyz`: what other nodes change is heard of, and the last heartbeat was written, which is
/// at most a second ago.
pub(crate) async fn readyz(State(state): State<ServerState>) -> Response {
    if !state.authority().is_following().await {
        return not_ready("not ready: the database has not been heard from for a second\n");
    }
    if state.readiness().is_ready(state.authority()).await {
        plain(StatusCode::OK, "ready\n")
    } else {
        not_ready("not ready: the database does not take writes\n")
    }
}

fn not_ready(text: &'static str) -> Response {
    let mut response = plain(StatusCode::SERVICE_UNAVAILABLE, text);
    response
        .headers_mut()
        .insert(RETRY_AFTER, HeaderValue::from_static("1"));
    response
}

/// `GET /metrics`, in the text form of `OpenMetrics`.
pub(crate) async fn metrics(State(state): State<ServerState>) -> Response {
    let text = state.metrics().encode(state.authority());
    let mut response = text.into_response();
    let content_type =
        HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    response
}

fn plain(status: StatusCode, text: &'static str) -> Response {
    let mut response = (status, text).into_response();
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
