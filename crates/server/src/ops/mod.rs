//! What operators and their balancers ask: is it alive, can it work, what has it done. What it has
//! done is told on the operators' port alone.

use std::time::Duration;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use counterfoil_authority::Outage;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, VARY};
use http::{HeaderMap, HeaderValue, StatusCode};
use tokio::time::timeout;

use crate::metrics::{Exposition, RouteClass};
use crate::nothing_here::PLAIN;
use crate::readiness::NotReady;
use crate::route::{Route, routes};
use crate::state::ServerState;
use crate::surface::Surface;

/// How long a scrape waits to find out whether the server is ready, and how the outbox stands.
const READY_WITHIN: Duration = Duration::from_secs(1);

/// See the module.
pub(crate) static OPS: Surface = Surface {
    name: "Health",
    root: "",
    below: &[],
    routes: ROUTES,
    class: RouteClass::Health,
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

/// `GET /readyz`: there is a certificate where connections are encrypted, what other nodes change
/// is heard of, and the last heartbeat was written, which is at most a second ago.
pub(crate) async fn readyz(State(state): State<ServerState>) -> Response {
    match demand_ready(&state).await {
        Ok(()) => plain(StatusCode::OK, "ready\n"),
        Err(reason) => not_ready(reason),
    }
}

/// Fails with the reason, a line, as far as strangers may know it.
pub async fn demand_ready(state: &ServerState) -> Result<(), &'static str> {
    let listener = state.metrics().listener();
    let tls = listener.and_then(|listener| listener.tls.as_ref());
    if tls.is_some_and(|tls| !tls.has_certificate()) {
        return Err("not ready: there is no certificate yet\n");
    }
    let ready = state.readiness().demand(state.authority()).await;
    ready.map_err(|not| match not {
        NotReady::NotFollowing(outage) => reason(
            outage,
            "not ready: the database has not been heard from for a second\n",
        ),
        NotReady::NotWriting(outage) => {
            reason(outage, "not ready: the database does not take writes\n")
        }
    })
}

/// What strangers may know of an outage. The log has the rest: which database, and what it says.
fn reason(outage: Outage, otherwise: &'static str) -> &'static str {
    match outage {
        Outage::Unreachable => "not ready: the database cannot be reached\n",
        Outage::Silent => "not ready: the database does not answer in time\n",
        Outage::Closing => "not ready: the server is stopping\n",
        // Nothing that makes a node ready is new to another.
        Outage::Updating | Outage::Other => otherwise,
    }
}

fn not_ready(text: &'static str) -> Response {
    let mut response = plain(StatusCode::SERVICE_UNAVAILABLE, text);
    response
        .headers_mut()
        .insert(RETRY_AFTER, HeaderValue::from_static("1"));
    response
}

/// `GET /metrics`, in the text format of Prometheus or of `OpenMetrics`.
pub(crate) async fn metrics(State(state): State<ServerState>, headers: HeaderMap) -> Response {
    let exposition = Exposition::asked_for(&headers);
    // A scrape that waits for a database that is gone would tell nothing at all.
    let authority = state.authority();
    let (ready, outbox) = tokio::join!(
        timeout(READY_WITHIN, demand_ready(&state)),
        timeout(READY_WITHIN, authority.outbox_state()),
    );
    let ready = matches!(ready, Ok(Ok(())));
    let outbox = outbox.ok().and_then(Result::ok);
    let metrics = state.metrics();
    let text = metrics.encode(authority, (ready, outbox), exposition);
    let mut response = text.into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, exposition.content_type());
    headers.insert(VARY, HeaderValue::from_static("Accept"));
    response
}

fn plain(status: StatusCode, text: &'static str) -> Response {
    let mut response = (status, text).into_response();
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
