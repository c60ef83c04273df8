//! Preflight requests of browsers (wire contract, section 12).

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use counterfoil_wire::header;
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_MAX_AGE, ORIGIN,
};
use http::{Method, StatusCode};

/// See the module.
pub(crate) async fn preflight(request: Request, next: Next) -> Response {
    if request.method() != Method::OPTIONS || !request.headers().contains_key(ORIGIN) {
        return next.run(request).await;
    }
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, header::ALLOW_METHODS);
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, header::ALLOW_HEADERS);
    headers.insert(ACCESS_CONTROL_MAX_AGE, header::MAX_AGE);
    response
}
