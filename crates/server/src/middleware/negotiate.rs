//! Which version of the API answers, and in which media type (wire contract, section 11).

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use counterfoil_wire::media_type::MediaType;
use counterfoil_wire::problem::Problem;
use counterfoil_wire::{header, version};
use http::header::ACCEPT;
use http::{HeaderMap, HeaderValue};

use crate::problem::RestProblem;

/// See the module.
pub(crate) async fn negotiate(request: Request, next: Next) -> Response {
    match chosen(request.headers()) {
        Ok((version, media_type)) => {
            let mut response = next.run(request).await;
            let headers = response.headers_mut();
            headers.insert(
                header::X_GITHUB_API_VERSION_SELECTED,
                HeaderValue::from_static(version),
            );
            headers.insert(header::X_GITHUB_MEDIA_TYPE, media_type.header_value());
            response
        }
        Err(problem) => RestProblem::from(problem).into_response(),
    }
}

fn chosen(headers: &HeaderMap) -> Result<(&'static str, MediaType), Problem> {
    let version = version::select(headers.get(header::X_GITHUB_API_VERSION))?;
    Ok((version, MediaType::negotiate(headers.get_all(ACCEPT))?))
}
