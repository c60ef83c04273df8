//! How the token endpoint tells errors to an app that is not made for GitHub: by RFC 6749, section
//! 5.2, where that is switched on for it. An app that nobody knows is told as ever.

use axum::response::Response;
use counterfoil_domain::app::ClientId;
use counterfoil_wire::oauth::{Encoding, TokenError};
use http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use http::request::Parts;
use http::{HeaderValue, StatusCode};

use super::answer;
use super::client::client_in_header;
use crate::auth;
use crate::state::ServerState;

/// The app that a request names in its body or query, by Basic, or by both alike. It need not have
/// proved that it is this app: how an error is told is no secret.
pub(super) fn named(parts: &Parts, elsewhere: Option<&str>) -> Option<ClientId> {
    let in_header = client_in_header(parts).id;
    let id = match (elsewhere, in_header.as_deref()) {
        (Some(one), Some(other)) if one != other => None,
        (one, other) => one.or(other),
    };
    ClientId::parse(id?).ok()
}

/// Whether this app is to be told this error so.
pub(super) async fn are_for(
    parts: &Parts,
    state: &ServerState,
    app: Option<&ClientId>,
    error: TokenError,
) -> bool {
    let (Some(app), Ok(origin)) = (app, auth::origin(parts)) else {
        return false;
    };
    let authority = state.authority();
    error != TokenError::NotFound && authority.wants_standard_errors(app, origin.address).await
}

/// The answer.
pub(super) fn refuse(error: TokenError) -> Response {
    let (status, header) = match error {
        TokenError::IncorrectClientCredentials => {
            let basic = HeaderValue::from_static("Basic realm=\"Counterfoil\"");
            (StatusCode::UNAUTHORIZED, Some((WWW_AUTHENTICATE, basic)))
        }
        TokenError::TooManyRequests => {
            let seconds = HeaderValue::from(5);
            (StatusCode::TOO_MANY_REQUESTS, Some((RETRY_AFTER, seconds)))
        }
        TokenError::TemporarilyUnavailable => {
            let seconds = HeaderValue::from(1);
            let status = StatusCode::SERVICE_UNAVAILABLE;
            (status, Some((RETRY_AFTER, seconds)))
        }
        _ => (StatusCode::BAD_REQUEST, None),
    };
    let mut response = answer(status, Encoding::Json, error.write_standard());
    response.headers_mut().extend(header);
    response
}
