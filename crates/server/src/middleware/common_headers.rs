//! Headers of every answer, and of every answer of the REST API (wire contract, sections 2 and 12).

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use counterfoil_wire::header;
use http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, SERVER, STRICT_TRANSPORT_SECURITY,
};

use crate::listen::Peer;
use crate::routes::is_rest;
use crate::state::ServerState;

/// See the module.
pub(crate) async fn common_headers(
    State(state): State<ServerState>,
    request: Request,
    next: Next,
) -> Response {
    let rest = is_rest(request.uri().path());
    let tls = request
        .extensions()
        .get::<Peer>()
        .is_some_and(|peer| peer.tls);
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(SERVER, header::SERVER);
    headers.extend(header::SECURITY);
    if tls {
        headers.insert(STRICT_TRANSPORT_SECURITY, header::STRICT_TRANSPORT_SECURITY);
    }
    if rest {
        headers.insert(
            header::X_GITHUB_ENTERPRISE_VERSION,
            state.settings().enterprise_version.clone(),
        );
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, header::ALLOW_ORIGIN);
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, header::EXPOSE_HEADERS);
    }
    response
}
