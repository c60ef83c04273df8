//! What this server does as an authorization server (RFC 8414), for clients that ask before they
//! begin.

use axum::extract::State;
use axum::response::Response;
use counterfoil_domain::app::SendIss;
use counterfoil_wire::oauth::{Encoding, metadata};
use http::header::CACHE_CONTROL;
use http::{HeaderValue, StatusCode};

use super::answer;
use crate::state::ServerState;

/// `GET /.well-known/oauth-authorization-server/login/oauth`, the issuer's own, and the same
/// without its path.
pub(super) async fn show(State(state): State<ServerState>) -> Response {
    let has_iss = state.authority().settings().send_iss == SendIss::EveryApp;
    let body = metadata(state.base().origin(), has_iss).to_string();
    let mut response = answer(StatusCode::OK, Encoding::Json, body);
    let kept = HeaderValue::from_static("public, max-age=300");
    response.headers_mut().insert(CACHE_CONTROL, kept);
    response.headers_mut().remove(http::header::PRAGMA);
    response
}
